"""Who has looked: for the resident and for the case's own people, in plain words."""

import re
from zoneinfo import ZoneInfo

import pytest

from safetyplan.accesslog.entry import Touched
from safetyplan.actors import Purpose, Role
from safetyplan.errors import Refused
from safetyplan.oversight.model import Looked, Visitor, by_day, by_week
from safetyplan.vault import Outcome
from tests.oversight.conftest import BASE, WORDS, Home

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def lines(page: str) -> list[str]:
    """The list's lines as a reader has them."""
    found = re.findall(r'<li class="line">(.*?)</li>', page, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", line).split()) for line in found]


def test_she_reads_who_when_and_why(home: Home) -> None:
    item = home.write_an_item(home.resident)
    home.look(home.staff, item, Purpose.REVIEW_THREAT)
    page = home.page(home.resident, "/n/looked")
    told = [line.rsplit(" ", 1)[0] for line in lines(page)]
    assert "Karin, staff Opened your plan. To prepare or read the review." in told
    assert "Lena, unit lead Took you in." in told
    assert WORDS not in page and "Unit one" not in page
    assert home.staff.actor.session not in page and home.staff.actor.account not in page


def test_her_own_visits_are_one_line_a_day(home: Home) -> None:
    for _ in range(3):
        home.write_an_item(home.resident)
    assert "You 3 times" in lines(home.page(home.resident, "/n/looked"))
    assert "You 4 times" in lines(home.page(home.resident, "/n/looked"))


def test_a_refused_attempt_is_told_calmly(home: Home) -> None:
    case = home.resident.actor.own_case
    assert case
    with pytest.raises(Refused), home.stranger.vault.visit(home.stranger.actor, Purpose.SUPPORT_PLAN, case):
        pass
    told = lines(home.page(home.resident, "/n/looked"))
    assert any("Curious, staff Not let in Tried to open what is yours and was not let in." in line for line in told)


def test_another_resident_who_was_refused_is_not_named(home: Home) -> None:
    case = home.resident.actor.own_case
    assert case
    with pytest.raises(Refused), home.other.vault.visit(home.other.actor, Purpose.KEEP_OWN_PLAN, case):
        pass
    page = home.page(home.resident, "/n/looked")
    assert any(line.startswith("Somebody without access Not let in") for line in lines(page))
    assert home.other.actor.account[:6] not in page


def test_each_sees_the_entries_of_their_own_case_only(home: Home) -> None:
    item = home.write_an_item(home.resident)
    home.look(home.staff, item)
    assert "Karin" not in home.page(home.other, "/n/looked")
    mine, others = home.resident.actor.own_case, home.other.actor.own_case
    assert home.get(home.other, f"/s/c/{mine}/looked").status_code == 404
    assert home.get(home.staff, f"/s/c/{others}/looked").status_code == 404
    assert home.get(home.stranger, f"/s/c/{mine}/looked").status_code == 404
    assert home.get(home.staff, "/s/c/nothing/looked").status_code == 404
    assert home.get(home.staff, "/n/looked").status_code == 404


def test_a_cases_staff_read_who_else(home: Home) -> None:
    item = home.write_an_item(home.resident)
    home.look(home.staff, item)
    page = home.page(home.lead, f"/s/c/{home.resident.actor.own_case}/looked")
    told = lines(page)
    assert any(line.startswith("Karin, staff Opened the plan. To help with the plan.") for line in told)
    assert any(line.startswith("The resident Changed the plan.") for line in told)
    assert any(line.startswith("You ") for line in told)
    assert WORDS not in page and "your plan" not in page


def test_reading_is_an_entry_of_the_case(home: Home) -> None:
    home.page(home.staff, f"/s/c/{home.resident.actor.own_case}/looked")
    assert any("Karin, staff Looked at this list." in line for line in lines(home.page(home.resident, "/n/looked")))


def test_pages_end_where_the_case_began(sqlite_home: Home) -> None:
    home = sqlite_home
    item = home.write_an_item(home.resident)
    for _ in range(210):
        home.clock.advance(seconds=60)
        home.look(home.staff, item)
    browser = home.client(home.resident)
    first = browser.get("/n/looked", base_url=BASE).get_data(as_text=True)
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = browser.get(older[1], base_url=BASE).get_data(as_text=True)
    assert "Took you in." not in first and "Took you in." in second and 'rel="next"' not in second
    assert len(first.encode()) < 15_000


def test_a_changed_name_row_does_not_shut_the_list(home: Home, attack: object) -> None:
    home.look(home.staff, home.write_an_item(home.resident))
    attack("UPDATE account SET created_at = 1 WHERE id = ?", home.staff.actor.account)  # type: ignore[operator]
    told = lines(home.page(home.resident, "/n/looked"))
    assert any(line.startswith("A member of staff Opened your plan.") for line in told)


# -- folding -----------------------------------------------------------------------------------------------


def entry(at: int, account: str = "k", outcome: Outcome = Outcome.DONE, *, own: bool = False) -> Looked:
    return Looked(0, at, Visitor(account, Role.STAFF, None, own), "case.opened", "support_plan", outcome, ("plan",), ())


def listed(at: int, account: str = "k", opened: tuple[str, ...] = ("review",)) -> Looked:
    return Looked(0, at, Visitor(account, Role.STAFF, None, False), "case.opened", "overview", Outcome.DONE, opened, ())


def test_a_day_is_the_houses_day() -> None:
    evening = 1_795_563_000_000  # 2026-11-24 23:30 UTC, already the 25th in Stockholm
    days = by_day([entry(evening), entry(evening - 3_600_000)], STOCKHOLM)
    assert [str(day.date) for day in days] == ["2026-11-25", "2026-11-24"]


def test_alike_visits_are_folded_and_others_are_not() -> None:
    noon = 1_795_518_000_000
    days = by_day([entry(noon), entry(noon - 60_000), entry(noon - 90_000, "l"), entry(noon, own=True)], STOCKHOLM)
    assert [(told.entry.who.account, told.times) for told in days[0].told] == [("k", 2), ("l", 1)]
    assert (days[0].told[0].first_at, days[0].told[0].last_at, days[0].own) == (noon - 60_000, noon, 1)


def test_sights_in_a_list_are_one_line_a_person_and_day_below_what_was_opened() -> None:
    noon, minute = 1_795_518_000_000, 60_000
    seen = [listed(noon), entry(noon - minute), listed(noon - 2 * minute, "l"), listed(noon - 3 * minute, opened=())]
    page = listed(noon - 4 * minute, opened=("particulars", "review"))  # the case's own page is no list
    days = by_day([*seen, page], STOCKHOLM)
    told = [(told.entry.who.account, told.entry.listed, told.times) for told in days[0].told]
    assert told == [("k", False, 1), ("k", False, 1), ("k", True, 2), ("l", True, 1)]
    assert by_week([*seen, page], noon, STOCKHOLM)[-1].opened == 2


def test_she_reads_of_lists_in_one_line(home: Home) -> None:
    item, case = home.write_an_item(home.resident), home.resident.actor.own_case
    assert case
    for _ in range(3):  # a list opens the newest review, where there is one
        with home.staff.vault.visit(home.staff.actor, Purpose.OVERVIEW, case) as visit:
            visit._objects.append(Touched("threat_review", "a" * 26, 1))
    home.look(home.staff, item)
    told = lines(home.page(home.resident, "/n/looked"))
    assert "Karin saw your case in the list of cases, 3 times." in told
    assert sum("list of cases" in line for line in told) == 1
    opened = next(at for at, line in enumerate(told) if line.startswith("Karin, staff Opened your plan"))
    assert opened < told.index("Karin saw your case in the list of cases, 3 times.")
    assert any(
        line.startswith("Karin saw the case in the list of cases, 3 times.")
        for line in lines(home.page(home.lead, f"/s/c/{home.resident.actor.own_case}/looked"))
    )


def test_weeks_count_others() -> None:
    now = 1_795_518_000_000
    week = 7 * 86_400_000
    refused = entry(now - week, outcome=Outcome.REFUSED)
    weeks = by_week([entry(now), entry(now, own=True), refused, entry(now - 20 * week)], now, STOCKHOLM)
    assert [(each.opened, each.refused) for each in weeks[-2:]] == [(0, 1), (1, 0)]
    assert sum(each.opened for each in weeks) == 1
