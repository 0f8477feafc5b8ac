"""What stands in the shipped content: every way through every guide, and what the outline asks for."""

import pytest

from safetyplan.guides import check, engine
from safetyplan.guides.model import LANGUAGES, STATEMENTS, Country, Guide, Kind, Point, Status, Text
from tests.guides.content import read_with

LIBRARY = engine.load()
GUIDES = {guide.id: guide for guide in LIBRARY.guides}

# The points and questions of the outline that each guide must carry out.
OUTLINE = {
    "workplace": {*map(str, range(1, 12)), "1b"},
    "new_friends": {*map(str, range(1, 12)), "2a", "2b", "2c", "2d"},
    "flat": {*map(str, range(1, 14)), "3b", "3c", "3d", "3e", "3f"},
}


def points_of(guide: Guide) -> list[Point]:
    topics = (*guide.topics, *(branch.topic for branch in guide.shared.branches))
    return [*guide.warnings, *(point for topic in topics for point in topic.points)]


@pytest.mark.parametrize("name", GUIDES)
def test_every_way_through_a_guide_ends_in_an_answer(name: str) -> None:
    reports = {report.guide: report for report in check.check(LIBRARY, [name])}
    assert reports[name].faults == ()
    assert reports[name].ways > 1000
    assert reports[name].combinations > 100_000


def test_no_fact_stands_there_unused() -> None:
    assert check.unneeded(LIBRARY) == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("workplace.yaml", "        gap: true\n", "", "the topic 'tell' has no fact for DK and does not say so"),
        (
            "workplace.yaml",
            "      - id: names\n        kind: ask\n",
            "      - id: names\n        country: SE\n        kind: ask\n",
            "",
        ),
        (
            "new_friends.yaml",
            "kind: [neighbour, colleague, parent]",
            "kind: [neighbour, online]",
            "'kind_of_contact' may say nothing",
        ),
    ],
)
def test_the_check_finds_what_a_country_or_an_answer_would_miss(file: str, old: str, new: str, fault: str) -> None:
    library = read_with(file, old, new)
    found = [line for guide in library.guides for line in check.faults_of_coverage(guide)]
    assert [line for line in found if fault in line] if fault else found == []


def test_the_check_finds_a_fact_that_nothing_names() -> None:
    facts = '  F-SE-MAIL-11: {status: A, sources: [S10, S11], claim: "x"}\n  F-SE-MAIL-12: {status: U, claim: "y"}\n#'
    assert check.unneeded(read_with("facts.yaml", "  F-SE-MAIL-11:", facts)) == ("F-SE-MAIL-12",)


def test_the_three_guides_stand_in_the_order_of_the_outline() -> None:
    assert [guide.id for guide in LIBRARY.guides] == ["workplace", "new_friends", "flat"]


@pytest.mark.parametrize("name", GUIDES)
def test_every_point_of_the_outline_is_carried_out(name: str) -> None:
    carried_out = {number for topic in GUIDES[name].topics for number in topic.outline}
    assert carried_out == OUTLINE[name]


@pytest.mark.parametrize("name", GUIDES)
def test_statements_rest_on_facts_that_may_be_stated(name: str) -> None:
    for point in points_of(GUIDES[name]):
        statuses = {fact.status for fact in point.facts}
        assert Status.U not in statuses
        if point.kind in STATEMENTS:
            assert all(fact.last_checked for fact in point.facts if fact.status is Status.C), point.id
        else:
            assert point.facts == (), point.id
        if point.kind is Kind.ASK:
            assert point.who is not None


@pytest.mark.parametrize("name", GUIDES)
def test_someone_in_denmark_reads_nothing_about_sweden(name: str) -> None:
    guide = GUIDES[name]
    answers = {question.id: "unknown" for question in guide.questions} | {"K1": "denmark"}
    answer = engine.walk(guide, answers)
    assert isinstance(answer, engine.Answer)
    assert answer.countries == {Country.DK, Country.BOTH}
    assert any(point.gap for point in answer.points())
    for lang in LANGUAGES:
        words = " ".join(_said(answer, lang))
        for swedish in ("Skatteverket", "Kronofogden", "Arbetsförmedlingen", "114 14", "020-", "0771", "403 20"):
            assert swedish not in words


