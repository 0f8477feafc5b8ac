"""The rule that nobody lowers a level alone, and the days. Pure."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from safetyplan.errors import NotAccepted, Refused, Stale
from safetyplan.threat.model import (
    ASSESSED,
    CEILING_DAYS,
    STANDING_STEP,
    Act,
    Level,
    Shared,
    Standing,
    day_of,
    end_of,
    next_review_on,
    takes_effect_at_once,
    usual_next_review,
)
from safetyplan.threat.statements import OwnView
from safetyplan.vault import Revealed

DAY = 86_400_000
NOW = 1_795_363_200_000


def stands(level: Level, since: int = NOW) -> Standing:
    return Standing(level, since, since + 90 * DAY, review="before")


def proposed(
    standing: Standing, level: Level, author: str = "anna", review: str = "new", at: int = NOW + DAY
) -> Standing:
    return standing.propose(review=review, author=author, level=level, next_review=at + 5 * DAY, at=at)


def test_five_levels_in_order() -> None:
    assert [level.rank for level in (Level.LOW, Level.ELEVATED, Level.HIGH, Level.ACUTE)] == [1, 2, 3, 4]
    assert Level.NOT_ASSESSED not in ASSESSED


def test_not_assessed_is_due_as_high_from_the_day_the_case_was_opened() -> None:
    nobody = Standing.unassessed(NOW)
    assert nobody.level.counts_as is Level.HIGH
    assert nobody.next_review == usual_next_review(Level.HIGH, NOW)
    assert not nobody.overdue(nobody.next_review)
    assert nobody.overdue(nobody.next_review + 1)


@pytest.mark.parametrize("level", ASSESSED)
def test_the_first_assessment_takes_effect_at_once(level: Level) -> None:
    after = proposed(Standing.unassessed(NOW), level)
    assert (after.level, after.since, after.review) == (level, NOW + DAY, "new")
    assert after.waiting is not None
    assert not after.lowering


def test_raising_takes_effect_at_once_and_waits_to_be_confirmed() -> None:
    after = proposed(stands(Level.LOW), Level.ACUTE)
    assert (after.level, after.since, after.next_review) == (Level.ACUTE, NOW + DAY, NOW + 6 * DAY)
    assert after.waiting is not None
    assert not after.lowering


def test_staying_renews_the_day_and_not_since_when() -> None:
    after = proposed(stands(Level.HIGH), Level.HIGH)
    assert (after.level, after.since, after.next_review) == (Level.HIGH, NOW, NOW + 6 * DAY)


def test_a_lower_level_changes_nothing_until_a_second_person_accepts() -> None:
    before = stands(Level.HIGH)
    after = proposed(before, Level.LOW)
    assert (after.level, after.since, after.next_review) == (before.level, before.since, before.next_review)
    assert after.lowering
    settled = after.settle(review="new", by="berit", accept=True, at=NOW + 2 * DAY)
    assert (settled.level, settled.since, settled.next_review) == (Level.LOW, NOW + 2 * DAY, NOW + 6 * DAY)
    assert settled.waiting is None
    assert settled.act is Act.ACCEPTED


def test_declined_and_withdrawn_leave_the_level() -> None:
    waiting = proposed(stands(Level.HIGH), Level.LOW)
    declined = waiting.settle(review="new", by="berit", accept=False, at=NOW + 2 * DAY)
    withdrawn = waiting.withdraw(review="new", by="anna")
    assert (declined.level, declined.waiting, withdrawn.level, withdrawn.waiting) == (
        Level.HIGH,
        None,
        Level.HIGH,
        None,
    )


def test_a_raise_that_is_disputed_or_taken_back_stays() -> None:
    raised = proposed(stands(Level.LOW), Level.HIGH)
    assert raised.settle(review="new", by="berit", accept=False, at=NOW).level is Level.HIGH
    assert raised.withdraw(review="new", by="anna").level is Level.HIGH


@pytest.mark.parametrize("accept", [True, False])
def test_the_author_never_settles(accept: bool) -> None:
    with pytest.raises(Refused):
        proposed(stands(Level.HIGH), Level.LOW).settle(review="new", by="anna", accept=accept, at=NOW)


def test_only_the_author_takes_back() -> None:
    with pytest.raises(Refused):
        proposed(stands(Level.HIGH), Level.LOW).withdraw(review="new", by="berit")


def test_a_newer_review_makes_the_older_proposal_stale() -> None:
    older = proposed(stands(Level.HIGH), Level.LOW, review="older")
    newer = proposed(older, Level.HIGH, author="cecilia", review="newer")
    with pytest.raises(Stale):
        newer.settle(review="older", by="berit", accept=True, at=NOW)
    with pytest.raises(Stale):
        newer.withdraw(review="older", by="anna")


def test_settled_once_only() -> None:
    settled = proposed(stands(Level.HIGH), Level.LOW).settle(review="new", by="berit", accept=False, at=NOW)
    with pytest.raises(Stale):
        settled.settle(review="new", by="berit", accept=True, at=NOW)


@pytest.mark.parametrize("years", [0, 1, 40])
def test_time_alone_changes_no_level(years: int) -> None:
    standing = stands(Level.ACUTE)
    read_again = Standing.from_body(Revealed(standing.to_body()))
    assert read_again == standing
    assert read_again.overdue(NOW + years * 365 * DAY) is (years > 0)


# -- days


def test_usual_days() -> None:
    today = day_of(NOW)
    usual = {level: (day_of(usual_next_review(level, NOW)) - today).days for level in Level}
    assert usual == {
        Level.NOT_ASSESSED: 14,
        Level.LOW: 90,
        Level.ELEVATED: 30,
        Level.HIGH: 14,
        Level.ACUTE: 1,
    }


def test_a_day_ends_at_midnight_here_also_when_the_clocks_change() -> None:
    assert end_of(date(2026, 7, 1)) == 1_782_943_199_999  # 23:59:59.999 in summer time
    for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 12, 31)):
        assert day_of(end_of(day)) == day
        assert day_of(end_of(day) + 1) == day + timedelta(days=1)


def test_the_chosen_day_lies_between_today_and_the_ceiling() -> None:
    today = day_of(NOW)
    last = today + timedelta(days=CEILING_DAYS)
    assert next_review_on(today, Level.ACUTE, NOW) == end_of(today)
    assert next_review_on(last, Level.LOW, NOW) == end_of(last)
    for wrong in (today - timedelta(days=1), last + timedelta(days=1)):
        with pytest.raises(NotAccepted) as caught:
            next_review_on(wrong, Level.LOW, NOW)
        assert list(caught.value.problems) == ["next_review"]


# -- her own view


@pytest.mark.parametrize("hers", [None, *ASSESSED])
@pytest.mark.parametrize("level", Level)
def test_her_own_view_may_raise_the_discussion(hers: Level | None, level: Level) -> None:
    expected = hers is not None and hers.rank > level.counts_as.rank
    assert OwnView(hers).higher_than(level) is expected


# -- sizes: nothing may be read off a length

levels = st.sampled_from(ASSESSED)
ids = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26)
times = st.integers(0, 4_000_000_000_000)


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    standing = Standing(
        draw(st.sampled_from(Level)), draw(times), draw(times), draw(st.none() | ids), draw(st.integers(0, 999))
    )
    if draw(st.booleans()):
        standing = standing.propose(
            review=draw(ids), author=draw(ids), level=draw(levels), next_review=draw(times), at=draw(times)
        )
    return standing


@given(standings())
def test_every_standing_measures_the_same_and_reads_back(standing: Standing) -> None:
    body = standing.to_body()
    assert len(body.encode()) == STANDING_STEP
    assert Standing.from_body(Revealed(body)) == standing


@given(st.sampled_from(Level), times, times, st.text(max_size=600))
def test_what_is_shared_with_her_measures_the_same_in_ordinary_words(
    level: Level, since: int, next_review: int, words: str
) -> None:
    shared = Shared(level, since, next_review, Revealed(words))
    assert Shared.from_body(Revealed(shared.to_body())) == shared
    if words.isprintable():
        assert len(shared.to_body().encode()) == 4096


# -- any sequence of acts by several people


class SeveralPeople(RuleBasedStateMachine):
    """Several people propose, settle, take back and say their view in any order; some of it is refused."""

    people = st.sampled_from(["anna", "berit", "cecilia"])

    def __init__(self) -> None:
        super().__init__()
        self.standing = Standing.unassessed(0)
        self.now = 0
        self.count = 0
        self.reviews: list[tuple[str, str, Level]] = []
        self.hands: set[str] = set()
        self.before = self.standing

    def act(self, after: Standing, hands: set[str]) -> None:
        self.before, self.standing, self.hands = self.standing, after, hands

    @rule(author=people, level=levels, days=st.integers(0, CEILING_DAYS))
    def propose(self, author: str, level: Level, days: int) -> None:
        self.count += 1
        review = f"r{self.count}"
        at_once = takes_effect_at_once(self.standing.level, level)
        after = self.standing.propose(
            review=review, author=author, level=level, next_review=self.now + days * DAY, at=self.now
        )
        assert (after.level is level) if at_once else (after.level is self.standing.level)
        self.reviews.append((review, author, level))
        self.act(after, {author})

    @precondition(lambda self: self.reviews)
    @rule(data=st.data(), by=people, accept=st.booleans())
    def settle(self, data: st.DataObject, by: str, accept: bool) -> None:
        review, author, _ = data.draw(st.sampled_from(self.reviews))
        waits = self.standing.waiting is not None and self.standing.waiting.review == review
        try:
            after = self.standing.settle(review=review, by=by, accept=accept, at=self.now)
        except Stale:
            assert not waits
        except Refused:
            assert by == author
        else:
            assert waits
            assert by != author
            self.act(after, {author, by})

    @precondition(lambda self: self.reviews)
    @rule(data=st.data(), by=people)
    def withdraw(self, data: st.DataObject, by: str) -> None:
        review, author, _ = data.draw(st.sampled_from(self.reviews))
        try:
            after = self.standing.withdraw(review=review, by=by)
        except (Stale, Refused):
            return
        assert by == author
        self.act(after, {by})

    @rule(view=st.none() | levels)
    def she_says_how_she_sees_it(self, view: Level | None) -> None:
        OwnView(view, Revealed("as I see it")).higher_than(self.standing.level)
        self.act(self.standing, set())

    @rule(days=st.integers(1, 400))
    def time_passes(self, days: int) -> None:
        self.now += days * DAY
        self.act(Standing.from_body(Revealed(self.standing.to_body())), set())

    @invariant()
    def going_down_took_two(self) -> None:
        if self.standing.level.rank < self.before.level.rank:
            assert len(self.hands) == 2

    @invariant()
    def never_back_to_not_assessed(self) -> None:
        if self.reviews:
            assert self.standing.level is not Level.NOT_ASSESSED

    @invariant()
    def at_most_one_waits_and_it_is_the_newest(self) -> None:
        if self.standing.waiting is not None:
            assert self.standing.waiting.review == self.reviews[-1][0]


TestSeveralPeople = SeveralPeople.TestCase
