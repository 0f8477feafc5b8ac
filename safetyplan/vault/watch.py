"""The watch over the log: is it whole, is it signed, what proves an entry.

It opens nothing that is protected and needs nobody's key, so that it still answers where the log can no longer be
written and the door therefore stays shut. It stands in this room because nobody above may import the log's own.
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from safetyplan.accesslog.checkpoints import SIGNED, CheckpointFolder, InvalidCheckpoint, Signer, VerifierKey, issue
from safetyplan.accesslog.checkpoints import verify as signed_note
from safetyplan.accesslog.entry import Entry, Outcome, Touched, encode
from safetyplan.accesslog.export import export
from safetyplan.accesslog.findings import Finding, Report
from safetyplan.accesslog.findings import Kind as FindingKind
from safetyplan.accesslog.heads import Head, HeadNotes
from safetyplan.accesslog.log import Connection, Logged, StoredNodes
from safetyplan.accesslog.shape import Shape, differences
from safetyplan.accesslog.stamps import STAMP
from safetyplan.accesslog.tree import EMPTY_ROOT, Frontier, leaf_hash, root_of, verify_inclusion
from safetyplan.accesslog.verify import verify
from safetyplan.errors import LogUnavailable, SettingsWrong, Tampered
from safetyplan.fields import HOT
from safetyplan.store.rows import digests
from safetyplan.store.tables import TABLES
from safetyplan.vault.access import Access
from safetyplan.vault.door import Vault
from safetyplan.vault.house import House

SIGNING = "checkpoint signature"
NAMED = 20
"""How many entries and rows an entry about a verification names; the program prints them all."""

_LONGEST_ID = 64
Progress = Callable[[int, int], None]

SHAPE: Shape = {table.name: frozenset(table.columns.keys()) for table in TABLES} | {
    "alembic_version": frozenset({"version_num"})
}
"""Every table and column that the database may have beside the log's."""


@dataclass(frozen=True, slots=True)
class Look:
    """A quick look. ``size`` and ``signed`` count entries; ``signed_at`` is the time of the last signed entry and
    ``unsigned_since`` that of the first one after it, but for the entry that tells of the signing; ``began`` that of
    the log's first entry; all in ms UTC."""

    size: int
    signed: int
    signed_at: int | None
    unsigned_since: int | None
    findings: tuple[Finding, ...]
    began: int | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """One entry in the tree. ``holds``: its place follows from the log's root; ``note``: the proof for outsiders
    (C2SP tlog-proof, https://c2sp.org/tlog-proof), None while no checkpoint reaches the entry."""

    body: bytes
    leaf: bytes
    holds: bool
    note: str | None


