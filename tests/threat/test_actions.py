"""Proposing, settling, her own view and incidents, through the real vault on both databases."""

from dataclasses import replace

import pytest

from safetyplan.accesslog.entry import Outcome
from safetyplan.actors import RecordId, Role, new_id
from safetyplan.errors import NotAccepted, Refused, Stale
from safetyplan.threat import actions, incidents, reviewing
from safetyplan.threat.history import Turn
from safetyplan.threat.model import Level, usual_next_review
from safetyplan.threat.review import Measure, Review
from safetyplan.threat.reviewing import Basis, State
from safetyplan.threat.statements import Incident, OwnView, Side
from safetyplan.vault import Revealed, reveal
from tests.threat.conftest import Scene


def r(text: str) -> Revealed:
    return Revealed(text)


# -- the level


def test_a_new_case_is_not_assessed_and_due_as_high(scene: Scene) -> None:
    opened = scene.clock()
    now = scene.level()
    assert (now.level, now.overdue, now.waiting_for_second) == (Level.NOT_ASSESSED, False, False)
    assert now.next_review == usual_next_review(Level.HIGH, opened)
    scene.clock.advance(days=16)
    assert scene.level().overdue
    assert scene.level().level is Level.NOT_ASSESSED


@pytest.mark.parametrize("who", ["anna", "lead"])
def test_one_person_assesses_first_and_raises(scene: Scene, who: str) -> None:
    person = getattr(scene, who)
    scene.propose(person, Level.LOW)
    assert scene.level().level is Level.LOW
    scene.propose(person, Level.ACUTE)
    assert scene.level().level is Level.ACUTE


def test_a_lower_level_waits_for_somebody_else(scene: Scene) -> None:
    scene.propose(scene.anna, Level.HIGH)
    review = scene.propose(scene.anna, Level.LOW)
    mine, hers = scene.level(scene.anna), scene.level(scene.berit)
    assert (mine.level, mine.waiting_for_second, mine.waits_for_you) == (Level.HIGH, True, False)
    assert (hers.level, hers.waiting_for_second, hers.waits_for_you) == (Level.HIGH, True, True)
    scene.settle(scene.berit, review)
    assert (scene.level().level, scene.level().waiting_for_second) == (Level.LOW, False)


@pytest.mark.parametrize(("accept", "words"), [(True, "so"), (False, "so"), (False, "")])
@pytest.mark.parametrize("replaced", [False, True])
def test_the_author_is_refused_and_the_refusal_is_an_entry(
    scene: Scene, accept: bool, words: str, replaced: bool
) -> None:
    scene.propose(scene.anna, Level.HIGH)
    review = scene.propose(scene.anna, Level.LOW)
    if replaced:
        scene.propose(scene.lead, Level.HIGH)
    with pytest.raises(Refused):
        scene.settle(scene.anna, review, accept, words)
    last = scene.entries()[-1]
    assert (last.action, last.outcome) == ("review.settled", Outcome.REFUSED)
    assert last.actor is not None
    assert last.actor.account == scene.anna.actor.account
    assert scene.level().level is Level.HIGH


def test_neither_the_resident_nor_a_stranger_proposes_or_settles(scene: Scene) -> None:
    scene.propose(scene.anna, Level.HIGH)
    review = scene.propose(scene.anna, Level.LOW)
    for who in (scene.resident, scene.stranger, scene.home.person(Role.OFFICER), scene.home.person(Role.ADMINISTRATOR)):
        with pytest.raises(Refused):
            scene.settle(who, review)
        with pytest.raises(Refused):
            scene.propose(who, Level.ACUTE, Basis(2, 0, 0))
        with pytest.raises(Refused):
            scene.do(who, reviewing.withdraw, review=review, words=r(""))
        with pytest.raises(Refused):
            scene.do(who, reviewing.read_review, review=review)
        with pytest.raises(Refused):
            scene.do(who, actions.overview)
    assert scene.level().level is Level.HIGH


def test_declining_needs_words_and_leaves_the_level(scene: Scene) -> None:
    scene.propose(scene.anna, Level.HIGH)
    review = scene.propose(scene.anna, Level.LOW)
    with pytest.raises(NotAccepted) as caught:
        scene.settle(scene.berit, review, accept=False, words="")
    assert list(caught.value.problems) == ["words"]
    scene.settle(scene.berit, review, accept=False, words="He was seen on Tuesday")
    page = scene.do(scene.anna, reviewing.read_review, review=review)
    assert (page.state, reveal(page.decision.words)) == (State.DECLINED, "He was seen on Tuesday")
    assert (scene.level().level, scene.level().waiting_for_second) == (Level.HIGH, False)


