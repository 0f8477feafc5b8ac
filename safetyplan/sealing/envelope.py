"""The one envelope for everything sealed with a symmetric key.

version(1) ‖ generation(4, big-endian) ‖ nonce(12) ‖ ciphertext ‖ tag(16), AES-256-GCM.
"""

import os
import struct
from typing import Any, NewType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from safetyplan.sealing.invalid import InvalidSeal

Sealed = NewType("Sealed", bytes)

VERSION = 1
_HEADER = struct.Struct(">BI")
_SHORTEST = _HEADER.size + 12 + 32 + 16
_PLACE_FORMAT = 1
_place_numbers = struct.Struct(">BIQIHH").pack


def associated_data(field: int, record: str, scope: str, compartment: str, revision: int, generation: int) -> bytes:
    """The place of a field, in one encoding only.

    Fixed-width numbers, then the lengths (in characters) of record and scope, then the text: so it parses one way.
    `scope` is the case, or outside cases the account id or "house". ValueError where a number does not fit.
    """
    try:
        numbers = _place_numbers(_PLACE_FORMAT, field, revision, generation, len(record), len(scope))
        return numbers + f"{record}{scope}{compartment}".encode()
    except struct.error as wrong:
        raise ValueError("a number in the associated data is out of range") from wrong


def padded_length(size: int) -> int:
    """Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", PETS 2019), at least 32 bytes.

    `size` counts the marker byte. Above the minimum at most 12 % is added.
    """
    if size <= 32:
        return 32
    exponent = size.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (size + mask) & ~mask


def _padding(size: int) -> bytes:
    """What stands behind a plaintext of this length: 0x80, then zeros (ISO/IEC 7816-4)."""
    return b"\x80" + bytes(padded_length(size + 1) - size - 1)


_PADDINGS = tuple(_padding(size) for size in range(2048))
_ZEROS = tuple(padding[1:] for padding in _PADDINGS)

# Nonces are 96 random bits, drawn 64 at a time, because one call of the kernel for each costs as much as
# the sealing. A nonce is used once: list.pop takes it out in one indivisible step, so two threads never get
# the same one, and a child process throws its parent's stock away before it runs anything else. Two threads
# that find the stock empty both add to it: harmless. All keys share one stock: most keys live for one visit
# and would waste their own. Left over: a snapshot of a *running* machine that is resumed twice repeats up
# to 64 nonces; SECURITY.md forbids that.
#
# Random nonces allow 2**32 envelopes a key (NIST SP 800-38D, 8.3). A field key belongs to one compartment
# of one case and one generation: a write every second would take 136 years. The house's own keys are far
# below too; they rotate.
_STOCK = 64
_cut = struct.Struct("12s" * _STOCK).unpack
_nonces: list[bytes] = []
os.register_at_fork(after_in_child=_nonces.clear)


def _draw() -> bytes:
    nonce: bytes
    nonce, *stock = _cut(os.urandom(12 * _STOCK))
    _nonces.extend(stock)
    return nonce


class FieldKey:
    """A key in use. Holds one cached cipher, no key bytes, and shows neither."""

    __slots__ = ("_decrypt", "_encrypt", "_header", "generation")

    def __init__(self, key: bytes, generation: int) -> None:
        if len(key) != 32:
            raise ValueError("a field key has 32 bytes")
        cipher = AESGCM(key)
        self.generation = generation
        self._header: Any = _HEADER.pack(VERSION, generation)  # Any: saves calling Sealed() each time
        self._encrypt = cipher.encrypt
        self._decrypt = cipher.decrypt

    def __repr__(self) -> str:
        return f"FieldKey(generation={self.generation})"

    # The next two run for every field of every page: they are written for few steps, not for looks. A long plaintext
    # falls off the end of the ready-made paddings into IndexError.

    def seal(self, aad: bytes, plaintext: bytes) -> Sealed:
        try:
            nonce = _nonces.pop()
        except IndexError:
            nonce = _draw()
        try:
            padding = _PADDINGS[len(plaintext)]
        except IndexError:
            padding = _padding(len(plaintext))
        sealed: Sealed = self._header + nonce + self._encrypt(nonce, plaintext + padding, aad)
        return sealed

    def open(self, aad: bytes, sealed: bytes) -> bytes:
        """Raises InvalidSeal on anything wrong: version, generation, tag, padding, NULL instead of bytes."""
        try:
            if sealed[:5] != self._header:
                raise InvalidSeal("sealed under another version or generation")
            plaintext, marker, zeros = self._decrypt(sealed[5:17], sealed[17:], aad).rpartition(b"\x80")
        except (InvalidTag, ValueError, TypeError):
            raise InvalidSeal("the seal is broken, or belongs to another place or key") from None
        try:
            expected = _ZEROS[len(plaintext)]
        except IndexError:
            expected = _padding(len(plaintext))[1:]
        # Compared whole: a plaintext has one padding only, also for somebody who holds the key.
        if not marker or zeros != expected:
            raise InvalidSeal("the padding is not ours")
        return plaintext


def generation_of(sealed: bytes) -> int:
    """Which key to fetch. Says nothing about whether the envelope is whole: only `open` does."""
    try:
        version, generation = _HEADER.unpack_from(sealed)
    except (struct.error, TypeError):
        raise InvalidSeal("not an envelope") from None
    if version != VERSION or len(sealed) < _SHORTEST:
        raise InvalidSeal("not an envelope")
    return int(generation)
