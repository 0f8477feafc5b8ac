"""Signed checkpoints: C2SP tlog-checkpoint in a C2SP signed-note, Ed25519; and the folder they are kept in.

Formats: https://c2sp.org/tlog-checkpoint and https://c2sp.org/signed-note. Signatures by keys we do not know (a
witness's) are kept and passed over.
"""

import os
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from safetyplan.accesslog.heads import Head
from safetyplan.accesslog.log import AccessLog, Connection, StoredNodes
from safetyplan.accesslog.scan import scan
from safetyplan.accesslog.tree import EMPTY_ROOT, HASH, Frontier, verify_consistency
from safetyplan.errors import LogUnavailable, SafetyplanError

ED25519 = b"\x01"
MOST_SIGNATURES = 100
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_SUFFIX = ".checkpoint"

SIGNED = "accesslog.signed"
"""The action of the entry that says a checkpoint was issued; its first object names how many entries it covers."""


class InvalidCheckpoint(SafetyplanError):
    """Not a checkpoint, or not one that a given key has signed."""


class VerifierKey(NamedTuple):
    """A log's name (its origin) and its Ed25519 public key (32 bytes)."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), the first four bytes."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """The form that Go's sumdb/note and witnesses read."""
        return f"{self.name}+{self.id.hex()}+{_b64(ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        name, _, rest = text.strip().partition("+")
        identity, _, encoded = rest.partition("+")
        raw = _unb64(encoded)
        key = cls(_name(name), raw[1:])
        if raw[:1] != ED25519 or len(key.public) != 32 or key.id.hex() != identity:
            raise InvalidCheckpoint("not an Ed25519 verifier key")
        return key


