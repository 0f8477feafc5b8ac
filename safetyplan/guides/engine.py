"""Walking through a guide: from answers to the next question, or to the personal answer.

Answers that no longer fit (a question that is not asked after all, a choice that is not offered) count as not given, so
that any answer can be changed at any time and nothing old shines through.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from safetyplan.errors import N_, NotAccepted
from safetyplan.guides.conditions import UNKNOWN, Answers, Condition
from safetyplan.guides.model import (
    Action,
    Branch,
    Choice,
    Country,
    Fact,
    Guide,
    Library,
    Number,
    Phrase,
    Point,
    Question,
    Source,
    StopLine,
    StopRule,
    Text,
)
from safetyplan.guides.reading import read_library

EVERYWHERE = frozenset({Country.SE, Country.DK, Country.BOTH})


@cache
def load() -> Library:
    """The guides that ship with the package, read and validated once. Raises `ContentWrong`."""
    folder = files("safetyplan.guides") / "content"
    return read_library({f.name: f.read_bytes() for f in folder.iterdir() if f.name.endswith(".yaml")})


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that counts. ``choice`` is None where the question was skipped."""

    question: Question
    choice: Choice | None


@dataclass(frozen=True, slots=True)
class ShownTopic:
    id: str
    title: Text
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class ShownStop:
    """``because`` is set where this guide or an answer calls for the rule; the others are there to be looked up."""

    id: str
    occasion: Text
    because: Text | None
    lines: tuple[StopLine, ...]
    first: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """The next question. ``number`` counts from 1; ``at_most`` never grows on the way.

    ``chosen`` is the answer given before (`UNKNOWN` where skipped), if any; ``back`` the question before, if any.
    """

    guide: Guide
    question: Question
    choices: tuple[Choice, ...]
    number: int
    at_most: int
    chosen: str | None
    back: str | None
    said_first: tuple[ShownTopic, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A personal answer. ``ended_early``: an answer means that general advice could do harm, so it is short.

    ``countries`` has one country besides `Country.BOTH` where it is known; points then need no mark of their country.
    """

    guide: Guide
    given: tuple[Given, ...]
    countries: frozenset[Country]
    ended_early: bool
    said_first: tuple[ShownTopic, ...]
    stops: tuple[ShownStop, ...]
    warnings: tuple[Point, ...]
    topics: tuple[ShownTopic, ...]
    phrases: tuple[Phrase, ...]
    actions: tuple[Action, ...]

    def points(self) -> tuple[Point, ...]:
        topics = (*self.said_first, *self.topics)
        return (*self.warnings, *(point for topic in topics for point in topic.points))

    def facts(self) -> tuple[Fact, ...]:
        """Facts stated, and facts behind printed numbers, in the order in which they first appear."""
        found: dict[str, Fact] = {}
        for stop in self.stops:
            for line in stop.lines:
                found |= {fact.id: fact for fact in (*line.facts, *behind_numbers(line.text))}
        for point in self.points():
            found |= {fact.id: fact for fact in (*point.facts, *behind_numbers(point.text))}
            if point.who is not None:
                found |= {fact.id: fact for fact in behind_numbers(point.who.text)}
        return tuple(fact for fact in found.values() if fact.country in self.countries)

    def sources(self) -> tuple[tuple[str, Source, tuple[Fact, ...]], ...]:
        """Day of the last check ("" where there was none), source, and the facts of the answer that it gives."""
        found: dict[tuple[str, str], tuple[Source, list[Fact]]] = {}
        for fact in self.facts():
            for source in fact.sources:
                found.setdefault((fact.last_checked or "", source.id), (source, []))[1].append(fact)
        return tuple((checked, source, tuple(facts)) for (checked, _), (source, facts) in found.items())


def behind_numbers(text: Text) -> tuple[Fact, ...]:
    return tuple(fact for part in text.parts() if isinstance(part, Number) for fact in part.facts)


def given(guide: Guide, answers: Answers) -> tuple[Given, ...]:
    """The answers that count, in the order of the questions."""
    return _given(guide, _path(guide, answers).counting)


def keep(guide: Guide, answers: Answers) -> dict[str, str]:
    """Only the answers that count."""
    return _path(guide, answers).counting


def settle(guide: Guide, answers: Answers, question_id: str, choice: str) -> dict[str, str]:
    """``answers`` with one more or one changed, and only those that still count. `UNKNOWN` skips.

    Raises `NotAccepted` if the question is not asked or the choice is not on offer.
    """
    path = _path(guide, answers)
    question = path.put(question_id)
    if question is None:
        raise NotAccepted({"": N_("This question is not asked any more. Here is the next one.")})
    if choice != UNKNOWN and choice not in {c.id for c in _offered(question, path.before(question))}:
        raise NotAccepted({"choice": N_("Choose one of the answers, or skip the question.")})
    return _path(guide, {**answers, question_id: choice}).counting


def walk(guide: Guide, answers: Answers) -> Asked | Answer:
    """The next question, or the answer once every question has been answered or skipped."""
    path = _path(guide, answers)
    following = path.following()
    return _answer(guide, path.counting) if following is None else _ask(guide, path, following)


def ask_again(guide: Guide, answers: Answers, question_id: str) -> Asked | Answer:
    """A question answered before, to change it; the next one if that question has not been put, or no longer is."""
    path = _path(guide, answers)
    again = path.put(question_id)
    return walk(guide, answers) if again is None else _ask(guide, path, again)


@dataclass(frozen=True, slots=True)
class _Path:
    """Questions asked on this way, as far as is settled, and the answers that count."""

    asked: tuple[Question, ...]
    counting: dict[str, str]

    def following(self) -> Question | None:
        """The first question that is still open."""
        return next((q for q in self.asked if q.id not in self.counting), None)

    def put(self, question_id: str) -> Question | None:
        """A question answered already, or the one whose turn it is; None for any other."""
        following = self.following()
        turn = {following.id} if following else set()
        return next((q for q in self.asked if q.id == question_id and q.id in self.counting.keys() | turn), None)

    def before(self, question: Question) -> dict[str, str]:
        """What had been answered when ``question`` was put."""
        earlier = self.asked[: self.asked.index(question)]
        return {q.id: self.counting[q.id] for q in earlier if q.id in self.counting}


def _path(guide: Guide, answers: Answers) -> _Path:
    asked: list[Question] = []
    counting: dict[str, str] = {}
    for question in guide.questions:
        if not _holds(question.when, counting):
            continue
        asked.append(question)
        choice = answers.get(question.id)
        if choice is None or not (choice == UNKNOWN or _is_offered(question, choice, counting)):
            continue
        counting[question.id] = choice
        if _ended(guide, counting):
            break
    return _Path(tuple(asked), counting)


def _offered(question: Question, so_far: Answers) -> tuple[Choice, ...]:
    return tuple(choice for choice in question.choices if _holds(choice.when, so_far))


def _is_offered(question: Question, choice_id: str, so_far: Answers) -> bool:
    choice = _choice(question, choice_id)
    return choice is not None and _holds(choice.when, so_far)


def _choice(question: Question, choice_id: str) -> Choice | None:
    return next((choice for choice in question.choices if choice.id == choice_id), None)


def _holds(condition: Condition | None, answers: Answers) -> bool:
    return condition is None or condition.holds(answers)


def _ended(guide: Guide, counting: Answers) -> bool:
    return any(branch.ends and branch.when.holds(counting) for branch in guide.shared.branches)


def _ask(guide: Guide, path: _Path, question: Question) -> Asked:
    position = path.asked.index(question)
    before = path.before(question)
    first = tuple(branch for branch in guide.shared.branches if branch.at_once)
    return Asked(
        guide=guide,
        question=question,
        choices=_offered(question, before),
        number=position + 1,
        at_most=_at_most(guide, path.counting),
        chosen=path.counting.get(question.id),
        back=path.asked[position - 1].id if position else None,
        said_first=_said(first, before, _countries(guide, before)),
    )


def _at_most(guide: Guide, counting: Answers) -> int:
    """Questions asked, and those that answers still to come could bring."""
    still_open = {question.id for question in guide.questions} - counting.keys()
    possible = 0
    for question in guide.questions:
        could = question.when is None or question.when.could(counting, still_open)
        if could is False:
            still_open.discard(question.id)
        else:
            possible += 1
    return possible


def _countries(guide: Guide, counting: Answers) -> frozenset[Country]:
    chosen = counting.get(guide.shared.country_question)
    known = next((countries for choice, countries in guide.shared.countries if choice == chosen), None)
    return EVERYWHERE if known is None else known | {Country.BOTH}


def _in_force(part: Point | Action | Phrase, counting: Answers, countries: frozenset[Country]) -> bool:
    return part.country in countries and _holds(part.when, counting)


def _said(branches: tuple[Branch, ...], counting: Answers, countries: frozenset[Country]) -> tuple[ShownTopic, ...]:
    holding = (branch.topic for branch in branches if branch.when.holds(counting))
    shown = (
        ShownTopic(t.id, t.title, tuple(p for p in t.points if _in_force(p, counting, countries))) for t in holding
    )
    return tuple(topic for topic in shown if topic.points)


def _answer(guide: Guide, counting: Answers) -> Answer:
    countries = _countries(guide, counting)
    ended = _ended(guide, counting)
    first = tuple(b for b in guide.shared.branches if b.ends or b.at_once)
    return Answer(
        guide=guide,
        given=_given(guide, counting),
        countries=countries,
        ended_early=ended,
        said_first=_said(first, counting, countries),
        stops=_stops(guide, counting, countries),
        warnings=() if ended else tuple(p for p in guide.warnings if _in_force(p, counting, countries)),
        topics=() if ended else _topics(guide, counting, countries),
        phrases=() if ended else tuple(p for p in guide.phrases if _in_force(p, counting, countries)),
        actions=() if ended else tuple(a for a in guide.actions if _in_force(a, counting, countries)),
    )


def _given(guide: Guide, counting: Answers) -> tuple[Given, ...]:
    return tuple(Given(q, _choice(q, counting[q.id])) for q in guide.questions if q.id in counting)


def _topics(guide: Guide, counting: Answers, countries: frozenset[Country]) -> tuple[ShownTopic, ...]:
    later = tuple(b for b in guide.shared.branches if not (b.ends or b.at_once))
    own = (
        ShownTopic(t.id, t.title, tuple(p for p in t.points if _in_force(p, counting, countries)))
        for t in guide.topics
        if _holds(t.when, counting)
    )
    return (*_said(later, counting, countries), *(topic for topic in own if topic.points))


def _stops(guide: Guide, counting: Answers, countries: frozenset[Country]) -> tuple[ShownStop, ...]:
    """Rules this guide or an answer calls for, in the guide's order, and then the others."""
    called = [stop for stop in guide.stops if _holds(stop.when, counting)]
    first = [_stop(stop.rule, stop.because, True, countries) for stop in called]
    rest = [rule for rule in guide.shared.stops if rule.id not in {stop.rule.id for stop in called}]
    return (*first, *(_stop(rule, None, False, countries) for rule in rest))


def _stop(rule: StopRule, because: Text | None, first: bool, countries: frozenset[Country]) -> ShownStop:
    lines = tuple(line for line in rule.lines if line.country in countries)
    return ShownStop(rule.id, rule.occasion, because, lines, first)
