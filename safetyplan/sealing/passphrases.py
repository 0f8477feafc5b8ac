"""Private keys behind a pass phrase, or a key code, and the pepper.

Nothing here can be checked without the pepper: opening the private key is the check, and no verifier is stored.
LockedKey.sealed = seal(pepper key, seal(Argon2id(pass phrase), private key)), so that the pepper can be exchanged with
nobody signed in.
"""

import hmac
import os
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import BoundedSemaphore

from argon2.low_level import Type, hash_secret_raw

from safetyplan.errors import Throttled
from safetyplan.sealing.codes import (
    CodeKind,
    new_enrolment_code,
    new_factor_codes,
    new_key_code,
    new_passphrase,
    normalise_code,
)
from safetyplan.sealing.derive import derive, pack
from safetyplan.sealing.envelope import FieldKey
from safetyplan.sealing.invalid import InvalidSeal, WrongPassphrase
from safetyplan.sealing.secrets import Secret

__all__ = [
    "PLACES",
    "Cost",
    "HashingPlaces",
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
class Cost:
    """Argon2id. RFC 9106 section 4, second choice: t=3, 64 MiB; one lane, as two sign-ins already fill two cores."""

    memory_kib: int = 64 * 1024
    iterations: int = 3
    lanes: int = 1


@dataclass(frozen=True, slots=True)
class LockedKey:
    """A row's worth. memory_kib = iterations = lanes = 0 where a key code locks it, which needs no stretching."""

    salt: bytes = field(repr=False)
    memory_kib: int
    iterations: int
    lanes: int
    pepper_version: int
    sealed: bytes = field(repr=False)


class HashingPlaces:
    """At most two Argon2 at once in a process; the second is kept for devices we know.

    Strangers' guesses can therefore fill one place, never keep her out. Who waits longer than `patience_s` seconds is
    Throttled, so that a queue of guesses does not take every thread of the server.
    """

    def __init__(self, patience_s: float = 10.0) -> None:
        self._patience_s = patience_s
        self.empty()

    def empty(self) -> None:
        self._all, self._strangers = BoundedSemaphore(2), BoundedSemaphore(1)

    @contextmanager
    def place(self, known_device: bool) -> Iterator[None]:
        with self._taken(self._all) if known_device else self._stranger():
            yield

    @contextmanager
    def _stranger(self) -> Iterator[None]:
        with self._taken(self._strangers), self._taken(self._all):
            yield

    @contextmanager
    def _taken(self, places: BoundedSemaphore) -> Iterator[None]:
        if not places.acquire(timeout=self._patience_s):
            raise Throttled(5)
        try:
            yield
        finally:
            places.release()


PLACES = HashingPlaces()
# A thread of the parent that held a place does not exist in the child and would never give it back.
os.register_at_fork(after_in_child=PLACES.empty)


def lock(private: bytes, phrase: str, pepper: Secret, account: str, *, cost: Cost = Cost()) -> LockedKey:
    """Raises ValueError for an empty pass phrase. How strong a chosen one must be is decided in `people`."""
    if not normalise_phrase(phrase):
        raise ValueError("a pass phrase is not empty")
    locked = _unsealed(cost, pepper)
    inner = FieldKey(_stretch(phrase, locked, known_device=True), 1)
    return _close(locked, inner, private, pepper, account)


def unlock(locked: LockedKey, phrase: str, pepper: Secret, account: str, *, known_device: bool = False) -> bytes:
    """The private key. WrongPassphrase if the phrase is wrong, InvalidSeal if the row is not as it was written."""
    if not locked.memory_kib:
        raise InvalidSeal("this lock belongs to a code")
    inner = _outer(pepper, account).open(_place(locked, pepper, account), locked.sealed)
    return _open_inner(FieldKey(_stretch(phrase, locked, known_device), 1), locked, inner, pepper, account)


def spend_as_unlock(phrase: str, *, known_device: bool = False, cost: Cost = Cost()) -> None:
    """The same time as `unlock`, for a user name that nobody has."""
    _stretch(phrase, LockedKey(bytes(16), cost.memory_kib, cost.iterations, cost.lanes, 0, b""), known_device)


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


def normalise_phrase(phrase: str) -> str:
    """The same phrase from every keyboard: NFKC, case folded, single spaces.

    NFKC a second time, because folding can take a text out of it.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", phrase).casefold())
    return " ".join(folded.split())


def factor_code_hash(code: str, pepper: Secret) -> bytes:
    """85 random bits need no stretching; the pepper keeps a dump from even confirming a code that was found."""
    key = derive(pepper.key, "factor code")
    return hmac.digest(key, normalise_code(code, CodeKind.FACTOR).encode(), "sha256")


def code_lookup(code: str, pepper: Secret) -> bytes:
    """Finds the row of an enrolment code. Tells nothing about the key that opens its payload."""
    key = derive(pepper.key, "enrolment look-up")
    return hmac.digest(key, normalise_code(code, CodeKind.ENROLMENT).encode(), "sha256")


def seal_under_code(code: str, pepper: Secret, info: bytes, payload: bytes) -> bytes:
    inner = _enrolment_key(code).seal(info, payload)
    return FieldKey(derive(pepper.key, "enrolment"), pepper.version).seal(info, inner)


def open_under_code(code: str, pepper: Secret, info: bytes, sealed: bytes) -> bytes:
    inner_key = _enrolment_key(code)
    inner = FieldKey(derive(pepper.key, "enrolment"), pepper.version).open(info, sealed)
    try:
        return inner_key.open(info, inner)
    except InvalidSeal:
        raise WrongPassphrase("another code") from None


def _unsealed(cost: Cost, pepper: Secret) -> LockedKey:
    return LockedKey(
        secrets.token_bytes(16), cost.memory_kib, cost.iterations, cost.lanes, pepper.version, b""
    )


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


def _stretch(phrase: str, locked: LockedKey, known_device: bool) -> bytes:
    with PLACES.place(known_device):
        return hash_secret_raw(
            normalise_phrase(phrase).encode("utf-8", "surrogatepass"),
            locked.salt,
            time_cost=locked.iterations,
            memory_cost=locked.memory_kib,
            parallelism=locked.lanes,
            hash_len=32,
            type=Type.ID,
        )


def _code_key(code: str, locked: LockedKey) -> FieldKey:
    bare = normalise_code(code, CodeKind.KEY)
    return FieldKey(derive(bare.encode(), "key code", salt=locked.salt), 1)


def _enrolment_key(code: str) -> FieldKey:
    return FieldKey(derive(normalise_code(code, CodeKind.ENROLMENT).encode(), "enrolment code"), 1)
