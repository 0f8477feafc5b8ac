"""A review: what was looked at, the reasons, and what somebody else decided about it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from safetyplan.errors import N_, NotAccepted
from safetyplan.threat import bodies
from safetyplan.threat.factors import BY_CODE, Seen
from safetyplan.threat.model import ASSESSED, SHARED_LONGEST, Level, next_review_on
from safetyplan.vault import Revealed, reveal

STEP = 16384
LONGEST = 4000
ROWS = 20
"""So many scenarios, measures and instruments a review holds at most."""

EMPTY = Revealed("")


class Likely(StrEnum):
    """How likely, in words; there is no number behind them."""

    HARD_TO_SAY = "hard_to_say"
    UNLIKELY = "unlikely"
    POSSIBLE = "possible"
    LIKELY = "likely"
    EXPECTED = "expected"


class Grave(StrEnum):
    HARD_TO_SAY = "hard_to_say"
    DISTRESS = "distress"
    HARM = "harm"
    SERIOUS_HARM = "serious_harm"
    LIFE = "life"


LIKELY_WORDS: Final = {
    Likely.HARD_TO_SAY: N_("Hard to say"),
    Likely.UNLIKELY: N_("Unlikely, but it could happen"),
    Likely.POSSIBLE: N_("Quite possible"),
    Likely.LIKELY: N_("Likely"),
    Likely.EXPECTED: N_("To be expected"),
}
GRAVE_WORDS: Final = {
    Grave.HARD_TO_SAY: N_("Hard to say"),
    Grave.DISTRESS: N_("Fear and distress"),
    Grave.HARM: N_("Harm"),
    Grave.SERIOUS_HARM: N_("Serious harm"),
    Grave.LIFE: N_("Danger to life"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One factor as it was seen."""

    code: str
    seen: Seen = Seen.NOT_KNOWN
    note: Revealed = EMPTY


@dataclass(frozen=True, slots=True)
class Scenario:
    what: Revealed = EMPTY
    likely: Likely = Likely.HARD_TO_SAY
    grave: Grave = Grave.HARD_TO_SAY
    signs: Revealed = EMPTY


