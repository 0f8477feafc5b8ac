"""Appending without commit, and verifying a long log from the database."""

import os
import sqlite3
from pathlib import Path

from safetyplan.accesslog.checkpoints import CheckpointFolder, Signer, issue
from safetyplan.accesslog.entry import PUT, Entry, Touched, Who, Write
from safetyplan.accesslog.heads import HeadNotes
from safetyplan.accesslog.log import AccessLog
from safetyplan.accesslog.schema import ddl
from safetyplan.accesslog.stamps import Stamps
from safetyplan.accesslog.verify import verify
from safetyplan.actors import new_id
from tests.bench.measure import ROUNDS, Figure, figure, seconds

APPENDS = 4_000
ENTRIES = 300_000
WRITERS = 10  # every tenth entry writes a row
VERIFIES = 5


def figures(folder: Path) -> list[Figure]:
    return [_append(folder / "append"), _verify(folder / "verify")]


class _Log:
    """A log in a SQLite file of its own, as the service sets it up."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        HeadNotes.prepare(folder / "heads")
        self.folder = folder
        self.connection = sqlite3.connect(folder / "log.db", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "recursive_triggers=ON"):
            self.connection.execute(f"PRAGMA {pragma}")
        for statement in ddl("sqlite"):
            self.connection.execute(statement)
        self.log = AccessLog("sqlite", HeadNotes(folder / "heads"), Stamps({1: os.urandom(32)}, current=1))
        self.people = [Who(new_id(), "staff", new_id()) for _ in range(40)]
        self.cases = [new_id() for _ in range(200)]
        self.made = 0

    def entry(self, rows: list[tuple[str, str, bytes]] | None = None) -> Entry:
        """A visit that opened four fields; every tenth also wrote a row."""
        self.made += 1
        writes: tuple[Write, ...] = ()
        if rows is not None and self.made % WRITERS == 0:
            rows.append(("plan_item", new_id(), os.urandom(32)))
            writes = (Write(rows[-1][0], rows[-1][1], PUT, rows[-1][2]),)
        return Entry(
            at=1_795_000_000_000 + self.made,
            action="case.changed" if writes else "case.opened",
            actor=self.people[self.made % 40],
            session="k3x9w2mq7a",
            network="q1w2e3r4t5",
            case=self.cases[self.made % 200],
            purpose="support_plan",
            objects=tuple(Touched("plan_item", self.cases[each], each + 1) for each in range(4)),
            writes=writes,
        )

    def commit(self) -> None:
        head = self.log.head(self.connection)
        self.connection.execute("COMMIT")
        self.log.note(head)


def _append(folder: Path) -> Figure:
    made = _Log(folder)
    values = []
    for _ in range(ROUNDS):
        entries = iter([made.entry([]) for _ in range(APPENDS)])
        made.connection.execute("BEGIN IMMEDIATE")
        values.append(seconds(lambda entries=entries: made.log.append(made.connection, [next(entries)]), APPENDS) * 1e6)
        made.commit()
    made.connection.close()
    how = (
        "one entry of four objects, encoded, hashed, stamped, inserted, not committed; SQLite WAL;"
        f" median of {ROUNDS} rounds of {APPENDS:,}"
    )
    return figure("append_us", values, "us", "<= 15", how)


def _verify(folder: Path) -> Figure:
    made, rows = _Log(folder), list[tuple[str, str, bytes]]()
    for _ in range(ENTRIES // 10_000):
        made.connection.execute("BEGIN IMMEDIATE")
        made.log.append(made.connection, [made.entry(rows) for _ in range(10_000)])
        made.commit()
    signer = Signer("bench.invalid/log", os.urandom(32))
    checkpoints = CheckpointFolder(folder / "checkpoints")
    CheckpointFolder.prepare(folder / "checkpoints")
    made.connection.execute("BEGIN")
    issue(made.log, made.connection, signer, checkpoints)
    assert made.log.heads is not None
    heads, values = made.log.heads, []
    for _ in range(VERIFIES):

        def check() -> None:
            report = verify(made.log, made.connection, lambda: rows, heads, checkpoints, [signer.key])
            assert report.ok, report.findings[:3]

        values.append(ENTRIES / seconds(check, 1))
    made.connection.close()
    how = (
        f"{ENTRIES:,} entries in SQLite, {ENTRIES // WRITERS:,} of them writes: tree, stamps, heads, a checkpoint, and"
        f" equality with {len(rows):,} row digests given; median of {VERIFIES} runs, two processes"
    )
    return figure("verify_per_s", values, "1/s", ">= 300,000", how)
