"""The log as a file of lines, and its check without the database or this service's keys.

Line one is a header; then one canonical body a line, in order; then the signed checkpoints. Whoever has the
verifier key from elsewhere needs nothing but RFC 6962 to check it.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO

import orjson

from safetyplan.accesslog.checkpoints import CheckpointFolder, InvalidCheckpoint, VerifierKey, verify
from safetyplan.accesslog.entry import InvalidEntry, decode
from safetyplan.accesslog.findings import Finding, Kind, Report
from safetyplan.accesslog.heads import Head
from safetyplan.accesslog.log import AccessLog, Connection
from safetyplan.accesslog.tree import HASH, Frontier, leaf_hash, root_of

FORMAT = "safetyplan access log 1"
CHUNK = 1000


def export(
    log: AccessLog,
    connection: Connection,
    folder: CheckpointFolder,
    out: BinaryIO,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Head:
    """Write the log that ``connection`` sees, in a snapshot; issue a checkpoint first, so that all of it is signed."""
    head = log.head(connection)
    header = {"export": FORMAT, "root": head.root.hex(), "size": head.size}
    out.write(orjson.dumps(header, option=orjson.OPT_SORT_KEYS) + b"\n")
    place = log.sql.place
    rows = f"SELECT body FROM log_entry WHERE seq >= {place} AND seq < {place} ORDER BY seq"
    for start in range(0, head.size, CHUNK):
        stop = min(start + CHUNK, head.size)
        for (body,) in connection.execute(rows, (start, stop)):
            out.write(bytes(body) + b"\n")
        progress(stop, head.size)
    for path in folder.files():
        out.write(orjson.dumps({"checkpoint": path.read_text(encoding="utf-8")}) + b"\n")
    return head


def check_export(lines: Iterable[bytes], keys: Sequence[VerifierKey]) -> Report:
    """Check an export offline: every entry, the root in the header, every checkpoint. ``signed`` says how far
    signatures reach; entries beyond rest on the header's word alone and are a finding.
    """
    report, frontier, rest = Report(), Frontier(), iter(lines)
    header = _header(next(rest, b""))
    if header is None:
        report.add(Finding(Kind.EXPORT_BROKEN, "this is not an export of an access log"))
        return report
    nodes: dict[tuple[int, int], bytes] = {}
    notes = []
    for line in rest:
        if frontier.size < header.size:
            _entry(report, frontier, nodes, line.removesuffix(b"\n"))
        else:
            notes.append(line)
    report.size, report.root = frontier.size, frontier.root()
    if (report.size, report.root) != header:
        sentence = f"the export holds other entries than it says, or {report.size} of {header.size}"
        report.add(Finding(Kind.EXPORT_BROKEN, sentence))
    for line in notes:
        _checkpoint(report, line, keys, nodes)
    if report.signed < report.size:
        sentence = f"no signature vouches for entries {report.signed} to {report.size - 1}"
        report.add(Finding(Kind.CHECKPOINTS_MISSING, sentence, seq=report.signed))
    return report


def _entry(report: Report, frontier: Frontier, nodes: dict[tuple[int, int], bytes], body: bytes) -> None:
    seq = frontier.size
    try:
        report.writes += len(decode(body).writes)
    except InvalidEntry:
        report.add(Finding(Kind.ENTRY_ALTERED, f"entry {seq} is not an entry", seq=seq))
    made = frontier.append(leaf_hash(body))
    for level in range(len(made) // HASH):
        nodes[level, seq >> level] = made[HASH * level : HASH * (level + 1)]


def _checkpoint(report: Report, line: bytes, keys: Sequence[VerifierKey], nodes: dict[tuple[int, int], bytes]) -> None:
    report.checkpoints += 1
    try:
        checkpoint = verify(orjson.loads(line)["checkpoint"], keys)
    except (InvalidCheckpoint, ValueError, KeyError, TypeError, AttributeError):
        report.add(Finding(Kind.CHECKPOINT_FORGED, f"checkpoint {report.checkpoints} of the export is not ours"))
        return
    size = checkpoint.head.size
    if size > report.size:
        sentence = f"log tail cut: a checkpoint knows {size} entries, the export holds {report.size}"
        report.add(Finding(Kind.TAIL_CUT, sentence, seq=report.size))
    elif root_of(size, lambda level, index: nodes[level, index]) != checkpoint.head.root:
        sentence = f"something among the first {size} entries is not what was signed"
        report.add(Finding(Kind.CHECKPOINT_DIFFERS, sentence, seq=size - 1 if size else None))
    else:
        report.signed = max(report.signed, size)


def _header(line: bytes) -> Head | None:
    try:
        header = orjson.loads(line)
        head = Head(header["size"], bytes.fromhex(header["root"]))
        return head if header["export"] == FORMAT and type(head.size) is int and head.size >= 0 else None
    except (ValueError, KeyError, TypeError):
        return None
