"""Swedish, Danish and English are whole: every sentence, every form, every placeholder."""

from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from safetyplan.translations import catalogues, extract


@pytest.fixture(scope="module")
def wanted() -> Catalog:
    return extract.wanted()


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_a_language_is_whole(language: str, wanted: Catalog) -> None:
    assert catalogues.problems(language, wanted) == []


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_what_is_compiled_is_fresh(language: str) -> None:
    compiled = catalogues.po_path(language).with_suffix(".mo")
    assert compiled.exists(), "run: make messages"
    assert compiled.read_bytes() == catalogues.compiled(language), "run: make messages"


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_the_same_words_give_the_same_bytes_at_any_time(language: str) -> None:
    assert b"POT-Creation-Date: 2000-01-01 00:00+0000\n" in catalogues.compiled(language)


@pytest.fixture
def checkout(tmp_path: Path) -> Callable[..., Path]:
    def make(code: str, template: str) -> Path:
        for path, text in (("safetyplan/plans/model.py", code), ("templates/plans/show.html", template)):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text, encoding="utf-8")
        return tmp_path

    return make


def test_sentences_are_found_in_code_and_templates(checkout: Callable[..., Path]) -> None:
    root = checkout(
        'A = N_("one")\nB = lazy_gettext("two")\nC = ngettext("%(num)s item", "%(num)s items", 2)',
        '{{ _("three") }}{% trans n=4 %}four{% pluralize %}{{ n }} fours{% endtrans %}',
    )
    found = sorted(catalogues.ids(message) for message in catalogues.sentences(extract.wanted(root)))
    assert found == [("%(num)s item", "%(num)s items"), ("four", "%(n)s fours"), ("one",), ("three",), ("two",)]


def test_a_second_update_changes_nothing(checkout: Callable[..., Path]) -> None:
    root = checkout('A = N_("one")', '{{ _("two") }}')
    wanted = extract.wanted(root)
    for language in catalogues.LANGUAGES:
        assert extract.update(language, wanted, root)
        assert not extract.update(language, wanted, root)
    assert catalogues.problems("en", wanted, root) == []
    assert catalogues.problems("sv", wanted, root) == ["sv: 'one' is not translated", "sv: 'two' is not translated"]


@pytest.mark.parametrize(
    ("english", "swedish", "problem"),
    [
        ("Hello %(name)s", "Hej", "has other placeholders: []"),
        ("Hello {name}", "Hej {namn}", "has other placeholders: ['{namn}']"),
        ("<b>Hello</b>", "Hej", "has other tags"),
    ],
)
def test_a_broken_translation_is_named(checkout: Callable[..., Path], english: str, swedish: str, problem: str) -> None:
    root = checkout(f"A = N_({english!r})", "")
    wanted = extract.wanted(root)
    catalogue = catalogues.read("sv", root)
    catalogue.add(english, swedish)
    catalogues.write("sv", catalogue, root)
    assert catalogues.problems("sv", wanted, root) == [f"sv: {english!r} {problem}"]


def test_an_update_keeps_what_is_translated_and_drops_what_is_gone(checkout: Callable[..., Path]) -> None:
    root = checkout('A = N_("one")\nB = N_("two")', "")
    catalogue = catalogues.read("sv", root)
    catalogue.add("one", "ett")
    catalogue.add("gone", "borta")
    catalogues.write("sv", catalogue, root)
    extract.update("sv", extract.wanted(root), root)
    strings = {message.id: message.string for message in catalogues.sentences(catalogues.read("sv", root))}
    assert strings == {"one": "ett", "two": ""}
