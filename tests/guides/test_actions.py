"""Asking a guide, on real databases through the real vault."""

import dataclasses
from typing import Any

import pytest

from safetyplan.errors import NotAccepted, Refused, Tampered
from safetyplan.guides import actions, engine
from safetyplan.guides.actions import GuidePage, State, guide_numbered
from safetyplan.guides.answers import STEP, AllAnswers
from safetyplan.guides.conditions import UNKNOWN
from safetyplan.guides.engine import Answer, Asked
from safetyplan.plans import actions as plan_actions
from safetyplan.plans.model import SectionName
from safetyplan.store import guides as table
from safetyplan.vault import Revealed, reveal
from tests.guides.conftest import Asking

WORK, FRIENDS, FLAT = (guide_numbered(number) for number in (1, 2, 3))
ANSWERS = {"K6": "mine", "K1": "sweden", "K2": "sekretess", "K5": "several", "K9": "looking"}


def row(asking: Asking) -> Any:
    with asking.home.house.store.snapshot() as tx:
        return table.answers(tx, str(asking.resident.actor.own_case))


def answer_all(asking: Asking, guide: Any, answers: dict[str, str]) -> Answer:
    """Answer as given, skip the rest."""
    step = asking.do(actions.begin, guide=guide, carry=False)
    while isinstance(step, Asked):
        choice = answers.get(step.question.id, UNKNOWN)
        step = asking.do(actions.answer, guide=guide, question=step.question.id, choice=choice)
    assert isinstance(step, Answer)
    return step


def see(asking: Asking, guide: Any, **more: Any) -> GuidePage:
    page = asking.do(actions.see_guide, guide=guide, **more)
    assert isinstance(page, GuidePage)
    return page


def test_from_the_list_to_an_answer(asking: Asking) -> None:
    page = asking.do(actions.see_guides)
    assert [(line.guide.id, line.state) for line in page.lines] == [
        ("workplace", State.NOT_BEGUN),
        ("new_friends", State.NOT_BEGUN),
        ("flat", State.NOT_BEGUN),
    ]
    assert [person.you for person in page.readers.people] == [True, False, False]
    asking.do(actions.begin, guide=WORK, carry=False)
    assert see(asking, WORK).state is State.BEGUN
    answer_all(asking, WORK, ANSWERS)
    page = see(asking, WORK)
    assert (page.state, page.changed, page.in_plan) == (State.ANSWERED, False, {})
    assert isinstance(page.step, Answer)
    assert {given.question.id: given.choice and given.choice.id for given in page.step.given} == {
        **ANSWERS,
        "trade": None,
        "af": None,
        "member": None,
    }


def test_an_answer_can_be_changed_and_what_hung_on_it_is_asked_again(asking: Asking) -> None:
    answer_all(asking, WORK, ANSWERS)
    page = see(asking, WORK, question="K1")
    assert isinstance(page.step, Asked)
    assert (page.step.question.id, page.step.chosen) == ("K1", "sweden")
    step = asking.do(actions.answer, guide=WORK, question="K1", choice="denmark")
    assert isinstance(step, Asked)
    assert step.question.id == "K2"


def test_what_is_not_on_offer_is_not_kept(asking: Asking) -> None:
    asking.do(actions.begin, guide=WORK, carry=False)
    before = row(asking)
    for question, choice in (("K6", "perhaps"), ("K6", ""), ("member", "maybe"), ("af", "no"), ("nothing", "yes")):
        with pytest.raises(NotAccepted):
            asking.do(actions.answer, guide=WORK, question=question, choice=choice)
    assert row(asking) == before


def test_shared_answers_are_taken_along_but_the_device_is_asked_each_time(asking: Asking) -> None:
    answer_all(asking, WORK, ANSWERS)
    page = see(asking, FRIENDS)
    carried = {given.question.id: given.choice and given.choice.id for given in page.carried}
    assert carried == {"K1": "sweden", "K2": "sekretess", "K5": "several"}
    step = asking.do(actions.begin, guide=FRIENDS, carry=True)
    assert isinstance(step, Asked)
    assert (step.question.id, step.number) == ("K6", 1)
    step = asking.do(actions.answer, guide=FRIENDS, question="K6", choice="mine")
    assert isinstance(step, Asked)
    assert step.question.id == "kind"


def test_nothing_is_taken_along_unasked(asking: Asking) -> None:
    answer_all(asking, WORK, ANSWERS)
    asking.do(actions.begin, guide=FRIENDS, carry=False)
    step = asking.do(actions.answer, guide=FRIENDS, question="K6", choice=UNKNOWN)
    assert isinstance(step, Asked)
    assert step.question.id == "K1"


def test_beginning_twice_keeps_what_was_answered(asking: Asking) -> None:
    answer_all(asking, WORK, ANSWERS)
    assert isinstance(asking.do(actions.begin, guide=WORK, carry=False), Answer)


def test_an_action_goes_into_the_plan_once_in_her_language(asking: Asking) -> None:
    answer_all(asking, WORK, ANSWERS)
    first = asking.do(actions.add_to_plan, guide=WORK, chosen="decide", language="da")
    assert asking.do(actions.add_to_plan, guide=WORK, chosen="decide", language="sv") == first
    assert see(asking, WORK).in_plan == {"decide": first}
    plan = asking.do(plan_actions.see_plan)
    kept = {view.name: [reveal(k.item.wording.text) for k in view.items] for view in plan.sections if view.items}
    assert kept == {SectionName.WORK: ["Aftale med min kontaktperson, hvad jeg fortæller og til hvem"]}