class Signer:
    """Holds the private key: 32 bytes, Ed25519 (RFC 8032)."""

    def __init__(self, name: str, private: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(private)
        self.key = VerifierKey(_name(name), self._private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"Signer({self.key})"

    def sign(self, head: Head) -> str:
        """The checkpoint of ``head`` as a signed note."""
        text = _text(self.key.name, head)
        return f"{text}\n— {self.key.name} {_b64(self.key.id + self._private.sign(text.encode()))}\n"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A parsed note; ``signatures`` are (name, key id, signature), of any key."""

    origin: str
    head: Head
    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def signed_by(self, keys: Sequence[VerifierKey]) -> None:
        """Raise InvalidCheckpoint unless one of ``keys`` signed, under its own name, and none of them wrongly."""
        known = {(key.name, key.id): key for key in keys}
        good = False
        for name, identity, signature in self.signatures:
            key = known.get((name, identity))
            if key is None:
                continue
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(signature, self.text.encode())
            except InvalidSignature as error:
                raise InvalidCheckpoint("the signature is not right") from error
            good = good or name == self.origin
        if not good:
            raise InvalidCheckpoint("not signed by a key of this log")


def parse(note: str) -> Checkpoint:
    """A checkpoint whose signatures are still to be checked. Raises InvalidCheckpoint."""
    body, gap, tail = note.rpartition("\n\n")
    lines = body.split("\n")
    if not gap or not tail.endswith("\n") or len(lines) < 3 or "" in lines or not "".join(lines).isprintable():
        raise InvalidCheckpoint("not a signed note")
    if not _SIZE.fullmatch(lines[1]):
        raise InvalidCheckpoint("not the size of a tree")
    root = _unb64(lines[2])
    signatures = tuple(map(_signature, tail[:-1].split("\n")))
    if len(root) != HASH or len(signatures) > MOST_SIGNATURES:
        raise InvalidCheckpoint("not a root, or too many signatures")
    return Checkpoint(lines[0], Head(int(lines[1]), root), body + "\n", signatures)


def verify(note: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    """The checkpoint in ``note`` if one of ``keys`` signed it. Raises InvalidCheckpoint."""
    checkpoint = parse(note)
    checkpoint.signed_by(keys)
    return checkpoint


def _text(name: str, head: Head) -> str:
    return f"{name}\n{head.size}\n{_b64(head.root)}\n"


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, encoded = line.removeprefix("— ").partition(" ")
    raw = _unb64(encoded)
    if not line.startswith("— ") or len(raw) < 5:
        raise InvalidCheckpoint("not a signature line")
    return _name(name), raw[:4], raw[4:]


def _name(name: str) -> str:
    if not name or "+" in name or any(c.isspace() or ord(c) < 32 for c in name):
        raise InvalidCheckpoint("a log's name has no spaces and no plus")
    return name


def _b64(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")


def _unb64(text: str) -> bytes:
    try:
        raw = b64decode(text, validate=True)
    except ValueError as error:
        raise InvalidCheckpoint("not base64") from error
    if _b64(raw) != text:  # one encoding only: b64decode lets stray bits in the last character pass
        raise InvalidCheckpoint("not base64")
    return raw


class CheckpointFolder:
    """A file a checkpoint, named by its size; ``prepare`` makes the folder when the house is set up.

    Files are never overwritten. The folder may lie on another machine.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    @staticmethod
    def prepare(path: Path) -> None:
        Path(path).mkdir(mode=0o755, parents=True, exist_ok=True)

    def files(self) -> list[Path]:
        """Smallest tree first; OSError if the folder is missing."""
        names = sorted(name for name in os.listdir(self.path) if name.endswith(_SUFFIX))
        return [self.path / name for name in names]

    def all(self) -> list[Checkpoint]:
        """Parsed, not verified."""
        return [_read(path) for path in self.files()]

    def last(self) -> Checkpoint | None:
        files = self.files()
        return _read(files[-1]) if files else None

    def holds(self, size: int) -> bool:
        """Whether there is a file for a tree of that size, now."""
        return (self.path / _name_of(size)).is_file()

    def write(self, note: str) -> Path:
        """Store ``note`` for good: whole or not at all, on disk before returning. FileExistsError if it is there."""
        head = parse(note).head
        target = self.path / _name_of(head.size)
        draft = self.path / f".{head.size:020d}.{os.getpid()}"
        with draft.open("x", encoding="utf-8") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, target)  # unlike a rename it never replaces
        finally:
            draft.unlink()
        folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return target


def _name_of(size: int) -> str:
    return f"{size:020d}{_SUFFIX}"


def _read(path: Path) -> Checkpoint:
    try:
        checkpoint = parse(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidCheckpoint(f"{path.name} is not text") from error
    if path.name != _name_of(checkpoint.head.size):
        raise InvalidCheckpoint(f"{path.name} holds a checkpoint of another size")
    return checkpoint


def issue(
    log: AccessLog,
    connection: Connection,
    signer: Signer,
    folder: CheckpointFolder,
    keys: Sequence[VerifierKey] = (),
) -> Checkpoint:
    """Sign the head that ``connection`` sees, in a snapshot, and keep it in ``folder``; the last one if nothing is new.

    First proves that the log continues the folder's last checkpoint, and recomputes every entry since from its body:
    what is signed has been read. ``keys`` are the signer's earlier ones. Raises LogUnavailable naming what is wrong.
    """
    try:
        last = folder.last()
        if last is not None:
            last.signed_by([signer.key, *keys])
    except (OSError, InvalidCheckpoint) as error:
        raise LogUnavailable(f"the last checkpoint in {folder.path} cannot be trusted") from error
    head, before = log.head(connection), Head(0, EMPTY_ROOT) if last is None else last.head
    if head.size < before.size:
        raise LogUnavailable(f"log tail cut: {before.size} entries were signed, {head.size} are left")
    proof = log.consistency(connection, before.size, head.size)
    if not verify_consistency(before.size, head.size, before.root, head.root, proof):
        raise LogUnavailable(f"the log does not continue the checkpoint of {before.size} entries")
    _recompute(log, connection, before, head)
    if last is not None and head.size == before.size:
        return last
    note = signer.sign(head)
    try:
        folder.write(note)
    except OSError as error:
        raise LogUnavailable(f"the checkpoint cannot be written to {folder.path}") from error
    return parse(note)


def _recompute(log: AccessLog, connection: Connection, before: Head, head: Head) -> None:
    frontier = Frontier.load(before.size, StoredNodes(connection, log.sql))
    found = scan(connection, log.dialect, log.stamps, frontier, head.size, lambda done: None)
    if found.findings:
        raise LogUnavailable(found.findings[0].sentence)
    if frontier.root() != head.root:
        raise LogUnavailable(f"the entries since the checkpoint of {before.size} do not make the log's root")
