"""Is the log whole, is it the one that was noted and signed, and does it say the same as the rows?"""

import os
from collections.abc import Callable, Iterable, Sequence

from safetyplan.accesslog.checkpoints import SIGNED, CheckpointFolder, InvalidCheckpoint, VerifierKey
from safetyplan.accesslog.checkpoints import verify as signed
from safetyplan.accesslog.entry import DELETE, PUT
from safetyplan.accesslog.findings import Finding, Kind, Report
from safetyplan.accesslog.heads import Head, HeadNotes
from safetyplan.accesslog.log import AccessLog, Connection, StoredNodes
from safetyplan.accesslog.scan import Progress, SecondProcess, Stretch, WriteSeen, scan
from safetyplan.accesslog.shape import Shape, differences
from safetyplan.accesslog.tree import EMPTY_ROOT, Frontier, root_of
from safetyplan.errors import LogUnavailable, Tampered

LARGE = 50_000  # entries from which a second process pays for its start

RowDigest = tuple[str, str, bytes]  # table, id, SHA-256 of the whole row


def verify(
    log: AccessLog,
    connection: Connection,
    tables: Callable[[], Iterable[RowDigest]],
    heads: HeadNotes,
    folder: CheckpointFolder,
    keys: Sequence[VerifierKey],
    progress: Callable[[int, int], None] = lambda done, total: None,
    second_process: bool | None = None,
    shape: Shape | None = None,
) -> Report:
    """Verify everything. ``connection`` must be in one snapshot, which ``tables`` reads as well: a SQLite transaction,
    or REPEATABLE READ on PostgreSQL; ValueError otherwise. ``tables`` gives every row of every table outside the hot
    list. ``keys`` are all versions of the signing key's public half. ``second_process`` None: for large logs.
    ``shape`` gives the tables and columns beside the log's that the database must have, and nothing else.
    """
    _require_snapshot(log, connection)
    report = Report()
    last = connection.execute(log.sql.last).fetchone()
    size = 0 if last is None else last[0] + 1
    total = size + size // 10 + 1  # the last tenth stands for steps 2 to 5

    # 1. The tree: every leaf and node recomputed from the bodies, no gaps, stamps and indexed columns right.
    found = _tree(log, connection, size, lambda done: progress(done, total), second_process)
    report.size, report.root, report.writes = size, found.frontier.root(), len(found.writes)
    report.findings, report.more = found.findings, found.more

    # 2. The heads that hosts noted outside the database. From here stored nodes stand for recomputed ones: where
    #    they differ, step 1 has said so.
    node = StoredNodes(connection, log.sql)
    _heads(report, heads, node)

    # 3. Every checkpoint ever signed, and that the newest one of which the log tells is there.
    _checkpoints(report, folder, keys, node)
    _newest_signed(report, log, connection, folder)

    # 4. Rows and log say the same, both ways.
    _rows(report, found.writes, tables())

    # 5. The triggers that let the log only grow, and no table, column or trigger of somebody else's.
    if shape is not None:
        for finding in differences(connection, log.dialect, shape):
            report.add(finding)
    progress(total, total)
    return report


def _require_snapshot(log: AccessLog, connection: Connection) -> None:
    if log.dialect == "sqlite":
        snapshot = bool(getattr(connection, "in_transaction", False))
    else:
        level = connection.execute("SHOW transaction_isolation").fetchone()[0]
        snapshot = level in ("repeatable read", "serializable")
    if not snapshot:
        raise ValueError("verification needs one snapshot of the database")


def _tree(
    log: AccessLog, connection: Connection, size: int, progress: Progress, second_process: bool | None
) -> Stretch:
    middle = size // 2
    path = _file(log, connection)
    cores = len(os.sched_getaffinity(0))
    wanted = size >= LARGE and cores > 1 if second_process is None else second_process
    if not wanted or not path or not middle:
        return scan(connection, log.dialect, log.stamps, Frontier(), size, progress)
    try:
        frontier = Frontier.load(middle, StoredNodes(connection, log.sql))
    except LogUnavailable:  # rows are missing just there
        return scan(connection, log.dialect, log.stamps, Frontier(), size, progress)
    second = SecondProcess(path, log.stamps, middle)
    try:
        half = frontier.copy()
        later = scan(
            connection, log.dialect, log.stamps, frontier, size, lambda done: progress(done - middle + second.done)
        )
        earlier = second.result(half)
    finally:
        second.stop()
    if earlier is None:
        earlier = scan(connection, log.dialect, log.stamps, Frontier(), middle, progress)
    return Stretch(
        later.frontier,
        earlier.writes + later.writes,
        earlier.findings + later.findings,
        earlier.more + later.more,
    )


def _file(log: AccessLog, connection: Connection) -> str:
    if log.dialect != "sqlite":
        return ""
    return str(connection.execute("PRAGMA database_list").fetchone()[2] or "")


