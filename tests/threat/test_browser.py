"""The pages as people meet them, in Chromium: on a telephone and on a desk, with script and without; axe on each."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from safetyplan.threat.factors import Seen
from safetyplan.threat.model import Level
from safetyplan.threat.review import Grave, Instrument, Likely, Mark, Measure, Scenario
from safetyplan.vault import Revealed
from safetyplan.web.sessions import COOKIE
from tests.builders import Person, signed_in
from tests.threat.conftest import Scene

pytestmark = pytest.mark.parametrize("home", ["sqlite"], indirect=True)

WHOLE = {
    "marks": (Mark("seeking", Seen.NOW, Revealed("a cousin asked at the preschool")),),
    "scenarios": (Scenario(Revealed("somebody follows the bus"), Likely.POSSIBLE, Grave.HARM, Revealed("a car")),),
    "measures": (Measure(Revealed("another way to school"), Revealed("Anna"), Revealed("2027-01-31")),),
    "instruments": (Instrument(Revealed("PATRIARK"), Revealed("2026-08-12"), Revealed("the police")),),
}


def enter(page: Any, app: Flask, who: Person) -> None:
    """Sign somebody in to the page's profile."""
    page.context.clear_cookies()
    cookie = signed_in(app, who).get_cookie(COOKIE, domain="localhost")
    assert cookie
    more = {"domain": "localhost", "path": "/", "secure": True, "httpOnly": True, "sameSite": "Strict"}
    page.context.add_cookies([{"name": COOKIE, "value": cookie.value, **more}])


def fits(page: Any) -> bool:
    root = page.locator("html")
    return bool(root.evaluate("e => e.scrollWidth <= e.clientWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_is_accessible_and_fits(
    scene: Scene, app: Flask, serve: Callable[..., str], new_page: Any, axe: Any, width: int, scheme: str
) -> None:
    scene.says(Level.HIGH, "afraid in the evenings")
    first = scene.propose(scene.anna, Level.ACUTE, shared=Revealed("We stay close to you."), **WHOLE)
    scene.settle(scene.berit, first)
    waits = scene.propose(scene.anna, Level.LOW, disagreement=Revealed("we talked"), **WHOLE)
    url, staff = serve(app), f"/s/c/{scene.case}/threat"
    page = new_page(width=width, scheme=scheme, locale="en-GB")
    for who, places in (
        (scene.berit, ("", "/reviews/new", f"/reviews/{waits}", f"/reviews/{first}", "/events/new")),
        (scene.resident, ("/n/level", "/n/level/view", "/n/events/new")),
    ):
        enter(page, app, who)
        for place in places:
            page.goto(url + (place if who is scene.resident else staff + place))
            assert axe(page) == [], place
            assert fits(page), place


@pytest.mark.parametrize("script", [True, False])
def test_from_an_event_to_a_lower_level(
    scene: Scene, app: Flask, serve: Callable[..., str], new_page: Any, script: bool
) -> None:
    """She notes something and says how she sees it; staff raise; later one proposes to go down, another accepts."""
    url, staff = serve(app), f"/s/c/{scene.case}/threat"
    page = new_page(locale="en-GB", script=script)

    enter(page, app, scene.resident)
    page.goto(url + "/n/level")
    page.get_by_role("link", name="Note something").click()
    page.get_by_label("What happened?").fill("A silent call")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Say how you see it").click()
    page.get_by_label("I feel unsafe").check()
    page.get_by_role("button", name="Save").click()
    assert "Your staff can read it now" in page.locator("main").inner_text()

    def review(who: Person, level: str, reasons: str) -> None:
        enter(page, app, who)
        page.goto(url + staff)
        page.get_by_role("link", name="Write a review").click()
        page.get_by_role("radio", name=level).check()
        page.get_by_label("How do you come to this?").fill(reasons)
        page.get_by_label("Where do you see it differently").fill("we have talked about it")
        page.get_by_role("button", name="Propose this level").click()

    review(scene.anna, "Acute", "A call, and fear")
    assert "In force, and waits to be confirmed" in page.locator("main").inner_text()
    review(scene.anna, "Low", "It was her sister who had called")
    assert "somebody else must settle it" in page.locator("main").inner_text()
    assert page.get_by_role("heading", name="What do you say?").count() == 0

    enter(page, app, scene.berit)
    page.goto(url + staff)
    page.get_by_role("link", name="Read the review").click()
    page.get_by_label("I accept").check()
    page.get_by_role("button", name="Save").click()
    assert "The review is settled" in page.locator("main").inner_text()
    assert scene.level().level is Level.LOW

    enter(page, app, scene.resident)
    page.goto(url + "/n/level")
    assert "It looks calm just now" in page.locator("main").inner_text()
