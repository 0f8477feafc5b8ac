"""Transactions. Writers queue at a blocking lock, readers see one snapshot; SQLite and PostgreSQL alike.

SQLite: a lock file is taken *before* ``BEGIN IMMEDIATE``, so that writers wait in the kernel's queue instead of in
SQLite's sleeping retry, and a read never has to be upgraded to a write. PostgreSQL: READ COMMITTED, because a
snapshot taken before the log's advisory lock would see a stale head.
"""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import (
    Connection,
    Delete,
    Executable,
    MetaData,
    Row,
    Select,
    Table,
    create_engine,
    event,
    insert,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from safetyplan.errors import SettingsWrong, Stale

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

StoredRow = Row[Any]

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",  # REPLACE must not slip past the log's triggers
    "PRAGMA secure_delete=ON",  # a deleted grant leaves no bytes behind
    "PRAGMA trusted_schema=OFF",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16000",  # KiB a connection: the log's indexes stay in memory
)


class Tx:
    """One transaction. Only the vault and the hot list's owners call ``add``, ``put`` and ``delete``."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._after: list[Callable[[], None]] = []

    @property
    def dbapi(self) -> Any:
        """The driver's own connection, for the log's prepared SQL."""
        return self.connection.connection.driver_connection

    def on_commit(self, call: Callable[[], None]) -> None:
        self._after.append(call)

    def all(self, query: Select[Any]) -> Sequence[StoredRow]:
        return self.connection.execute(query).all()

    def one(self, query: Select[Any]) -> StoredRow | None:
        return self.connection.execute(query).one_or_none()

    def add(self, table: Table, row: Mapping[str, object]) -> None:
        """Insert; raises Stale when the id or a unique value is there already."""
        try:
            self.connection.execute(insert(table), dict(row))
        except IntegrityError as error:
            raise Stale(f"{table.name} has such a row") from error

    def put(self, table: Table, row: Mapping[str, object]) -> None:
        """Insert the row, or replace every column of the one with its id."""
        values = dict(row)
        dialect = postgresql if self.connection.dialect.name == "postgresql" else sqlite
        others = {name: value for name, value in values.items() if name != "id"}
        self.connection.execute(
            dialect.insert(table).values(values).on_conflict_do_update(index_elements=["id"], set_=others)
        )

    def delete(self, table: Table, row_id: str) -> bool:
        """Delete by id; True if there was such a row."""
        return self.change(table.delete().where(table.c.id == row_id)) == 1

    def change(self, statement: Executable | Delete) -> int:
        """Run a conditional change of a hot table; the number of rows it met."""
        return self.connection.execute(statement).rowcount


class Store:
    """An engine with the one way to begin a transaction. ``lock`` is the lock file's path (SQLite only)."""

    def __init__(self, url: str, lock: Path | None = None) -> None:
        self.dialect = _dialect(url)
        self._lock = _WriteLock(lock) if self.dialect == "sqlite" and lock else None
        on_server = {"pool_pre_ping": True, "isolation_level": "READ COMMITTED"}
        options = on_server if self.dialect == "postgresql" else {}
        self.engine = create_engine(url, hide_parameters=True, **options)
        if self.dialect == "sqlite":
            event.listen(self.engine, "connect", _set_up_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """Commit on leaving the block, roll back on any exception; then run what waits for the commit."""
        with self._held():
            with self.engine.begin() as connection:
                tx = Tx(connection)
                yield tx
            for call in tx._after:
                call()

    @contextmanager
    def snapshot(self) -> Iterator[Tx]:
        """Read only, everything as of one moment; waits for no writer."""
        options = {"snapshot": True} if self.dialect == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        with self.engine.connect().execution_options(**options) as connection, connection.begin() as began:
            yield Tx(connection)
            began.rollback()

    @contextmanager
    def _held(self) -> Iterator[None]:
        if self._lock is None:
            yield
            return
        with self._lock:
            yield


def _dialect(url: str) -> Literal["sqlite", "postgresql"]:
    name = make_url(url).get_backend_name()
    if name == "sqlite":
        return "sqlite"
    if name == "postgresql":
        return "postgresql"
    raise SettingsWrong(f"{name} is no database we know. Use SQLite or PostgreSQL.")


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    snapshot = connection.get_execution_options().get("snapshot", False)
    connection.exec_driver_sql("BEGIN" if snapshot else "BEGIN IMMEDIATE")


class _WriteLock:
    """A blocking lock over threads (a mutex) and processes (flock), in that order."""

    def __init__(self, path: Path) -> None:
        self._path, self._mutex, self._file = path, threading.Lock(), -1
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._mutex, self._file = threading.Lock(), -1  # a child must not share its parent's flock

    def __enter__(self) -> None:
        self._mutex.acquire()
        try:
            if self._file < 0:
                self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except BaseException:
            self._mutex.release()
            raise

    def __exit__(self, *_: object) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._mutex.release()
