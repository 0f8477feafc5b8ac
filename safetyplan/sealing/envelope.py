"""The one envelope for everything sealed with a symmetric key.

version(1) ‖ generation(4, big-endian) ‖ nonce(12) ‖ ciphertext ‖ tag(16), AES-256-GCM.
"""

import os
import struct
from collections.abc import Callable
from typing import NewType, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from safetyplan.sealing.invalid import InvalidSeal

Sealed = NewType("Sealed", bytes)

VERSION = 1
_HEADER = struct.Struct(">BI")
_NONCE_END = _HEADER.size + 12
_FORMAT = b"safetyplan.field.1"
_AAD = struct.Struct(f">{len(_FORMAT)}sIQIHHH")


def associated_data(field: int, record: str, scope: str, compartment: str, revision: int, generation: int) -> bytes:
    """The place of a field. Numbers have a fixed width and all lengths stand before all text: one encoding only.

    `scope` is the case, or outside cases the account id or "house". Raises ValueError where a number does not fit.
    """
    r, s, c = record.encode(), scope.encode(), compartment.encode()
    try:
        return _AAD.pack(_FORMAT, field, revision, generation, len(r), len(s), len(c)) + r + s + c
    except struct.error as wrong:
        raise ValueError("a number in the associated data is out of range") from wrong


def padded_length(size: int) -> int:
    """Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", PETS 2019), at least 32 bytes.

    `size` counts the marker byte. Lengths leak O(log log size) bits; at most 12 % is added above the minimum.
    """
    if size <= 32:
        return 32
    exponent = size.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (size + mask) & ~mask


class _Paddings(dict[int, bytes]):
    """What stands behind a plaintext of a given length: 0x80, then zeros (ISO/IEC 7816-4).

    Short lengths are kept; a long attachment's is made when asked for.
    """

    def __missing__(self, size: int) -> bytes:
        return b"\x80" + bytes(padded_length(size + 1) - size - 1)


_PADDINGS = _Paddings((size, _Paddings().__missing__(size)) for size in range(2048))

# Nonces are 96 random bits, drawn 64 at a time, because one call of the kernel for each costs as much as the sealing.
# A nonce is used once: list.pop takes it out in one indivisible step, so two threads never get the same one, and a
# child process throws its parent's stock away before it runs anything else. Two threads that find the stock empty
# both add to it: harmless. All keys share one stock: most keys live for one visit and would waste their own.
# Left over: a snapshot of a *running* machine that is resumed twice repeats up to 64 nonces; SECURITY.md forbids that.
#
# Random nonces allow 2**32 envelopes a key (NIST SP 800-38D, 8.3). A field key belongs to one compartment of one case
# and one generation: a write every second would take 136 years. The house's own keys are far below too; they rotate.
_STOCK = 64
_nonces: list[bytes] = []
os.register_at_fork(after_in_child=_nonces.clear)


def _draw() -> bytes:
    block = os.urandom(12 * _STOCK)
    fresh = [block[at : at + 12] for at in range(0, len(block), 12)]
    nonce = fresh.pop()
    _nonces.extend(fresh)
    return nonce


_join = cast(Callable[[tuple[bytes, bytes, bytes]], Sealed], b"".join)


class FieldKey:
    """A key in use. Holds one cached cipher, no key bytes, and shows neither."""

    __slots__ = ("_decrypt", "_encrypt", "_header", "generation")

    def __init__(self, key: bytes, generation: int) -> None:
        if len(key) != 32:
            raise ValueError("a field key has 32 bytes")
        cipher = AESGCM(key)
        self.generation = generation
        self._header = _HEADER.pack(VERSION, generation)
        self._encrypt = cipher.encrypt
        self._decrypt = cipher.decrypt

    def __repr__(self) -> str:
        return f"FieldKey(generation={self.generation})"

    def seal(self, aad: bytes, plaintext: bytes) -> Sealed:
        try:
            nonce = _nonces.pop()
        except IndexError:
            nonce = _draw()
        ciphertext = self._encrypt(nonce, plaintext + _PADDINGS[len(plaintext)], aad)
        return _join((self._header, nonce, ciphertext))

    def open(self, aad: bytes, sealed: bytes) -> bytes:
        """Raises InvalidSeal on anything wrong: version, generation, tag, padding, a NULL where bytes should be."""
        try:
            if sealed[:5] != self._header:
                raise InvalidSeal("sealed under another version or generation")
            padded = self._decrypt(sealed[5:_NONCE_END], sealed[_NONCE_END:], aad)
        except (InvalidTag, ValueError, TypeError):
            raise InvalidSeal("the seal is broken, or belongs to another place or key") from None
        end = padded.rfind(b"\x80")
        # Compared whole, so that a length has one padding and an envelope one plaintext.
        if end < 0 or padded[end:] != _PADDINGS[end]:
            raise InvalidSeal("the padding is not ours")
        return padded[:end]


def generation_of(sealed: bytes) -> int:
    """Which key to fetch. Says nothing about whether the envelope is whole: only `open` does."""
    if not isinstance(sealed, bytes) or len(sealed) < _NONCE_END + 16 + 32 or sealed[0] != VERSION:
        raise InvalidSeal("not an envelope")
    version, generation = _HEADER.unpack_from(sealed)
    del version
    return int(generation)
