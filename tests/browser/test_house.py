"""A house from nothing: its administrator, a unit, slips for those who work there, and the first resident."""

from collections.abc import Callable
from typing import Any

import pytest

from safetyplan.actors import Role
from safetyplan.people import enrolment
from tests.browser.house import Someone, served
from tests.browser.walker import Walker

Come = Callable[..., Walker]


def test_a_house_from_nothing(walker: Come, tmp_path_factory: pytest.TempPathFactory) -> None:
    with served(tmp_path_factory.mktemp("new") / "house") as house:
        first = enrolment.invite(house.vault, None, role=Role.ADMINISTRATOR, unit=None, name="Rut")
        office = walker("da", to=house, width=1280)
        office.enrol(first.user_name, first.code)
        assert office.path == "/a/"
        office.press("Make the unit")
        assert office.page.locator("[name=unit_name][aria-invalid=true]").is_visible()
        office.fill("unit_name", "Ellefløjen")
        office.press("Make the unit")
        assert office.reads("The unit is there.")

        lead_at = enrolled(office, walker("sv", to=house, width=1280), "lead", "Majken", "Ellefløjen")
        staff_at = enrolled(office, walker("en", to=house, width=1280), "staff", "Samir", "Ellefløjen")
        second_at = enrolled(office, walker("da", to=house), "staff", "Ebba", "Ellefløjen")
        assert (lead_at.path, staff_at.path, second_at.path) == ("/s/", "/s/", "/s/")

        take_in(lead_at)
        assert lead_at.page.locator(".problems").is_visible()  # nobody is taken in before there is an officer
        officer_at = enrolled(office, walker("en", to=house, width=1280), "officer", "Torkel", "")
        assert officer_at.path == "/o/"

        lead_at.menu("My sign-ins")  # hands the group keys on, as the next sign-in does
        take_in(lead_at, "Samir")
        user_name, code = lead_at.codes()[:2]
        phone = walker("sv", to=house)
        phone.enrol(user_name, code)
        assert phone.path == "/n/"

        staff_at.open("/s/")
        staff_at.click(".lines a")
        assert staff_at.sees("Majken") and staff_at.sees("Samir") and not staff_at.sees("Ebba")
        staff_at.link("Safety plan")
        assert staff_at.path.endswith("/plan")
        lets_in_and_out(lead_at, second_at)
        assert office.open("/s/").status == 404
        assert not office.sees("Majken")


def enrolled(office: Walker, own: Walker, role: str, name: str, unit: str) -> Walker:
    """The administrator prints a slip; its owner comes with it to a browser of their own."""
    office.open("/a/")
    office.fill("name", name)
    office.choose("role", role)
    if unit:
        office.page.locator("[name=unit]").select_option(label=unit)
    office.press("Print the slip")
    user_name, code = office.codes()[:2]
    someone: Someone = own.enrol(user_name, code)
    office.open("/a/")
    row: Any = office.page.locator("tr", has_text=name)
    assert office.say("Active") in row.inner_text()
    own.menu("Sign out")
    own.sign_in(someone)
    own.someone = someone
    return own


def take_in(lead: Walker, *staff: str) -> None:
    lead.open("/s/new")
    lead.choose("jurisdiction", "se")
    lead.page.locator("[name=protection]").select_option("sekretessmarkering")
    for name in staff:
        lead.page.get_by_label(name).check(force=True)
    lead.press("Take in and print the slip")


def lets_in_and_out(lead: Walker, second: Walker) -> None:
    assert second.someone is not None
    second.open("/s/")
    assert second.page.locator(".lines").count() == 0
    lead.open("/s/")
    lead.click(".lines a")
    case = lead.path
    assert second.open(case).status == 404
    lead.press("Let in", exact=False)
    assert lead.reads("Done. They can open this case now.")
    assert second.open(case).status == 200
    lead.page.locator("tr", has_text="Ebba").get_by_role("button").click()
    lead.page.wait_for_url("**done=withdrawn**")
    lead.look()
    second.open(case)
    assert second.path == "/"  # their sign-ins have ended
    second.sign_in(second.someone)
    assert second.page.locator(".lines").count() == 0
    assert second.open(case).status == 404