def test_the_author_takes_it_back_and_nobody_else_does(scene: Scene) -> None:
    scene.propose(scene.anna, Level.HIGH)
    review = scene.propose(scene.anna, Level.LOW)
    with pytest.raises(Refused):
        scene.do(scene.berit, reviewing.withdraw, review=review, words=r(""))
    scene.do(scene.anna, reviewing.withdraw, review=review, words=r("too early"))
    assert (scene.level().level, scene.level().waiting_for_second) == (Level.HIGH, False)
    with pytest.raises(Stale):
        scene.settle(scene.berit, review)


def test_a_newer_level_makes_the_older_proposal_stale(scene: Scene) -> None:
    scene.propose(scene.anna, Level.HIGH)
    older = scene.propose(scene.anna, Level.LOW)
    scene.propose(scene.lead, Level.ACUTE)
    with pytest.raises(Stale):
        scene.settle(scene.berit, older)
    assert scene.do(scene.berit, reviewing.read_review, review=older).state is State.REPLACED
    assert scene.level().level is Level.ACUTE


def test_settled_once(scene: Scene) -> None:
    review = scene.propose(scene.anna, Level.HIGH)
    scene.settle(scene.berit, review)
    with pytest.raises(Stale):
        scene.settle(scene.lead, review, accept=False)


def test_a_review_of_another_case_is_missing(scene: Scene) -> None:
    other = replace(scene, resident=scene.home.resident(scene.lead, [scene.anna, scene.berit]))
    review = other.propose(scene.anna, Level.HIGH)
    scene.propose(scene.anna, Level.HIGH)
    for action, more in (
        (reviewing.read_review, {}),
        (reviewing.begin, {}),
        (reviewing.settle, {"accept": True, "words": r("")}),
        (reviewing.withdraw, {"words": r("")}),
    ):
        with pytest.raises(Refused):
            scene.do(scene.berit, action, review=review, **more)
    with pytest.raises(Stale):  # an id that is taken is no way in either
        scene.do(
            scene.anna,
            reviewing.propose,
            review=review,
            basis=scene.basis(scene.anna),
            content=Review(level=Level.LOW, reasons=r("x")),
        )


def test_what_has_changed_since_the_form_was_opened_is_news(scene: Scene) -> None:
    scene.propose(scene.anna, Level.HIGH)
    basis = scene.basis(scene.anna)
    scene.propose(scene.berit, Level.ACUTE)
    with pytest.raises(Stale):
        scene.propose(scene.anna, Level.LOW, basis)
    basis = scene.basis(scene.anna)
    scene.says(Level.ACUTE, "I am afraid")
    with pytest.raises(Stale):
        scene.propose(scene.anna, Level.LOW, basis)


def test_the_same_form_twice_is_one_review(scene: Scene) -> None:
    basis, review = scene.basis(scene.anna), RecordId(new_id())
    content = Review(level=Level.HIGH, reasons=r("as I see it"))
    for _ in range(2):
        scene.do(scene.anna, reviewing.propose, review=review, basis=basis, content=content)
    assert (len(scene.rows("threat_review")), len(scene.rows("threat_level"))) == (1, 1)
    with pytest.raises(Stale):
        changed = replace(content, reasons=r("on second thoughts"))
        scene.do(scene.anna, reviewing.propose, review=review, basis=basis, content=changed)


# -- drafts


def test_a_draft_is_its_authors_and_changes_no_level(scene: Scene) -> None:
    review = RecordId(new_id())
    half = Review(changes=r("quiet"), measures=(Measure(r("ring"), by=r("some day")),))
    scene.do(scene.anna, reviewing.save_draft, review=review, seen=0, content=half)
    assert scene.level().level is Level.NOT_ASSESSED
    assert [draft.review for draft in scene.page(scene.berit).drafts] == [review]
    assert scene.do(scene.anna, reviewing.begin, review=review).content == half
    assert scene.do(scene.berit, reviewing.read_review, review=review).state is State.DRAFT
    with pytest.raises(Refused):
        scene.do(scene.berit, reviewing.begin, review=review)
    with pytest.raises(Refused):
        scene.do(scene.berit, reviewing.save_draft, review=review, seen=1, content=half)
    with pytest.raises(Refused):
        scene.settle(scene.berit, review)
    with pytest.raises(Stale):
        scene.do(scene.anna, reviewing.save_draft, review=review, seen=0, content=half)
    whole = replace(half, level=Level.LOW, reasons=r("so"), measures=())
    basis = scene.basis(scene.anna, review)
    scene.do(scene.anna, reviewing.propose, review=review, basis=basis, content=whole)
    assert (scene.level().level, scene.page().drafts) == (Level.LOW, ())
    with pytest.raises(Stale):
        scene.do(scene.anna, reviewing.save_draft, review=review, seen=2, content=half)


