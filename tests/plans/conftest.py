"""A house on each database, and a plan for each test: a resident, the member of staff and the lead who hold it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from safetyplan.actors import CaseId, Role
from tests.builders import FakeClock, Person, TestHouse, build_house
from tests.databases import DIALECTS, Databases


@dataclass
class Plan:
    """Everybody round one plan. ``stranger`` works in the same unit and holds no grant."""

    home: TestHouse
    clock: FakeClock
    resident: Person
    staff: Person
    lead: Person
    stranger: Person

    @property
    def case(self) -> CaseId:
        assert self.resident.actor.own_case is not None
        return self.resident.actor.own_case

    def do(self, who: Person, action: Any, **given: Any) -> Any:
        """An action as that person does it: staff name the case, the resident does not."""
        case = None if who.actor.role is Role.RESIDENT else self.case
        return action(who.vault, who.actor, case=case, **given)


@pytest.fixture(scope="module", params=DIALECTS)
def home(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestHouse]:
    """The lead, the staff and the database are shared by a module's tests; every test has its own resident."""
    made = databases.fresh(request.param)
    folder: Path = tmp_path_factory.mktemp("house") / "data"
    folder.mkdir(mode=0o700)
    yield build_house(folder, FakeClock(), made.url, made.owner_url)
    databases.drop(made)


@pytest.fixture(scope="module")
def everyone(home: TestHouse) -> tuple[Person, Person, Person]:
    """Staff, lead, and somebody of the unit who holds nothing."""
    return home.person(Role.STAFF, "Karin"), home.person(Role.LEAD, "Lena"), home.person(Role.STAFF, "Sven")


@pytest.fixture
def plan(home: TestHouse, everyone: tuple[Person, Person, Person]) -> Plan:
    staff, lead, stranger = everyone
    assert isinstance(home.clock, FakeClock)
    home.clock.advance(days=1)
    return Plan(home, home.clock, home.resident(lead, [staff]), staff, lead, stranger)
