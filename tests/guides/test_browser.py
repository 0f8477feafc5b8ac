"""The guides as she meets them, in Chromium: on a phone and on a desk, in three languages, with script and without."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from safetyplan.app import create_app
from safetyplan.web.sessions import COOKIE
from tests.builders import signed_in
from tests.guides.conftest import Asking

pytestmark = pytest.mark.parametrize("home", ["sqlite"], indirect=True)

ROOT = "/n/questions"


@pytest.fixture
def enter(asking: Asking, serve: Callable[..., str]) -> Callable[[Any], str]:
    """Sign the resident in to a page's profile; the service's address."""
    app = create_app(asking.home.settings, asking.home.house)
    url = serve(app)

    def sign_in(page: Any) -> str:
        cookie = signed_in(app, asking.resident).get_cookie(COOKIE, domain="localhost")
        assert cookie is not None
        where = {"domain": "localhost", "path": "/", "secure": True, "httpOnly": True, "sameSite": "Strict"}
        page.context.add_cookies([{"name": COOKIE, "value": cookie.value, **where}])
        return url

    return sign_in


def walk(page: Any, url: str, number: int, choices: dict[str, str]) -> None:
    """Begin a guide and go to its answer. ``choices``: a question's number → the choice; all else is skipped."""
    page.goto(f"{url}{ROOT}/{number}")
    page.locator("main form .button").last.click() if page.locator("button[name=anew]").count() else page.locator(
        "main form .button-main"
    ).click()
    while match := re.fullmatch(rf"{ROOT}/{number}/(\d+)", urlsplit(page.url).path):
        chosen = choices.get(match[1])
        if chosen:
            page.locator(f"input[value={chosen}]").check()
            page.locator("main form .button-main").click()
        else:
            page.locator("button[name=skip]").click()
    assert urlsplit(page.url).path == f"{ROOT}/{number}"


@pytest.mark.parametrize(("width", "locale"), [(360, "sv-SE"), (1280, "da-DK"), (360, "en-GB")])
def test_every_page_is_for_everybody(
    enter: Callable[[Any], str], new_page: Callable[..., Any], axe: Callable[..., list[str]], width: int, locale: str
) -> None:
    page = new_page(width=width, locale=locale, scheme="dark" if locale == "da-DK" else "light")
    url = enter(page)

    def look() -> None:
        page.evaluate("scrollTo(0, 0)")  # else the header that stays covers half a link, and axe measures the rest
        assert axe(page) == [], page.url
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url

    for path in ("", "/1"):
        page.goto(url + ROOT + path)
        look()
    page.locator("main form .button-main").click()
    look()
    page.locator("main form .button-main").click()  # nothing chosen
    look()
    page.locator("input[value=maybe]").check()
    page.locator("main form .button-main").click()
    look()
    walk(page, url, 2, {"1": "yes", "3": "none", "4": "several"})
    for summary in page.locator("summary").all():
        summary.click()
    look()
    walk(page, url, 3, {"2": "denmark"})
    look()
    page.goto(f"{url}{ROOT}/1")
    look()


def test_from_a_question_to_the_plan_without_script(enter: Callable[[Any], str], new_page: Callable[..., Any]) -> None:
    page = new_page(script=False, locale="sv-SE")
    url = enter(page)
    walk(page, url, 1, {"1": "mine", "2": "sweden", "3": "sekretess", "5": "known"})
    stop = page.get_by_role("link", name="112").first
    assert stop.get_attribute("href") == "tel:112"
    page.locator("button[value=named-person]").click()
    assert page.locator("button[value=named-person]").count() == 0
    page.locator("#plan li a").click()
    assert page.locator("#f-text").input_value() == "Be om en bestämd person på jobbet som jag kan vända mig till"


def test_a_changed_answer_is_reached_from_the_answer(enter: Callable[[Any], str], new_page: Callable[..., Any]) -> None:
    page = new_page(locale="en-GB")
    url = enter(page)
    walk(page, url, 3, {"2": "sweden"})
    page.get_by_text("My answers", exact=True).click()
    page.locator(".summary-act a").nth(1).click()
    page.locator("input[value=denmark]").check()
    page.locator("main form .button-main").click()
    assert urlsplit(page.url).path == f"{ROOT}/3"
    for part in page.locator("details.topic > summary").all()[1:]:
        part.click()
    assert page.get_by_text("We have no checked answer for Denmark yet.").first.is_visible()


def test_paper_says_where_to_keep_it(enter: Callable[[Any], str], new_page: Callable[..., Any]) -> None:
    page = new_page(locale="en-GB")
    url = enter(page)
    walk(page, url, 1, {"2": "sweden"})
    keep = page.get_by_text("Keep this where only you look.")
    assert not keep.is_visible()
    page.emulate_media(media="print")
    assert keep.is_visible()
    assert page.locator("details.topic:not([open])").count() > 1
    hidden = "els => els.filter(el => !el.checkVisibility({contentVisibilityAuto: true})).length"
    assert page.locator("details.topic li").evaluate_all(hidden) == 0
    assert not page.get_by_role("button", name="Forget my answers").is_visible()
