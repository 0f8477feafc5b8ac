"""Key pairs of accounts, groups and the organisation, and what is sealed to them.

HPKE (RFC 9180) with ML-KEM-768 and X25519 together, HKDF-SHA256, AES-256-GCM: whoever breaks one of the two
still opens nothing. HPKE proves no sender; the MAC on the grant's row does.
"""

import hashlib
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from safetyplan.sealing.derive import derive, pack
from safetyplan.sealing.invalid import InvalidSeal

VERSION = b"\x01"
PRIVATE_SIZE = 1 + 64 + 32
PUBLIC_SIZE = 1 + 1184 + 32
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class KeyPair:
    private: bytes = field(repr=False)
    public: bytes = field(repr=False)


def new_key_pair() -> KeyPair:
    private = MLKEM768PrivateKey.generate().private_bytes_raw() + X25519PrivateKey.generate().private_bytes_raw()
    return _pair(VERSION + private)


def key_pair_from_seed(seed: bytes) -> KeyPair:
    """The organisation recovery key: its 32-byte seed lives on paper, in shares (see shares.py)."""
    if len(seed) != 32:
        raise InvalidSeal("a recovery seed has 32 bytes")
    return _pair(VERSION + derive(seed, "recovery key pair", length=96))


def public_of(private: bytes) -> bytes:
    mlkem, x25519 = _private_halves(private)
    return VERSION + mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def seal_to(public: bytes, info: bytes, secret: bytes) -> bytes:
    """version(1) ‖ HPKE encapsulation ‖ ciphertext. `info` binds the place.

    HPKE's Suite takes no associated data.
    """
    if len(public) != PUBLIC_SIZE or public[:1] != VERSION:
        raise InvalidSeal("not a public key of ours")
    try:
        key = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public[1:1185]),
            X25519PublicKey.from_public_bytes(public[1185:]),
        )
        return VERSION + _SUITE.encrypt(secret, key, info=info)
    except ValueError:
        raise InvalidSeal("not a public key of ours") from None


def open_with(private: bytes, info: bytes, sealed: bytes) -> bytes:
    """Raises InvalidSeal if the value was changed, was sealed to another key, or stands in another place."""
    key = MLKEM768X25519PrivateKey(*_private_halves(private))
    try:
        if sealed[:1] != VERSION:
            raise InvalidSeal("sealed under another version")
        return _SUITE.decrypt(sealed[1:], key, info=info)
    except (InvalidTag, ValueError, TypeError):
        raise InvalidSeal("the seal is broken, or belongs to another place or key") from None


def grant_info(
    *,
    grant: str,
    purpose: str,
    case: str,
    compartment: str,
    generation: int,
    granted_by: str,
    expires_at: int | None,
    recipient_kind: str,
    recipient: str,
    public: bytes,
) -> bytes:
    """What a sealed case key is bound to.

    `expires_at` is in milliseconds UTC; None means until it is taken away.
    """
    return pack(
        "safetyplan/1 grant",
        purpose,
        grant,
        case,
        compartment,
        generation,
        granted_by,
        expires_at,
        recipient_kind,
        recipient,
        hashlib.sha256(public).digest(),
    )


def _pair(private: bytes) -> KeyPair:
    return KeyPair(private, public_of(private))


def _private_halves(private: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    if len(private) != PRIVATE_SIZE or private[:1] != VERSION:
        raise InvalidSeal("not a private key of ours")
    return MLKEM768PrivateKey.from_seed_bytes(private[1:65]), X25519PrivateKey.from_private_bytes(private[65:])
