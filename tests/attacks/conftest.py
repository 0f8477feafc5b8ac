"""A house under attack: rows are changed behind the application's back, on both databases."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from safetyplan import fields
from safetyplan.accesslog.checkpoints import CheckpointFolder
from safetyplan.accesslog.findings import Finding, Kind
from safetyplan.accesslog.verify import verify
from safetyplan.actors import Purpose, Role, new_id
from safetyplan.fields import Field
from safetyplan.founding import sign_checkpoint, signers
from safetyplan.store import cases
from safetyplan.store.rows import digests
from safetyplan.vault import Revealed
from tests.builders import Person, TestHouse, build_house
from tests.databases import Database


@dataclass
class Scene:
    """A lead, her staff, a stranger on the staff, two residents with a word each in their particulars."""

    home: TestHouse
    database: Database
    lead: Person
    staff: Person
    stranger: Person
    resident: Person
    other: Person

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What somebody with the whole database may do. ``?`` stands for a value."""
        with self.database.raw() as raw:
            if isinstance(raw, sqlite3.Connection):
                rows = raw.execute(statement, values).fetchall()
                raw.commit()
                return rows
            cursor = raw.execute(statement.replace("?", "%s"), values)
            return cursor.fetchall() if cursor.description else []

    def without_triggers(self) -> None:
        """The owner of a database can take the log's triggers away; from here the tree must answer."""
        if self.database.dialect == "sqlite":
            for (name,) in self.sql("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                self.sql(f"DROP TRIGGER {name}")
        else:
            self.sql("ALTER TABLE log_entry DISABLE TRIGGER ALL")

    def read(self, reader: Person, of: Person) -> Revealed:
        """Open the word in somebody's particulars, as the service would."""
        case = of.actor.own_case
        assert case
        purpose = Purpose.KEEP_OWN_PLAN if reader.actor.role is Role.RESIDENT else Purpose.SUPPORT_PLAN
        with reader.vault.visit(reader.actor, purpose, case) as visit:
            row = cases.particulars(visit.tx, case)
            assert row
            return visit.open(visit.ref(Field.PARTICULARS, case, row.revision), row.body)

    def write(self, writer: Person, of: Person, word: str, revision: int) -> None:
        case = of.actor.own_case
        assert case
        purpose = Purpose.KEEP_OWN_PLAN if writer.actor.role is Role.RESIDENT else Purpose.SUPPORT_PLAN
        with writer.vault.visit(writer.actor, purpose, case) as visit:
            body = visit.seal(visit.ref(Field.PARTICULARS, case, revision), word)
            visit.add(
                cases.PARTICULARS,
                id=new_id(),
                case_id=case,
                revision=revision,
                body=body,
                created_at=visit.now,
                created_by=writer.actor.account,
            )

    def folder(self) -> CheckpointFolder:
        return CheckpointFolder(self.home.settings.checkpoints_folder)

    def sign(self) -> None:
        sign_checkpoint(self.home.settings, self.home.house)

    def findings(self) -> list[Finding]:
        house = self.home.house
        assert house.log.heads is not None
        with house.store.snapshot() as tx:
            report = verify(
                house.log,
                tx.dbapi,
                lambda: digests(tx, fields.HOT),
                house.log.heads,
                self.folder(),
                [signer.key for signer in signers(self.home.settings, house)],
            )
        return list(report.findings)

    def kinds(self) -> set[Kind]:
        return {finding.kind for finding in self.findings()}


@pytest.fixture
def scene(database: Database, data_folder: Path, clock: Callable[[], int]) -> Iterator[Scene]:
    sqlite = database.dialect == "sqlite"
    home = build_house(data_folder / "house", clock, database.url, owner=None if sqlite else database.owner_url)
    lead, staff, stranger = (home.person(role) for role in (Role.LEAD, Role.STAFF, Role.STAFF))
    resident, other = home.resident(lead, [staff]), home.resident(lead)
    made = Scene(home, database, lead, staff, stranger, resident, other)
    made.write(resident, resident, "her first word", 1)
    made.write(other, other, "another's word", 1)
    made.sign()
    yield made
    home.house.store.engine.dispose()
