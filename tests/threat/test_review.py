"""What a review must hold before it is proposed, and that it reads back as it was written. Pure."""

from dataclasses import fields, replace

import pytest

from safetyplan.errors import NotAccepted
from safetyplan.threat.factors import BY_CODE, GROUPS, Seen
from safetyplan.threat.model import Act, Level, day_of, usual_next_review
from safetyplan.threat.review import (
    LONGEST,
    STEP,
    Decision,
    Grave,
    Instrument,
    Kind,
    Likely,
    Mark,
    Measure,
    Review,
    Scenario,
    Written,
    check,
    check_draft,
    from_body,
)
from safetyplan.threat.statements import Incident, OwnView, Side
from safetyplan.vault import Revealed

NOW = 1_795_363_200_000
TODAY = day_of(NOW).isoformat()


def r(text: str) -> Revealed:
    return Revealed(text)


FULL = Review(
    level=Level.ELEVATED,
    changes=r("Quiet since the summer"),
    people=r("The former husband, and his brother"),
    marks=(Mark("threats", Seen.BEFORE, r("by telephone")), Mark("address", Seen.NOW)),
    sources=r("Her own account, the police"),
    gaps=r("We do not know where he is"),
    scenarios=(Scenario(r("He asks at the school"), Likely.POSSIBLE, Grave.DISTRESS, r("Calls to the school")),),
    protective=r("Her sister"),
    measures=(Measure(r("Talk to the head teacher"), r("Anna"), r(TODAY)),),
    instruments=(Instrument(r("PATRIARK"), r(TODAY), r("the police"), r("medium")),),
    reasons=r("No contact, and the school knows"),
    her_view=3,
    disagreement=r("She is more afraid"),
    informed=r("The social services, by her consent"),
    shared=r("We think it is calmer now."),
    next_review=r(TODAY),
)


def problems(review: Review, her: Level | None = None) -> set[str]:
    with pytest.raises(NotAccepted) as caught:
        check(review, her, NOW)
    return set(caught.value.problems)


def test_a_whole_review_is_accepted() -> None:
    assert check(FULL, None, NOW)[0] is Level.ELEVATED


def test_level_and_reasons_must_be_there_and_nothing_else() -> None:
    assert problems(Review()) == {"level", "reasons"}
    least = Review(level=Level.HIGH, reasons=r("because"))
    assert check(least, None, NOW) == (Level.HIGH, usual_next_review(Level.HIGH, NOW))


def test_nobody_proposes_not_assessed() -> None:
    assert problems(replace(FULL, level=Level.NOT_ASSESSED)) == {"level"}


def test_below_her_own_view_needs_words_about_the_difference() -> None:
    silent = replace(FULL, disagreement=r(""))
    assert problems(silent, Level.ACUTE) == {"disagreement"}
    for hers in (None, Level.LOW, Level.ELEVATED):
        assert check(silent, hers, NOW)[0] is Level.ELEVATED
    assert check(FULL, Level.ACUTE, NOW)[0] is Level.ELEVATED


def test_every_field_with_a_problem_is_named_at_once() -> None:
    wrong = replace(
        FULL,
        level=None,
        reasons=r(""),
        next_review=r("soon"),
        gaps=r("x" * (LONGEST + 1)),
        marks=(Mark("threats", Seen.NOW, r("x" * (LONGEST + 1))),),
        scenarios=(Scenario(signs=r("a sign")),),
        measures=(Measure(who=r("Anna"), by=r("tomorrow")),),
        instruments=(Instrument(on=r("31.12.")),),
    )
    assert problems(wrong) == {
        "level",
        "reasons",
        "next_review",
        "gaps",
        "note-threats",
        "scenarios-0-what",
        "measures-0-what",
        "measures-0-by",
        "instruments-0-name",
        "instruments-0-on",
    }


def test_a_draft_may_be_unfinished_but_not_endless() -> None:
    check_draft(Review(next_review=r("soon")))
    with pytest.raises(NotAccepted):
        check_draft(Review(scenarios=(Scenario(r("x")),) * 30))


@pytest.mark.parametrize("review", [FULL, Review(), replace(FULL, level=None)])
def test_reads_back_as_written(review: Review) -> None:
    written = Written(Kind.PROPOSAL, "anna", review)
    assert from_body(Revealed(written.to_body())) == written


@pytest.mark.parametrize("act", [Act.ACCEPTED, Act.DECLINED, Act.WITHDRAWN])
def test_a_decision_reads_back_and_measures_as_a_proposal(act: Act) -> None:
    decision = Decision(act, "berit", r("because"))
    assert from_body(Revealed(decision.to_body())) == decision
    assert len(decision.to_body().encode()) == len(Written(Kind.PROPOSAL, "anna", FULL).to_body().encode()) == STEP


def test_protected_text_does_not_print() -> None:
    assert "husband" not in repr(FULL)


# -- no score, no instrument's items


def test_factors_are_words_without_numbers_and_each_has_one_code() -> None:
    codes = [factor.code for group in GROUPS for factor in group.factors]
    assert len(codes) == len(set(codes)) == len(BY_CODE)
    assert not any(letter.isdigit() for group in GROUPS for factor in group.factors for letter in factor.label)


def test_nothing_in_a_review_is_a_number_but_which_own_view_was_read() -> None:
    numbers = {
        field.name for kind in (Review, Mark, Scenario, Measure) for field in fields(kind) if "int" in str(field.type)
    }
    assert numbers == {"her_view"}


# -- what is told


@pytest.mark.parametrize(
    "view", [OwnView(Level.HIGH, r("I saw his car")), OwnView(None, r("well")), OwnView(Level.LOW)]
)
def test_own_view_reads_back(view: OwnView) -> None:
    view.check()
    assert OwnView.from_body(Revealed(view.to_body())) == view


@pytest.mark.parametrize("view", [OwnView(), OwnView(Level.NOT_ASSESSED), OwnView(None, r("x" * 1300))])
def test_own_view_that_says_nothing_or_too_much(view: OwnView) -> None:
    with pytest.raises(NotAccepted):
        view.check()


@pytest.mark.parametrize(
    "incident",
    [
        Incident(Side.RESIDENT, r("a call")),
        Incident(Side.STAFF, r("a call"), r("2026-11-01"), r("22:30"), r("late in the evening")),
        Incident(Side.RESIDENT, r("a call"), r(TODAY)),
    ],
)
def test_incident_reads_back(incident: Incident) -> None:
    incident.check(NOW)
    assert Incident.from_body(Revealed(incident.to_body())) == incident


@pytest.mark.parametrize(
    ("incident", "field"),
    [
        (Incident(Side.RESIDENT, r("")), "what"),
        (Incident(Side.RESIDENT, r("x" * 4001)), "what"),
        (Incident(Side.RESIDENT, r("a call"), r("2031-01-01")), "on"),
        (Incident(Side.RESIDENT, r("a call"), r("yesterday")), "on"),
        (Incident(Side.RESIDENT, r("a call"), r(""), r("half past")), "at"),
        (Incident(Side.RESIDENT, r("a call"), r(""), r(""), r("x" * 201)), "roughly"),
    ],
)
def test_incident_not_accepted(incident: Incident, field: str) -> None:
    with pytest.raises(NotAccepted) as caught:
        incident.check(NOW)
    assert list(caught.value.problems) == [field]
