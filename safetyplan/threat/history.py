"""The level over time with what happened, as a picture and as lines. Pure; the same content in both."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from safetyplan.threat.model import ZONE, Act, Level, Standing
from safetyplan.threat.statements import Incident, Side


class Turn(StrEnum):
    """What a line of the history says."""

    FIRST = "first"
    RAISED = "raised"
    KEPT = "kept"
    LOWER_PROPOSED = "lower_proposed"
    LOWERED = "lowered"
    NOT_LOWERED = "not_lowered"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    WITHDRAWN = "withdrawn"
    HAPPENED = "happened"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was done or happened. ``level``: proposed or in force; ``before``: in force until then."""

    at: int
    turn: Turn
    level: Level | None = None
    before: Level | None = None
    by: str | None = None
    review: str | None = None
    incident: str | None = None
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class Stood:
    """A standing with the moment it began."""

    at: int
    review: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Happened:
    """An incident with where it belongs in time: its day if that was told, else when it was noted."""

    id: str
    noted_at: int
    incident: Incident

    @property
    def at(self) -> int:
        day = self.incident.day
        if day is None:
            return self.noted_at
        noon = datetime.combine(day, time(12), ZONE)
        return int(noon.timestamp()) * 1000


def lines(first: Standing, stood: Sequence[Stood], happened: Iterable[Happened]) -> list[Line]:
    """Newest first."""
    before = [first, *(each.standing for each in stood)]
    told = [_line(earlier, now) for earlier, now in zip(before, stood, strict=False)]
    told += [Line(each.at, Turn.HAPPENED, incident=each.id, side=each.incident.side) for each in happened]
    return sorted(told, key=lambda line: line.at)[::-1]  # of two at once, what was done later comes first


def _line(before: Standing, now: Stood) -> Line:
    standing = now.standing
    turn, level = _turn(before, standing), standing.level
    if turn in (Turn.LOWER_PROPOSED, Turn.NOT_LOWERED) and (waiting := standing.waiting or before.waiting):
        level = waiting.level
    return Line(now.at, turn, level, before.level, standing.by, now.review)


def _turn(before: Standing, now: Standing) -> Turn:
    if now.act is Act.WITHDRAWN:
        return Turn.WITHDRAWN
    if now.act is Act.ACCEPTED:
        return Turn.LOWERED if before.lowering else Turn.CONFIRMED
    if now.act is Act.DECLINED:
        return Turn.NOT_LOWERED if before.lowering else Turn.DISPUTED
    if now.lowering:
        return Turn.LOWER_PROPOSED
    if before.level is Level.NOT_ASSESSED:
        return Turn.FIRST
    return Turn.RAISED if now.level.rank > before.level.rank else Turn.KEPT


# -- the picture ---------------------------------------------------------------------------------------------

LEFT, RIGHT, TOP, ROW = 116, 464, 24, 46
SHORTEST = 24
"""A proposal made a minute ago is still to be seen."""
LEVELS = (Level.ACUTE, Level.HIGH, Level.ELEVATED, Level.LOW)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A level held from one place to another."""

    start: int
    end: int
    y: int
    level: Level


@dataclass(frozen=True, slots=True)
class Picture:
    """Where everything stands, in the units of the view box. Not assessed is drawn where it counts: with high."""

    begins: int
    ends: int
    stretches: tuple[Stretch, ...]
    incidents: tuple[int, ...]
    earlier_incidents: bool
    pending: Stretch | None


def y_of(level: Level) -> int:
    return TOP + ROW * LEVELS.index(level.counts_as)


def picture(first: Standing, stood: Sequence[Stood], happened: Iterable[Happened], now: int) -> Picture:
    begins, span = first.since, max(now - first.since, 1)

    def x_of(at: int) -> int:
        return LEFT + (RIGHT - LEFT) * (min(max(at, begins), now) - begins) // span

    moments = [(begins, first.level)]
    for each in stood:
        if each.standing.level is not moments[-1][1]:
            moments.append((each.at, each.standing.level))
    ends = [at for at, _ in moments[1:]] + [now]
    told = list(happened)
    last = stood[-1].standing if stood else first
    pending = None
    if last.waiting and last.lowering:
        start = min(x_of(last.waiting.at), RIGHT - SHORTEST)
        pending = Stretch(start, RIGHT, y_of(last.waiting.level), last.waiting.level)
    return Picture(
        begins=begins,
        ends=now,
        stretches=tuple(
            Stretch(x_of(at), x_of(end), y_of(level), level) for (at, level), end in zip(moments, ends, strict=True)
        ),
        incidents=tuple(sorted(x_of(each.at) for each in told if each.at >= begins)),
        earlier_incidents=any(each.at < begins for each in told),
        pending=pending,
    )
