"""A resident's whole way, from the slip of paper to leaving, with script and without."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from safetyplan.actors import Purpose
from safetyplan.oversight.words import PURPOSES
from safetyplan.people import sessions
from safetyplan.plans import actions as plans
from safetyplan.threat import actions as threat
from safetyplan.web.sessions import COOKIE
from tests.browser.house import Served
from tests.browser.walker import Walker, cookie

OWN_WORDS = "gröna stolar dansar sent"
Come = Callable[..., Walker]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_resident(house: Served, walker: Come, script: bool) -> None:
    lead, anna = house.people["Majken"], house.people["Anna"]
    slip = house.take_in(lead, anna)
    phone = walker("sv", script=script)
    her = phone.enrol(slip.user_name, slip.code, own=OWN_WORDS if script else None)
    assert phone.path == "/n/" and phone.h1() == phone.say("Today")
    phone.menu("Sign out")
    assert phone.path == "/"
    phone.sign_in(her)
    assert phone.path == "/n/"

    library = walker("da", script=script, width=1280)
    library.sign_in(her)
    keeps_her_plan(phone, library)
    asks_a_guide(phone)
    says_how_she_sees_it(phone)
    house.do(anna, plans.see_plan, case=slip.case)
    house.do(anna, threat.overview, case=slip.case)
    sees_who_has_looked(phone)
    ends_the_other_session(phone, library)
    leaves(phone)


def keeps_her_plan(phone: Walker, other: Walker) -> None:
    phone.menu("My plan")
    phone.click("#s2 a.button")
    phone.press("Save")
    assert phone.page.locator("[name=text][aria-invalid=true]").is_visible()
    phone.fill("text", "Någon frågar efter mig i affären")
    phone.fill("who", "Samira")
    phone.fill("by", "2026-12-24")
    phone.press("Save")
    assert phone.path == "/n/plan" and phone.reads("Added to your plan.")
    assert phone.sees("Någon frågar efter mig i affären") and phone.sees("Samira")
    phone.click("#s2 button[name=done]")
    assert phone.page.locator("#s2 button[name=open]").get_attribute("aria-pressed") == "true"

    phone.click("#s2 .item a")
    other.open(phone.path)
    phone.fill("text", "Någon frågar efter mig i affären vid torget")
    phone.press("Save")
    other.fill("text", "Någon ringer och frågar efter mig i affären")
    other.press("Save")
    assert other.h1() == other.say("Two versions of the same thing")
    assert other.sees("Någon frågar efter mig i affären vid torget")
    both = "Någon ringer och frågar efter mig i affären vid torget"
    assert other.page.locator("textarea[name=text]").input_value() == both
    other.press("Save this")
    assert other.path == "/n/plan" and other.sees(both)

    phone.open("/n/plan/s/2/history")
    changed = phone.page.locator(".diff").first
    assert "ringer och" in changed.locator("ins").all_inner_texts()[0]
    assert phone.reads("Marked as done:") and phone.page.locator("ol.items > li").count() == 4


def asks_a_guide(phone: Walker) -> None:
    phone.menu("Questions")
    phone.click(".doors a")
    assert phone.path == "/n/questions/1"
    phone.press("Begin")
    asked = 0
    while phone.page.locator("[name=choice]").count():
        asked += 1
        assert asked < 30
        if asked == 2:
            phone.press("Skip this question")
            continue
        phone.page.locator("[name=choice]").first.check(force=True)
        phone.press("Next")
    assert asked > 2 and phone.path == "/n/questions/1" and phone.page.locator("#stop").is_visible()
    chosen = phone.page.locator("#plan li.event p").first.inner_text()
    phone.click("button[name=action]")
    assert phone.reads("In your plan")
    phone.page.locator("#plan a", has_text=phone.say("Open")).first.click()
    phone.look()
    assert phone.page.locator("textarea[name=text]").input_value().split() == chosen.split()
    phone.menu("My plan")
    assert phone.page.locator(".items .words", has_text=chosen[:40]).count() == 1


def says_how_she_sees_it(phone: Walker) -> None:
    phone.menu("How things stand")
    assert phone.reads("We have not looked at this together yet")
    phone.link("Say how you see it")
    phone.choose("level", "high")
    phone.fill("words", "Jag såg hans bil två gånger i veckan")
    phone.press("Save")
    assert phone.path == "/n/level" and phone.sees("Jag såg hans bil två gånger i veckan")


def sees_who_has_looked(phone: Walker) -> None:
    phone.menu("Who has looked")
    told = " ".join(phone.page.locator(".line", has_text="Anna").all_inner_texts())
    assert phone.say("staff") in told and phone.say("your plan") in told
    assert phone.say("how you see it yourself") in told
    assert phone.say(PURPOSES[Purpose.SUPPORT_PLAN]) in told


def ends_the_other_session(phone: Walker, other: Walker) -> None:
    phone.menu("My sign-ins")
    cards = phone.page.locator("main .card")
    assert cards.count() == 2
    phone.press("End it", exact=False)
    assert phone.reads("That sign-in has ended.") and cards.count() == 1
    other.open("/n/plan")
    assert other.path == "/"
    other.page.go_back()
    assert not other.sees("Någon ringer")


def leaves(phone: Walker) -> None:
    phone.menu("My plan")
    kept = next(each["value"] for each in phone.page.context.cookies() if each["name"] == COOKIE)
    assert sessions.load(phone.house.house, kept) is not None
    with phone.page.expect_response(lambda answer: urlsplit(answer.url).path == "/leave") as sent:
        phone.page.locator(".button-leave").click()
    phone.page.wait_for_url("**/w")
    headers = sent.value.all_headers()
    assert headers["clear-site-data"] == '"cache", "storage"' and headers["cache-control"] == "no-store"
    phone.look()
    assert all(each["name"] != COOKIE for each in phone.page.context.cookies())
    assert sessions.load(phone.house.house, kept) is None
    phone.page.go_back()
    phone.page.wait_for_load_state()
    shown = phone.page.content()
    assert "Någon ringer" not in shown and "hans bil" not in shown
    phone.page.context.add_cookies([cookie(COOKIE, kept)])
    phone.open("/n/plan")
    assert phone.path == "/"


def test_leaving_by_keyboard(house: Served, walker: Come) -> None:
    phone: Any = walker("sv")
    phone.sign_in(house.resident(house.people["Majken"]))
    for _ in range(3):
        phone.page.keyboard.press("Shift")
    phone.page.wait_for_url("**/w")
    phone.page.goto(house.url + "/n/")
    assert phone.path == "/"


def test_languages_are_one_tap_away(walker: Come) -> None:
    phone = walker("sv")
    phone.open("/lost")
    for lang, name in (("da", "Dansk"), ("en", "English"), ("sv", "Svenska")):
        with phone.page.expect_navigation():
            phone.page.get_by_role("button", name=name).click()
        phone.lang = lang
        phone.look()
        assert phone.path == "/lost"