class Watch:
    """Over one house's log. ``signers``: newest key first; with the older ones only their checkpoints are read."""

    def __init__(self, house: House, checkpoints: Path, signers: Sequence[Signer]) -> None:
        if house.log.heads is None:
            raise SettingsWrong("The heads of the access log are noted nowhere. Set SAFETYPLAN_HEADS.")
        self.house, self.log, self.heads = house, house.log, house.log.heads
        self.folder = CheckpointFolder(checkpoints)
        self._signer = signers[0]
        self.keys: list[VerifierKey] = [signer.key for signer in signers]

    # -- looking ---------------------------------------------------------------------------------------

    def look(self) -> Look:
        """Compare the log's end with what hosts noted and with the newest checkpoint: no entry is read again.

        An altered entry further back is for ``verify`` to find.
        """
        noted, newest = self.heads.all(), self._newest()  # before the snapshot: what comes later is no finding
        with self.house.store.snapshot() as tx:
            connection = tx.dbapi
            row = connection.execute(self.log.sql.last).fetchone()
            size = 0 if row is None else int(row[0]) + 1
            found = [] if row is None else self._stamp(connection, size, bytes(row[1]))
            found += self._noted(connection, size, noted)
            signed = 0
            if isinstance(newest, Finding):
                found.append(newest)
            else:
                wrong = self._prefix(connection, size, newest[1], FindingKind.CHECKPOINT_DIFFERS, "the last checkpoint")
                found += wrong
                signed = 0 if wrong else newest[1].size
            unsigned = self._unsigned_since(connection, signed)
            began = self._at(connection, 0)
            return Look(size, signed, self._at(connection, signed - 1), unsigned, tuple(found), began)

    def _newest(self) -> Finding | tuple[str, Head]:
        try:
            files = self.folder.files()
            note = files[-1].read_text(encoding="utf-8") if files else ""
        except (OSError, UnicodeDecodeError):
            note = ""
        if not note:
            return Finding(FindingKind.CHECKPOINTS_MISSING, f"no checkpoint is left in {self.folder.path}")
        try:
            return note, signed_note(note, self.keys).head
        except InvalidCheckpoint as error:
            return Finding(FindingKind.CHECKPOINT_FORGED, f"the last checkpoint is not ours: {error}")

    def _stamp(self, connection: Connection, size: int, nodes: bytes) -> list[Finding]:
        try:
            frontier = Frontier.load(size, StoredNodes(connection, self.log.sql))
        except LogUnavailable as error:
            return [Finding(FindingKind.ENTRY_MISSING, str(error), seq=size - 1)]
        if self.log.stamps.accepts(nodes[-STAMP:], frontier):
            return []
        sentence = f"entry {size - 1} was not written by this service, or its stamp or one before it was changed"
        return [Finding(FindingKind.ENTRY_FOREIGN, sentence, seq=size - 1)]

    def _noted(self, connection: Connection, size: int, noted: dict[str, Head | None]) -> list[Finding]:
        if not noted:
            return [Finding(FindingKind.HEADS_MISSING, f"no noted head is left in {self.heads.folder}")]
        found = []
        for name, head in noted.items():
            if head is None:
                found.append(Finding(FindingKind.HEAD_TORN, f"the noted head {name} is torn"))
            else:
                found += self._prefix(connection, size, head, FindingKind.HEAD_DIFFERS, f"the noted head {name}")
        return found

    def _prefix(self, connection: Connection, size: int, head: Head, kind: FindingKind, what: str) -> list[Finding]:
        if head.size > size:
            sentence = f"log tail cut: {what} knows {head.size} entries, {size} are left"
            return [Finding(FindingKind.TAIL_CUT, sentence, seq=size)]
        try:
            root = root_of(head.size, StoredNodes(connection, self.log.sql)) if head.size else EMPTY_ROOT
        except LogUnavailable:
            root = b""
        return [] if root == head.root else [Finding(kind, f"{what} is of another log", seq=max(head.size - 1, 0))]

    def _at(self, connection: Connection, seq: int) -> int | None:
        found = self._entry(connection, seq)
        return None if found is None else found.at

    def _unsigned_since(self, connection: Connection, signed: int) -> int | None:
        """The time of the first unsigned entry. The one that tells of the signing can never be in it."""
        first = self._entry(connection, signed)
        return self._at(connection, signed + (first is not None and first.action == SIGNED))

    def _entry(self, connection: Connection, seq: int) -> Entry | None:
        try:
            found = self.log.read(connection, before=seq + 1, limit=1).entries if seq >= 0 else []
        except Tampered:
            return None
        return found[0].entry if found and found[0].seq == seq else None

    # -- the whole check -------------------------------------------------------------------------------

    def size(self) -> int:
        with self.house.store.snapshot() as tx:
            return self.log.head(tx.dbapi).size

    def verify(self, progress: Progress = lambda done, total: None) -> Report:
        """Tree, heads, checkpoints, rows against the log both ways, and the schema, in one snapshot. Writes nothing."""
        heads, folder = _HeadsThen(self.heads), _FilesThen(self.folder)
        with self.house.store.snapshot() as tx:
            connection = tx.dbapi
            return verify(
                self.log, connection, lambda: digests(tx, HOT), heads, folder, self.keys, progress, shape=SHAPE
            )

    def schema(self) -> list[Finding]:
        """Only whether triggers, tables and columns are ours; ``verify`` looks as well."""
        with self.house.store.snapshot() as tx:
            return differences(tx.dbapi, self.log.dialect, SHAPE)

    def write_down(self, note: Access, report: Report) -> None:
        """Put a verification's result into its entry: how far it went, and the first places that are wrong."""
        note.outcome = Outcome.DONE if report.ok else Outcome.FAILED
        note.reason("whole" if report.ok else str(report.findings[0].kind))
        note._objects.append(Touched("log_entry", str(report.size)))
        for finding in report.findings[:NAMED]:
            table = finding.table or "log_entry"
            place = finding.row if finding.table else None if finding.seq is None else str(finding.seq)
            if place and place.isprintable() and len(place) <= _LONGEST_ID:  # whoever planted a row chose its id
                note._objects.append(Touched(table, place))

    # -- for outsiders ---------------------------------------------------------------------------------

    def proof(self, reader: Access, logged: Logged) -> Proof:
        """That ``logged`` stands in the log which ``reader`` reads."""
        connection = reader.tx.dbapi
        body = encode(logged.entry)[0]
        leaf = leaf_hash(body)
        newest = self._newest()
        note = None
        if not isinstance(newest, Finding) and newest[1].size > logged.seq:
            steps = self._path(connection, newest[1], logged.seq, leaf)
            note = None if steps is None else _tlog_proof(logged.seq, steps, newest[0])
        holds = self._path(connection, self.log.head(connection), logged.seq, leaf) is not None
        return Proof(body, leaf, holds, note)

    def _path(self, connection: Connection, head: Head, seq: int, leaf: bytes) -> Sequence[bytes] | None:
        try:
            steps = self.log.inclusion(connection, head.size, seq)
        except (LogUnavailable, ValueError):
            return None
        return steps if verify_inclusion(head.size, seq, leaf, steps, head.root) else None

    def checkpoint(self) -> str:
        """The signed note over the log as it is now, kept in the folder, and an entry of the house that it was signed.

        The last one, and no entry, if nothing but the entry of its signing is new.
        Raises LogUnavailable; see ``issue``.
        """
        with self.house.store.snapshot() as tx:
            last = self._nothing_new(tx.dbapi)
            if last is not None:
                return last
            size = issue(self.log, tx.dbapi, self._signer, self.folder, self.keys).head.size
        self._signed(size)
        path = next(path for path in self.folder.files() if _size_of(path) == size)
        return path.read_text(encoding="utf-8")

    def _nothing_new(self, connection: Connection) -> str | None:
        newest, size = self._newest(), self.log.head(connection).size
        if isinstance(newest, Finding) or newest[1].size != size - 1:
            return None
        last = self._entry(connection, size - 1)
        if last is None or last.action != SIGNED or last.objects != (Touched("log_entry", str(size - 1)),):
            return None
        wrong = self._prefix(connection, size, newest[1], FindingKind.CHECKPOINT_DIFFERS, "the last checkpoint")
        return None if wrong else newest[0]

    def _signed(self, size: int) -> None:
        with Vault(self.house).note(None, SIGNED) as note:
            note._objects.append(Touched("log_entry", str(size)))

    def export(self, out: BinaryIO, progress: Progress = lambda done, total: None) -> Head:
        """The log as lines, signed to its end first. Raises LogUnavailable."""
        with self.house.store.snapshot() as tx:
            size = issue(self.log, tx.dbapi, self._signer, self.folder, self.keys).head.size
            head = export(self.log, tx.dbapi, _FilesThen(self.folder, size), out, progress)
        self._signed(size)
        return head


class _HeadsThen(HeadNotes):
    """Heads as they were noted before a snapshot began: the service goes on noting while one is verified."""

    def __init__(self, notes: HeadNotes) -> None:
        super().__init__(notes.folder)
        self._then = notes.all()

    def all(self) -> dict[str, Head | None]:
        return self._then


class _FilesThen(CheckpointFolder):
    """The folder as it was, or only its checkpoints of at most ``most`` entries."""

    def __init__(self, folder: CheckpointFolder, most: int | None = None) -> None:
        super().__init__(folder.path)
        try:
            files = folder.files()
        except OSError:
            files = []
        self._then = [path for path in files if most is None or _size_of(path) <= most]

    def files(self) -> list[Path]:
        return self._then


def _size_of(path: Path) -> int:
    return int(path.stem) if path.stem.isdecimal() else 0


def _tlog_proof(seq: int, steps: Sequence[bytes], checkpoint: str) -> str:
    hashes = "".join(f"{b64encode(step).decode()}\n" for step in steps)
    return f"c2sp.org/tlog-proof@v1\nindex {seq}\n{hashes}\n{checkpoint}"
