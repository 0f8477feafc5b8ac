"""A real log in a real database, with its heads and checkpoints beside it."""

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from safetyplan.accesslog.checkpoints import Checkpoint, CheckpointFolder, Signer, issue
from safetyplan.accesslog.entry import Entry, Touched, Who, Write
from safetyplan.accesslog.findings import Report
from safetyplan.accesslog.heads import HeadNotes
from safetyplan.accesslog.log import AccessLog
from safetyplan.accesslog.schema import ddl
from safetyplan.accesslog.stamps import Stamps
from safetyplan.accesslog.verify import verify
from tests.databases import Database, Databases

KEY = bytes(range(32))
SIGNER = Signer("safetyplan.example/log", bytes(range(1, 33)))


def digest(words: str) -> bytes:
    return hashlib.sha256(words.encode()).digest()


def looked(number: int, case: str | None = "case-a", account: str = "anna") -> Entry:
    return Entry(
        at=1_795_510_800_000 + number * 1000,
        action="plan.opened",
        actor=Who(account, "staff", "unit-1"),
        session="s1",
        purpose="support_plan",
        case=case,
        objects=(Touched("plan_item", f"item-{number}", 1),),
    )


def wrote(number: int, row: str, words: str | None, table: str = "plan_item") -> Entry:
    kind, of = ("p", digest(words)) if words is not None else ("d", b"")
    return Entry(
        at=1_795_510_800_000 + number * 1000,
        action="plan.saved",
        actor=Who("rosa", "resident"),
        case="case-a",
        writes=(Write(table, row, kind, of),),
    )


def seal_nothing(database: Database) -> None:
    with database.raw() as connection:
        for statement in ddl(database.dialect):
            connection.execute(statement)
        if database.dialect == "postgresql":
            connection.execute("GRANT SELECT, INSERT ON log_entry TO safetyplan_app")
    connection.close()


@dataclass
class House:
    """Database, heads, checkpoints, and what the rows are now."""

    database: Database
    folder: Path
    rows: dict[tuple[str, str], bytes] = field(default_factory=dict)
    opened: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.heads = HeadNotes(self.folder / "heads", "host-a")
        self.checkpoints = CheckpointFolder(self.folder / "checkpoints")
        HeadNotes.prepare(self.heads.folder)
        CheckpointFolder.prepare(self.checkpoints.path)
        self.connection = self.connect()
        self.log = self.process()

    def process(self, heads: HeadNotes | None = None) -> AccessLog:
        """The log as another process has it."""
        return AccessLog(self.database.dialect, heads or self.heads, Stamps({1: KEY}, 1))

    def connect(self) -> Any:
        if self.database.dialect == "sqlite":
            connection: Any = sqlite3.connect(self.database.name, isolation_level=None)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")
        else:
            connection = psycopg.connect(self.database.url.replace("+psycopg", ""), autocommit=True)
        self.opened.append(connection)
        return connection

    def begin(self, connection: Any = None) -> Any:
        connection = connection or self.connection
        connection.execute("BEGIN IMMEDIATE" if self.database.dialect == "sqlite" else "BEGIN")
        return connection

    def snapshot(self, connection: Any = None) -> Any:
        connection = connection or self.connection
        connection.execute("BEGIN" if self.database.dialect == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ")
        return connection

    def append(self, *entries: Entry, log: AccessLog | None = None, connection: Any = None) -> int:
        log = log or self.log
        connection = self.begin(connection)
        try:
            seq = log.append(connection, entries)
            head = log.head(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        log.note(head)
        for entry in entries:
            for write in entry.writes:
                if write.kind == "p":
                    self.rows[write.table, write.id] = write.digest
                else:
                    self.rows.pop((write.table, write.id), None)
        return seq

    def issue(self) -> Checkpoint:
        connection = self.snapshot()
        try:
            return issue(self.log, connection, SIGNER, self.checkpoints)
        finally:
            connection.execute("ROLLBACK")

    def verify(self, **options: Any) -> Report:
        connection = self.snapshot(self.connect())
        try:
            return verify(
                self.log,
                connection,
                lambda: [(table, row, digest) for (table, row), digest in self.rows.items()],
                self.heads,
                self.checkpoints,
                [SIGNER.key],
                **options,
            )
        finally:
            connection.execute("ROLLBACK")

    def attack(self, *statements: str, values: tuple[Any, ...] = ()) -> None:
        """As the database's owner, with the triggers out of the way."""
        raw: Any = self.database.raw()
        if self.database.dialect == "sqlite":
            kept = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in kept:
                raw.execute(f"DROP TRIGGER {name}")
        else:
            raw.execute("ALTER TABLE log_entry DISABLE TRIGGER USER")
        for statement in statements:
            marked = statement if self.database.dialect == "sqlite" else statement.replace("?", "%s")
            raw.execute(marked, values)
        if self.database.dialect == "sqlite":
            for _, sql in kept:
                raw.execute(sql)
            raw.commit()
        else:
            raw.execute("ALTER TABLE log_entry ENABLE TRIGGER USER")
        raw.close()


def _house(databases: Databases, dialect: str, folder: Path) -> Iterator[House]:
    database = databases.fresh(dialect, seal_nothing)
    house = House(database, folder)
    yield house
    for connection in house.opened:
        connection.close()
    databases.drop(database)


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[House]:
    """An empty log; each test runs on both databases."""
    yield from _house(databases, request.param, tmp_path)


@pytest.fixture
def sqlite_house(databases: Databases, tmp_path: Path) -> Iterator[House]:
    yield from _house(databases, "sqlite", tmp_path)


@pytest.fixture
def lived_in(sqlite_house: House) -> House:
    """Eleven entries, three of which write, all noted and signed."""
    return _live_in(sqlite_house)


@pytest.fixture
def anywhere(house: House) -> House:
    """The same, on both databases: for what the database's own behaviour could change."""
    return _live_in(house)


def _live_in(house: House) -> House:
    house.append(wrote(0, "row-1", "one"), looked(1))
    house.append(wrote(2, "row-1", "two"), wrote(3, "row-2", "first"))
    for number in range(4, 11):
        house.append(looked(number, case=None if number == 6 else "case-a"))
    house.issue()
    assert house.verify().findings == []
    return house
