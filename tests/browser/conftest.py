from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.house import Served, served, with_people
from tests.browser.walker import Walker


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One house for the whole session; every journey has a resident of its own."""
    with served(tmp_path_factory.mktemp("browser") / "house") as made:
        yield with_people(made)


@pytest.fixture
def walker(house: Served, new_page: Callable[..., Any], axe: Callable[..., list[str]]) -> Callable[..., Walker]:
    """``walker("sv", script=False)``: somebody at a browser of their own."""

    def come(lang: str = "sv", *, to: Served | None = None, script: bool = True, width: int = 360) -> Walker:
        return Walker(to or house, new_page(width=width, script=script), lang, axe if script else None)

    return come
