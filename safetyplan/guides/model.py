"""The nouns of a guide. All frozen; pure: no files, no clock, no Flask."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from safetyplan.guides.conditions import Condition
from safetyplan.plans.model import SectionName

LANGUAGES: Final = ("sv", "da", "en")


class Country(StrEnum):
    """Whose rules a part speaks of. ``BOTH``: it holds wherever she lives."""

    SE = "SE"
    DK = "DK"
    BOTH = "XX"


class Status(StrEnum):
    """A authority · B region, municipality, organisation · C secondary text · U nobody has sourced it."""

    A = "A"
    B = "B"
    C = "C"
    U = "U"


class Kind(StrEnum):
    FACT = "fact"
    DIFFERS = "differs"
    ASK = "ask"
    PRACTICE = "practice"


STATEMENTS: Final = frozenset({Kind.FACT, Kind.DIFFERS})


@dataclass(frozen=True, slots=True)
class Source:
    """``date``: a year, a month or a day. ``remark``: what a reader should know of it, such as its edition."""

    id: str
    publisher: "Text"
    title: "Text"
    date: str | None
    remark: "Text | None"
    address: str


@dataclass(frozen=True, slots=True)
class Fact:
    """``last_checked`` (ISO date) is when somebody read the live page; None: only a stored copy was read."""

    id: str
    status: Status
    dated: bool
    country: Country
    claim: str
    sources: tuple[Source, ...]
    last_checked: str | None

    @property
    def may_be_stated(self) -> bool:
        """A, B, or C that somebody has checked. The outline's rule 0.1."""
        return self.status in {Status.A, Status.B} or (self.status is Status.C and self.last_checked is not None)


@dataclass(frozen=True, slots=True)
class Number:
    """A number to ring, printed only because a fact gives it."""

    id: str
    shown: str
    dial: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A word left in its own language inside a text in another one."""

    lang: str
    words: str


Part = str | Number | Term
Line = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """One text in the three languages, as lines of parts. One idea a line."""

    sv: tuple[Line, ...]
    da: tuple[Line, ...]
    en: tuple[Line, ...]

    def lines(self, lang: str) -> tuple[Line, ...]:
        """``lang`` is one of `LANGUAGES`; anything else is a mistake in the caller."""
        return {"sv": self.sv, "da": self.da, "en": self.en}[lang]

    def plain(self, lang: str) -> str:
        return "\n".join("".join(_plain(part) for part in line) for line in self.lines(lang))

    def parts(self) -> Iterator[Part]:
        for lang in LANGUAGES:
            for line in self.lines(lang):
                yield from line


def _plain(part: Part) -> str:
    if isinstance(part, Number):
        return part.shown
    return part.words if isinstance(part, Term) else part


@dataclass(frozen=True, slots=True)
class WhoToAsk:
    id: str
    text: Text


@dataclass(frozen=True, slots=True)
class Choice:
    id: str
    text: Text
    when: Condition | None


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    text: Text
    hint: Text | None
    when: Condition | None
    choices: tuple[Choice, ...]
    shared: bool
    """Shared questions mean the same in every guide, so that an answer may be carried over."""


@dataclass(frozen=True, slots=True)
class Point:
    """``facts`` support what is said; ``about`` names unsourced facts that a question or an advice goes back to.

    ``gap``: where the country has no checked answer, the point says so first.
    """

    id: str
    kind: Kind
    country: Country
    text: Text
    when: Condition | None
    facts: tuple[Fact, ...]
    about: tuple[Fact, ...]
    who: WhoToAsk | None
    gap: bool

    @property
    def old_source(self) -> bool:
        """Some fact behind it is old and nobody has checked it since: ask before relying on it."""
        return any(fact.dated and fact.last_checked is None for fact in self.facts)


@dataclass(frozen=True, slots=True)
class Topic:
    """``outline`` names the points of the outline that it carries out."""

    id: str
    outline: tuple[str, ...]
    title: Text
    when: Condition | None
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """One sentence with a verb, for the plan."""

    id: str
    section: SectionName
    country: Country
    text: Text
    when: Condition | None


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words to say. ``review`` names who has yet to read which language."""

    id: str
    to: Text | None
    country: Country
    text: Text
    when: Condition | None
    review: str | None


@dataclass(frozen=True, slots=True)
class StopLine:
    country: Country
    text: Text
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class StopRule:
    """When to stop reading and ring."""

    id: str
    occasion: Text
    lines: tuple[StopLine, ...]


@dataclass(frozen=True, slots=True)
class GuideStop:
    """A rule this guide puts first, and what in this guide's matter calls for it."""

    rule: StopRule
    because: Text | None
    when: Condition | None


@dataclass(frozen=True, slots=True)
class Branch:
    """What an answer to a shared question adds to every guide.

    ``at_once``: said before the next question and first in the answer. ``ends``: the guide ends there.
    """

    topic: Topic
    when: Condition
    at_once: bool
    ends: bool


@dataclass(frozen=True, slots=True)
class Reviews:
    """Dates (ISO) on which somebody read the guide; None: not yet."""

    shelter_staff: str | None
    native_danish: str | None
    people_who_live_protected: str | None


@dataclass(frozen=True, slots=True)
class Shared:
    """What every guide has: ``labels`` are small words around the content."""

    stops: tuple[StopRule, ...]
    branches: tuple[Branch, ...]
    country_question: str
    countries: tuple[tuple[str, frozenset[Country]], ...]
    labels: tuple[tuple[str, Text], ...]

    def label(self, name: str) -> Text:
        return dict(self.labels)[name]


@dataclass(frozen=True, slots=True)
class Guide:
    """``version`` is raised by whoever changes what the guide says; ``digest`` follows every byte behind it."""

    id: str
    version: int
    digest: str
    order: int
    title: Text
    short: Text
    for_whom: Text
    questions: tuple[Question, ...]
    topics: tuple[Topic, ...]
    warnings: tuple[Point, ...]
    phrases: tuple[Phrase, ...]
    actions: tuple[Action, ...]
    stops: tuple[GuideStop, ...]
    reviews: Reviews
    shared: Shared

    def question(self, question_id: str) -> Question | None:
        return next((q for q in self.questions if q.id == question_id), None)

    def action(self, action_id: str) -> Action | None:
        return next((a for a in self.actions if a.id == action_id), None)


@dataclass(frozen=True, slots=True)
class Library:
    """Everything that was read, in the order in which guides are offered."""

    guides: tuple[Guide, ...]
    facts: tuple[Fact, ...]
    shared: Shared

    def guide(self, guide_id: str) -> Guide | None:
        return next((g for g in self.guides if g.id == guide_id), None)
