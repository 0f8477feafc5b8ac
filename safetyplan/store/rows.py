"""The digest of a whole row, clear columns included: what the access log commits to."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Table, select

from safetyplan.store.engine import Tx
from safetyplan.store.tables import TABLES


def row_digest(table: str, row: Mapping[str, object]) -> bytes:
    """SHA-256 over table name and every column, sorted by name; names and values typed and length-prefixed.

    Values are None, int, str or bytes: nothing else is stored, so that both databases digest alike.
    """
    parts = [_part(table)]
    for name in sorted(row):
        parts.append(_part(name))
        parts.append(_part(row[name]))
    return hashlib.sha256(b"".join(parts)).digest()


def _part(value: object) -> bytes:
    if value is None:
        return b"n\0\0\0\0"
    if isinstance(value, int):
        kind, body = b"i", b"%d" % value
    elif isinstance(value, str):
        kind, body = b"s", value.encode()
    elif isinstance(value, bytes | memoryview):
        kind, body = b"b", bytes(value)
    else:
        raise TypeError(f"{type(value).__name__} has no place in a row")
    return kind + len(body).to_bytes(4, "big") + body


def tracked_tables(outside: Iterable[str]) -> list[Table]:
    """Every table but those named, the log itself and alembic's own."""
    skip = {*outside, "log_entry", "alembic_version"}
    return [table for table in TABLES if table.name not in skip]


def digests(tx: Tx, outside: Iterable[str]) -> Iterator[tuple[str, str, bytes]]:
    """(table, id, digest) of every row of every tracked table."""
    for table in tracked_tables(outside):
        for row in tx.all(select(table)):
            yield table.name, row.id, row_digest(table.name, row._asdict())
