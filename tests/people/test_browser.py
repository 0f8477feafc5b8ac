"""Whole journeys in a real browser, most of them without script, and axe on every page."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from safetyplan.actors import Role
from safetyplan.app import create_app
from safetyplan.people import totp
from safetyplan.web.sessions import COOKIE
from tests.people.folk import CHEAP, Folk

Open = Callable[..., Any]
OWN = "gröna stolar dansar sent"


@pytest.fixture
def app(folk: Folk) -> Iterator[Flask]:
    made = create_app(folk.home.settings, folk.house)
    made.extensions["safetyplan.hashing"] = CHEAP
    yield made


def send(page: Any) -> None:
    page.locator("main form button.button-main").first.click()


def fits(page: Any) -> bool:
    """Nothing sticks out to the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def looked_at(page: Any, axe: Callable[[Any], list[str]]) -> None:
    assert axe(page) == []
    assert fits(page)


def test_a_resident_enrols_with_words_of_her_own(
    folk: Folk, app: Flask, serve: Open, new_page: Open, axe: Callable[[Any], list[str]]
) -> None:
    lead = folk.staff(Role.LEAD)
    made, code, _ = folk.resident_slip(lead)
    address, page = serve(app), new_page(locale="en-GB")
    page.goto(address + "/start")
    looked_at(page, axe)
    page.fill("#f-code", code.code.lower().replace("-", " "))
    send(page)
    page.wait_for_url("**/start/phrase")
    looked_at(page, axe)
    send(page)
    page.locator(".problems").wait_for()
    looked_at(page, axe)
    page.click("a[href='/start/own']")
    looked_at(page, axe)
    page.fill("#f-phrase", "password1234")
    send(page)
    page.locator(".problems").wait_for()
    page.fill("#f-phrase", OWN)
    send(page)
    page.wait_for_url("**/start/check")
    looked_at(page, axe)
    page.fill("#f-phrase", OWN.upper())
    send(page)
    page.wait_for_url("**/start/phone")
    page.click("summary")
    looked_at(page, axe)
    secret = page.locator(".details .code").inner_text().replace(" ", "")
    page.fill("#f-code", totp.code_at(secret, totp.step_of(folk.clock()) - 1))
    send(page)
    for sheet, number in (("key-sheet", 1), ("code-sheet", 10)):
        page.wait_for_url(f"**/start/{sheet}")
        looked_at(page, axe)
        assert page.locator(".sheet .code").count() == number
        page.check("#f-done")
        send(page)
    page.wait_for_url(re.compile(r"/n/|/go"))
    page.goto(address + "/me/sessions")
    looked_at(page, axe)
    assert made.user_name not in page.content()


@pytest.mark.parametrize("script", [True, False])
def test_signing_in_and_leaving(folk: Folk, app: Flask, serve: Open, new_page: Open, script: bool) -> None:
    person, address = folk.staff(), serve(app)
    folk.clock.advance(seconds=30)
    page = new_page(locale="en-GB", script=script)
    page.goto(address)
    page.fill("#f-name", person.user_name)
    page.fill("#f-phrase", person.phrase)
    send(page)
    page.wait_for_url("**/code")
    page.fill("#f-code", folk.code(person))
    page.check("#f-own_device")
    send(page)
    page.wait_for_url("**/s/")
    assert {cookie["name"] for cookie in page.context.cookies()} == {COOKIE, "__Host-d"}
    page.locator("#leave button").click()
    page.wait_for_url("**/w")
    assert {cookie["name"] for cookie in page.context.cookies()} == {"__Host-d"}
    page.go_back()
    page.goto(address + "/s/")
    assert page.url == address + "/"


def test_lost_words_without_script(folk: Folk, app: Flask, serve: Open, new_page: Open) -> None:
    person, address = folk.staff(), serve(app)
    folk.clock.advance(seconds=30)
    page = new_page(locale="en-GB", script=False)
    page.goto(address)
    page.click("a[href='/lost']")
    page.fill("#f-name", person.user_name)
    page.fill("#f-code", person.enrolled.key_code)
    send(page)
    page.fill("#f-code", folk.code(person))
    send(page)
    page.wait_for_url("**/start/phrase")
    words = page.locator("main .code").inner_text()
    page.check("#f-done")
    send(page)
    page.fill("#f-phrase", words)
    send(page)
    page.wait_for_url("**/start/key-sheet")
    page.check("#f-done")
    send(page)
    page.wait_for_url("**/s/")


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_every_open_page_is_in_order(
    folk: Folk, app: Flask, serve: Open, new_page: Open, axe: Callable[[Any], list[str]], width: int, scheme: str
) -> None:
    person, address = folk.staff(), serve(app)
    page = new_page(width=width, scheme=scheme)
    for place in ("/", "/lost", "/start", "/w"):
        page.goto(address + place)
        looked_at(page, axe)
    page.goto(address)
    page.fill("#f-name", person.user_name)
    page.fill("#f-phrase", "fel ord")
    send(page)
    page.locator(".problems").wait_for()
    looked_at(page, axe)
    page.fill("#f-phrase", person.phrase)
    send(page)
    page.wait_for_url("**/code")
    looked_at(page, axe)
    page.click("a[href='/code/paper']")
    looked_at(page, axe)
