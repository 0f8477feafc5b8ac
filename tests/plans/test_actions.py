"""What people do with a plan, on real databases through the real vault."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from safetyplan.actors import Purpose, RecordId, Role, new_id
from safetyplan.errors import NotAccepted, Refused, Stale
from safetyplan.plans import actions, items, model
from safetyplan.plans.history import ItemEvent, SectionEvent
from safetyplan.plans.model import SectionName, accept_wording
from safetyplan.store import plans as table
from safetyplan.vault import reveal
from tests.builders import Person
from tests.plans.conftest import Plan


def add(plan: Plan, who: Person, section: SectionName, text: str, by: str = "") -> RecordId:
    item_id = RecordId(new_id())
    plan.clock.advance(seconds=1)
    plan.do(who, actions.add_item, item_id=item_id, section=section, wording=accept_wording(text, "", by))
    return item_id


def texts(plan: Plan, who: Person, section: SectionName) -> list[str]:
    page = plan.do(who, actions.see_plan)
    view = next(view for view in page.sections if view.name is section)
    return [reveal(kept.item.wording.text) for kept in view.items]


def rows(plan: Plan) -> int:
    with plan.home.house.store.snapshot() as tx:
        return len(tx.all(table.PLAN_ITEM.select().where(table.PLAN_ITEM.c.case_id == plan.case)))


# -- items -----------------------------------------------------------------------------------------------------


def test_an_empty_plan_has_every_section(plan: Plan) -> None:
    page = plan.do(plan.resident, actions.see_plan)
    assert [view.name for view in page.sections] == list(SectionName)
    assert all(view.items == () and not view.stale for view in page.sections)


def test_both_write_and_both_read(plan: Plan) -> None:
    add(plan, plan.resident, SectionName.SIGNS, "My phone is warm")
    add(plan, plan.staff, SectionName.SIGNS, "The same car twice")
    for who in (plan.resident, plan.staff, plan.lead):
        assert texts(plan, who, SectionName.SIGNS) == ["My phone is warm", "The same car twice"]
        assert texts(plan, who, SectionName.HOME) == []


def test_sent_twice_is_one_item(plan: Plan) -> None:
    item_id, words = RecordId(new_id()), accept_wording("Ring Karin")
    for _ in range(2):
        plan.do(plan.resident, actions.add_item, item_id=item_id, section=SectionName.CONTACTS, wording=words)
    assert (rows(plan), texts(plan, plan.resident, SectionName.CONTACTS)) == (1, ["Ring Karin"])


def test_sent_twice_with_other_words_is_no_second_item(plan: Plan) -> None:
    """Gone back in the browser, written on, sent again: nobody wrote meanwhile, so it is a change."""
    item_id = add(plan, plan.resident, SectionName.CONTACTS, "Ring Karin")
    given: dict[str, Any] = {"item_id": item_id, "section": SectionName.CONTACTS}
    plan.do(plan.resident, actions.add_item, wording=accept_wording("Ring Karin first"), **given)
    assert texts(plan, plan.resident, SectionName.CONTACTS) == ["Ring Karin first"]
    with pytest.raises(Stale):
        plan.do(plan.resident, actions.add_item, wording=accept_wording("Ring Karin last"), **given)
    assert rows(plan) == 2


def test_an_id_of_another_plan_is_not_taken(plan: Plan, home: Any) -> None:
    item_id = add(plan, plan.resident, SectionName.CONTACTS, "Ring Karin")
    other = home.resident(plan.lead)
    with pytest.raises(Stale):
        actions.add_item(
            other.vault,
            other.actor,
            item_id=item_id,
            section=SectionName.CONTACTS,
            wording=accept_wording("Mine"),
        )
    for see in (actions.see_item, actions.see_item_history, actions.remove_item):
        with pytest.raises(Refused):
            see(other.vault, other.actor, item_id=item_id)


def test_nothing_is_overwritten(plan: Plan) -> None:
    item_id = add(plan, plan.resident, SectionName.WORK, "Talk to my manager")
    change(plan, plan.resident, item_id, 1, "Talk to my manager on Monday")
    plan.do(plan.staff, actions.mark_item, item_id=item_id, done=True)
    plan.do(plan.resident, actions.remove_item, item_id=item_id)
    assert texts(plan, plan.resident, SectionName.WORK) == []
    assert rows(plan) == 4
    removed = plan.do(plan.resident, actions.see_section, section=SectionName.WORK).view.removed
    assert [kept.id for kept in removed] == [item_id]
    plan.do(plan.resident, actions.remove_item, item_id=item_id, removed=False)
    kept = plan.do(plan.resident, actions.see_item, item_id=item_id).kept
    assert (kept.revision, kept.item.done, kept.item.removed) == (5, True, False)
    assert reveal(kept.item.wording.text) == "Talk to my manager on Monday"


def change(plan: Plan, who: Person, item_id: RecordId, seen: int, text: str) -> None:
    plan.do(who, actions.change_item, item_id=item_id, seen=seen, wording=accept_wording(text))


def test_a_second_tap_writes_nothing(plan: Plan) -> None:
    item_id = add(plan, plan.resident, SectionName.WORK, "Talk to my manager")
    for _ in range(2):
        plan.do(plan.resident, actions.mark_item, item_id=item_id, done=True)
    for _ in range(2):
        plan.do(plan.resident, actions.remove_item, item_id=item_id)
    assert rows(plan) == 3


def test_a_revision_that_never_was_is_refused(plan: Plan) -> None:
    item_id = add(plan, plan.resident, SectionName.WORK, "Talk to my manager")
    for seen in (0, 2, 99):
        with pytest.raises(Refused):
            change(plan, plan.resident, item_id, seen, "Something else")


# -- two people at once ----------------------------------------------------------------------------------------


def test_the_second_sees_both_versions_and_chooses(plan: Plan) -> None:
    item_id = add(plan, plan.resident, SectionName.WHAT_I_DO, "I go to the shop and ring.")
    change(plan, plan.staff, item_id, 1, "I go to the shop on the corner and ring.")
    mine = accept_wording("I go to the shop and ring. Then I wait.", "Me")
    with pytest.raises(Stale):
        plan.do(plan.resident, actions.change_item, item_id=item_id, seen=1, wording=mine)
    page = plan.do(plan.resident, actions.compare, item_id=item_id, seen=1, wording=mine)
    assert page.mine == mine
    assert page.theirs.revision == 2
    assert reveal(page.by.name) == "Karin"
    assert "".join(reveal(part.text) for part in page.difference if part.kind != "gone") == reveal(mine.text)
    assert reveal(page.both.text) == "I go to the shop on the corner and ring. Then I wait."
    assert reveal(page.both.who) == "Me"
    plan.do(plan.resident, actions.change_item, item_id=item_id, seen=2, wording=page.both)
    assert texts(plan, plan.staff, SectionName.WHAT_I_DO) == [reveal(page.both.text)]
    told = plan.do(plan.staff, actions.see_item_history, item_id=item_id)
    assert [event.kept.revision for event in told.events] == [3, 2, 1]


def test_a_tap_between_opening_and_saving_is_no_clash(plan: Plan) -> None:
    item_id = add(plan, plan.resident, SectionName.WORK, "Talk to my manager")
    plan.do(plan.staff, actions.mark_item, item_id=item_id, done=True)
    change(plan, plan.resident, item_id, 1, "Talked to my manager")
    kept = plan.do(plan.staff, actions.see_item, item_id=item_id).kept
    assert (kept.item.done, reveal(kept.item.wording.text)) == (True, "Talked to my manager")


def test_words_for_what_was_taken_away_meanwhile_are_a_clash(plan: Plan) -> None:
    item_id = add(plan, plan.resident, SectionName.WORK, "Talk to my manager")
    plan.do(plan.staff, actions.remove_item, item_id=item_id)
    with pytest.raises(Stale):
        change(plan, plan.resident, item_id, 1, "Talk to the union")
    change(plan, plan.resident, item_id, 2, "Talk to the union")
    assert texts(plan, plan.resident, SectionName.WORK) == ["Talk to the union"]


def test_at_the_very_same_moment_nothing_is_lost(plan: Plan) -> None:
    """Every writer either saves or is told; every accepted text is a revision."""
    item_id = add(plan, plan.resident, SectionName.WORK, "Talk to my manager")
    told: list[str] = []
    outcomes = threading.Lock()

    def write(who: Person, n: int) -> None:
        text = f"Version {n}"
        try:
            change(plan, who, item_id, 1, text)
        except Stale:
            text = ""
        with outcomes:
            told.append(text)

    threads = [
        threading.Thread(target=write, args=(who, n))
        for n, who in enumerate([plan.resident, plan.staff, plan.lead] * 3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    saved = [text for text in told if text]
    assert (len(told), len(saved)) == (9, 1)
    assert texts(plan, plan.resident, SectionName.WORK) == saved


def test_taps_at_the_very_same_moment_all_succeed(plan: Plan) -> None:
    """No tap is refused because of another; on PostgreSQL they queue at the case."""
    item_id = add(plan, plan.resident, SectionName.WORK, "Talk to my manager")
    failed: list[BaseException] = []

    def tap(who: Person, done: bool) -> None:
        try:
            plan.do(who, actions.mark_item, item_id=item_id, done=done)
        except BaseException as error:  # noqa: BLE001 - collected and asserted below
            failed.append(error)

    threads = [
        threading.Thread(target=tap, args=(who, n % 2 == 0))
        for n, who in enumerate([plan.resident, plan.staff, plan.lead] * 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


# -- what guides call ------------------------------------------------------------------------------------------


def test_a_guide_puts_an_item_in_within_its_own_visit(plan: Plan) -> None:
    case = plan.case
    given: dict[str, Any] = {"section": "work", "text": "Talk to my manager", "source": "work/tell"}
    with plan.resident.vault.visit(plan.resident.actor, Purpose.ASK_A_GUIDE, case) as visit:
        first = items.add_item(visit, **given)
    with plan.resident.vault.visit(plan.resident.actor, Purpose.ASK_A_GUIDE, case) as visit:
        assert items.add_item(visit, **given) == first
    kept = plan.do(plan.staff, actions.see_item, item_id=first).kept
    assert (kept.item.source, kept.item.section) == ("work/tell", SectionName.WORK)
    plan.do(plan.resident, actions.remove_item, item_id=first)
    with plan.resident.vault.visit(plan.resident.actor, Purpose.ASK_A_GUIDE, case) as visit:
        assert items.add_item(visit, **given) != first


def test_a_guide_cannot_put_in_nothing(plan: Plan) -> None:
    with (
        pytest.raises(NotAccepted),
        plan.resident.vault.visit(plan.resident.actor, Purpose.ASK_A_GUIDE, plan.case) as visit,
    ):
        items.add_item(visit, section="work", text=" ")
    assert rows(plan) == 0


# -- sections --------------------------------------------------------------------------------------------------


def test_still_right_in_one_tap(plan: Plan) -> None:
    plan.do(plan.resident, actions.confirm_section, section=SectionName.HOME)
    plan.do(plan.resident, actions.confirm_section, section=SectionName.HOME)
    page = plan.do(plan.staff, actions.see_section, section=SectionName.HOME)
    assert page.view.kept.revision == 1
    assert page.confirmed_by.role is Role.RESIDENT
    assert page.view.kept.section.review_on == page.today + model.LOOK_AGAIN


def test_a_day_that_has_passed_shows_until_somebody_looks(plan: Plan) -> None:
    page = plan.do(plan.resident, actions.see_section, section=SectionName.HOME)
    given = {"section": SectionName.HOME, "review_on": page.today + timedelta(days=2), "seen": 0}
    plan.do(plan.resident, actions.set_review, **given)
    plan.clock.advance(days=3)
    stale = [view.name for view in plan.do(plan.staff, actions.see_plan).sections if view.stale]
    assert stale == [SectionName.HOME]
    plan.do(plan.staff, actions.confirm_section, section=SectionName.HOME)
    assert not any(view.stale for view in plan.do(plan.staff, actions.see_plan).sections)


def test_a_day_that_has_passed_is_not_chosen(plan: Plan) -> None:
    today = plan.do(plan.resident, actions.see_section, section=SectionName.HOME).today
    with pytest.raises(NotAccepted):
        plan.do(
            plan.resident,
            actions.set_review,
            section=SectionName.HOME,
            review_on=today - timedelta(days=1),
            seen=0,
        )


def test_two_days_at_once_are_a_clash(plan: Plan) -> None:
    today = plan.do(plan.resident, actions.see_section, section=SectionName.HOME).today
    one, two = today + timedelta(days=10), today + timedelta(days=20)
    given: dict[str, Any] = {"section": SectionName.HOME}
    plan.do(plan.staff, actions.set_review, review_on=one, seen=0, **given)
    plan.do(plan.resident, actions.set_review, review_on=one, seen=0, **given)  # the same day: nothing to say
    with pytest.raises(Stale):
        plan.do(plan.resident, actions.set_review, review_on=two, seen=0, **given)
    plan.do(plan.resident, actions.set_review, review_on=two, seen=1, **given)
    plan.do(plan.resident, actions.set_review, review_on=None, seen=2, **given)
    page = plan.do(plan.resident, actions.see_section, section=SectionName.HOME)
    assert (page.view.kept.revision, page.view.kept.section.review_on) == (3, None)


def test_what_is_due_can_be_read_with_nobody_signed_in(plan: Plan) -> None:
    from safetyplan.fields import Field

    plan.do(plan.resident, actions.confirm_section, section=SectionName.HOME)
    with plan.home.vault.note(None, "due.read") as note:
        row = table.current_sections(note.tx, plan.case)[0]
        due = note.open(note.ref(Field.PLAN_SECTION_DUE, row.section_id, row.revision), row.due)
    assert int(reveal(due)) > plan.clock()


# -- history ---------------------------------------------------------------------------------------------------


def test_a_section_tells_everything_that_happened_in_it(plan: Plan) -> None:
    item_id = add(plan, plan.resident, SectionName.HOME, "Ask who delivers")
    add(plan, plan.resident, SectionName.MONEY, "Elsewhere")
    plan.clock.advance(seconds=60)
    plan.do(plan.staff, actions.confirm_section, section=SectionName.HOME)
    plan.clock.advance(seconds=60)
    change(plan, plan.staff, item_id, 1, "Ask who delivers, and when")
    told = plan.do(plan.resident, actions.see_section_history, section=SectionName.HOME)
    newest, middle, oldest = told.events
    assert isinstance(newest, ItemEvent) and isinstance(middle, SectionEvent) and isinstance(oldest, ItemEvent)
    assert [(str(part.kind), reveal(part.text)) for part in newest.changes.text] == [
        ("same", "Ask who delivers"),
        ("new", ", and when"),
    ]
    assert newest.by.name and reveal(newest.by.name) == "Karin"
    assert oldest.by.you and oldest.changes.added
    assert middle.confirmed
    assert not told.more


def test_a_long_history_comes_in_pages(plan: Plan) -> None:
    item_id = add(plan, plan.resident, SectionName.HOME, "Version 1")
    for n in range(1, 30):
        plan.clock.advance(seconds=1)
        change(plan, plan.resident, item_id, n, f"Version {n + 1}")
    first = plan.do(plan.resident, actions.see_item_history, item_id=item_id)
    second = plan.do(plan.resident, actions.see_item_history, item_id=item_id, page=2)
    numbers = [event.kept.revision for event in (*first.events, *second.events)]
    assert (numbers, first.more, second.more) == (list(range(30, 0, -1)), True, False)
    assert all(event.changes.text for event in first.events)
    assert plan.do(plan.resident, actions.see_item_history, item_id=item_id, page=3).events == ()


# -- who gets in -----------------------------------------------------------------------------------------------

EVERY_LOOK: list[tuple[Any, dict[str, Any]]] = [
    (actions.see_plan, {}),
    (actions.see_frame, {}),
    (actions.see_section, {"section": SectionName.HOME}),
    (actions.see_section_history, {"section": SectionName.HOME}),
    (actions.confirm_section, {"section": SectionName.HOME}),
    (actions.set_review, {"section": SectionName.HOME, "review_on": None, "seen": 0}),
]
WORDS = accept_wording("Something else")
EVERY_ITEM: list[tuple[Any, dict[str, Any]]] = [
    (actions.see_item, {}),
    (actions.see_item_history, {}),
    (actions.compare, {"seen": 1, "wording": WORDS}),
    (actions.change_item, {"seen": 1, "wording": WORDS}),
    (actions.mark_item, {"done": True}),
    (actions.remove_item, {}),
]


def test_nobody_else_gets_in_by_any_verb(plan: Plan, home: Any) -> None:
    item_id = add(plan, plan.resident, SectionName.HOME, "Ask who delivers")
    other = home.resident(plan.lead)
    outsiders = [
        plan.stranger,
        home.person(Role.LEAD, "Other"),
        home.person(Role.OFFICER, "Officer"),
        home.person(Role.ADMINISTRATOR, "Admin"),
        other,
    ]
    given: Any
    for who in outsiders:
        for action, given in [*EVERY_LOOK, *[(a, {"item_id": item_id, **g}) for a, g in EVERY_ITEM]]:
            with pytest.raises(Refused):
                action(who.vault, who.actor, case=plan.case, **given)
        with pytest.raises(Refused):
            actions.add_item(
                who.vault,
                who.actor,
                item_id=RecordId(new_id()),
                section=SectionName.HOME,
                wording=WORDS,
                case=plan.case,
            )
    assert rows(plan) == 1


def test_nobody_uses_the_others_door(plan: Plan) -> None:
    with pytest.raises(Refused):
        actions.see_plan(plan.resident.vault, plan.resident.actor, case=plan.case)
    with pytest.raises(Refused):
        actions.see_plan(plan.staff.vault, plan.staff.actor)


def test_every_item_that_was_opened_stands_in_the_log(plan: Plan) -> None:
    ids = {add(plan, plan.resident, SectionName.HOME, f"Item {n}") for n in range(3)}
    plan.do(plan.staff, actions.see_plan)
    with plan.home.house.store.snapshot() as tx:
        page = plan.home.house.log.read(tx.dbapi, case=plan.case, limit=1)
    entry = page.entries[0].entry
    assert {row.id for row in entry.objects if row.table == "plan_item"} == ids


def test_who_can_read_is_who_holds_a_grant(plan: Plan) -> None:
    readers = plan.do(plan.resident, actions.see_frame).readers
    assert [(who.you, who.role) for who in readers.people] == [
        (True, Role.RESIDENT),
        (False, Role.STAFF),
        (False, Role.LEAD),
    ]
    assert [reveal(who.name) for who in readers.people if who.name] == ["Karin", "Lena"]
    seen_by_staff = plan.do(plan.staff, actions.see_frame).readers
    assert [(who.you, who.role) for who in seen_by_staff.people][:2] == [(True, Role.STAFF), (False, Role.RESIDENT)]


def test_the_plan_is_read_in_one_query_however_long_it_is(plan: Plan) -> None:
    from sqlalchemy import event

    counts = []
    for size in (1, 12):
        while rows(plan) < size:
            add(plan, plan.resident, SectionName.HOME, "Item")
        asked: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_: Any, asked: list[str] = asked) -> None:
            asked.append(statement)

        engine = plan.home.house.store.engine
        event.listen(engine, "before_cursor_execute", note)
        plan.do(plan.resident, actions.see_plan)
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len(asked))
        assert sum("FROM plan_item" in statement for statement in asked) == 1
    assert counts[0] == counts[1]