def test_what_is_taken_out_of_the_plan_can_be_added_again(asking: Asking) -> None:
    answer_all(asking, WORK, ANSWERS)
    first = asking.do(actions.add_to_plan, guide=WORK, chosen="decide", language="sv")
    asking.do(plan_actions.remove_item, item_id=first)
    assert see(asking, WORK).in_plan == {}
    assert asking.do(actions.add_to_plan, guide=WORK, chosen="decide", language="sv") != first


@pytest.mark.parametrize("chosen", ["book-talk", "no such action", ""])
def test_only_actions_of_her_own_answer_go_into_the_plan(asking: Asking, chosen: str) -> None:
    answer_all(asking, WORK, ANSWERS)  # she is looking for work: there is no manager to book a talk with
    with pytest.raises(Refused):
        asking.do(actions.add_to_plan, guide=WORK, chosen=chosen, language="sv")


def test_an_unanswered_guide_gives_no_actions(asking: Asking) -> None:
    asking.do(actions.begin, guide=WORK, carry=False)
    with pytest.raises(Refused):
        asking.do(actions.add_to_plan, guide=WORK, chosen="decide", language="sv")


def test_forgetting_leaves_no_row_and_keeps_the_plan(asking: Asking) -> None:
    answer_all(asking, WORK, ANSWERS)
    answer_all(asking, FLAT, {"K6": "mine"})
    item = asking.do(actions.add_to_plan, guide=WORK, chosen="decide", language="sv")
    asking.do(actions.forget, guide=WORK)
    assert (see(asking, WORK).state, see(asking, FLAT).state) == (State.NOT_BEGUN, State.ANSWERED)
    asking.do(actions.forget, guide=WORK)
    asking.do(actions.forget, guide=FLAT)
    assert row(asking) is None
    answer_all(asking, WORK, ANSWERS)
    assert see(asking, WORK).in_plan == {"decide": item}


def test_a_guide_that_says_something_else_now_says_so(asking: Asking) -> None:
    answer_all(asking, WORK, ANSWERS)
    newer = dataclasses.replace(WORK, version=WORK.version + 1)
    assert see(asking, newer).changed
    asking.do(actions.answer, guide=newer, question="member", choice="yes")
    assert not see(asking, newer).changed


def test_the_length_tells_neither_how_many_guides_nor_what(asking: Asking) -> None:
    asking.do(actions.begin, guide=WORK, carry=False)
    begun = row(asking)
    for guide in (WORK, FRIENDS, FLAT):
        answer_all(asking, guide, ANSWERS)
    answered = row(asking)
    assert len(answered.body) == len(begun.body) >= STEP
    assert (answered.id, answered.revision > begun.revision) == (begun.id, True)
    for word in (b"workplace", b"sekretess", b"sweden", b"K2"):
        assert word not in bytes(answered.body)


def test_staff_have_no_verb_here(asking: Asking) -> None:
    for who in (asking.staff, asking.lead):
        for action, given in (
            (actions.see_guides, {}),
            (actions.see_guide, {"guide": WORK}),
            (actions.begin, {"guide": WORK, "carry": False}),
            (actions.answer, {"guide": WORK, "question": "K6", "choice": "yes"}),
            (actions.forget, {"guide": WORK}),
            (actions.add_to_plan, {"guide": WORK, "chosen": "decide", "language": "sv"}),
        ):
            with pytest.raises(Refused):
                action(who.vault, who.actor, **given)  # type: ignore[operator]


def test_answers_put_into_another_case_do_not_open(asking: Asking) -> None:
    other = asking.home.resident(asking.lead)
    answer_all(asking, WORK, ANSWERS)
    mine = row(asking)
    with asking.home.house.store.transaction() as tx:
        tx.add(table.GUIDE_ANSWER, {**mine._asdict(), "id": "a" * 26, "case_id": other.actor.own_case})
    with pytest.raises(Tampered):
        actions.see_guides(other.vault, other.actor)
    with asking.home.house.store.transaction() as tx:
        tx.delete(table.GUIDE_ANSWER, "a" * 26)


def test_there_is_no_other_guide() -> None:
    for number in (0, -1, 4, 99):
        with pytest.raises(Refused):
            guide_numbered(number)


def test_the_body_has_one_encoding() -> None:
    kept = AllAnswers().with_answers(WORK, {"K1": "sweden"}).with_answers(FLAT, {})
    body = kept.to_body()
    assert AllAnswers.from_body(Revealed(body)) == kept
    assert len(body) == STEP
    with pytest.raises(ValueError, match="one encoding"):
        AllAnswers.from_body(Revealed(body.strip()))


def test_answers_of_a_guide_that_is_gone_do_no_harm() -> None:
    kept = AllAnswers().with_answers(WORK, {"K1": "sweden", "old question": "old choice", "K2": "old choice"})
    assert engine.keep(WORK, kept.guides["workplace"].answers) == {"K1": "sweden"}
    assert kept.carried_to(FLAT) == {"K1": "sweden", "K2": "old choice"}
    assert engine.keep(FLAT, kept.carried_to(FLAT)) == {"K1": "sweden"}
