"""Codes that people write on paper, and the words of generated pass phrases.

A code is Crockford base32 (no I, L, O, U) in groups of three with a check character at the end, so that a
slip of the pen is told apart from a wrong code before anything is counted against her.
"""

import hmac
import secrets
from enum import Enum
from functools import cache
from importlib.resources import files

from safetyplan.sealing.derive import derive
from safetyplan.sealing.envelope import FieldKey
from safetyplan.sealing.invalid import InvalidSeal, MistypedCode, WrongPassphrase
from safetyplan.sealing.secrets import Secret

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {symbol: value for value, symbol in enumerate(_ALPHABET)}
_READ_AS = str.maketrans("OIL", "011", " -–—\u00a0\t\r\n")


class CodeKind(Enum):
    """Symbols of five random bits each, without the check character."""

    FACTOR = 17
    ENROLMENT = 26
    KEY = 32


def new_key_code() -> str:
    """160 bits, on the first recovery sheet: opens the private key when the pass phrase is lost."""
    return _new(CodeKind.KEY)


def new_enrolment_code() -> str:
    """130 bits, handed over in person, valid for 72 hours."""
    return _new(CodeKind.ENROLMENT)


def new_factor_codes(n: int = 10) -> list[str]:
    """85 bits each, on the second recovery sheet: each stands in once for a lost device."""
    return [_new(CodeKind.FACTOR) for _ in range(n)]


def normalise_code(code: str, kind: CodeKind | None = None) -> str:
    """The bare upper-case symbols with their check character. O is read as 0, I and L as 1, as Crockford
    says.

    Raises MistypedCode if it cannot be a code (of that kind).
    """
    bare = code.upper().translate(_READ_AS)
    kinds = CodeKind if kind is None else (kind,)
    if len(bare) - 1 not in [k.value for k in kinds]:
        raise MistypedCode("the code is too short or too long")
    if any(symbol not in _VALUE for symbol in bare) or _check_symbol(bare[:-1]) != bare[-1]:
        raise MistypedCode("one of the code's characters is wrong")
    return bare


@cache
def passphrase_words() -> tuple[str, ...]:
    """The EFF's large list: 7,776 words, so that each is worth 12.9 bits."""
    lines = files("safetyplan.sealing").joinpath("words.txt").read_text("ascii").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def new_passphrase(words: int = 5) -> str:
    """Five words give 64.6 bits, behind Argon2id and the pepper. Raises ValueError below five."""
    if words < 5:
        raise ValueError("a generated pass phrase has at least five words")
    return " ".join(secrets.choice(passphrase_words()) for _ in range(words))


def factor_code_hash(code: str, pepper: Secret) -> bytes:
    """85 random bits need no stretching.

    With the pepper, a dump cannot even confirm a code that was found.
    """
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


def _new(kind: CodeKind) -> str:
    bare = "".join(secrets.choice(_ALPHABET) for _ in range(kind.value))
    bare += _check_symbol(bare)
    return "-".join(bare[at : at + 3] for at in range(0, len(bare), 3))


def _check_symbol(symbols: str) -> str:
    """Luhn mod 32: finds every single wrong symbol, and neighbours swapped unless they are 0 and Z."""
    total = 0
    for place, symbol in enumerate(reversed(symbols)):
        value = _VALUE[symbol] * (2 - place % 2)
        total += value // 32 + value % 32
    return _ALPHABET[-total % 32]


def _enrolment_key(code: str) -> FieldKey:
    return FieldKey(derive(normalise_code(code, CodeKind.ENROLMENT).encode(), "enrolment code"), 1)
