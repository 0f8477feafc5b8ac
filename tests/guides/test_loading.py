"""Content that is wrong stops the start, and the message names file and key."""

import pytest

from safetyplan.guides.reading import read_library
from safetyplan.guides.strict import ContentWrong
from tests.guides.content import read_with, shipped

WRONG = [
    # file, old, new, where it is found, what is said
    ("workplace.yaml", "for_whom:", "for_who:", "for_whom", "missing"),
    ("workplace.yaml", "version: 1", "version: 1\nmood: calm", "mood", "not known"),
    ("workplace.yaml", "version: 1", "version: one", "version", "whole number"),
    ("workplace.yaml", "version: 1", "version: 1\nversion: 2", "line 4", "stands twice"),
    ("workplace.yaml", "id: workplace", "id: office", "id", "as the file is called"),
    ("workplace.yaml", '  da: "Sige det på arbejdet"\n', "", "short.da", "missing"),
    ("workplace.yaml", '  da: "Sige det på arbejdet"', '  da: ""', "short.da", "must be text"),
    ("workplace.yaml", '  da: "Sige det på arbejdet"', '  da: "x"\n  nb: "x"', "short.nb", "not known"),
    ("workplace.yaml", "shared: K9", "shared: K99", "questions[5].shared", "'K99' is not known"),
    (
        "workplace.yaml",
        "{K9: [looking, placement, unknown]}",
        "{K9: [loking]}",
        "questions[trade]",
        "no choice 'loking'",
    ),
    ("workplace.yaml", "when: {shows: [", "when: {show: [", "topics[channels].points[outside]", "'show' is not asked"),
    (
        "workplace.yaml",
        "when: {not: {K9: looking}}",
        "when: {not: {member: x}}",
        "questions[employer]",
        "not asked before",
    ),
    (
        "workplace.yaml",
        "when: {not: {K9: looking}}",
        "when: {not: {K9: looking}, K1: x}",
        "questions[employer].when",
        "one key",
    ),
    ("workplace.yaml", "when: {K9: known}", "when: {all: []}", "points[they-know].when.all", "at least one"),
    ("workplace.yaml", "when: {K9: known}", "when: K9 == known", "points[they-know].when", "keys with values"),
    ("workplace.yaml", "kind: fact", "kind: rule", "points[advice-to-talk].kind", "none of fact"),
    (
        "workplace.yaml",
        "facts: [F-SE-WORK-01]",
        "facts: [F-SE-WORK-99]",
        "points[advice-to-talk].facts",
        "'F-SE-WORK-99'",
    ),
    ("workplace.yaml", "facts: [F-SE-WORK-01]", "facts: [F-SE-WORK-09]", "points[advice-to-talk]", "status U"),
    ("workplace.yaml", "facts: [F-SE-WORK-01]", "facts: [F-SE-WORK-02]", "points[advice-to-talk]", "status C"),
    ("workplace.yaml", "facts: [F-SE-WORK-01]", "facts: [F-DK-LEVEL-01]", "points[advice-to-talk]", "another country"),
    ("workplace.yaml", "        facts: [F-SE-WORK-01]\n", "", "points[advice-to-talk]", "must name the facts"),
    ("workplace.yaml", "who: manager", "who: nobody", "points[names].who", "'nobody' is not known"),
    ("workplace.yaml", "        who: manager\n        about: [F-SE-WORK-11]\n", "", "points[names]", "whom to ask"),
    ("workplace.yaml", "about: [F-SE-WORK-11]", "facts: [F-SE-WORK-11]", "points[not-why]", "states nothing"),
    ("workplace.yaml", "Be om namnen", "Be {polis} om namnen", "points[names].text.sv", "{polis}"),
    ("workplace.yaml", "Be om namnen", "Be { om namnen", "points[names].text.sv", "brace"),
    ("workplace.yaml", "Be om namnen", "Ring {police_se} om namnen", "points[names]", "'police_se' for 'XX'"),
    ("workplace.yaml", "section: work", "section: office", "actions[decide].section", "'office' is none of"),
    ("workplace.yaml", "rule: STOP-1", "rule: STOP-9", "stops[1].rule", "'STOP-9' is not known"),
    ("workplace.yaml", "id: shows", "id: employer", "questions[employer].id", "stands twice"),
    ("workplace.yaml", "id: shows", "id: not", "questions[not].id", "meaning in conditions"),
    (
        "workplace.yaml",
        "id: public\n        text",
        "id: unknown\n        text",
        "choices[unknown].id",
        "can be skipped",
    ),
    ("workplace.yaml", "  - shared: K1\n", "", "workplace.yaml", "'K1' is not asked before"),
    ("workplace.yaml", "shelter_staff: null", "shelter_staff: soon", "reviews.shelter_staff", "a day such as"),
    ("shared.yaml", "facts: [F-SE-HELP-02]}", "facts: []}", "numbers[police_se].facts", "list of words"),
    ("shared.yaml", 'dial: "11414"', 'dial: "114 14"', "numbers[police_se].dial", "digits only"),
    ("shared.yaml", "id: police_se, shown", "id: Police, shown", "numbers[Police].id", "small letters"),
    ("shared.yaml", "at_once: true", "at_once: perhaps", "branches[device].at_once", "true or false"),
    ("facts.yaml", "status: A", "status: X", "facts.F-SE-LEVEL-09.status", "none of A, B, C, U"),
    ("facts.yaml", "  F-SE-LEVEL-09:", "  SE-LEVEL-09:", "facts.SE-LEVEL-09", "F-SE-WORK-01"),
    ("facts.yaml", "status: U, claim", "status: B, claim", "facts.F-XX-LEVEL-11.sources", "has sources"),
    ("facts.yaml", "sources: [S07]", "sources: [S0]", "facts.F-SE-LEVEL-09.sources", "'S0' is not known"),
    ("facts.yaml", 'date: "2010"', "date: before 2010", "sources.S43.date", "here must be a date"),
    ("facts.yaml", 'da: "udgave 2020.2", ', "", "sources.S06.remark.da", "this is missing"),
    ("facts.yaml", "  S01: {", "  S00: {publisher: a, title: b, address: c}\n  S01: {", "sources.S00", "no fact names"),
]


