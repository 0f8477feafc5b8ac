"""Unambiguous bytes from values, and keys from keys."""

import struct

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

type_and_length = struct.Struct(">cI").pack


def pack(*values: object) -> bytes:
    """Type-prefixed and length-prefixed, so that no two different lists of values give the same bytes.

    Takes text, integers, bytes and None. A bool counts as the integer it is, because SQLite hands 0 and 1
    back where PostgreSQL hands back false and true. Everything else (floats, dates) raises TypeError: it
    has no one encoding.
    """
    parts = []
    for value in values:
        if isinstance(value, str):
            kind, body = b"s", value.encode()
        elif isinstance(value, int):
            kind, body = b"i", b"%d" % value
        elif value is None:
            kind, body = b"n", b""
        elif isinstance(value, bytes | bytearray | memoryview):
            kind, body = b"b", bytes(value)
        else:
            raise TypeError(f"{type(value).__name__} has no one encoding")
        parts.append(type_and_length(kind, len(body)))
        parts.append(body)
    return b"".join(parts)


def derive(key: bytes, label: str, *context: object, salt: bytes | None = None, length: int = 32) -> bytes:
    """HKDF-SHA256 (RFC 5869). The label keeps every use of one key apart from every other."""
    info = pack("safetyplan/1", label, *context)
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(key)
