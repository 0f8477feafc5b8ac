"""A house on each database, and a case for each test: a resident, a lead, two staff, and one who holds nothing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import column, select, table

from safetyplan.accesslog.entry import Entry, decode
from safetyplan.actors import CaseId, RecordId, Role, new_id
from safetyplan.app import create_app
from safetyplan.store.engine import metadata
from safetyplan.threat import actions, reviewing
from safetyplan.threat.levels import CurrentLevel, current
from safetyplan.threat.model import Level
from safetyplan.threat.review import Review
from safetyplan.threat.reviewing import Basis
from safetyplan.threat.statements import OwnView
from safetyplan.vault import Revealed
from tests.builders import FakeClock, Person, TestHouse, build_house, signed_in
from tests.databases import DIALECTS, Databases

LOG = table("log_entry", column("seq"), column("body"), column("case_id"))


@dataclass
class Scene:
    """Everybody round one case. ``stranger`` works in the same unit and holds no grant."""

    home: TestHouse
    clock: FakeClock
    resident: Person
    lead: Person
    anna: Person
    berit: Person
    stranger: Person

    @property
    def case(self) -> CaseId:
        assert self.resident.actor.own_case is not None
        return self.resident.actor.own_case

    def do(self, who: Person, action: Any, **given: Any) -> Any:
        """An action as that person does it, a second later than the one before."""
        self.clock.advance(seconds=1)
        return action(who.vault, who.actor, case=self.case, **given)

    def basis(self, who: Person, review: RecordId | None = None) -> Basis:
        begun: reviewing.Begun = self.do(who, reviewing.begin, review=review)
        return begun.basis

    def propose(self, who: Person, level: Level, basis: Basis | None = None, **more: Any) -> RecordId:
        """A review with a level, reasons and whatever else; its id."""
        review = RecordId(new_id())
        content = Review(level=level, reasons=Revealed("as I see it"), **more)
        self.do(who, reviewing.propose, review=review, basis=basis or self.basis(who), content=content)
        return review

    def settle(self, who: Person, review: RecordId, accept: bool = True, words: str = "because") -> None:
        self.do(who, reviewing.settle, review=review, accept=accept, words=Revealed(words))

    def says(self, level: Level | None, words: str = "") -> None:
        page = actions.own_page(self.resident.vault, self.resident.actor)
        seen = page.said[0].revision if page.said else 0
        self.clock.advance(seconds=1)
        view = OwnView(level, Revealed(words))
        actions.say_own_view(self.resident.vault, self.resident.actor, view=view, seen=seen)

    def page(self, who: Person | None = None) -> actions.Overview:
        overview: actions.Overview = self.do(who or self.anna, actions.overview)
        return overview

    def level(self, who: Person | None = None) -> CurrentLevel:
        """What the case list gets."""
        person = who or self.anna
        purpose = actions.Purpose.SEE_OWN_DAY if person.actor.role is Role.RESIDENT else actions.Purpose.OVERVIEW
        with person.vault.visit(person.actor, purpose, self.case) as visit:
            return current(visit)

    def rows(self, name: str) -> Sequence[Any]:
        """What stands in a table for this case, as a thief of the database sees it."""
        kept = metadata.tables[name]
        with self.home.house.store.snapshot() as tx:
            return tx.all(select(kept).where(kept.c.case_id == self.case).order_by(kept.c.created_at, kept.c.id))

    def entries(self) -> list[Entry]:
        """The entries of this case, oldest first."""
        with self.home.house.store.snapshot() as tx:
            found = tx.all(select(LOG.c.body).where(LOG.c.case_id == self.case).order_by(LOG.c.seq))
        return [decode(bytes(row.body)) for row in found]


@pytest.fixture(scope="module", params=DIALECTS)
def home(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestHouse]:
    """Staff and database are shared by a module's tests; every test has its own resident."""
    made = databases.fresh(request.param)
    folder: Path = tmp_path_factory.mktemp("house") / "data"
    folder.mkdir(mode=0o700)
    yield build_house(folder, FakeClock(), made.url, made.owner_url)
    databases.drop(made)


@pytest.fixture(scope="module")
def everyone(home: TestHouse) -> dict[str, Person]:
    return {
        "lead": home.person(Role.LEAD, "Lena"),
        "anna": home.person(Role.STAFF, "Anna"),
        "berit": home.person(Role.STAFF, "Berit"),
        "stranger": home.person(Role.STAFF, "Sven"),
    }


@pytest.fixture
def scene(home: TestHouse, everyone: dict[str, Person]) -> Scene:
    assert isinstance(home.clock, FakeClock)
    home.clock.advance(days=1)
    resident = home.resident(everyone["lead"], [everyone["anna"], everyone["berit"]])
    return Scene(home, home.clock, resident, **everyone)


@dataclass
class Web:
    """The whole service round the scene, and a browser for each person."""

    scene: Scene
    app: Flask
    clients: dict[str, FlaskClient]

    def client(self, who: str) -> FlaskClient:
        if who not in self.clients:
            self.clients[who] = signed_in(self.app, getattr(self.scene, who))
        return self.clients[who]

    def get(self, who: str, address: str) -> Any:
        return self.client(who).get(address, headers=ENGLISH, base_url=ORIGIN)

    def post(self, who: str, address: str, form: dict[str, str], page: str) -> Any:
        """Send a form as its page would: with the token that stands on it."""
        found = TOKEN.search(self.get(who, page).get_data(as_text=True))
        assert found
        return self.client(who).post(
            address,
            data={**form, "csrf_token": found[1]},
            headers={**ENGLISH, "Referer": ORIGIN + page},
            base_url=ORIGIN,
        )

    def form(self, who: str, page: str) -> dict[str, str]:
        """The hidden fields of the page's own form."""
        html = self.get(who, page).get_data(as_text=True)
        return dict(HIDDEN.findall(html.split("<main", 1)[1]))


ORIGIN = "https://localhost:8000"
ENGLISH = {"Accept-Language": "en"}
TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')
HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')


@pytest.fixture(scope="module")
def app(home: TestHouse) -> Flask:
    app = create_app(home.settings, home.house)
    app.testing = True
    return app


@pytest.fixture
def web(scene: Scene, app: Flask) -> Web:
    return Web(scene, app, {})
