"""Walks through a guide in every way there is, and looks at every answer.

Two choices that no condition tells apart lead to the same guide, so one of them stands for both; that is what makes
"every way" thousands and not millions. Where no condition tells skipping apart from a choice, skipping stands for the
two, so that it is tried everywhere.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby

from safetyplan.guides import engine, rules
from safetyplan.guides.conditions import UNKNOWN, Condition, Is
from safetyplan.guides.engine import Answer, Asked
from safetyplan.guides.model import STATEMENTS, Country, Guide, Kind, Library, Point, Question, Topic


@dataclass(frozen=True, slots=True)
class Report:
    """``ways`` were walked; they stand for ``combinations`` of answers, skipped ones included."""

    guide: str
    ways: int
    combinations: int
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """One walk to its end. ``stands_for`` counts the combinations of answers it represents."""

    answers: dict[str, str]
    steps: tuple[Asked, ...]
    answer: Answer
    stands_for: int


def check(library: Library, only: Collection[str] = ()) -> tuple[Report, ...]:
    """A report a guide: all of them, or ``only`` those named."""
    return tuple(_check_guide(guide) for guide in library.guides if not only or guide.id in only)


def _check_guide(guide: Guide) -> Report:
    faults = dict.fromkeys(faults_of_coverage(guide))
    ways = combinations = 0
    shown: dict[tuple[int, frozenset[Country]], Point] = {}
    for way in every_way(guide):
        ways += 1
        combinations += way.stands_for
        faults |= dict.fromkeys(faults_of_way(guide, way))
        shown |= {(id(point), way.answer.countries): point for point in way.answer.points()}
    for (_, countries), point in shown.items():
        faults |= dict.fromkeys(f"{guide.id}: {point.id}: {fault}" for fault in faults_of_shown(point, countries))
    return Report(guide.id, ways, combinations, tuple(faults))


def every_way(guide: Guide) -> Iterator[Way]:
    """Every walk from the first question to the answer."""
    yield from _onwards(guide, _atoms(guide), {}, (), 1)


def _onwards(
    guide: Guide, atoms: dict[str, list[Is]], answers: dict[str, str], steps: tuple[Asked, ...], stands_for: int
) -> Iterator[Way]:
    step = engine.walk(guide, answers)
    if isinstance(step, Answer):
        yield Way(answers, steps, step, stands_for)
        return
    if step.question.id in answers:
        raise AssertionError(f"{guide.id}: '{step.question.id}' is asked again after it was answered")
    for choice, size in _told_apart(guide, step, atoms.get(step.question.id, [])):
        onwards = {**answers, step.question.id: choice}
        yield from _onwards(guide, atoms, onwards, (*steps, step), stands_for * size)


def _told_apart(guide: Guide, step: Asked, atoms: list[Is]) -> list[tuple[str, int]]:
    """One choice for each class that conditions tell apart, and how many choices are in the class."""
    choices = [UNKNOWN, *(choice.id for choice in step.choices)]
    if step.question.id == guide.shared.country_question:
        return [(choice, 1) for choice in choices]
    classes: dict[tuple[bool, ...], list[str]] = {}
    for choice in choices:
        classes.setdefault(tuple(choice in atom.values for atom in atoms), []).append(choice)
    return [(alike[0], len(alike)) for alike in classes.values()]


def _atoms(guide: Guide) -> dict[str, list[Is]]:
    conditions: list[Condition | None] = [condition for _, condition in rules.conditions_of(guide)]
    for question in guide.questions:
        conditions += [question.when, *(choice.when for choice in question.choices)]
    found = {atom for condition in conditions if condition is not None for atom in condition.atoms()}
    ordered = sorted(found, key=lambda atom: (atom.question, sorted(atom.values)))
    return {question: list(atoms) for question, atoms in groupby(ordered, key=lambda atom: atom.question)}


def faults_of_way(guide: Guide, way: Way) -> Iterator[str]:
    """What is promised to whoever walks this way."""
    answer, place = way.answer, f"{guide.id} with {way.answers}"
    for number, step in enumerate(way.steps, 1):
        if step.number != number or step.at_most < len(way.steps):
            yield f"{place}: question {number} says {step.number} of at most {step.at_most}"
    if any(later.at_most > earlier.at_most for earlier, later in zip(way.steps, way.steps[1:], strict=False)):
        yield f"{place}: 'at most' grows on the way"
    if not any(point.who is not None for point in answer.points()):
        yield f"{place}: nobody to ask"
    if answer.ended_early != any(b.ends and b.when.holds(way.answers) for b in guide.shared.branches):
        yield f"{place}: ends early although nothing says so, or the other way round"
    if answer.ended_early and (answer.topics or answer.actions or answer.phrases or not answer.said_first):
        yield f"{place}: says general things to somebody whom they can harm"
    if not answer.ended_early and not (answer.topics and answer.actions):
        yield f"{place}: no answer"
    if {stop.id for stop in answer.stops} != {rule.id for rule in guide.shared.stops}:
        yield f"{place}: a stop rule is missing"
    if not answer.stops[0].first or not all(stop.lines for stop in answer.stops):
        yield f"{place}: a stop rule says nothing, or none stands first"
    for topic in (*answer.said_first, *answer.topics):
        if not topic.points:
            yield f"{place}: the topic '{topic.id}' is empty"


def faults_of_shown(point: Point, countries: frozenset[Country]) -> Iterator[str]:
    """``point`` as somebody reads it for whom ``countries`` speak."""
    if point.country not in countries:
        yield "speaks of another country"
    if point.kind in STATEMENTS and not all(fact.may_be_stated for fact in point.facts):
        yield "states what nobody has checked"
    if any(fact.country not in countries for fact in point.facts):
        yield "rests on a fact about another country"
    if point.kind in {Kind.ASK, Kind.DIFFERS} and point.who is None:
        yield "asks without saying whom"


def faults_of_coverage(guide: Guide) -> Iterator[str]:
    """In either country a topic says something, and where only the other one has facts, it says that there are none."""
    for topic in guide.topics:
        for country, other in ((Country.DK, Country.SE), (Country.SE, Country.DK)):
            said = [point for point in topic.points if point.country in {country, Country.BOTH}]
            if not _always_something(guide, topic, said):
                yield f"{guide.id}: the topic '{topic.id}' may say nothing in {country}"
            states_other = any(p.kind in STATEMENTS and p.country is other for p in topic.points)
            states_own = any(p.kind in STATEMENTS for p in said)
            if states_other and not states_own and not any(point.gap for point in said):
                yield f"{guide.id}: the topic '{topic.id}' has no fact for {country} and does not say so"


def _always_something(guide: Guide, topic: Topic, points: list[Point]) -> bool:
    """Whether for every answer to the questions the topic hangs on, one of ``points`` is shown."""
    conditions = [topic.when, *(point.when for point in points)]
    names = {atom.question for condition in conditions if condition is not None for atom in condition.atoms()}
    questions = [question for question in guide.questions if question.id in names]
    return all(
        any(point.when is None or point.when.holds(answers) for point in points)
        for answers in _products(questions)
        if topic.when is None or topic.when.holds(answers)
    )


def _products(questions: list[Question]) -> Iterator[dict[str, str]]:
    if not questions:
        yield {}
        return
    first, *rest = questions
    for answers in _products(rest):
        for choice in (UNKNOWN, *(choice.id for choice in first.choices)):
            yield {**answers, first.id: choice}


def unneeded(library: Library) -> tuple[str, ...]:
    """Facts that nothing names: they would be checked for nothing, or somebody forgot to use them."""
    points = [point for branch in library.shared.branches for point in branch.topic.points]
    for guide in library.guides:
        points += [*guide.warnings, *(point for topic in guide.topics for point in topic.points)]
    texts = [point.text for point in points] + [point.who.text for point in points if point.who is not None]
    used = {fact.id for point in points for fact in (*point.facts, *point.about)}
    for line in (line for rule in library.shared.stops for line in rule.lines):
        used |= {fact.id for fact in line.facts}
        texts.append(line.text)
    used |= {fact.id for text in texts for fact in engine.behind_numbers(text)}
    return tuple(fact.id for fact in library.facts if fact.id not in used)
