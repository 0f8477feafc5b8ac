"""Promises of the walk, whatever is answered."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safetyplan.errors import NotAccepted
from safetyplan.guides import engine
from safetyplan.guides.conditions import UNKNOWN, Condition, Every, Is, Not, Some
from safetyplan.guides.engine import Answer, Asked
from safetyplan.guides.model import Country, Guide

LIBRARY = engine.load()
guides = st.sampled_from(LIBRARY.guides)


@st.composite
def answered(draw: st.DrawFn) -> tuple[Guide, dict[str, str]]:
    """A guide and answers of every kind: fitting, skipped, missing, and nonsense."""
    guide = draw(guides)
    answers = {}
    for question in guide.questions:
        choices = [UNKNOWN, "nonsense", *(choice.id for choice in question.choices)]
        choice = draw(st.none() | st.sampled_from(choices))
        if choice is not None:
            answers[question.id] = choice
    return guide, answers


def walk_on(
    guide: Guide, answers: Mapping[str, str], data: st.DataObject
) -> tuple[Answer, list[Asked], dict[str, str]]:
    steps: list[Asked] = []
    counting = dict(answers)
    while isinstance(step := engine.walk(guide, counting), Asked):
        steps.append(step)
        choice = data.draw(st.sampled_from([UNKNOWN, *(choice.id for choice in step.choices)]))
        counting = engine.settle(guide, counting, step.question.id, choice)
    return step, steps, counting


@given(guides, st.data())
def test_every_walk_ends_and_counts_down(guide: Guide, data: st.DataObject) -> None:
    answer, steps, _ = walk_on(guide, {}, data)
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert len({step.question.id for step in steps}) == len(steps) <= len(guide.questions)
    at_most = [step.at_most for step in steps]
    assert at_most == sorted(at_most, reverse=True)
    assert len(steps) <= at_most[-1]
    assert [given.question.id for given in answer.given] == [step.question.id for step in steps]


@given(answered(), st.data())
def test_from_any_answers_the_walk_goes_on_to_an_answer(
    case: tuple[Guide, dict[str, str]], data: st.DataObject
) -> None:
    guide, answers = case
    answer, _, counting = walk_on(guide, answers, data)
    assert answer.points()
    assert engine.walk(guide, counting) == answer


@given(answered(), st.data())
def test_changing_an_answer_leaves_nothing_of_the_old_one(
    case: tuple[Guide, dict[str, str]], data: st.DataObject
) -> None:
    """After a change, the answer is the one that someone would get who had answered so from the beginning."""
    guide, answers = case
    counting = engine.keep(guide, walk_on(guide, answers, data)[2])
    question_id = data.draw(st.sampled_from(sorted(counting)))
    asked = engine.ask_again(guide, counting, question_id)
    assert isinstance(asked, Asked)
    assert (asked.question.id, asked.chosen) == (question_id, counting[question_id])
    choice = data.draw(st.sampled_from([UNKNOWN, *(choice.id for choice in asked.choices)]))
    changed = engine.settle(guide, counting, question_id, choice)
    answer, _, final = walk_on(guide, changed, data)
    fresh: dict[str, str] = {}
    while isinstance(step := engine.walk(guide, fresh), Asked):
        fresh = engine.settle(guide, fresh, step.question.id, final[step.question.id])
    assert (step, fresh) == (answer, final)


@given(answered())
def test_only_the_reader_s_country_speaks(case: tuple[Guide, dict[str, str]]) -> None:
    guide, answers = case
    step = engine.walk(guide, {question.id: UNKNOWN for question in guide.questions} | answers)
    if isinstance(step, Answer):
        assert Country.BOTH in step.countries
        assert {point.country for point in step.points()} <= step.countries
        assert {fact.country for fact in step.facts()} <= step.countries
        assert all(fact.may_be_stated for fact in step.facts())


def test_a_choice_that_is_not_on_offer_is_not_taken() -> None:
    guide = LIBRARY.guides[0]
    danish = {"K6": "mine", "K1": "denmark"}
    with pytest.raises(NotAccepted) as caught:
        engine.settle(guide, danish, "K2", "fingerade")
    assert set(caught.value.problems) == {"choice"}
    with pytest.raises(NotAccepted):
        engine.settle(guide, danish, "K2", "")
    with pytest.raises(NotAccepted):
        engine.settle(guide, danish, "af", "yes")
    with pytest.raises(NotAccepted):
        engine.settle(guide, danish, "no such question", "yes")


def test_an_answer_that_no_longer_fits_is_dropped() -> None:
    guide = LIBRARY.guides[0]
    swedish = {
        "K6": "mine",
        "K1": "sweden",
        "K2": "sekretess",
        "K5": "one",
        "K9": "looking",
        "trade": "no",
        "af": "yes",
    }
    moved = engine.settle(guide, swedish, "K1", "denmark")
    assert moved == {"K6": "mine", "K1": "denmark", "K5": "one", "K9": "looking", "trade": "no"}
    step = engine.walk(guide, moved)
    assert isinstance(step, Asked)
    assert step.question.id == "K2"


def test_a_question_that_is_not_asked_any_more_leads_to_the_next_one() -> None:
    guide = LIBRARY.guides[0]
    step = engine.ask_again(guide, {"K6": "mine"}, "af-or-nothing")
    assert isinstance(step, Asked)
    assert step.question.id == "K1"


a, b = Is("a", frozenset({"1"})), Is("b", frozenset({"1", UNKNOWN}))
conditions = st.recursive(
    st.sampled_from([a, b]),
    lambda parts: st.one_of(
        st.builds(Not, parts),
        st.builds(Every, st.lists(parts, min_size=1, max_size=3).map(tuple)),
        st.builds(Some, st.lists(parts, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)


@given(
    conditions,
    st.dictionaries(st.sampled_from("ab"), st.sampled_from(["1", "2", UNKNOWN])),
    st.sets(st.sampled_from("ab")),
)
def test_what_is_settled_stays_so(condition: Condition, answers: dict[str, str], still_open: set[str]) -> None:
    """If a condition is settled while questions are open, no answer to them changes it."""
    settled = condition.could({k: v for k, v in answers.items() if k not in still_open}, still_open)
    if settled is not None:
        assert settled is condition.holds(answers)
    if not still_open:
        assert settled is condition.holds(answers)


def test_skipped_and_never_asked_are_one() -> None:
    assert b.holds({}) and b.holds({"b": UNKNOWN}) and not b.holds({"b": "2"})
