"""A house on each database; every test has its own resident."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from safetyplan.actors import Role
from tests.builders import FakeClock, Person, TestHouse, build_house
from tests.databases import DIALECTS, Databases


@dataclass
class Asking:
    """A resident who asks, and the member of staff who holds her plan."""

    home: TestHouse
    clock: FakeClock
    resident: Person
    staff: Person
    lead: Person

    def do(self, action: Any, **given: Any) -> Any:
        self.clock.advance(seconds=1)
        return action(self.resident.vault, self.resident.actor, **given)


@pytest.fixture(scope="module", params=DIALECTS)
def home(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestHouse]:
    made = databases.fresh(request.param)
    folder: Path = tmp_path_factory.mktemp("house") / "data"
    folder.mkdir(mode=0o700)
    yield build_house(folder, FakeClock(), made.url, made.owner_url)
    databases.drop(made)


@pytest.fixture(scope="module")
def staff(home: TestHouse) -> tuple[Person, Person]:
    return home.person(Role.STAFF, "Karin"), home.person(Role.LEAD, "Lena")


@pytest.fixture
def asking(home: TestHouse, staff: tuple[Person, Person]) -> Asking:
    member, lead = staff
    assert isinstance(home.clock, FakeClock)
    return Asking(home, home.clock, home.resident(lead, [member]), member, lead)
