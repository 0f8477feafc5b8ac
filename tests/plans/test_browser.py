"""The pages as people meet them, in Chromium: on a phone and on a desk, with script and without; axe on every one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from safetyplan.actors import RecordId, new_id
from safetyplan.app import create_app
from safetyplan.plans import actions
from safetyplan.plans.model import SectionName, accept_wording
from safetyplan.web.sessions import COOKIE
from tests.builders import Person, signed_in
from tests.plans.conftest import Plan

pytestmark = pytest.mark.parametrize("home", ["sqlite"], indirect=True)


@pytest.fixture
def site(plan: Plan, serve: Callable[..., str]) -> tuple[str, Any]:
    app = create_app(plan.home.settings, plan.home.house)
    return serve(app), app


def enter(site: tuple[str, Any], page: Any, who: Person) -> str:
    """Sign somebody in to the page's profile; the service's address."""
    url, app = site
    cookie = signed_in(app, who).get_cookie(COOKIE, domain="localhost")
    assert cookie is not None
    page.context.add_cookies(
        [
            {
                "name": COOKIE,
                "value": cookie.value,
                "domain": "localhost",
                "path": "/",
                "secure": True,
                "httpOnly": True,
                "sameSite": "Strict",
            }
        ]
    )
    return url


def fill(plan: Plan) -> RecordId:
    """A plan in use: done and not done, stale, taken away, changed by two people."""
    ids = []
    for n, name in enumerate([*SectionName][:9]):
        item_id = RecordId(new_id())
        plan.clock.advance(seconds=1)
        wording = accept_wording(f"Något att göra, nummer {n}", "Karin och jag", "2027-01-31" if n % 2 else "")
        plan.do(plan.resident, actions.add_item, item_id=item_id, section=name, wording=wording)
        ids.append(item_id)
    plan.do(plan.staff, actions.mark_item, item_id=ids[3], done=True)
    plan.do(plan.staff, actions.remove_item, item_id=ids[8])
    plan.do(plan.staff, actions.change_item, item_id=ids[4], seen=1, wording=accept_wording("Något annat att göra"))
    today = plan.do(plan.resident, actions.see_section, section=SectionName.HOME).today
    plan.do(
        plan.resident,
        actions.set_review,
        section=SectionName.HOME,
        review_on=today + timedelta(days=1),
        seen=0,
    )
    plan.clock.advance(days=10)
    return ids[4]


@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_is_for_everybody(
    plan: Plan, site: tuple[str, Any], new_page: Callable[..., Any], axe: Callable[..., list[str]], width: int
) -> None:
    item = fill(plan)
    page = new_page(width=width, scheme="dark" if width == 360 else "light")
    for who, base in ((plan.resident, "/n/plan"), (plan.staff, f"/s/c/{plan.case}/plan")):
        url = enter(site, page, who)
        for path in ("", "/s/7", "/s/9", "/s/5/history", "/s/5/add", f"/i/{item}", f"/i/{item}/history", "/print"):
            answer = page.goto(url + base + path)
            assert (answer.status, axe(page)) == (200, []), path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_box_leaves_the_words_room_on_a_phone(
    plan: Plan, site: tuple[str, Any], new_page: Callable[..., Any]
) -> None:
    fill(plan)
    page = new_page(width=360)
    page.goto(enter(site, page, plan.resident) + "/n/plan")
    boxes = page.locator(".items [aria-pressed]").evaluate_all("all => all.map(e => e.getBoundingClientRect().width)")
    assert boxes and all(44 <= width <= 60 for width in boxes)


@pytest.mark.parametrize("script", [True, False])
def test_two_people_at_once(
    plan: Plan, site: tuple[str, Any], new_page: Callable[..., Any], axe: Callable[..., list[str]], script: bool
) -> None:
    item = fill(plan)
    page = new_page(script=script)
    url = enter(site, page, plan.resident)
    page.goto(f"{url}/n/plan/i/{item}")
    page.locator("#f-text").fill("Något annat att göra, och sedan vila")
    theirs = accept_wording("Något helt annat att göra")
    plan.do(plan.staff, actions.change_item, item_id=item, seen=2, wording=theirs)
    page.locator("main form .button-main").click()
    both = page.locator("#f-text")
    assert both.input_value() == "Något helt annat att göra, och sedan vila"
    if script:
        assert axe(page) == []
    both.fill("Något helt annat att göra, och sedan vila en stund")
    page.locator("main form .button-main").click()
    assert urlsplit(page.url).path == "/n/plan"
    assert page.get_by_text("Något helt annat att göra, och sedan vila en stund").is_visible()


def test_a_day_with_the_plan_on_a_phone_without_script(
    plan: Plan, site: tuple[str, Any], new_page: Callable[..., Any]
) -> None:
    page = new_page(script=False)
    url = enter(site, page, plan.resident)
    page.goto(f"{url}/n/plan")
    page.locator("#s3 a.button").click()
    page.locator("main form .button-main").click()  # nothing typed yet
    assert page.locator("#f-text[aria-invalid=true]").is_visible()
    page.locator("#f-text").fill("Någon frågar efter mig")
    page.locator("main form .button-main").click()
    done = page.locator("#s3 [aria-pressed]")
    assert done.get_attribute("aria-pressed") == "false"
    done.click()
    assert page.locator("#s3 [aria-pressed]").get_attribute("aria-pressed") == "true"
    page.locator("#s3 button[name=right]").click()
    assert page.locator("[role=status]").is_visible()
    page.locator("#s3 .item a").click()
    page.locator("form[action$=remove] button").click()
    assert page.locator("#s3 .item").count() == 0
    page.locator("#s3 h2 a").click()
    page.locator("details:has(form[action$=back]) > summary").click()
    page.locator("form[action$=back] button").click()
    assert page.get_by_text("Någon frågar efter mig").first.is_visible()