def _said(answer: engine.Answer, lang: str) -> list[str]:
    texts: list[Text] = []
    for point in answer.points():
        texts += [point.text, *([point.who.text] if point.who else [])]
    for stop in answer.stops:
        texts += [stop.occasion, *(line.text for line in stop.lines), *([stop.because] if stop.because else [])]
    texts += [phrase.text for phrase in answer.phrases] + [action.text for action in answer.actions]
    return [text.plain(lang) for text in texts]


@pytest.mark.parametrize("name", GUIDES)
def test_assumed_identity_stops_the_guide(name: str) -> None:
    guide = GUIDES[name]
    answer = engine.walk(guide, {"K6": "unknown", "K1": "sweden", "K2": "fingerade"})
    assert isinstance(answer, engine.Answer)
    assert answer.ended_early
    assert [topic.id for topic in answer.said_first] == ["assumed"]
    assert (answer.topics, answer.actions, answer.phrases, answer.warnings) == ((), (), (), ())
    asked = [point.who.id for point in answer.points() if point.who]
    assert asked == ["police_contact"]


@pytest.mark.parametrize("name", GUIDES)
@pytest.mark.parametrize("choice", ["maybe", "yes"])
def test_a_device_that_may_be_watched_is_said_before_the_next_question(name: str, choice: str) -> None:
    guide = GUIDES[name]
    first = engine.walk(guide, {})
    assert isinstance(first, engine.Asked)
    assert (first.question.id, first.said_first) == ("K6", ())
    step = engine.walk(guide, {"K6": choice})
    assert isinstance(step, engine.Asked)
    assert [topic.id for topic in step.said_first] == ["device"]
    facts = {fact.id for topic in step.said_first for point in topic.points for fact in point.facts}
    assert {"F-XX-TECH-02", "F-XX-TECH-04", "F-XX-TECH-13"} <= facts


@pytest.mark.parametrize("name", GUIDES)
def test_ringing_112_is_always_the_first_stop(name: str) -> None:
    guide = GUIDES[name]
    for country, numbers in (("sweden", {"112", "114 14"}), ("denmark", {"112", "114"})):
        answer = engine.walk(guide, {q.id: "unknown" for q in guide.questions} | {"K1": country})
        assert isinstance(answer, engine.Answer)
        assert answer.stops[0].id == "STOP-1"
        shown = " ".join(line.text.plain("en") for stop in answer.stops for line in stop.lines)
        assert all(number in shown for number in numbers)


def test_danish_phrases_wait_for_a_native_speaker() -> None:
    for guide in LIBRARY.guides:
        if guide.reviews.native_danish is None:
            assert {phrase.review for phrase in guide.phrases} == {"native speaker"}


def test_every_text_is_there_in_three_languages_and_differs() -> None:
    for guide in LIBRARY.guides:
        for point in points_of(guide):
            written = {point.text.plain(lang) for lang in LANGUAGES}
            assert len(written) == len(LANGUAGES), point.id


def test_nothing_shouts_blames_or_fails() -> None:
    for guide in LIBRARY.guides:
        for text in (point.text for point in points_of(guide)):
            for lang in LANGUAGES:
                assert "!" not in text.plain(lang)
                assert "failed" not in text.plain(lang).lower()


def test_sentences_begin_with_a_capital() -> None:
    for guide in LIBRARY.guides:
        for point in points_of(guide):
            for lang in LANGUAGES:
                for line in point.text.plain(lang).splitlines():
                    assert not line[0].islower(), (point.id, line)


def test_actions_are_one_line_each() -> None:
    for guide in LIBRARY.guides:
        for action in guide.actions:
            for lang in LANGUAGES:
                assert len(action.text.lines(lang)) == 1
                assert not action.text.plain(lang).endswith(".")
                assert len(action.text.plain(lang)) <= 140
