"""Looking for words in bytes, however they are spelt: the scanner of ``test_scan``.

Words are found as whole words, because ids and ciphertexts hold every short run of letters sooner or later; names,
phrases and secrets as they stand. What is packed (zlib, hex, base64, UTF-16, escapes) is unpacked first, two deep.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_LETTERS = re.compile(rb"[A-Za-z\x80-\xff]{4,}")
_HEX = re.compile(rb"[0-9A-Fa-f]{8,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{6,}")
_LITTLE, _BIG = re.compile(rb"(?:[\x09-\xff]\x00){4,}"), re.compile(rb"(?:\x00[\x09-\xff]){4,}")
_ESCAPED = re.compile(rb"\\u([0-9A-Fa-f]{4})")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_URLSAFE = bytes.maketrans(b"-_", b"+/")
_PACKED = (zlib.MAX_WBITS, zlib.MAX_WBITS | 16)


@dataclass(frozen=True)
class Needles:
    """``words``: lower case, whole words of four letters or more. ``exact``: anywhere, as they are."""

    words: frozenset[str]
    exact: frozenset[bytes]

    def found(self, data: bytes) -> set[str]:
        """What is in there, each with how it was spelt."""
        return {f"{each} ({how})" for how, view in views(data) for each in self._here(view)}

    def _here(self, view: bytes) -> Iterator[str]:
        for run in _LETTERS.findall(view):
            word = run.decode("utf-8", "replace").lower()
            if word in self.words:
                yield word
        yield from (each.decode("utf-8", "replace") for each in self.exact if each in view)


def views(data: bytes, deep: int = 2) -> Iterator[tuple[str, bytes]]:
    """The bytes, and whatever they may be a spelling of."""
    yield "as it is", data
    if not deep:
        return
    for how, inner in (*_unpacked(data), *_respelt(data)):
        for further, view in views(inner, deep - 1):
            yield how if further == "as it is" else f"{further} in {how}", view


def _unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    for place in re.finditer(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08", data):
        for window in _PACKED:
            if unpacked := _inflated(data, place.start(), window):
                yield "zlib", unpacked


def _inflated(data: bytes, start: int, window: int) -> bytes:
    """As far as it goes: what follows may be cut off or something else."""
    stream, unpacked = zlib.decompressobj(window), b""
    try:
        for place in range(start, min(len(data), start + (1 << 20)), 16):
            unpacked += stream.decompress(data[place : place + 16])
            if stream.eof:
                break
    except zlib.error:
        pass
    return unpacked


def _respelt(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Every run in another spelling, joined by NUL so that nothing grows together."""
    little = b"\x00".join(run.decode("utf-16-le", "replace").encode() for run in _LITTLE.findall(data))
    big = b"\x00".join(run.decode("utf-16-be", "replace").encode() for run in _BIG.findall(data))
    yield from (("utf-16", each) for each in (little, big) if each)
    digits = _HEX.findall(data)
    for shift in (0, 1):
        cut = (run[shift:] for run in digits)
        if joined := b"\x00".join(binascii.unhexlify(run[: len(run) // 2 * 2]) for run in cut):
            yield "hex", joined
    runs = [run.translate(_URLSAFE) for run in _BASE64.findall(data)]
    for shift in range(4):
        cut = (run[shift:] for run in runs)
        if joined := b"\x00".join(base64.b64decode(run[: -1 if len(run) % 4 == 1 else None] + b"==") for run in cut):
            yield "base64", joined
    if _ESCAPED.search(data):
        yield "escaped", _ESCAPED.sub(lambda found: chr(int(found[1], 16)).encode("utf-8", "replace"), data)
    if _PERCENT.search(data):
        yield "percent", _PERCENT.sub(lambda found: bytes([int(found[1], 16)]), data).replace(b"+", b" ")
