"""From content files to a `Library`. Pure: it is handed the bytes, and everything it refers to must exist."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from safetyplan.guides import rules
from safetyplan.guides.conditions import ALL, ANY, NOT, UNKNOWN, WORDS, Condition, Every, Is, Not, Some
from safetyplan.guides.model import (
    LANGUAGES,
    Action,
    Branch,
    Choice,
    Country,
    Fact,
    Guide,
    GuideStop,
    Kind,
    Library,
    Line,
    Number,
    Part,
    Phrase,
    Point,
    Question,
    Reviews,
    Shared,
    Source,
    Status,
    StopLine,
    StopRule,
    Term,
    Text,
    Topic,
    WhoToAsk,
)
from safetyplan.guides.sources import read_sources
from safetyplan.guides.strict import ContentWrong, Entry, read
from safetyplan.plans.model import SectionName

FACTS, SHARED = "facts.yaml", "shared.yaml"
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
FACT_ID = re.compile(r"F-(SE|DK|XX)-[A-Z]+-[0-9]{2}\Z")

T = TypeVar("T")


def read_library(files: Mapping[str, bytes]) -> Library:
    """File name → bytes. Raises `ContentWrong`, which names file and key."""
    for name in (FACTS, SHARED):
        if name not in files:
            raise ContentWrong(name, "this file is missing")
    facts = _facts(read(FACTS, files[FACTS]))
    shelf = _Shelf.of(read(SHARED, files[SHARED]), facts)
    guides = []
    for name in sorted(files.keys() - {FACTS, SHARED}):
        digest = _digest(files[name], files[SHARED], files[FACTS])
        guides.append(_GuideReading(shelf, read(name, files[name])).guide(name.removesuffix(".yaml"), digest))
    orders = [guide.order for guide in guides]
    for guide in guides:
        if guide.order < 1 or orders.count(guide.order) > 1:
            raise ContentWrong(f"{guide.id}.yaml: order", "addresses carry it: from 1, and no two guides share one")
    return Library(
        guides=tuple(sorted(guides, key=lambda guide: guide.order)),
        facts=tuple(facts.values()),
        shared=shelf.shared,
    )


def _digest(*parts: bytes) -> str:
    """SHA-256 over what a guide is made of, each part with its length before it."""
    digest = sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _facts(page: Entry) -> dict[str, Fact]:
    sources = read_sources(page.entry("sources"))
    facts: dict[str, Fact] = {}
    listed = page.entry("facts")
    for key in listed.names():
        entry = listed.entry(key)
        facts[key] = _fact(key, entry, sources)
        entry.close()
    page.close()
    unused = sources.keys() - {source.id for fact in facts.values() for source in fact.sources}
    for key in sorted(unused):
        raise page.wrong(f"sources.{key}", "no fact names this source")
    return facts


def _fact(key: str, entry: Entry, sources: Mapping[str, Source]) -> Fact:
    named = FACT_ID.match(key)
    if not named:
        raise entry.wrong(None, "a fact's id looks like F-SE-WORK-01")
    status = entry.one_of("status", Status)
    used = _found(entry, "sources", sources)
    if bool(used) == (status is Status.U):
        raise entry.wrong("sources", "a fact with status A, B or C has sources, and one with status U has none")
    return Fact(
        id=key,
        status=status,
        dated=entry.flag("dated"),
        country=Country(named.group(1)),
        claim=entry.words("claim"),
        sources=used,
        last_checked=entry.day_or_none("last_checked"),
    )


def _found(entry: Entry, key: str, known: Mapping[str, T]) -> tuple[T, ...]:
    names = entry.list_of_words(key)
    for name in names:
        if name not in known:
            raise entry.wrong(key, f"'{name}' is not known")
    return tuple(known[name] for name in names)


@dataclass(frozen=True)
class _Words:
    """Turns words with placeholders into texts."""

    placeholders: Mapping[str, Part]

    def text(self, entry: Entry, key: str) -> Text:
        languages = entry.entry(key)
        lines = {lang: self._lines(languages, lang) for lang in LANGUAGES}
        languages.close()
        return Text(**lines)

    def text_or_none(self, entry: Entry, key: str) -> Text | None:
        return self.text(entry, key) if entry.has(key) else None

    def _lines(self, languages: Entry, lang: str) -> tuple[Line, ...]:
        lines = (line.strip() for line in languages.words(lang).splitlines())
        return tuple(tuple(self._line(line, languages, lang)) for line in lines if line)

    def _line(self, line: str, languages: Entry, lang: str) -> Iterable[Part]:
        for position, piece in enumerate(PLACEHOLDER.split(line)):
            if position % 2:
                if piece not in self.placeholders:
                    raise languages.wrong(lang, f"the placeholder {{{piece}}} is not known")
                yield self.placeholders[piece]
            elif "{" in piece or "}" in piece:
                raise languages.wrong(lang, "a brace stands alone")
            elif piece:
                yield piece


@dataclass(frozen=True)
class _Shelf:
    """What guides take from `shared.yaml`, by name."""

    facts: Mapping[str, Fact]
    words: _Words
    who: Mapping[str, WhoToAsk]
    questions: Mapping[str, Question]
    stops: Mapping[str, StopRule]
    shared: Shared

    @classmethod
    def of(cls, page: Entry, facts: Mapping[str, Fact]) -> "_Shelf":
        placeholders: dict[str, Part] = {}
        for number in page.each("numbers", lambda entry: _number(entry, facts)):
            placeholders[number.id] = number
        for name, term in page.each("terms", _term):
            if name in placeholders:
                raise page.wrong(f"terms[{name}]", "a number has the same name")
            placeholders[name] = term
        words = _Words(placeholders)
        who = {w.id: w for w in page.each("who", lambda e: WhoToAsk(e.name("id"), words.text(e, "text")))}
        points = _PointReading(facts, words, who)
        questions = {q.id: q for q in page.each("questions", lambda entry: _question(entry, words, shared=True))}
        stops = {s.id: s for s in page.each("stops", points.stop)}
        branches = page.each("branches", points.branch)
        shared = Shared(
            stops=tuple(stops.values()),
            branches=branches,
            country_question=page.words("country_question"),
            countries=_countries(page),
            labels=page.each("labels", lambda entry: (entry.name("id"), words.text(entry, "text"))),
        )
        page.close()
        return cls(facts, words, who, questions, stops, shared)


def _number(entry: Entry, facts: Mapping[str, Fact]) -> Number:
    dial = entry.words("dial")
    if not re.match(r"\+?[0-9]+\Z", dial):
        raise entry.wrong("dial", "digits only, perhaps with + first")
    found = _found(entry, "facts", facts)
    if not found:
        raise entry.wrong("facts", "a number is printed only where a fact gives it")
    return Number(entry.name("id"), entry.words("shown"), dial, found)


def _term(entry: Entry) -> tuple[str, Term]:
    lang = entry.words("lang")
    if lang not in LANGUAGES:
        raise entry.wrong("lang", f"'{lang}' is none of {', '.join(LANGUAGES)}")
    return entry.name("id"), Term(lang, entry.words("words"))


def _countries(page: Entry) -> tuple[tuple[str, frozenset[Country]], ...]:
    listed = page.entry("countries")
    known = {country.value: country for country in Country}
    return tuple((choice, frozenset(_found(listed, choice, known))) for choice in listed.names())


def _condition(entry: Entry, key: str) -> Condition | None:
    return condition(entry.entry(key)) if entry.has(key) else None


def condition(entry: Entry) -> Condition:
    """One condition: a mapping with one key, which is a question or one of `all`, `any`, `not`."""
    keys = entry.names()
    if len(keys) != 1:
        raise entry.wrong(None, "a condition has one key; put several under 'all' or 'any'")
    (key,) = keys
    if key == NOT:
        return Not(condition(entry.entry(NOT)))
    if key in (ALL, ANY):
        parts = tuple(condition(part) for part in entry.entries(key))
        if not parts:
            raise entry.wrong(key, "here must be at least one condition")
        return Every(parts) if key == ALL else Some(parts)
    return Is(key, frozenset(entry.list_of_words(key)))


def _question(entry: Entry, words: _Words, shared: bool) -> Question:
    name = entry.words("id")
    if name in WORDS:
        raise entry.wrong("id", f"'{name}' has a meaning in conditions")
    choices = entry.each("choices", lambda choice: _choice(choice, words))
    if len(choices) < 2:
        raise entry.wrong("choices", "a question has at least two choices")
    return Question(
        id=name,
        text=words.text(entry, "text"),
        hint=words.text_or_none(entry, "hint"),
        when=_condition(entry, "when"),
        choices=choices,
        shared=shared,
    )


def _choice(entry: Entry, words: _Words) -> Choice:
    name = entry.name("id")
    if name == UNKNOWN:
        raise entry.wrong("id", f"'{UNKNOWN}' is what a skipped question has; every question can be skipped")
    return Choice(name, words.text(entry, "text"), _condition(entry, "when"))


@dataclass(frozen=True)
class _PointReading:
    facts: Mapping[str, Fact]
    words: _Words
    who: Mapping[str, WhoToAsk]

    def point(self, entry: Entry) -> Point:
        who = _found(entry, "who", self.who)
        if len(who) > 1:
            raise entry.wrong("who", "one, please")
        point = Point(
            id=entry.name("id"),
            kind=entry.one_of("kind", Kind),
            country=entry.one_of("country", Country) if entry.has("country") else Country.BOTH,
            text=self.words.text(entry, "text"),
            when=_condition(entry, "when"),
            facts=_found(entry, "facts", self.facts),
            about=_found(entry, "about", self.facts),
            who=who[0] if who else None,
            gap=entry.flag("gap"),
        )
        for fault in rules.faults_of_point(point):
            raise entry.wrong(None, fault)
        return point

    def topic(self, entry: Entry) -> Topic:
        return Topic(
            id=entry.name("id"),
            outline=tuple(entry.list_of_words("outline")),
            title=self.words.text(entry, "title"),
            when=_condition(entry, "when"),
            points=entry.each("points", self.point),
        )

    def branch(self, entry: Entry) -> Branch:
        topic = self.topic(entry)
        when = condition(entry.entry("when"))
        return Branch(topic, when, at_once=entry.flag("at_once"), ends=entry.flag("ends"))

    def stop(self, entry: Entry) -> StopRule:
        return StopRule(entry.words("id"), self.words.text(entry, "occasion"), entry.each("lines", self.stop_line))

    def stop_line(self, entry: Entry) -> StopLine:
        country = entry.one_of("country", Country) if entry.has("country") else Country.BOTH
        line = StopLine(country, self.words.text(entry, "text"), _found(entry, "facts", self.facts))
        for fault in rules.faults_of_numbers(line.text, country):
            raise entry.wrong("text", fault)
        return line


@dataclass(frozen=True)
class _GuideReading:
    shelf: _Shelf
    page: Entry

    def guide(self, name: str, digest: str) -> Guide:
        page, words = self.page, self.shelf.words
        points = _PointReading(self.shelf.facts, words, self.shelf.who)
        if page.name("id") != name:
            raise page.wrong("id", f"this must be '{name}', as the file is called")
        reviews = page.entry("reviews")
        guide = Guide(
            id=name,
            version=page.whole("version"),
            digest=digest,
            order=page.whole("order"),
            title=words.text(page, "title"),
            short=words.text(page, "short"),
            for_whom=words.text(page, "for_whom"),
            questions=page.each("questions", self._question),
            topics=page.each("topics", points.topic),
            warnings=page.each("warnings", points.point),
            phrases=page.each("phrases", self._phrase),
            actions=page.each("actions", self._action),
            stops=page.each("stops", self._stop),
            reviews=Reviews(
                shelter_staff=reviews.day_or_none("shelter_staff"),
                native_danish=reviews.day_or_none("native_danish"),
                people_who_live_protected=reviews.day_or_none("people_who_live_protected"),
            ),
            shared=self.shelf.shared,
        )
        reviews.close()
        page.close()
        for fault in rules.faults_of_guide(guide):
            raise page.wrong(None, fault)
        return guide

    def _question(self, entry: Entry) -> Question:
        name = entry.words_or_none("shared")
        if name is None:
            entry.words_or_none("outline")
            return _question(entry, self.shelf.words, shared=False)
        if name not in self.shelf.questions:
            raise entry.wrong("shared", f"'{name}' is not known")
        return self.shelf.questions[name]

    def _country(self, entry: Entry) -> Country:
        return entry.one_of("country", Country) if entry.has("country") else Country.BOTH

    def _phrase(self, entry: Entry) -> Phrase:
        return Phrase(
            id=entry.name("id"),
            to=self.shelf.words.text_or_none(entry, "to"),
            country=self._country(entry),
            text=self.shelf.words.text(entry, "text"),
            when=_condition(entry, "when"),
            review=entry.words_or_none("review"),
        )

    def _action(self, entry: Entry) -> Action:
        return Action(
            id=entry.name("id"),
            section=entry.one_of("section", SectionName),
            country=self._country(entry),
            text=self.shelf.words.text(entry, "text"),
            when=_condition(entry, "when"),
        )

    def _stop(self, entry: Entry) -> GuideStop:
        rule = entry.words("rule")
        if rule not in self.shelf.stops:
            raise entry.wrong("rule", f"'{rule}' is not known")
        because = self.shelf.words.text_or_none(entry, "because")
        return GuideStop(self.shelf.stops[rule], because, _condition(entry, "when"))