@dataclass(frozen=True, slots=True)
class Measure:
    what: Revealed = EMPTY
    who: Revealed = EMPTY
    by: Revealed = EMPTY


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument that somebody used elsewhere: its name and what it led to, never its items or points."""

    name: Revealed = EMPTY
    on: Revealed = EMPTY
    by: Revealed = EMPTY
    conclusion: Revealed = EMPTY


@dataclass(frozen=True, slots=True)
class Review:
    """All of it as written. Days stay text until the review is proposed, so that nothing typed is lost."""

    level: Level | None = None
    changes: Revealed = EMPTY
    people: Revealed = EMPTY
    marks: tuple[Mark, ...] = ()
    sources: Revealed = EMPTY
    gaps: Revealed = EMPTY
    scenarios: tuple[Scenario, ...] = ()
    protective: Revealed = EMPTY
    measures: tuple[Measure, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    reasons: Revealed = EMPTY
    her_view: int | None = None
    disagreement: Revealed = EMPTY
    informed: Revealed = EMPTY
    shared: Revealed = EMPTY
    next_review: Revealed = EMPTY

    def mark(self, code: str) -> Mark:
        return next((mark for mark in self.marks if mark.code == code), Mark(code))


_TEXTS = (
    "changes",
    "people",
    "sources",
    "gaps",
    "protective",
    "reasons",
    "disagreement",
    "informed",
    "shared",
    "next_review",
)


def day(text: Revealed) -> date | None:
    """The day a date field holds; None when it was left empty. Raises ValueError for anything else."""
    return date.fromisoformat(reveal(text)) if text else None


# -- what must be right before it is proposed ----------------------------------------------------------------


def check(review: Review, her_level: Level | None, now: int) -> tuple[Level, int]:
    """The proposed level and its next review in ms. Raises NotAccepted, naming every field to look at again."""
    problems = {**_lengths(review), **_rows(review)}
    if review.level not in ASSESSED:
        problems["level"] = N_("Choose a level.")
    if not review.reasons:
        problems["reasons"] = N_("Write how you come to this level.")
    if review.level and her_level and her_level.rank > review.level.rank and not review.disagreement:
        problems["disagreement"] = N_(
            "The resident sees it as more serious. Write what you have said to each other about it."
        )
    next_review = 0
    try:
        next_review = next_review_on(day(review.next_review), review.level or Level.NOT_ASSESSED, now)
    except ValueError:
        problems["next_review"] = N_("Write the day as year-month-day.")
    except NotAccepted as error:
        problems |= error.problems
    if problems or review.level is None:
        raise NotAccepted(problems)
    return review.level, next_review


def check_draft(review: Review) -> None:
    """A draft may be unfinished, but not endless."""
    if problems := _lengths(review):
        raise NotAccepted(problems)


def _lengths(review: Review) -> dict[str, str]:
    problems = {}
    for name, text in _all_texts(review):
        longest = SHARED_LONGEST if name == "shared" else LONGEST
        if len(text) > longest:
            problems[name] = N_("This is longer than there is room for. Shorten it.")
    for name in ("scenarios", "measures", "instruments"):
        if len(getattr(review, name)) > ROWS:
            problems[name] = N_("There are more of these than there is room for.")
    return problems


def _all_texts(review: Review) -> list[tuple[str, Revealed]]:
    found: list[tuple[str, Revealed]] = [(name, getattr(review, name)) for name in _TEXTS]
    found += [(f"note-{mark.code}", mark.note) for mark in review.marks]
    for name in ("scenarios", "measures", "instruments"):
        for number, row in enumerate(getattr(review, name)):
            texts = bodies.columns(row).items()
            found += [(f"{name}-{number}-{key}", text) for key, text in texts if isinstance(text, Revealed)]
    return found


def _rows(review: Review) -> dict[str, str]:
    problems = {}
    for number, scenario in enumerate(review.scenarios):
        if not scenario.what:
            problems[f"scenarios-{number}-what"] = N_("Write what could happen, or empty this part.")
    for number, measure in enumerate(review.measures):
        if not measure.what:
            problems[f"measures-{number}-what"] = N_("Write what is to be done, or empty this part.")
        if _unreadable(measure.by):
            problems[f"measures-{number}-by"] = N_("Write the day as year-month-day.")
    for number, instrument in enumerate(review.instruments):
        if not instrument.name:
            problems[f"instruments-{number}-name"] = N_("Write its name, or empty this part.")
        if _unreadable(instrument.on):
            problems[f"instruments-{number}-on"] = N_("Write the day as year-month-day.")
    return problems


def _unreadable(text: Revealed) -> bool:
    try:
        day(text)
    except ValueError:
        return True
    return False


# -- sealed ---------------------------------------------------------------------------------------------------


class Kind(StrEnum):
    DRAFT = "draft"
    PROPOSAL = "proposal"
    DECISION = "decision"


@dataclass(frozen=True, slots=True)
class Written:
    """One revision of a review in which something was written: a draft or the proposal."""

    kind: Kind
    author: str
    review: Review

    def to_body(self) -> str:
        return bodies.whole(bodies.columns(self), STEP)


@dataclass(frozen=True, slots=True)
class Decision:
    """The last revision: accepted, declined or withdrawn, by whom, and what they wrote."""

    act: str
    by: str
    words: Revealed

    def to_body(self) -> str:
        return bodies.whole(bodies.columns(self) | {"kind": Kind.DECISION}, STEP)


def from_body(body: Revealed) -> Written | Decision:
    found = bodies.read(body)
    kind = Kind(found["kind"])
    if kind is Kind.DECISION:
        return Decision(found["act"], found["by"], Revealed(found["words"]))
    return Written(kind, found["author"], _review(found["review"]))


def _review(found: Mapping[str, Any]) -> Review:
    texts = {name: Revealed(found[name]) for name in _TEXTS}
    return Review(
        level=Level(found["level"]) if found["level"] else None,
        her_view=found["her_view"],
        marks=tuple(_mark(each) for each in found["marks"] if each["code"] in BY_CODE),
        scenarios=tuple(_scenario(each) for each in found["scenarios"]),
        measures=tuple(Measure(**_opened(each)) for each in found["measures"]),
        instruments=tuple(Instrument(**_opened(each)) for each in found["instruments"]),
        **texts,
    )


def _mark(found: Mapping[str, str]) -> Mark:
    return Mark(found["code"], Seen(found["seen"]), Revealed(found["note"]))


def _scenario(found: Mapping[str, str]) -> Scenario:
    return Scenario(Revealed(found["what"]), Likely(found["likely"]), Grave(found["grave"]), Revealed(found["signs"]))


def _opened(found: Mapping[str, str]) -> dict[str, Revealed]:
    return {name: Revealed(text) for name, text in found.items()}
