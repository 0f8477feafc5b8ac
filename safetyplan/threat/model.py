"""Levels, how things stand, and the rule that nobody lowers a level alone. Pure: no clock, no I/O."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from safetyplan.errors import N_, NotAccepted, Refused, Stale
from safetyplan.threat import bodies
from safetyplan.vault import Revealed

ZONE = ZoneInfo("Europe/Stockholm")
"""Copenhagen keeps the same time."""

CEILING_DAYS = 180
STANDING_STEP = 1024
SHARED_STEP = 4096
SHARED_LONGEST = 600


class Level(StrEnum):
    """Five words in order. Never compared as text: use ``rank``."""

    NOT_ASSESSED = "not_assessed"
    LOW = "low"
    ELEVATED = "elevated"
    HIGH = "high"
    ACUTE = "acute"

    @property
    def rank(self) -> int:
        return _ORDER.index(self)

    @property
    def counts_as(self) -> "Level":
        """Nobody is safe because nobody has looked: not assessed is shown and due as high."""
        return Level.HIGH if self is Level.NOT_ASSESSED else self

    @property
    def days(self) -> int:
        """How long until it is looked at again, unless the review says another day."""
        return _DAYS[self.counts_as]


_ORDER = list(Level)
_DAYS = {Level.LOW: 90, Level.ELEVATED: 30, Level.HIGH: 14, Level.ACUTE: 1}
ASSESSED = tuple(_ORDER[1:])

WORDS = {
    Level.NOT_ASSESSED: N_("Not assessed"),
    Level.LOW: N_("Low"),
    Level.ELEVATED: N_("Elevated"),
    Level.HIGH: N_("High"),
    Level.ACUTE: N_("Acute"),
}

HER_WORDS = {
    Level.NOT_ASSESSED: N_("We have not looked at this together yet"),
    Level.LOW: N_("It looks calm just now"),
    Level.ELEVATED: N_("There is reason to be a little more careful"),
    Level.HIGH: N_("There is clear reason to be careful"),
    Level.ACUTE: N_("Something may happen soon. We stay close to you"),
}
"""What the resident reads in place of the word the staff use."""


class Act(StrEnum):
    """What was done in the row that holds a standing. Sealed with it: in clear it would tell."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A review that a second person has not settled yet."""

    review: str
    author: str
    level: Level
    next_review: int
    at: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand after an act. Times are ms UTC; ``next_review`` is the last of its day.

    ``review`` is the one the level in force rests on; ``heard`` is the newest revision of the resident's own view
    that an author has had before them.
    """

    level: Level
    since: int
    next_review: int
    review: str | None = None
    heard: int = 0
    act: Act | None = None
    by: str | None = None
    waiting: Waiting | None = None

    @classmethod
    def unassessed(cls, since: int) -> "Standing":
        """A case nobody has looked at: due as high, from the day it was opened."""
        return cls(Level.NOT_ASSESSED, since, usual_next_review(Level.NOT_ASSESSED, since))

    @property
    def lowering(self) -> bool:
        """A lower level waits for a second person."""
        return self.waiting is not None and self.waiting.level.rank < self.level.rank

    def overdue(self, now: int) -> bool:
        return now > self.next_review

    def propose(
        self, *, review: str, author: str, level: Level, next_review: int, at: int, heard: int = 0
    ) -> "Standing":
        """Raising, staying and the first assessment take effect at once; lowering only waits.

        A newer review takes the place of one that still waits.
        """
        waiting = Waiting(review, author, level, next_review, at)
        told = replace(self, heard=heard, act=Act.PROPOSED, by=author, waiting=waiting)
        return told.in_force(waiting) if takes_effect_at_once(self.level, level) else told

    def settle(self, *, review: str, by: str, accept: bool, at: int) -> "Standing":
        """The second person's word. Raises Stale if the review no longer waits, Refused to its author."""
        waiting = self._waits(review)
        if by == waiting.author:
            raise Refused("nobody settles a review of their own")
        told = replace(self, act=Act.ACCEPTED if accept else Act.DECLINED, by=by, waiting=None)
        return replace(told.in_force(waiting), since=at) if accept and self.lowering else told

    def withdraw(self, *, review: str, by: str) -> "Standing":
        """The author takes the review back. What took effect stays: going down is for two."""
        if by != self._waits(review).author:
            raise Refused("only its author takes a review back")
        return replace(self, act=Act.WITHDRAWN, by=by, waiting=None)

    def in_force(self, waiting: Waiting) -> "Standing":
        since = self.since if waiting.level is self.level else waiting.at
        return replace(self, level=waiting.level, since=since, next_review=waiting.next_review, review=waiting.review)

    def _waits(self, review: str) -> Waiting:
        if self.waiting is None or self.waiting.review != review:
            raise Stale("this review no longer waits")
        return self.waiting

    def to_body(self) -> str:
        return bodies.whole(bodies.columns(self), STANDING_STEP)

    @classmethod
    def from_body(cls, body: Revealed) -> "Standing":
        found = bodies.read(body)
        waiting = found.pop("waiting")
        act = found.pop("act")
        return cls(
            level=Level(found.pop("level")),
            act=act and Act(act),
            waiting=waiting and Waiting(**(waiting | {"level": Level(waiting["level"])})),
            **found,
        )


def takes_effect_at_once(current: Level, proposed: Level) -> bool:
    return current is Level.NOT_ASSESSED or proposed.rank >= current.rank


@dataclass(frozen=True, slots=True)
class Shared:
    """What the resident may see of it: level, since when, when next, and a plain sentence for her."""

    level: Level
    since: int
    next_review: int
    words: Revealed

    def to_body(self) -> str:
        return bodies.whole(bodies.columns(self), SHARED_STEP)

    @classmethod
    def from_body(cls, body: Revealed) -> "Shared":
        found = bodies.read(body)
        return cls(Level(found["level"]), found["since"], found["next_review"], Revealed(found["words"]))


def due_text(next_review: int) -> str:
    """What is sealed under the operations key: always twenty characters."""
    return f"{next_review:020d}"


# -- days ----------------------------------------------------------------------------------------------------


def day_of(at: int) -> date:
    """The day in the house's own time."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZONE).date()


def end_of(day: date) -> int:
    """The last millisecond of a day in the house's own time: a review is overdue after its day, not during it."""
    midnight = datetime.combine(day + timedelta(days=1), time(), ZONE)
    return int(midnight.timestamp()) * 1000 - 1


def usual_next_review(level: Level, at: int) -> int:
    return end_of(day_of(at) + timedelta(days=level.days))


def next_review_on(day: date | None, level: Level, now: int) -> int:
    """The day the author chose, or the usual one. Raises NotAccepted for the past and beyond the ceiling."""
    if day is None:
        return usual_next_review(level, now)
    today = day_of(now)
    if day < today:
        raise NotAccepted({"next_review": N_("Choose today or a later day.")})
    if day > today + timedelta(days=CEILING_DAYS):
        raise NotAccepted({"next_review": N_("That is too far away. Choose a day within half a year.")})
    return end_of(day)
