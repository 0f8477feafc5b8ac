"""What is told and not judged: the resident's own view, and what has happened. Pure."""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Final

from safetyplan.errors import N_, NotAccepted
from safetyplan.threat import bodies
from safetyplan.threat.model import ASSESSED, Level, day_of
from safetyplan.vault import Revealed, reveal

OWN_VIEW_STEP = 4096
OWN_VIEW_LONGEST = 1200
INCIDENT_STEP = 4096
INCIDENT_LONGEST = 4000
ROUGHLY_LONGEST = 200

OWN_WORDS: Final = {
    Level.LOW: N_("I feel safe enough"),
    Level.ELEVATED: N_("Something worries me"),
    Level.HIGH: N_("I feel unsafe"),
    Level.ACUTE: N_("I am in danger, or soon will be"),
}
"""Her own choice of words for how it is; she may also leave it."""


@dataclass(frozen=True, slots=True)
class OwnView:
    level: Level | None = None
    words: Revealed = Revealed("")

    def check(self) -> None:
        if self.level is None and not self.words:
            raise NotAccepted({"": N_("Choose one of the lines, or write something of your own.")})
        if self.level is not None and self.level not in ASSESSED:
            raise NotAccepted({"level": N_("Choose one of the lines, or leave them all.")})
        if len(self.words) > OWN_VIEW_LONGEST:
            raise NotAccepted({"words": N_("This is longer than there is room for. Shorten it.")})

    def higher_than(self, level: Level) -> bool:
        """Hers may raise the discussion; it never lowers anything."""
        return self.level is not None and self.level.rank > level.counts_as.rank

    def to_body(self) -> str:
        return bodies.whole(bodies.columns(self), OWN_VIEW_STEP)

    @classmethod
    def from_body(cls, body: Revealed) -> "OwnView":
        found = bodies.read(body)
        return cls(Level(found["level"]) if found["level"] else None, Revealed(found["words"]))


class Side(StrEnum):
    """Who noted it. Only that side changes it; both can read it."""

    RESIDENT = "resident"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Incident:
    """What happened and when, as somebody told it. Day, hour and rough words may each be left out."""

    side: Side
    what: Revealed
    on: Revealed = Revealed("")
    at: Revealed = Revealed("")
    roughly: Revealed = Revealed("")

    @property
    def day(self) -> date | None:
        return date.fromisoformat(reveal(self.on)) if self.on else None

    def check(self, now: int) -> None:
        problems = {}
        if not self.what:
            problems["what"] = N_("Write what happened, in as few words as you like.")
        if len(self.what) > INCIDENT_LONGEST:
            problems["what"] = N_("This is longer than there is room for. Shorten it.")
        if len(self.roughly) > ROUGHLY_LONGEST:
            problems["roughly"] = N_("This is longer than there is room for. Shorten it.")
        try:
            if self.day and self.day > day_of(now):
                problems["on"] = N_("That day has not come yet.")
        except ValueError:
            problems["on"] = N_("Write the day as year-month-day.")
        if self.at and not _is_time(reveal(self.at)):
            problems["at"] = N_("Write the time as hours and minutes.")
        if problems:
            raise NotAccepted(problems)

    def to_body(self) -> str:
        return bodies.whole(bodies.columns(self), INCIDENT_STEP)

    @classmethod
    def from_body(cls, body: Revealed) -> "Incident":
        found = bodies.read(body)
        side = Side(found.pop("side"))
        return cls(side, **{name: Revealed(text) for name, text in found.items()})


def _is_time(text: str) -> bool:
    try:
        return time.fromisoformat(text).tzinfo is None
    except ValueError:
        return False