def test_a_new_review_begins_with_what_may_still_hold(scene: Scene) -> None:
    scene.propose(scene.anna, Level.HIGH, people=r("his brothers"), shared=r("Be careful"))
    begun = scene.do(scene.berit, reviewing.begin)
    assert reveal(begun.content.people) == "his brothers"
    assert begun.carried_over
    assert (begun.content.level, begun.content.reasons, begun.content.shared) == (None, r(""), r(""))


def test_typed_after_it_was_proposed_elsewhere_goes_on_as_a_new_one(scene: Scene) -> None:
    review = scene.propose(scene.anna, Level.HIGH)
    typed = Review(level=Level.LOW, reasons=r("typed in the other window"))
    again = scene.do(scene.anna, reviewing.resume, review=review, content=typed, basis=None)
    assert again.review != review
    assert (again.content, again.basis) == (typed, Basis(1, 0, 0))


# -- the resident


def test_she_reads_the_level_and_the_words_for_her_and_nothing_of_the_review(scene: Scene) -> None:
    scene.propose(scene.anna, Level.HIGH, shared=r("We are careful just now."))
    page = actions.own_page(scene.resident.vault, scene.resident.actor)
    assert (page.current.level, reveal(page.current.shared)) == (Level.HIGH, "We are careful just now.")
    assert not page.current.waiting_for_second
    opened = {each.table for each in scene.entries()[-1].objects}
    assert opened == {"threat_level"}


def test_a_lower_level_and_its_words_reach_her_when_it_is_accepted(scene: Scene) -> None:
    scene.propose(scene.anna, Level.HIGH, shared=r("We are careful just now."))
    review = scene.propose(scene.anna, Level.LOW, shared=r("It has been calm for long."))
    before = scene.level(scene.resident)
    assert (before.level, reveal(before.shared)) == (Level.HIGH, "We are careful just now.")
    scene.settle(scene.lead, review)
    after = scene.level(scene.resident)
    assert (after.level, reveal(after.shared)) == (Level.LOW, "It has been calm for long.")


def test_declined_words_never_reach_her(scene: Scene) -> None:
    scene.propose(scene.anna, Level.HIGH, shared=r("We are careful just now."))
    review = scene.propose(scene.anna, Level.LOW, shared=r("It has been calm for long."))
    scene.settle(scene.lead, review, accept=False)
    assert reveal(scene.level(scene.resident).shared) == "We are careful just now."


def test_her_own_view_opens_the_discussion_and_changes_no_level(scene: Scene) -> None:
    scene.propose(scene.anna, Level.ELEVATED)
    assert not scene.level().she_sees_more
    scene.says(Level.ACUTE, "I saw his car")
    assert scene.level().she_sees_more
    assert scene.level().level is Level.ELEVATED
    with pytest.raises(NotAccepted) as caught:
        scene.propose(scene.anna, Level.ELEVATED)
    assert list(caught.value.problems) == ["disagreement"]
    scene.propose(scene.anna, Level.ELEVATED, disagreement=r("we talked"))
    assert not scene.level().she_sees_more
    scene.says(Level.LOW)
    assert not scene.level().she_sees_more
    assert scene.level().level is Level.ELEVATED


def test_accepting_below_what_she_has_said_since_needs_words(scene: Scene) -> None:
    scene.propose(scene.anna, Level.HIGH)
    review = scene.propose(scene.anna, Level.LOW)
    scene.says(Level.ACUTE, "he rang")
    with pytest.raises(NotAccepted) as caught:
        scene.settle(scene.berit, review, words="")
    assert list(caught.value.problems) == ["words"]
    scene.settle(scene.berit, review, words="it was her sister")
    assert (scene.level().level, scene.level().she_sees_more) == (Level.LOW, True)


