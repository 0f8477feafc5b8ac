from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.builders import TestHouse, build_house
from tests.databases import Database


@pytest.fixture
def home(database: Database, data_folder: Path, clock: Callable[[], int]) -> Iterator[TestHouse]:
    owner = None if database.dialect == "sqlite" else database.owner_url
    made = build_house(data_folder / "house", clock, database.url, owner=owner)
    yield made
    made.house.store.engine.dispose()
