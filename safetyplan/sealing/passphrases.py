"""Private keys behind a pass phrase, or a key code, and the pepper.

Nothing here can be checked without the pepper: opening the private key is the check, and no verifier is
stored. LockedKey.sealed = seal(pepper key, seal(Argon2id(pass phrase), private key)), so that the pepper
can be exchanged with nobody signed in.
"""

import secrets
from dataclasses import dataclass, field, replace

from safetyplan.sealing.codes import (
    CodeKind,
    code_lookup,
    factor_code_hash,
    new_enrolment_code,
    new_factor_codes,
    new_key_code,
    new_passphrase,
    normalise_code,
    open_under_code,
    seal_under_code,
)
from safetyplan.sealing.derive import derive, pack
from safetyplan.sealing.envelope import FieldKey
from safetyplan.sealing.hashing import USUAL_COST, Cost, normalise_phrase, stretch
from safetyplan.sealing.invalid import InvalidSeal, WrongPassphrase
from safetyplan.sealing.secrets import Secret

__all__ = [
    "Cost",
    "LockedKey",
    "code_lookup",
    "factor_code_hash",
    "lock",
    "lock_with_code",
    "new_enrolment_code",
    "new_factor_codes",
    "new_key_code",
    "new_passphrase",
    "normalise_code",
    "normalise_phrase",
    "open_under_code",
    "relock_pepper",
    "seal_under_code",
    "spend_as_unlock",
    "unlock",
    "unlock_with_code",
]


@dataclass(frozen=True, slots=True)
class LockedKey:
    """A row's worth.

    memory_kib = iterations = lanes = 0 where a key code locks it, which needs no stretching.
    """

    salt: bytes = field(repr=False)
    memory_kib: int
    iterations: int
    lanes: int
    pepper_version: int
    sealed: bytes = field(repr=False)


def lock(private: bytes, phrase: str, pepper: Secret, account: str, *, cost: Cost = USUAL_COST) -> LockedKey:
    """Raises ValueError for an empty pass phrase.

    How strong a chosen one must be is decided in `people`.
    """
    if not normalise_phrase(phrase):
        raise ValueError("a pass phrase is not empty")
    locked = _unsealed(cost, pepper)
    inner = FieldKey(stretch(phrase, locked.salt, cost, known_device=True), 1)
    return _close(locked, inner, private, pepper, account)


def unlock(locked: LockedKey, phrase: str, pepper: Secret, account: str, *, known_device: bool = False) -> bytes:
    """The private key.

    WrongPassphrase if the phrase is wrong, InvalidSeal if the row is not as it was written.
    """
    if not locked.memory_kib:
        raise InvalidSeal("this lock belongs to a code")
    inner = _outer(pepper, account).open(_place(locked, pepper, account), locked.sealed)
    cost = Cost(locked.memory_kib, locked.iterations, locked.lanes)
    key = FieldKey(stretch(phrase, locked.salt, cost, known_device), 1)
    return _open_inner(key, locked, inner, pepper, account)


def spend_as_unlock(phrase: str, *, known_device: bool = False, cost: Cost = USUAL_COST) -> None:
    """The same time as `unlock`, for a user name that nobody has."""
    stretch(phrase, bytes(16), cost, known_device)


def relock_pepper(locked: LockedKey, old: Secret, new: Secret, account: str) -> LockedKey:
    """Changes the outer seal only; works for locks of either kind."""
    inner = _outer(old, account).open(_place(locked, old, account), locked.sealed)
    fresh = replace(locked, pepper_version=new.version)
    return replace(fresh, sealed=_outer(new, account).seal(_place(fresh, new, account), inner))


def lock_with_code(private: bytes, code: str, pepper: Secret, account: str) -> LockedKey:
    locked = _unsealed(Cost(0, 0, 0), pepper)
    return _close(locked, _code_key(code, locked), private, pepper, account)


def unlock_with_code(locked: LockedKey, code: str, pepper: Secret, account: str) -> bytes:
    """MistypedCode before anything is tried, WrongPassphrase if it is another code."""
    if locked.memory_kib:
        raise InvalidSeal("this lock belongs to a pass phrase")
    key = _code_key(code, locked)
    inner = _outer(pepper, account).open(_place(locked, pepper, account), locked.sealed)
    return _open_inner(key, locked, inner, pepper, account)


def _unsealed(cost: Cost, pepper: Secret) -> LockedKey:
    return LockedKey(secrets.token_bytes(16), cost.memory_kib, cost.iterations, cost.lanes, pepper.version, b"")


def _close(locked: LockedKey, inner: FieldKey, private: bytes, pepper: Secret, account: str) -> LockedKey:
    place = _place(locked, pepper, account)
    return replace(locked, sealed=_outer(pepper, account).seal(place, inner.seal(place, private)))


def _open_inner(key: FieldKey, locked: LockedKey, inner: bytes, pepper: Secret, account: str) -> bytes:
    try:
        return key.open(_place(locked, pepper, account), inner)
    except InvalidSeal:
        raise WrongPassphrase("another pass phrase or code") from None


def _place(locked: LockedKey, pepper: Secret, account: str) -> bytes:
    if locked.pepper_version != pepper.version:
        raise InvalidSeal("locked under another version of the pepper")
    return pack("lock", account, locked.salt, locked.memory_kib, locked.iterations, locked.lanes)


def _outer(pepper: Secret, account: str) -> FieldKey:
    return FieldKey(derive(pepper.key, "lock", account), pepper.version)


def _code_key(code: str, locked: LockedKey) -> FieldKey:
    bare = normalise_code(code, CodeKind.KEY)
    return FieldKey(derive(bare.encode(), "key code", salt=locked.salt), 1)