def test_every_save_of_her_view_is_a_revision(scene: Scene) -> None:
    for words in ("afraid", "less afraid", "less afraid"):
        scene.says(None, words)
    page = actions.own_page(scene.resident.vault, scene.resident.actor)
    assert [(each.revision, reveal(each.view.words)) for each in page.said] == [(2, "less afraid"), (1, "afraid")]
    with pytest.raises(Stale):
        view = OwnView(Level.HIGH)
        actions.say_own_view(scene.resident.vault, scene.resident.actor, view=view, seen=1)


def test_the_review_keeps_the_own_view_it_met(scene: Scene) -> None:
    scene.says(Level.HIGH, "afraid")
    review = scene.propose(scene.anna, Level.HIGH)
    scene.says(Level.LOW, "not afraid")
    page = scene.do(scene.berit, reviewing.read_review, review=review)
    assert (reveal(page.her.view.words), reveal(page.her_newest.view.words)) == ("afraid", "not afraid")


def test_staff_do_not_say_her_view(scene: Scene) -> None:
    for person in (scene.anna, scene.lead):
        with pytest.raises(Refused):
            actions.say_own_view(person.vault, person.actor, view=OwnView(Level.LOW), seen=0)
        imposter = replace(person.actor, own_case=scene.case)
        with pytest.raises(Refused):
            actions.say_own_view(person.vault, imposter, view=OwnView(Level.LOW), seen=0)


# -- incidents


def note(scene: Scene, who: str, words: str, incident: RecordId | None = None, seen: int = 0) -> RecordId:
    incident = incident or RecordId(new_id())
    told = Incident(Side.RESIDENT, r(words))
    scene.do(getattr(scene, who), incidents.note_incident, incident=incident, seen=seen, told=told)
    return incident


def test_both_sides_note_and_both_read(scene: Scene) -> None:
    hers, ours = note(scene, "resident", "a silent call"), note(scene, "anna", "a letter")
    for who in ("resident", "anna", "lead"):
        for incident, words, side in ((hers, "a silent call", Side.RESIDENT), (ours, "a letter", Side.STAFF)):
            account = scene.do(getattr(scene, who), incidents.read_incident, incident=incident)
            assert (reveal(account.newest.incident.what), account.newest.incident.side) == (words, side)
            assert account.yours is ((who == "resident") is (side is Side.RESIDENT))
    assert {line.incident for line in scene.page().lines if line.turn is Turn.HAPPENED} == {hers, ours}


def test_only_its_own_side_changes_it_and_every_change_is_kept(scene: Scene) -> None:
    incident = note(scene, "anna", "a letter")
    note(scene, "berit", "two letters", incident, seen=1)
    for who in ("resident", "stranger"):
        with pytest.raises(Refused):
            note(scene, who, "nothing", incident, seen=2)
    with pytest.raises(Stale):
        note(scene, "anna", "three letters", incident, seen=1)
    account = scene.do(scene.anna, incidents.read_incident, incident=incident)
    assert [reveal(each.incident.what) for each in account.told] == ["two letters", "a letter"]
    assert {reveal(name) for name in account.names.values()} == {"Anna", "Berit"}


def test_an_incident_sent_twice_is_one(scene: Scene) -> None:
    incident = note(scene, "resident", "a silent call")
    note(scene, "resident", "a silent call", incident)
    assert len(scene.rows("incident")) == 1


def test_an_incident_of_another_case_is_missing(scene: Scene) -> None:
    other = replace(scene, resident=scene.home.resident(scene.lead, [scene.anna]))
    incident = note(other, "resident", "a silent call")
    for who in ("resident", "anna"):
        with pytest.raises(Refused):
            scene.do(getattr(scene, who), incidents.read_incident, incident=incident)


def test_an_empty_incident_is_not_accepted_and_not_kept(scene: Scene) -> None:
    with pytest.raises(NotAccepted):
        note(scene, "resident", "")
    assert scene.rows("incident") == []


# -- the page


def test_the_page_tells_the_whole_story(scene: Scene) -> None:
    scene.propose(scene.anna, Level.HIGH)
    review = scene.propose(scene.anna, Level.LOW)
    scene.settle(scene.berit, review)
    note(scene, "resident", "a silent call")
    scene.propose(scene.lead, Level.LOW)
    page = scene.page()
    assert [line.turn for line in page.lines] == [
        Turn.KEPT,
        Turn.HAPPENED,
        Turn.LOWERED,
        Turn.LOWER_PROPOSED,
        Turn.FIRST,
    ]
    assert {reveal(name) for name in page.names.values()} == {"Anna", "Berit", "Lena"}
    assert [each.level for each in page.picture.stretches][-2:] == [Level.HIGH, Level.LOW]