def _heads(report: Report, notes: HeadNotes, node: StoredNodes) -> None:
    found = notes.all() if notes.folder.is_dir() else {}
    if not found:
        report.add(Finding(Kind.HEADS_MISSING, f"no noted head is left in {notes.folder}"))
    for name, head in found.items():
        if head is None:
            report.add(Finding(Kind.HEAD_TORN, f"the noted head {name} is torn"))
            continue
        report.heads += 1
        _prefix(report, head, node, Kind.HEAD_DIFFERS, f"the noted head {name}")


def _prefix(report: Report, head: Head, node: StoredNodes, kind: Kind, what: str) -> bool:
    if head.size > report.size:
        cut = f"log tail cut: {what} knows {head.size} entries, {report.size} are left"
        report.add(Finding(Kind.TAIL_CUT, cut, seq=report.size))
        return False
    try:
        root = root_of(head.size, node) if head.size else EMPTY_ROOT
    except LogUnavailable:
        root = b""
    if root != head.root:
        sentence = f"{what} is of another log: something among its first {head.size} entries was changed"
        report.add(Finding(kind, sentence, seq=head.size - 1 if head.size else None))
    return root == head.root


def _checkpoints(report: Report, folder: CheckpointFolder, keys: Sequence[VerifierKey], node: StoredNodes) -> None:
    try:
        files = folder.files()
    except OSError:
        files = []
    if not files:
        report.add(Finding(Kind.CHECKPOINTS_MISSING, f"no checkpoint is left in {folder.path}"))
    for path in files:
        report.checkpoints += 1
        try:
            checkpoint = signed(path.read_text(encoding="utf-8"), keys)
        except (InvalidCheckpoint, OSError, UnicodeDecodeError) as error:
            report.add(Finding(Kind.CHECKPOINT_FORGED, f"checkpoint {path.name} is not ours: {error}"))
            continue
        if _prefix(report, checkpoint.head, node, Kind.CHECKPOINT_DIFFERS, f"checkpoint {path.name}"):
            report.signed = max(report.signed, checkpoint.head.size)


def _newest_signed(report: Report, log: AccessLog, connection: Connection, folder: CheckpointFolder) -> None:
    try:
        told = log.newest_of_house(connection, SIGNED)
    except Tampered:  # step 1 has named it
        return
    if told is None:
        return
    seq, entry = told
    size = entry.objects[0].id if entry.objects else ""
    # Looked for on the disk as it is now: a file is written before the entry that tells of it.
    if report.checkpoints and size.isdecimal() and not folder.holds(int(size)):
        sentence = f"the checkpoint of {size} entries is missing from {folder.path}: entry {seq} says it was signed"
        report.add(Finding(Kind.CHECKPOINT_MISSING, sentence, seq=seq))


def _rows(report: Report, writes: Sequence[WriteSeen], rows: Iterable[RowDigest]) -> None:
    latest: dict[tuple[str, str], WriteSeen] = {}
    for write in writes:
        latest[write[1], write[2]] = write
    expected = {place: write for place, write in latest.items() if write[3] == PUT}
    suspects: list[tuple[str, str, str, WriteSeen | None]] = []
    for table, row, digest in rows:
        report.rows += 1
        put = expected.pop((table, row), None)
        if put is None or put[4] != digest.hex():
            suspects.append((table, row, digest.hex(), put))
    older = _puts(writes, {(table, row) for table, row, _, _ in suspects})
    for table, row, digest_now, put in suspects:
        kind, sentence = _judge(table, row, digest_now, put, latest.get((table, row)), older)
        report.add(Finding(kind, sentence, table=table, row=row))
    for (table, row), put in expected.items():
        sentence = f"row {row} of {table} is missing: entry {put[0]} put it there"
        report.add(Finding(Kind.ROW_MISSING, sentence, seq=put[0], table=table, row=row))


def _puts(writes: Sequence[WriteSeen], places: set[tuple[str, str]]) -> dict[tuple[str, str, str], int]:
    if not places:
        return {}
    return {(t, row, digest): seq for seq, t, row, kind, digest in writes if kind == PUT and (t, row) in places}


def _judge(
    table: str,
    row: str,
    digest: str,
    put: WriteSeen | None,
    latest: WriteSeen | None,
    older: dict[tuple[str, str, str], int],
) -> tuple[Kind, str]:
    seq = older.get((table, row, digest))
    if seq is not None:
        since = f", though entry {latest[0]} deleted it" if latest is not None and latest[3] == DELETE else ""
        return Kind.ROW_RESTORED, f"row {row} of {table}: an old version put back, of entry {seq}{since}"
    if put is None:
        return Kind.ROW_PLANTED, f"row {row} of {table} was planted: no entry put it there"
    return Kind.ROW_CHANGED, f"row {row} of {table} was changed since entry {put[0]}"
