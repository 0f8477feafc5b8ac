"""Appending to the log and reading it, on a DB-API connection that somebody else opens, locks and commits."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from safetyplan.accesslog.entry import Entry, InvalidEntry, Outcome, decode, encode
from safetyplan.accesslog.heads import Head, HeadNotes
from safetyplan.accesslog.schema import Dialect
from safetyplan.accesslog.stamps import STAMP, Stamps
from safetyplan.accesslog.tree import HASH, Frontier, consistency_proof, inclusion_proof, leaf_hash, root_of
from safetyplan.errors import LogUnavailable, Tampered

TABLE = "log_entry"
ADVISORY_LOCK = 0x73706C6F67  # "splog"; one number for every process of the house


class Connection(Protocol):
    """What sqlite3 and psycopg 3 connections have in common; rows must come as tuples."""

    @property
    def Error(self) -> type[Exception]: ...

    def execute(self, sql: Any, parameters: Any = ..., /) -> Any: ...

    def cursor(self) -> Any: ...


class Logged(NamedTuple):
    """An entry with its place in the log."""

    seq: int
    entry: Entry


class Page(NamedTuple):
    """Entries newest first; ``before`` is the keyset for the next page, None when there is none."""

    entries: list[Logged]
    before: int | None


class _State(NamedTuple):
    """What this process knows: the frontier after the row whose ``nodes`` column is ``last``."""

    frontier: Frontier
    last: bytes
    heads: bytes | None  # the noted heads it was checked against; None: our own, to be noted after its commit


class Sql:
    """The log's statements, in the dialect's own placeholders. ``%b`` sends bytes in binary."""

    def __init__(self, dialect: Dialect) -> None:
        sqlite = dialect == "sqlite"
        p, b = ("?", "?") if sqlite else ("%s", "%b")
        self.lock = None if sqlite else f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"
        self.last = f"SELECT seq, nodes FROM {TABLE} ORDER BY seq DESC LIMIT 1"
        self.nodes = f"SELECT nodes FROM {TABLE} WHERE seq = {p}"
        self.body = f"SELECT body FROM {TABLE} WHERE seq = {p}"
        verb = "INSERT OR FAIL" if sqlite else "INSERT"  # OR FAIL: no statement journal, see schema.py
        self.insert = f"{verb} INTO {TABLE} (seq, body, nodes, actor, case_id) VALUES ({p}, {b}, {b}, {p}, {p})"
        self.row = f"SELECT seq, body, nodes, actor, case_id FROM {TABLE}"
        self.place = p
        self.holds = "instr(body, ?) > 0" if sqlite else "position(%b in body) > 0"
        self.of_house = f"{self.row} WHERE actor IS NULL AND {self.holds} ORDER BY seq DESC LIMIT 1"


class AccessLog:
    """The log of one database. Safe to share between threads: what it remembers is only ever a checked guess."""

    def __init__(self, dialect: Dialect, heads: HeadNotes | None = None, stamps: Stamps | None = None) -> None:
        self.dialect, self.heads, self.stamps = dialect, heads, stamps or Stamps()
        self.sql = Sql(dialect)
        self._state = _State(Frontier(), b"", b"")

    def append(self, connection: Connection, entries: Iterable[Entry]) -> int:
        """Write ``entries`` as the last statements before commit; returns the first one's seq (0 is the log's first).

        Raises LogUnavailable if the database refuses, is older or other than a noted head, or holds entries this
        service did not write. Nothing may be disclosed then.
        """
        cursor, sql, make = connection.cursor(), self.sql, self.stamps.make
        execute = cursor.execute
        try:
            if sql.lock:
                execute(sql.lock)
            state = self._current(connection, execute(sql.last).fetchone())
            frontier, last = state.frontier.copy(), state.last
            first = seq = frontier.size
            for entry in entries:
                who = entry.actor
                for body in encode(entry):
                    last = frontier.append(sha256(b"\x00" + body).digest()) + make(frontier)
                    execute(sql.insert, (seq, body, last, None if who is None else who.account, entry.case))
                    seq += 1
        except connection.Error as error:
            raise LogUnavailable("the entry could not be written") from error
        self._state = _State(frontier, last, None)
        return first

    def head(self, connection: Connection) -> Head:
        """Size and root as this connection sees them, uncommitted entries included."""
        row = connection.execute(self.sql.last).fetchone()
        state = self._state
        if row is None:
            return Head(0, Frontier().root())
        seq, last = row
        if state.frontier.size == seq + 1 and state.last == last:
            return Head(seq + 1, state.frontier.root())
        return Head(seq + 1, root_of(seq + 1, self._node(connection)))

    def note(self, head: Head) -> None:
        """Note ``head`` outside the database, once its transaction has been committed; call it after every one."""
        self._state = self._state._replace(heads=b"")
        if self.heads is not None:
            self.heads.note(head)

    def check(self, connection: Connection) -> None:
        """At start: raise LogUnavailable unless the log continues every noted head. Appending looks by itself."""
        self._state = _State(Frontier(), b"", b"")
        if self.heads is None:
            return
        for name, head in self.heads.all().items():
            if head is None:
                raise LogUnavailable(f"the noted head {name} is torn")
            self._continues(connection, head)
        self._current(connection, connection.execute(self.sql.last).fetchone())

    def inclusion(self, connection: Connection, size: int, seq: int) -> list[bytes]:
        """The proof that entry ``seq`` is in the log of ``size`` entries (RFC 6962 section 2.1.1)."""
        return inclusion_proof(size, seq, self._node(connection))

    def consistency(self, connection: Connection, first: int, second: int) -> list[bytes]:
        """The proof that the log of ``second`` entries continues the one of ``first`` (RFC 6962 section 2.1.2)."""
        return consistency_proof(first, second, self._node(connection))

    def read(
        self,
        connection: Connection,
        *,
        before: int | None = None,
        limit: int = 50,
        case: str | None = None,
        actor: str | None = None,
        action: str | None = None,
        outcome: Outcome | None = None,
        since: int | None = None,
        until: int | None = None,
    ) -> Page:
        """Newest first, below seq ``before``. ``since`` and ``until`` are ms UTC, the second one exclusive.

        Raises Tampered if an entry is not what its leaf or its indexed columns say.
        """
        place = self.sql.place
        where: list[str] = []
        values: list[Any] = []
        lowest = 0 if since is None else self._first_at(connection, since)
        highest = before if until is None else min(self._first_at(connection, until), before or 1 << 62)
        for column, value in (("case_id = ", case), ("actor = ", actor), ("seq >= ", lowest), ("seq < ", highest)):
            if value is not None:
                where.append(column + place)
                values.append(value)
        for key, text in ((b"action", action), (b"outcome", outcome)):
            if text is not None:  # sound as a substring: in JSON a quote inside a text is always escaped
                where.append(self.sql.holds)
                values.append(b'"%s":"%s"' % (key, text.encode()))
        sql = f"{self.sql.row} WHERE {' AND '.join(where)} ORDER BY seq DESC LIMIT {int(limit) + 1}"
        found = [_logged(row) for row in connection.execute(sql, values).fetchall()]
        more = len(found) > limit
        return Page(found[:limit], found[limit - 1].seq if more else None)

    def newest_of_house(self, connection: Connection, action: str) -> Logged | None:
        """The newest entry with that action that the house itself wrote, with no actor: by index, however long the log.

        Raises Tampered if it is not what its leaf or its indexed columns say.
        """
        mark = b'"action":"%s"' % action.encode()
        row = connection.execute(self.sql.of_house, (mark,)).fetchone()
        return None if row is None else _logged(row)

    def _current(self, connection: Connection, row: tuple[int, bytes] | None) -> _State:
        size, last = (0, b"") if row is None else (row[0] + 1, row[1])
        state = self._state
        if state.last != last or state.frontier.size != size:
            state = _State(self._load(connection, size, last), last, b"")
        if self.heads is None or state.heads is None:  # None: the same transaction, which has been checked
            return state
        raw = self.heads.raw()
        if raw != state.heads:
            self._check_noted(connection, state.frontier)
        return _State(state.frontier, state.last, raw)

    def _check_noted(self, connection: Connection, frontier: Frontier) -> None:
        head = self.heads.noted() if self.heads is not None else None
        if head is None or head == (frontier.size, frontier.root()):
            return
        self._continues(connection, head, frontier.size)

    def _continues(self, connection: Connection, head: Head, size: int | None = None) -> None:
        size = self.head(connection).size if size is None else size
        if size < head.size:
            raise LogUnavailable(f"the database is older than the noted head: {size} of {head.size} entries")
        if root_of(head.size, self._node(connection)) != head.root:
            raise LogUnavailable(f"the database is not the one whose first {head.size} entries were noted")

    def _load(self, connection: Connection, size: int, last: bytes) -> Frontier:
        frontier = Frontier.load(size, self._node(connection))
        if size and not self.stamps.accepts(last[-STAMP:], frontier):
            raise LogUnavailable(f"entry {size - 1} was not written by this service")
        return frontier

    def _node(self, connection: Connection) -> "StoredNodes":
        return StoredNodes(connection, self.sql)

    def _first_at(self, connection: Connection, at: int) -> int:
        # Times follow the order of entries but for the clocks of several hosts, which NTP keeps within a second.
        low, high = 0, self.head(connection).size
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self._at(connection, middle) < at else (low, middle)
        return low

    def _at(self, connection: Connection, seq: int) -> int:
        row = connection.execute(self.sql.body, (seq,)).fetchone()
        try:
            return decode(b"" if row is None else bytes(row[0])).at
        except InvalidEntry as error:
            raise Tampered(TABLE, str(seq)) from error


class StoredNodes:
    """Looks nodes up where they are stored: node (level, i) in row (i + 1) * 2**level - 1, at 32 * level."""

    def __init__(self, connection: Connection, sql: Sql) -> None:
        self.connection, self.sql = connection, sql

    def __call__(self, level: int, index: int) -> bytes:
        seq = ((index + 1) << level) - 1
        row = self.connection.execute(self.sql.nodes, (seq,)).fetchone()
        node = b"" if row is None else bytes(row[0][HASH * level : HASH * (level + 1)])
        if len(node) != HASH:
            raise LogUnavailable(f"the node of entry {seq} at level {level} is missing")
        return node


def _logged(row: Sequence[Any]) -> Logged:
    seq, body, nodes, actor, case = row
    try:
        entry = decode(body)
    except InvalidEntry as error:
        raise Tampered(TABLE, str(seq)) from error
    account = None if entry.actor is None else entry.actor.account
    if leaf_hash(body) != nodes[:HASH] or (account, entry.case) != (actor, case):
        raise Tampered(TABLE, str(seq))
    return Logged(seq, entry)
