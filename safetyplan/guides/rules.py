"""What a guide may say, and on what ground. Each function answers with what is wrong, in a sentence for the editor."""

from collections.abc import Iterator, Mapping

from safetyplan.guides.conditions import UNKNOWN, Condition
from safetyplan.guides.model import STATEMENTS, Country, Fact, Guide, Kind, Number, Point, Text


def faults_of_point(point: Point) -> Iterator[str]:
    """Outline 0.1: a statement rests on checked facts; all else is a question with somebody to ask, or advice."""
    if point.kind in STATEMENTS:
        yield from _faults_of_ground(point.facts, point.country)
        if point.kind is Kind.FACT and not point.facts:
            yield "a fact must name the facts it rests on"
        if point.old_source and point.who is None:
            yield "it rests on an old source: say in 'who' whom to ask before relying on it"
    elif point.facts:
        yield f"a point of kind '{point.kind}' states nothing: move its facts to 'about'"
    if point.kind is Kind.DIFFERS and not (point.facts or point.about):
        yield "say in 'facts' or 'about' what differs"
    if point.kind in {Kind.ASK, Kind.DIFFERS} and point.who is None:
        yield "say in 'who' whom to ask"
    if point.gap and (point.kind is not Kind.ASK or point.country is Country.BOTH):
        yield "'gap' belongs to a question to ask in one country"
    yield from faults_of_numbers(point.text, point.country)
    if point.who is not None:
        yield from faults_of_numbers(point.who.text, point.country)


def _faults_of_ground(facts: tuple[Fact, ...], country: Country) -> Iterator[str]:
    for fact in facts:
        if not fact.may_be_stated:
            yield f"{fact.id} has status {fact.status} and nobody has checked it: write a question or an advice instead"
        if fact.country not in {country, Country.BOTH}:
            yield f"{fact.id} is about another country than '{country}'"


def faults_of_numbers(text: Text, country: Country) -> Iterator[str]:
    """A number is printed only in the country where a fact gives it."""
    for number in {part for part in text.parts() if isinstance(part, Number)}:
        where = {fact.country for fact in number.facts if fact.may_be_stated}
        wanted = {Country.SE, Country.DK} if country is Country.BOTH else {country}
        if not (wanted <= where or Country.BOTH in where):
            yield f"no checked fact gives the number '{number.id}' for '{country}'"


def faults_of_guide(guide: Guide) -> Iterator[str]:
    """Whatever a condition refers to exists, was asked before, and nothing is named twice."""
    asked: dict[str, set[str]] = {}
    for question in guide.questions:
        parts = [question.when, *(choice.when for choice in question.choices)]
        yield from _faults_of_conditions(parts, asked, f"questions[{question.id}]")
        if question.id in asked:
            yield f"questions[{question.id}]: this question stands twice"
        asked[question.id] = {choice.id for choice in question.choices}
    for place, condition in conditions_of(guide):
        yield from _faults_of_conditions([condition], asked, place)
    countries = {choice for choice, _ in guide.shared.countries}
    if asked.get(guide.shared.country_question) != countries:
        yield f"questions: '{guide.shared.country_question}' must be asked, with the choices named in 'countries'"
    if not any(topic.when is None for topic in guide.topics):
        yield "topics: at least one must be for everybody"
    listed = [outline for topic in guide.topics for outline in topic.outline]
    if len(set(listed)) != len(listed):
        yield "topics: a point of the outline is carried out twice"


def conditions_of(guide: Guide) -> Iterator[tuple[str, Condition | None]]:
    """Every condition besides those of the questions, with the place where it stands."""
    for branch in guide.shared.branches:
        yield f"branches[{branch.topic.id}]", branch.when
        yield from ((f"branches[{branch.topic.id}].points[{p.id}]", p.when) for p in branch.topic.points)
    for topic in guide.topics:
        yield f"topics[{topic.id}]", topic.when
        yield from ((f"topics[{topic.id}].points[{p.id}]", p.when) for p in topic.points)
    yield from ((f"warnings[{p.id}]", p.when) for p in guide.warnings)
    yield from ((f"phrases[{p.id}]", p.when) for p in guide.phrases)
    yield from ((f"actions[{a.id}]", a.when) for a in guide.actions)
    yield from ((f"stops[{s.rule.id}]", s.when) for s in guide.stops)


def _faults_of_conditions(parts: list[Condition | None], asked: Mapping[str, set[str]], place: str) -> Iterator[str]:
    for atom in {atom for part in parts if part is not None for atom in part.atoms()}:
        if atom.question not in asked:
            yield f"{place}: the question '{atom.question}' is not asked before"
            continue
        for value in sorted(atom.values - asked[atom.question] - {UNKNOWN}):
            yield f"{place}: the question '{atom.question}' has no choice '{value}'"
