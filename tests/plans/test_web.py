"""The pages of the plan: the resident's door and the staff's, what is kept when a form is not accepted, and 409."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import column
from sqlalchemy import table as named

from safetyplan.actors import Purpose, RecordId, Role, new_id
from safetyplan.app import create_app
from safetyplan.fields import PLAN
from safetyplan.plans import actions
from safetyplan.plans.model import SectionName, accept_wording
from safetyplan.sealing.keypairs import new_key_pair
from safetyplan.store import people
from safetyplan.store import plans as table
from safetyplan.vault import Kind
from safetyplan.vault.recipients import recovery_recipient
from tests.builders import Person, TestHouse, signed_in
from tests.plans.conftest import Plan

pytestmark = pytest.mark.parametrize("home", ["sqlite"], indirect=True)

BASE = {"base_url": "https://localhost"}
ENGLISH = {"Accept-Language": "en", "Referer": "https://localhost/"}
LOG = named("log_entry", column("seq"), column("case_id"))


@pytest.fixture(scope="module")
def app(home: TestHouse) -> Flask:
    made = create_app(home.settings, home.house)
    made.testing = True
    return made


@dataclass
class Browser:
    client: FlaskClient
    base: str

    def get(self, path: str = "", status: int = 200) -> str:
        answer = self.client.get(self.base + path, headers=ENGLISH, **BASE)
        assert answer.status_code == status, (path, answer.status_code)
        return unescape(answer.get_data(as_text=True))

    def post(self, path: str, form: dict[str, Any], status: int = 303) -> Any:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get())
        assert token
        answer = self.client.post(
            self.base + path,
            data={**form, "csrf_token": token[1]},
            headers=ENGLISH,
            **BASE,
        )
        assert answer.status_code == status, (path, answer.status_code)
        return answer


@pytest.fixture
def mine(app: Flask, plan: Plan) -> Browser:
    return Browser(signed_in(app, plan.resident), "/n/plan")


@pytest.fixture
def theirs(app: Flask, plan: Plan) -> Browser:
    return Browser(signed_in(app, plan.staff), f"/s/c/{plan.case}/plan")


def add(plan: Plan, text: str, section: SectionName = SectionName.WORK, who: Person | None = None) -> RecordId:
    item_id = RecordId(new_id())
    plan.clock.advance(seconds=1)
    plan.do(
        who or plan.resident,
        actions.add_item,
        item_id=item_id,
        section=section,
        wording=accept_wording(text),
    )
    return item_id


def revisions(plan: Plan) -> int:
    with plan.home.house.store.snapshot() as tx:
        return len(tx.all(table.PLAN_ITEM.select().where(table.PLAN_ITEM.c.case_id == plan.case)))


def entries(plan: Plan) -> int:
    with plan.home.house.store.snapshot() as tx:
        return len(tx.all(LOG.select().where(LOG.c.case_id == plan.case)))


def words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# -- the page --------------------------------------------------------------------------------------------------


def test_the_sections_stand_in_order_and_an_empty_one_invites(mine: Browser) -> None:
    page = words_of(mine.get())
    places = [page.index(name.heading) for name in SectionName]
    assert places == sorted(places)
    assert page.count("Nothing here yet.") == 11


def test_who_can_read_stands_beside_every_section(mine: Browser, theirs: Browser) -> None:
    assert words_of(mine.get()).count("Read by: you, Karin, Lena.") == 11
    assert words_of(theirs.get()).count("Read by: you, the resident, Lena.") == 11


def test_who_can_read_is_said_in_one_line_before_she_writes(mine: Browser) -> None:
    for page in (mine.get(), mine.get("/s/1"), mine.get("/s/1/add")):
        assert "Can be read by: you, Karin, Lena." in words_of(page)
    page = mine.get("/s/1/add")
    assert page.index("Can be read by") < page.index("<textarea")


def test_only_what_is_to_be_done_has_a_box(plan: Plan, mine: Browser) -> None:
    for name in (SectionName.CONTACTS, SectionName.SIGNS, SectionName.CODE_WORD):
        add(plan, "a note", name)
    note = {"item": new_id(), "text": "my sister", "who": "she and I", "by": ""}
    mine.post("/s/1/add", note)
    assert "aria-pressed" not in mine.get()
    mine.post("/s/1/add", {**note, "item": new_id(), "text": "ask her for a word", "by": "2031-01-01"})
    add(plan, "ask for a new lock", SectionName.HOME)
    assert mine.get().count("aria-pressed") == 2


def test_a_form_without_its_id_from_somebody_without_a_grant_is_logged(plan: Plan, app: Flask, mine: Browser) -> None:
    client = signed_in(app, plan.stranger)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/me/sessions", **BASE).get_data(as_text=True))
    assert token
    form = {"csrf_token": token[1]}
    before = entries(plan)
    assert client.post(f"/s/c/{plan.case}/plan/s/1/add", data=form, headers=ENGLISH, **BASE).status_code == 404
    assert entries(plan) == before + 1


def test_who_can_read_says_what_happens_in_an_emergency(plan: Plan, mine: Browser, theirs: Browser) -> None:
    with plan.home.vault.note(None, "group.created") as note:
        group, key = new_id(), new_id()
        note.add(people.GROUP, id=group, kind="emergency", unit_id=plan.home.unit, created_at=note.now)
        public = new_key_pair().public
        note.add(people.GROUP_KEY, id=key, group_id=group, version=1, public=public, created_at=note.now)
    with plan.lead.vault.visit(plan.lead.actor, Purpose.GRANT_ACCESS, plan.case) as visit:
        visit.grant(PLAN, Kind.GROUP, key)
        visit.grant(PLAN, Kind.RECOVERY, recovery_recipient(visit))
    before, _, folded = mine.get("/s/1/add").partition("<details")
    assert "Can be read by: you, Karin, Lena." in words_of(before)
    assert "And in an emergency?" in folded
    assert "emergency" not in before
    page = words_of(mine.get())
    assert "In an emergency the unit's staff can open it too. They must give a reason, and you will see it." in page
    assert "two key holders of the house could open it together" in page
    assert "and the resident will see it." in words_of(theirs.get())


def test_a_plan_with_twelve_items_is_light(plan: Plan, mine: Browser) -> None:
    """One form for all taps; no heavy form an item."""
    names = list(SectionName)
    for n in range(12):
        add(plan, f"Something to do, number {n}: ring first, then go there together.", names[n % len(names)])
    answer = mine.client.get("/n/plan", headers={"Accept-Language": "sv"}, **BASE)
    assert len(answer.data) <= 12_000
    inside = answer.get_data(as_text=True).split("<main", 1)[1].split("</main>", 1)[0]
    assert inside.count("<form") == 1


def test_the_title_is_the_same_on_every_page(plan: Plan, mine: Browser) -> None:
    item = add(plan, "Talk to my manager")
    paths = ["", "/print", "/s/5", "/s/5/add", "/s/5/history", f"/i/{item}", f"/i/{item}/history"]
    titles = {re.search("<title>(.*?)</title>", mine.get(path))[1] for path in paths}  # type: ignore[index]
    assert len(titles) == 1


# -- writing ---------------------------------------------------------------------------------------------------


def test_something_is_added_and_sent_twice_it_is_one(plan: Plan, mine: Browser, theirs: Browser) -> None:
    form = mine.get("/s/5/add")
    item = re.search(r'name="item" value="([a-z2-7]{26})"', form)
    assert item
    for _ in range(2):
        typed = {"item": item[1], "text": "Talk to my manager", "who": "Me", "by": "2027-03-31"}
        answer = mine.post("/s/5/add", typed)
        assert answer.location == "/n/plan?done=item-added#s5"
    assert revisions(plan) == 1
    page = words_of(theirs.get())
    assert "Talk to my manager Me · by 31 March 2027" in page


def test_what_is_not_accepted_is_kept(plan: Plan, mine: Browser) -> None:
    item = new_id()
    typed = {"item": item, "text": "x" * 2001, "who": "Karin & <me>", "by": "31/3"}
    page = unescape(mine.post("/s/5/add", typed, status=422).get_data(as_text=True))
    assert "x" * 2001 in page and "31/3" in page and "Karin &" in page
    assert f'name="item" value="{item}"' in page
    assert "This is longer than 2,000 characters." in page and "Write the day like this" in page
    assert 'href="#f-text"' in page
    assert revisions(plan) == 0


def test_a_change_that_is_not_accepted_keeps_what_was_seen(plan: Plan, mine: Browser) -> None:
    """Otherwise mending the form would write over what somebody saved meanwhile."""
    item = add(plan, "Talk to my manager")
    plan.do(plan.staff, actions.change_item, item_id=item, seen=1, wording=accept_wording("Talk to the union"))
    page = mine.post(f"/i/{item}", {"seen": 1, "text": "", "who": "Me", "by": ""}, status=422).get_data(as_text=True)
    assert 'name="seen" value="1"' in page and 'value="Me"' in page
    mine.post(f"/i/{item}", {"seen": 1, "text": "Mine", "who": "Me", "by": ""}, status=409)


def test_the_second_of_two_people_chooses(plan: Plan, mine: Browser, theirs: Browser) -> None:
    item = add(plan, "I ring Karin.")
    theirs.post(f"/i/{item}", {"seen": 1, "text": "I ring Karin or Lena.", "who": "", "by": ""})
    typed = {"seen": 1, "text": "I ring Karin. Then I wait.", "who": "Me", "by": "2027-01-31"}
    answer = mine.post(f"/i/{item}", typed, status=409)
    html = unescape(answer.get_data(as_text=True))
    page = words_of(html)
    assert "I ring Karin. Then I wait." in page and "I ring Karin or Lena." in page
    assert "Saved meanwhile Karin" in page
    assert re.search(r"<del>.*? or Lena.*?</del>", html) and re.search(r"<ins>.*?Then I wait.*?</ins>", html)
    assert "I ring Karin or Lena. Then I wait.</textarea>" in html  # both together, to begin with
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    assert (hidden["text"], hidden["who"], hidden["by"]) == ("I ring Karin. Then I wait.", "Me", "2027-01-31")
    assert html.count('name="seen" value="2"') == 2
    mine.post(f"/i/{item}", {**typed, "seen": 2})  # keep mine
    assert "I ring Karin. Then I wait." in words_of(theirs.get())
    told = words_of(mine.get(f"/i/{item}/history"))
    assert "As it stood then I ring Karin or Lena." in told and "Karin in 0 seconds" in told


def test_an_addition_sent_again_with_other_words_after_somebody_changed_it(plan: Plan, mine: Browser) -> None:
    item = add(plan, "I ring Karin.")
    plan.do(plan.staff, actions.change_item, item_id=item, seen=1, wording=accept_wording("I ring Lena."))
    answer = mine.post("/s/5/add", {"item": item, "text": "I ring Sara.", "who": "", "by": ""}, status=409)
    page = words_of(answer.get_data(as_text=True))
    assert "I ring Lena." in page and "I ring Sara." in page


def test_done_in_one_tap_and_back_again(plan: Plan, mine: Browser) -> None:
    item = add(plan, "Talk to my manager")
    answer = mine.post("/tap", {"done": item})
    assert answer.location == "/n/plan?done=item-done#s5"
    assert f'name="open" value="{item}" aria-pressed="true"' in mine.get()
    answer = mine.post("/tap", {"open": item, "from": "section"})
    assert answer.location == "/n/plan/s/5?done=item-open"
    assert f'name="done" value="{item}" aria-pressed="false"' in mine.get()


def test_taken_away_and_brought_back(plan: Plan, mine: Browser) -> None:
    item = add(plan, "Talk to my manager")
    mine.post(f"/i/{item}/remove", {})
    assert "Talk to my manager" not in mine.get()
    assert "Talk to my manager" in mine.get("/s/5")
    assert "Bring back" in mine.get(f"/i/{item}")
    mine.post(f"/i/{item}/back", {})
    assert "Talk to my manager" in mine.get()
    page = words_of(mine.get("/s/5/history"))
    assert "Brought this back:" in page and "Took this away:" in page and "Added:" in page


def test_still_right_and_the_day_to_look_again(plan: Plan, mine: Browser, theirs: Browser) -> None:
    add(plan, "Ask who delivers", SectionName.HOME)
    mine.post("/tap", {"right": "7"})
    page = words_of(theirs.get("/s/7"))
    assert "“Still right”: the resident" in page and "Look at it again on" in page
    answer = mine.post("/s/7/date", {"seen": 1, "review_on": "2000-01-01"}, status=422)
    assert "That day has passed." in answer.get_data(as_text=True)
    assert 'value="2000-01-01"' in answer.get_data(as_text=True)
    theirs.post("/s/7/date", {"seen": 1, "review_on": "2099-01-01"})
    answer = mine.post("/s/7/date", {"seen": 1, "review_on": "2098-01-01"}, status=409)
    page = answer.get_data(as_text=True)
    assert "1 January 2099" in page and 'value="2098-01-01"' in page and 'name="seen" value="2"' in page


def test_a_day_that_has_passed_is_said_calmly(plan: Plan, app: Flask) -> None:
    add(plan, "Ask who delivers", SectionName.HOME)
    plan.do(plan.resident, actions.confirm_section, section=SectionName.HOME)
    plan.clock.advance(days=120)
    page = words_of(Browser(signed_in(app, plan.resident), "/n/plan").get())
    assert page.count("It was time to look at this again on") == 1
    assert page.count("Look again") == 1


def test_the_code_word_is_not_printed(plan: Plan, mine: Browser) -> None:
    add(plan, "Lingonberry, to my sister", SectionName.CODE_WORD)
    add(plan, "Talk to my manager")
    page = mine.get("/print")
    assert "Talk to my manager" in page and "Lingonberry" not in page
    assert "Keep this where only you look." in page


# -- who gets in -----------------------------------------------------------------------------------------------


@pytest.fixture
def outsiders(app: Flask, plan: Plan, home: TestHouse) -> Iterator[list[FlaskClient]]:
    roles = [home.person(role) for role in (Role.LEAD, Role.OFFICER, Role.ADMINISTRATOR)]
    yield [signed_in(app, who) for who in [plan.stranger, *roles, home.resident(plan.lead)]]


def test_nobody_else_finds_a_page(plan: Plan, outsiders: list[FlaskClient]) -> None:
    item = add(plan, "Talk to my manager")
    paths = ["", "/print", "/s/5", "/s/5/add", "/s/5/history", f"/i/{item}", f"/i/{item}/history"]
    for client in outsiders:
        for path in paths:
            for base in (f"/s/c/{plan.case}/plan", "/n/plan"):
                if base == "/n/plan" and "/i/" not in path:
                    continue  # a resident finds her own there
                answer = client.get(base + path, **BASE)
                assert answer.status_code == 404, (base + path, answer.status_code)
                assert b"manager" not in answer.data


def test_nobody_goes_through_the_others_door(plan: Plan, mine: Browser, theirs: Browser) -> None:
    Browser(mine.client, theirs.base).get(status=404)
    Browser(theirs.client, mine.base).get(status=404)


def test_nobody_signed_in_is_sent_to_the_door(app: Flask, plan: Plan) -> None:
    for address in ("/n/plan", f"/s/c/{plan.case}/plan"):
        assert app.test_client().get(address, **BASE).status_code == 303


def test_a_form_without_its_token_writes_nothing(plan: Plan, mine: Browser) -> None:
    item = add(plan, "Talk to my manager")
    for path, form in (
        ("/s/5/add", {"item": new_id(), "text": "Planted"}),
        (f"/i/{item}", {"seen": 1, "text": "Planted"}),
        (f"/i/{item}/remove", {}),
        ("/tap", {"done": item}),
    ):
        answer = mine.client.post("/n/plan" + path, data=form, headers=ENGLISH, **BASE)
        assert answer.status_code == 400
    assert revisions(plan) == 1


@pytest.mark.parametrize(
    "path", ["/s/0", "/s/12", "/s/99999999999999999999", "/s/x", "/i/x", "/i/%00", "/i/" + "A" * 26, "/i/" + "a" * 26]
)
def test_what_is_no_page_is_missing(mine: Browser, path: str) -> None:
    mine.get(path, status=404)


@pytest.mark.parametrize("form", [{}, {"done": "x"}, {"open": ""}, {"right": "x"}, {"right": "0"}, {"right": "12"}])
def test_a_tap_on_nothing_is_missing(mine: Browser, form: dict[str, str]) -> None:
    mine.post("/tap", form, status=404)


def test_words_are_shown_as_they_were_written(plan: Plan, mine: Browser) -> None:
    item = add(plan, "<script>alert(1)</script> & 'so on' \"here\"")
    for path in ("", "/s/5", f"/i/{item}", "/s/5/history", "/print"):
        answer = mine.client.get("/n/plan" + path, headers=ENGLISH, **BASE)
        assert b"<script>alert" not in answer.data
        assert b"&lt;script&gt;alert(1)" in answer.data


# -- what stands in the database -------------------------------------------------------------------------------


def test_the_database_tells_neither_words_nor_sections(plan: Plan, mine: Browser) -> None:
    add(plan, "Lingonberry", SectionName.CHILDREN)
    mine.post("/tap", {"right": "6"})
    with plan.home.house.store.snapshot() as tx:
        for one in (table.PLAN_ITEM, table.PLAN_SECTION):
            for row in tx.all(one.select().where(one.c.case_id == plan.case)):
                stored = b"".join(str(v).encode() if not isinstance(v, bytes) else v for v in row)
                assert b"Lingonberry" not in stored and b"children" not in stored


def test_a_body_moved_to_another_item_is_not_shown(plan: Plan, mine: Browser) -> None:
    first, second = add(plan, "Lingonberry"), add(plan, "Cloudberry")
    with plan.home.house.store.engine.begin() as connection:
        rows = table.PLAN_ITEM
        body = connection.execute(rows.select().where(rows.c.item_id == first)).one().body
        connection.execute(rows.update().where(rows.c.item_id == second).values(body=body))
    page = mine.get()
    assert page.count("Lingonberry") == 1 and "Cloudberry" not in page
    assert "Something is missing here" in page
