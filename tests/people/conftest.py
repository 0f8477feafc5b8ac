from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.builders import build_house
from tests.databases import Database
from tests.people.folk import Folk


@pytest.fixture
def folk(data_folder: Path, clock: Callable[[], int]) -> Iterator[Folk]:
    """A founded house on SQLite, with nobody in it."""
    made = Folk(build_house(data_folder / "house", clock))
    yield made
    made.house.store.engine.dispose()


@pytest.fixture
def folks(database: Database, data_folder: Path, clock: Callable[[], int]) -> Iterator[Folk]:
    """The same on SQLite and on PostgreSQL."""
    owner = None if database.dialect == "sqlite" else database.owner_url
    made = Folk(build_house(data_folder / "house", clock, database.url, owner=owner), database)
    yield made
    made.house.store.engine.dispose()
