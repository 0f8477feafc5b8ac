"""The same history as lines and as a picture. Pure."""

from safetyplan.threat.history import (
    LEFT,
    RIGHT,
    Happened,
    Stood,
    Turn,
    lines,
    picture,
    y_of,
)
from safetyplan.threat.model import Level, Standing
from safetyplan.threat.statements import Incident, Side
from safetyplan.vault import Revealed

DAY = 86_400_000
START = 1_795_363_200_000
FIRST = Standing.unassessed(START)


def story() -> list[Stood]:
    """First high, lowered by two, raised and disputed, a lower one declined, one taken back, one waiting."""
    told: list[Stood] = []
    now = FIRST

    def add(days: int, standing: Standing) -> Standing:
        told.append(Stood(START + days * DAY, standing.waiting.review if standing.waiting else "r", standing))
        return standing

    def propose(days: int, review: str, level: Level) -> Standing:
        at = START + days * DAY
        return add(days, now.propose(review=review, author="anna", level=level, next_review=at, at=at))

    def settle(days: int, review: str, accept: bool) -> Standing:
        return add(days, now.settle(review=review, by="berit", accept=accept, at=START + days * DAY))

    now = propose(1, "a", Level.HIGH)
    now = settle(2, "a", True)
    now = propose(10, "b", Level.LOW)
    now = settle(11, "b", True)
    now = propose(20, "c", Level.ACUTE)
    now = settle(21, "c", False)
    now = propose(30, "d", Level.LOW)
    now = settle(31, "d", False)
    now = propose(35, "e", Level.ACUTE)
    now = add(36, now.withdraw(review="e", by="anna"))
    now = propose(40, "f", Level.ELEVATED)
    return told


def happened(days: float, id: str = "x", on: str = "") -> Happened:
    return Happened(id, START + int(days * DAY), Incident(Side.RESIDENT, Revealed("a call"), Revealed(on)))


def test_every_act_is_a_line_in_words_newest_first() -> None:
    told = lines(FIRST, story(), [])
    assert [line.turn for line in reversed(told)] == [
        Turn.FIRST,
        Turn.CONFIRMED,
        Turn.LOWER_PROPOSED,
        Turn.LOWERED,
        Turn.RAISED,
        Turn.DISPUTED,
        Turn.LOWER_PROPOSED,
        Turn.NOT_LOWERED,
        Turn.KEPT,
        Turn.WITHDRAWN,
        Turn.LOWER_PROPOSED,
    ]
    lowered = told[-4]
    assert (lowered.before, lowered.level, lowered.by) == (Level.HIGH, Level.LOW, "berit")
    assert told[0].level is Level.ELEVATED
    assert told[3].level is Level.LOW  # what was not accepted


def test_of_two_acts_in_one_moment_the_later_stands_first() -> None:
    one = [Stood(START, "a", each.standing) for each in story()[2:4]]
    assert [line.turn for line in lines(story()[1].standing, one, [])] == [Turn.LOWERED, Turn.LOWER_PROPOSED]


def test_incidents_stand_among_the_lines_by_their_day() -> None:
    told = lines(FIRST, story(), [happened(50, "late", on="2026-12-05"), happened(5, "early")])
    assert [line.incident for line in told if line.turn is Turn.HAPPENED] == ["late", "early"]
    assert told[-1].turn is Turn.FIRST
    assert told[0].turn is Turn.LOWER_PROPOSED


def test_the_picture_has_a_stretch_for_each_level_held() -> None:
    drawn = picture(FIRST, story(), [], START + 40 * DAY)
    assert [each.level for each in drawn.stretches] == [
        Level.NOT_ASSESSED,
        Level.HIGH,
        Level.LOW,
        Level.ACUTE,
    ]
    assert drawn.stretches[0].start == LEFT
    assert drawn.stretches[-1].end == RIGHT
    joints = [(one.end, other.start) for one, other in zip(drawn.stretches, drawn.stretches[1:], strict=False)]
    assert all(end == start for end, start in joints)


def test_not_assessed_is_drawn_where_it_counts() -> None:
    assert y_of(Level.NOT_ASSESSED) == y_of(Level.HIGH)
    assert y_of(Level.ACUTE) < y_of(Level.HIGH) < y_of(Level.ELEVATED) < y_of(Level.LOW)


def test_a_waiting_proposal_is_drawn_beside_the_level_in_force() -> None:
    drawn = picture(FIRST, story(), [], START + 40 * DAY + 1000)
    assert drawn.pending is not None
    assert drawn.pending.y == y_of(Level.ELEVATED)
    assert drawn.pending.start < drawn.pending.end == RIGHT
    assert picture(FIRST, story()[:9], [], START + 60 * DAY).pending is None


def test_marks_for_what_happened_and_a_word_for_what_was_before() -> None:
    before = happened(5, "old", on="2020-01-01")
    drawn = picture(FIRST, story(), [happened(20), before], START + 40 * DAY)
    assert drawn.incidents == ((LEFT + RIGHT) // 2,)
    assert drawn.earlier_incidents


def test_a_case_opened_this_moment_is_a_picture_too() -> None:
    drawn = picture(FIRST, [], [], START)
    assert [(each.start, each.level) for each in drawn.stretches] == [(LEFT, Level.NOT_ASSESSED)]
