"""A house with two cases, looked at by several people, and everybody's browser."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from safetyplan.actors import Purpose, Role, new_id
from safetyplan.app import create_app
from safetyplan.fields import Field
from safetyplan.store import cases, plans
from safetyplan.vault import Watch
from tests.builders import FakeClock, Person, TestHouse, build_house, signed_in
from tests.databases import Database

WORDS = "The blue door behind the bakery"
BASE = "https://localhost"


@dataclass
class Home:
    """``resident`` is looked after by ``staff`` and ``lead``; ``other`` by the lead alone."""

    house: TestHouse
    clock: FakeClock
    app: Flask
    lead: Person
    staff: Person
    stranger: Person
    officer: Person
    resident: Person
    other: Person

    @property
    def watch(self) -> Watch:
        watch: Watch = self.app.extensions["safetyplan.watch"]
        return watch

    def client(self, person: Person) -> FlaskClient:
        """The person's browser, signed in, in English."""
        client = signed_in(self.app, person)
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    @property
    def reference(self) -> str:
        """The resident's case, as it is called on slips."""
        with self.house.house.store.snapshot() as tx:
            row = cases.case(tx, str(self.resident.actor.own_case))
        assert row is not None
        return str(row.reference)

    def get(self, person: Person, address: str) -> Any:
        return self.client(person).get(address, base_url=BASE)

    def page(self, person: Person, address: str) -> str:
        answer = self.get(person, address)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return str(answer.get_data(as_text=True))

    def write_an_item(self, person: Person, text: str = WORDS) -> str:
        case = self.resident.actor.own_case
        assert case is not None
        purpose = Purpose.KEEP_OWN_PLAN if person is self.resident else Purpose.SUPPORT_PLAN
        item = new_id()
        with person.vault.visit(person.actor, purpose, case) as visit:
            body = visit.seal(visit.ref(Field.PLAN_ITEM, item, 1), text)
            columns = dict.fromkeys(plans.PLAN_ITEM.c.keys())
            columns |= {"id": new_id(), "case_id": case, "item_id": item, "revision": 1, "body": body}
            columns |= {"created_at": visit.now, "created_by": person.actor.account}
            visit.add(plans.PLAN_ITEM, **columns)
        return item

    def look(self, person: Person, item: str, purpose: Purpose = Purpose.SUPPORT_PLAN) -> None:
        """Open one item of the resident's plan."""
        case = self.resident.actor.own_case
        assert case is not None
        with person.vault.visit(person.actor, purpose, case) as visit:
            row = next(row for row in plans.current_items(visit.tx, case) if row.item_id == item)
            visit.open(visit.ref(Field.PLAN_ITEM, item, 1), row.body)


@pytest.fixture
def home(database: Database, tmp_path: Path) -> Iterator[Home]:
    yield from build(database, tmp_path)


@pytest.fixture
def sqlite_home(sqlite_database: Database, tmp_path: Path) -> Iterator[Home]:
    yield from build(sqlite_database, tmp_path)


def build(database: Database, folder: Path) -> Iterator[Home]:
    clock = FakeClock()
    on_server = database.dialect == "postgresql"
    house = build_house(
        folder / "house", clock, database.url if on_server else None, database.owner_url if on_server else None
    )
    app = create_app(house.settings, house.house)
    app.testing = True
    app.config["WTF_CSRF_ENABLED"] = False
    lead, staff = house.person(Role.LEAD, "Lena"), house.person(Role.STAFF, "Karin")
    stranger, officer = house.person(Role.STAFF, "Curious"), house.person(Role.OFFICER, "Olof")
    resident, other = house.resident(lead, [staff]), house.resident(lead)
    yield Home(house, clock, app, lead, staff, stranger, officer, resident, other)
    house.house.store.engine.dispose()


@pytest.fixture
def attack(database: Database, home: Home) -> Callable[..., None]:
    return attacker(database, home)


def attacker(database: Database, home: Home) -> Callable[..., None]:
    """Whoever owns the database, with the log's triggers out of the way."""
    file = home.house.settings.data / "safetyplan.db"

    def run(statement: str, *values: object) -> None:
        if database.dialect == "sqlite":
            import sqlite3

            raw: Any = sqlite3.connect(file)
            kept = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in kept:
                raw.execute(f"DROP TRIGGER {name}")
            raw.execute(statement, values)
            for _, sql in kept:
                raw.execute(sql)
            raw.commit()
        else:
            raw = database.raw()
            raw.execute("ALTER TABLE log_entry DISABLE TRIGGER USER")
            raw.execute(statement.replace("?", "%s"), values)
            for name in ("log_entry_no_change", "log_entry_no_truncate", "log_entry_next"):
                raw.execute(f"ALTER TABLE log_entry ENABLE ALWAYS TRIGGER {name}")
        raw.close()

    return run
