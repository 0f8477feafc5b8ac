"""Heads noted outside the database: a host remembers the longest log it has seen and refuses an earlier one.

One file a host with two slots of 512 bytes, written in turn under a file lock: a write that tears leaves the other
slot. No fsync, since a power cut costs at most the last notes, and the database's own commit is durable.
"""

import fcntl
import os
import socket
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from safetyplan.errors import LogUnavailable

SLOT = 512
_FORMAT = b"safetyplan head 1"


class Head(NamedTuple):
    """How many entries, and the root over them."""

    size: int
    root: bytes


class HeadNotes:
    """The notes of this host in ``folder``, which ``prepare`` makes once, when the house is set up."""

    def __init__(self, folder: Path, host: str | None = None) -> None:
        self.folder = Path(folder)
        name = host or socket.gethostname()
        self.path = self.folder / (sha256(name.encode()).hexdigest()[:16] + ".head")
        self._file: int | None = None

    @staticmethod
    def prepare(folder: Path) -> None:
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)

    def note(self, head: Head) -> None:
        """Remember ``head``, after its commit. An older one than noted changes nothing. Raises LogUnavailable."""
        try:
            file = self._open()
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                self._write(file, head)
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)
        except OSError as error:
            raise LogUnavailable(f"the log's head cannot be noted in {self.folder}") from error

    def raw(self) -> bytes:
        """The file as it stands, to see cheaply whether anything was noted since."""
        try:
            return os.pread(self._file or self._open(), 2 * SLOT, 0)
        except OSError as error:
            raise LogUnavailable(f"the heads folder {self.folder} is missing or cannot be read") from error

    def noted(self) -> Head | None:
        """The longest head this host noted, None before the first. Raises LogUnavailable if both slots are torn."""
        return longest(self.raw())

    def all(self) -> dict[str, Head | None]:
        """Every host's head in the folder by file name; None where nothing whole is left in the file."""
        found: dict[str, Head | None] = {}
        for path in sorted(self.folder.glob("*.head")):
            found[path.name] = longest(path.read_bytes(), torn=None)
        return found

    def _open(self) -> int:
        if self._file is None:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        elif os.fstat(self._file).st_nlink == 0:  # the file, or its folder, was taken away under us
            os.close(self._file)
            self._file = None
            raise LogUnavailable(f"the heads noted in {self.folder} were taken away")
        return self._file

    def _write(self, file: int, head: Head) -> None:
        raw = os.pread(file, 2 * SLOT, 0)
        slots = [_parse(raw[:SLOT]), _parse(raw[SLOT:])]
        newest = max((slot for slot in slots if slot is not None), default=None)
        if newest is not None and newest.size == head.size and newest.root != head.root:
            raise LogUnavailable(f"two logs of {head.size} entries were noted in {self.folder}")
        if newest is not None and newest.size >= head.size:
            return
        older = 0 if slots[0] is None or (slots[1] is not None and slots[0].size < slots[1].size) else 1
        os.pwrite(file, _slot(head), older * SLOT)

    def __del__(self) -> None:
        if self._file is not None:
            os.close(self._file)


def longest(raw: bytes, *, torn: type[Exception] | None = LogUnavailable) -> Head | None:
    """The longer of the two slots' heads; both broken although written: raises ``torn``, or None without it."""
    heads = [head for head in (_parse(raw[:SLOT]), _parse(raw[SLOT:])) if head is not None]
    if not heads and raw.strip(b"\0") and torn is not None:
        raise torn("the noted head is torn: both slots are broken")
    return max(heads, default=None)


def _slot(head: Head) -> bytes:
    text = b"%s %d %s" % (_FORMAT, head.size, head.root.hex().encode())
    return (text + b" " + sha256(text).hexdigest().encode() + b"\n").ljust(SLOT, b"\0")


def _parse(slot: bytes) -> Head | None:
    try:
        text, _, _check = slot.rstrip(b"\0").rpartition(b" ")
        size, root = text.removeprefix(_FORMAT + b" ").split(b" ")
        head = Head(int(size), bytes.fromhex(root.decode()))
    except ValueError:
        return None
    return head if _slot(head) == slot else None
