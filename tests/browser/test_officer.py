"""The officer: the log, a search, one entry, the full check, one sentence on its state; never what stands in a case."""

from collections.abc import Callable

from safetyplan.actors import new_id
from safetyplan.plans import actions as plans
from safetyplan.plans.model import SectionName, accept_wording
from tests.browser.house import Served
from tests.browser.walker import Walker

WORDS = "Hemligheten om morbrodern i Vansbro"


def test_an_officer(house: Served, walker: Callable[..., Walker]) -> None:
    lead, anna = house.people["Majken"], house.people["Anna"]
    slip = house.take_in(lead, anna)
    wording = accept_wording(WORDS, "Majken", "")
    house.do(anna, plans.add_item, item_id=new_id(), section=SectionName.HOME, wording=wording, case=slip.case)
    desk = walker("en", width=1280)
    desk.sign_in(house.people["Torkel"])
    assert desk.path == "/o/" and desk.reads("Access log")

    desk.unfold("Search the log")
    desk.fill("case", slip.reference)
    desk.press("Search")
    rows = desk.page.locator("table tbody tr")
    assert rows.count() >= 2
    assert all(slip.reference in row for row in rows.all_inner_texts())
    assert desk.reads("Changed something in a case")
    desk.page.locator("[name=outcome]").select_option("refused")
    desk.press("Search")
    assert desk.reads("No entry fits.")
    desk.fill("since", "2026-12-31")
    desk.fill("until", "2026-01-01")
    desk.press("Search")
    assert desk.reads("The second day is before the first.")

    desk.open("/o/")
    desk.click("table tbody th a")
    assert desk.reads("This entry has its place in the log, and nothing in it was changed.")
    desk.link("Access log")
    desk.press("Check the whole log now")
    assert desk.reads("The log was checked.") and desk.reads("The log is whole")
    assert desk.page.get_by_text("Checked in full up to entry").is_visible()
    for path in ("/o/", "/o/e/1"):
        desk.open(path)
        assert WORDS not in desk.page.content() and "Anna" not in desk.page.content()
    assert desk.open(f"/s/c/{slip.case}/plan").status == 404
