"""Small houses for tests: real database, real cipher, real log. Only the clock is made up."""

import os
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from safetyplan.actors import AccountId, Actor, CaseId, Role, UnitId, new_id
from safetyplan.fields import IDENTITY, PLAN, PRIVATE, RECORD, Field
from safetyplan.founding import Founded, found
from safetyplan.people import sessions
from safetyplan.sealing.keypairs import KeyPair, new_key_pair
from safetyplan.settings import Settings
from safetyplan.store import people
from safetyplan.vault import House, Keyring, Kind, Vault, grants
from safetyplan.vault.house import Clock
from safetyplan.web.sessions import COOKIE


class FakeClock:
    """A clock that stands until it is told to go; milliseconds, UTC."""

    def __init__(self, now: int = 1_795_000_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def advance(self, *, seconds: float = 0, days: float = 0) -> None:
        self.now += int((seconds + days * 86_400) * 1000)


@dataclass
class Person:
    """Somebody signed in: an actor, their keys, and a vault that holds them."""

    actor: Actor
    pair: KeyPair
    vault: Vault


@dataclass
class TestHouse:
    """A founded house with people in it."""

    __test__ = False

    settings: Settings
    founded: Founded
    clock: Clock
    unit: UnitId

    @property
    def house(self) -> House:
        return self.founded.house

    @property
    def vault(self) -> Vault:
        return Vault(self.house)

    def person(self, role: Role, name: str = "Kim", unit: UnitId | None = None) -> Person:
        """A member of staff with a key pair, in the test house's unit where the role has one."""
        account, pair = AccountId(new_id()), new_key_pair()
        where = unit or (self.unit if role in (Role.STAFF, Role.LEAD) else None)
        with self.vault.note(None, "account.enrolled", subject=account) as note:
            named = note.seal(note.ref(Field.STAFF_NAME, account, 1), name)
            _add_account(note, account, role, where, pair, name=named)
        actor = Actor(account, role, where, session="s" + account[:7])
        return Person(actor, pair, Vault(self.house, Keyring(account, pair.private)))

    def resident(self, lead: Person, staff: list[Person] | None = None) -> Person:
        """A resident with a case: `lead` took her in and granted `staff`. Her keyring carries her case keys."""
        account, pair, case = AccountId(new_id()), new_key_pair(), CaseId(new_id())
        holders = {c: [(Kind.ACCOUNT, lead.actor.account)] for c in (PLAN, RECORD, IDENTITY)}
        with lead.vault.open_case(lead.actor, case=case, reference=f"R-{case[:6]}", holders=holders) as visit:
            _add_account(visit, account, Role.RESIDENT, lead.actor.unit, pair, own_case=case)
            for person in staff or []:
                visit.grant(PLAN, Kind.ACCOUNT, person.actor.account)
                visit.grant(RECORD, Kind.ACCOUNT, person.actor.account)
            carried = visit.keys_for((PLAN, IDENTITY))
        with self.vault.note(None, "account.enrolled", subject=account) as note:
            grants.install(note, account=account, carried=carried, granted_by=lead.actor.account)
            grants.begin(note, case=case, compartment=PRIVATE, account=account)
            mine = self.vault.with_keyring(Keyring(account, pair.private))
            keys = mine.case_keys(note, case)
        actor = Actor(account, Role.RESIDENT, lead.actor.unit, session="r" + account[:7], own_case=case)
        return Person(actor, pair, Vault(self.house, Keyring(account, pair.private, keys)))


def build_house(data: Path, clock: Clock | None = None, url: str | None = None, owner: str | None = None) -> TestHouse:
    """A new house with one unit in ``data``; ``url`` for another database than SQLite there."""
    clock = clock or FakeClock()
    settings = Settings(data=data, database_url=url, database_owner_url=owner)
    founded = found(settings, clock)
    unit = UnitId(new_id())
    with Vault(founded.house).note(None, "unit.created") as note:
        name = note.seal(note.ref(Field.UNIT_NAME, unit, 1), "Unit one")
        note.add(people.UNIT, id=unit, name=name, created_at=note.now)
    return TestHouse(settings, founded, clock, unit)


def signed_in(app: Flask, person: Person) -> FlaskClient:
    """A browser in which the person is signed in, past both steps."""
    client = app.test_client()
    with person.vault.note(None, "session.begun") as note:
        row = people.account(note.tx, person.actor.account)
        assert row and person.vault.keyring
        session = sessions.begin(note, row, person.vault.keyring, network="0123456789abcdef", agent="Mobile Android")
    client.set_cookie(COOKIE, session.cookie, domain="localhost", secure=True)
    return client


def _add_account(note, account, role, unit, pair, *, name=None, own_case=None) -> None:  # type: ignore[no-untyped-def]
    note.add(
        people.ACCOUNT,
        id=account,
        name_hash=os.urandom(32),
        pepper_version=1,
        role=str(role),
        unit_id=unit,
        state="active",
        own_case=own_case,
        name=name,
        created_at=note.now,
    )
    note.add(
        people.ACCOUNT_KEY,
        id=new_id(),
        account_id=account,
        version=1,
        public=pair.public,
        salt=os.urandom(16),
        memory_kib=65536,
        iterations=3,
        lanes=1,
        pepper_version=1,
        sealed=os.urandom(200),
        recovery_pepper_version=1,
        recovery_sealed=os.urandom(200),
        created_at=note.now,
    )
