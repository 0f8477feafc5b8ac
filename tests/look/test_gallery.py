"""Every component in a real browser, under the real policy: narrow and wide, day and night, both ways of writing."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from tests.look.gallery import create

PATHS = ["/", "/?good=1", "/today", "/cases", "/case", "/open", "/error"]
SIZES = [(360, "light"), (1280, "light"), (360, "dark"), (1280, "dark")]

# Pressed and looked at in one breath: the answer may come at once, and then the page is gone.
THIRD_SHIFT = """() => {
  document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Shift', bubbles: true}));
  return document.documentElement.classList.contains('covered');
}"""
TOO_SMALL = """() => [...document.querySelectorAll(
    'button, .button, .input, .choice, summary, .menu a, .door, .way-back a, .talk a')]
  .filter(e => e.getClientRects().length && !e.matches('.skip'))
  .filter(e => { const b = e.getBoundingClientRect(); return b.height < 43.5 || b.width < 43.5; })
  .map(e => e.outerHTML.slice(0, 90))"""


@pytest.fixture
def url(serve: Callable[[Any], str]) -> str:
    return serve(create())


def address(url: str, path: str, direction: str) -> str:
    return f"{url}{path}{'&' if '?' in path else '?'}dir={direction}"


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_every_page_is_reachable_and_nothing_hangs_out(
    url: str, new_page: Callable[..., Any], axe: Callable[[Any], list[str]], width: int, scheme: str, direction: str
) -> None:
    page = new_page(width=width, scheme=scheme)
    for path in PATHS:
        page.goto(address(url, path, direction))
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_at_four_hundred_per_cent_nothing_hangs_out(url: str, new_page: Callable[..., Any]) -> None:
    page = new_page(width=320)
    for path in PATHS:
        page.goto(url + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_buttons_beside_each_other_stand_at_one_height(url: str, new_page: Callable[..., Any]) -> None:
    """The slip has a button to print, which is a row of its own elsewhere, beside the one that says done."""
    page = new_page(width=360)
    page.goto(url + "/")
    row = page.locator(".buttons:has(> .buttons)").locator("button, a.button")
    assert row.count() == 2
    assert len({box["y"] for one in row.all() if (box := one.bounding_box())}) == 1


@pytest.mark.parametrize("width", [360, 1280])
def test_what_can_be_tapped_is_large_enough(url: str, new_page: Callable[..., Any], width: int) -> None:
    """44 px for buttons, fields, choices and the rows of menus; links inside a sentence are excepted (WCAG 2.5.5)."""
    page = new_page(width=width)
    page.goto(url + "/?good=1")
    assert page.evaluate(TOO_SMALL) == []


def test_leave_covers_at_once_and_takes_this_page_out_of_the_history(url: str, new_page: Callable[..., Any]) -> None:
    page = new_page()
    page.goto(url + "/open")
    page.goto(url + "/today")
    with page.expect_request("**/leave") as sent:
        page.keyboard.press("Shift")
        page.keyboard.press("Shift")
        assert page.evaluate(THIRD_SHIFT) is True
    assert sent.value.method == "POST"
    page.wait_for_url("**/away")
    page.go_back()
    assert page.url == url + "/open"


def test_leave_waits_for_no_slow_network(url: str, new_page: Callable[..., Any]) -> None:
    page = new_page()
    page.goto(url + "/today")
    page.route("**/leave", lambda route: None)
    page.get_by_role("button", name="Leave", exact=True).click()
    page.wait_for_url("**/away", timeout=2_500)


def test_capital_letters_do_not_leave(url: str, new_page: Callable[..., Any]) -> None:
    page = new_page()
    page.goto(url + "/?good=1")
    page.locator("#f-what").focus()
    for letter in "ABCD":
        page.keyboard.press(f"Shift+{letter}")
    page.keyboard.press("Escape")
    assert page.locator("html.covered").count() == 0
    assert "ABCD" in page.locator("#f-what").input_value()


def test_leave_menu_and_language_work_without_script(url: str, new_page: Callable[..., Any]) -> None:
    page = new_page(script=False)
    page.goto(url + "/today")
    page.get_by_role("button", name="Menu").click()
    assert page.get_by_role("link", name="Vem har tittat").first.is_visible()
    with page.expect_request("**/language") as chosen:
        page.get_by_role("button", name="Dansk").click()
    assert "lang=da" in chosen.value.post_data
    with page.expect_request("**/leave"):
        page.get_by_role("button", name="Leave", exact=True).click()


def test_leave_stays_in_sight_at_the_end_of_a_long_page(url: str, new_page: Callable[..., Any]) -> None:
    page = new_page()
    page.goto(url + "/?good=1")
    page.locator(".languages").scroll_into_view_if_needed()
    box = page.get_by_role("button", name="Leave", exact=True).bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] < 100


def test_a_second_tap_saves_once(url: str, new_page: Callable[..., Any]) -> None:
    page = new_page()
    page.goto(url + "/today")
    page.route("**/2", lambda route: None)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.evaluate("document.querySelectorAll('.act button').forEach(b => { b.click(); b.click(); })")
    page.wait_for_timeout(300)
    assert sent == [url + "/2"]


def test_the_pass_phrase_can_be_shown_and_is_hidden_again(url: str, new_page: Callable[..., Any]) -> None:
    page = new_page()
    page.goto(url + "/open")
    field = page.locator("#f-phrase")
    page.get_by_label("Show what I write").check()
    assert field.get_attribute("type") == "text"
    page.get_by_label("Show what I write").uncheck()
    assert field.get_attribute("type") == "password"


def test_problems_get_the_focus_and_lead_to_their_fields(url: str, new_page: Callable[..., Any]) -> None:
    page = new_page()
    page.goto(url + "/")
    assert page.locator(".problems:focus").count() == 1
    page.get_by_role("link", name="Write at least one place").click()
    assert page.locator("#f-place:focus").count() == 1


def test_paper_shows_no_buttons_and_no_frame(url: str, new_page: Callable[..., Any]) -> None:
    page = new_page(width=1280, scheme="dark")
    page.goto(url + "/?good=1")
    page.emulate_media(media="print")
    seen = [name for name in (".top", ".foot", ".button", ".sheet") if page.locator(name).first.is_visible()]
    assert seen == [".sheet"]
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_a_resident_page_is_light(url: str, new_page: Callable[..., Any]) -> None:
    """Below 60,000 bytes as the files lie here; about half of that when the server sends the static ones packed."""
    page = new_page()
    bodies: dict[str, bytes] = {}
    page.on("response", lambda answer: bodies.update({answer.url.removeprefix(url): answer.body()}))
    page.goto(url + "/today", wait_until="networkidle")
    assert set(bodies) >= {"/today", "/static/app.css", "/static/tokens.css", "/static/app.js", "/static/icons.svg"}
    assert sum(map(len, bodies.values())) < 60_000
    packed = {name: gzip.compress(body) if name.startswith("/static/") else body for name, body in bodies.items()}
    assert sum(map(len, packed.values())) < 36_000
    assert len(bodies["/today"]) < 8_000
