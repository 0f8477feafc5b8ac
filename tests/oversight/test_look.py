"""The pages in a browser: nothing that axe minds, nothing wider than a phone, nothing in the console."""

from collections.abc import Callable
from typing import Any

import pytest

from safetyplan.actors import Purpose
from safetyplan.errors import Refused
from tests.oversight.conftest import Home


@pytest.fixture
def lived_in(sqlite_home: Home) -> Home:
    home = sqlite_home
    case = home.resident.actor.own_case
    assert case
    item = home.write_an_item(home.resident)
    for days in (20, 9, 3, 0):
        home.clock.advance(days=days)
        home.look(home.staff, item, Purpose.REVIEW_THREAT)
        home.look(home.staff, item)
        home.look(home.staff, item)
    with pytest.raises(Refused), home.stranger.vault.visit(home.stranger.actor, Purpose.SUPPORT_PLAN, case):
        pass
    home.look(home.lead, item)
    home.watch.checkpoint()
    return home


PAGES = [
    ("resident", "/n/looked"),
    ("staff", "/s/c/{case}/looked"),
    ("officer", "/o/"),
    ("officer", "/o/?person=Karin"),
    ("officer", "/o/e/12"),
]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(("who", "address"), PAGES)
def test_a_page(
    lived_in: Home,
    serve: Callable[[Any], str],
    new_page: Callable[..., Any],
    axe: Callable[[Any], list[str]],
    who: str,
    address: str,
    width: int,
) -> None:
    page = new_page(width=width, height=900, locale="en-GB")
    cookie = lived_in.client(getattr(lived_in, who)).get_cookie("__Host-s", domain="localhost")
    assert cookie is not None
    base = serve(lived_in.app)
    page.context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "domain": "localhost", "path": "/", "secure": True}]
    )
    page.goto(base + address.format(case=lived_in.resident.actor.own_case))
    assert page.locator("h1").count() == 1
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