@pytest.mark.parametrize(("file", "old", "new", "where", "what"), WRONG, ids=[f"{w[0]}:{w[3]}:{w[4]}" for w in WRONG])
def test_wrong_content_is_named(file: str, old: str, new: str, where: str, what: str) -> None:
    with pytest.raises(ContentWrong) as caught:
        read_with(file, old, new)
    assert file in caught.value.place
    assert where in str(caught.value)
    assert what in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"\xff", "UTF-8"),
        (b"a: [", "line 1"),
        (b"- a\n", "keys with values"),
        (b"1: a\n", "no word"),
        (b"a: &x {b: c}\nd: *x\n", "aliases"),
        (b"a: !!python/object/apply:os.getcwd []\n", "could not determine a constructor"),
        (b"", "keys with values"),
        (b"a: b\n---\na: b\n", "another document"),
    ],
)
def test_what_is_no_plain_yaml_is_refused(raw: bytes, what: str) -> None:
    with pytest.raises(ContentWrong, match="facts.yaml") as caught:
        read_library(shipped() | {"facts.yaml": raw})
    assert what in str(caught.value)


@pytest.mark.parametrize("file", ["facts.yaml", "shared.yaml"])
def test_both_shared_files_must_be_there(file: str) -> None:
    content = shipped()
    del content[file]
    with pytest.raises(ContentWrong, match=f"{file}: this file is missing"):
        read_library(content)


def test_a_fact_of_status_c_may_be_stated_once_it_is_checked() -> None:
    content = shipped()
    checked = content["facts.yaml"].replace(b"F-SE-WORK-02: {", b"F-SE-WORK-02: {last_checked: 2026-11-01, ")
    stated = content["workplace.yaml"].replace(b"facts: [F-SE-WORK-01]", b"facts: [F-SE-WORK-02]", 1)
    library = read_library(content | {"facts.yaml": checked, "workplace.yaml": stated})
    fact = next(fact for fact in library.facts if fact.id == "F-SE-WORK-02")
    assert (fact.may_be_stated, fact.last_checked) == (True, "2026-11-01")


def test_an_old_source_needs_somebody_to_ask() -> None:
    with pytest.raises(ContentWrong, match="old source"):
        read_with("shared.yaml", "facts: [F-SE-APPLY-02]\n        who: skatteverket", "facts: [F-SE-APPLY-02]")


def test_the_digest_follows_every_byte_behind_a_guide() -> None:
    before = {guide.id: guide.digest for guide in read_library(shipped()).guides}
    assert len(set(before.values())) == 3
    own = {guide.id: guide.digest for guide in read_with("flat.yaml", "Söka lägenhet", "Söka en lägenhet").guides}
    assert {name for name in before if own[name] != before[name]} == {"flat"}
    fact = {guide.id: guide.digest for guide in read_with("facts.yaml", "normally public", "public").guides}
    assert all(fact[name] != before[name] for name in before)


def test_words_that_yaml_would_make_truth_values_stay_words() -> None:
    library = read_library(shipped())
    guide = library.guide("workplace")
    assert guide is not None
    member = guide.question("member")
    assert member is not None
    assert [choice.id for choice in member.choices] == ["yes", "no"]
