"""The pages of the guides: one question a page, skipping, going back, the answer, and without script."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from safetyplan.app import create_app
from tests.builders import TestHouse, signed_in
from tests.guides.conftest import Asking

pytestmark = pytest.mark.parametrize("home", ["sqlite"], indirect=True)

BASE = {"base_url": "https://localhost"}
ROOT = "/n/questions"


@pytest.fixture(scope="module")
def app(home: TestHouse) -> Flask:
    made = create_app(home.settings, home.house)
    made.testing = True
    return made


@dataclass
class Pages:
    client: FlaskClient
    lang: str = "en"

    def get(self, path: str = ROOT, status: int = 200) -> str:
        answer = self.client.get(path, headers={"Accept-Language": self.lang}, **BASE)
        assert answer.status_code == status, (path, answer.status_code)
        return unescape(answer.get_data(as_text=True))

    def post(self, path: str, form: dict[str, Any], status: int = 303) -> str:
        """Where it leads, or the page if it is not a redirect."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get())
        assert token
        headers = {"Accept-Language": self.lang, "Referer": "https://localhost/"}
        answer = self.client.post(path, data={**form, "csrf_token": token[1]}, headers=headers, **BASE)
        assert answer.status_code == status, (path, answer.status_code)
        return answer.location if status == 303 else unescape(answer.get_data(as_text=True))

    def walk(self, number: int, answers: dict[str, str]) -> str:
        """Through a guide from the start; ``answers`` by a question's number. The address of the answer."""
        here = self.post(f"{ROOT}/{number}/begin", {})
        for _ in range(20):
            if re.fullmatch(rf"{ROOT}/{number}", here):
                return here
            self.get(here)
            choice = answers.get(here.rsplit("/", 1)[1])
            here = self.post(here, {"choice": choice} if choice else {"skip": "1"})
        raise AssertionError("the guide does not end")


@pytest.fixture
def browse(app: Flask, asking: Asking) -> Callable[[str], Pages]:
    return lambda lang: Pages(signed_in(app, asking.resident), lang)


@pytest.fixture
def pages(browse: Callable[[str], Pages]) -> Pages:
    return browse("en")


def test_before_she_begins_she_reads_who_can_read_it(pages: Pages) -> None:
    assert "Can be read by: you" in pages.get()
    start = pages.get(f"{ROOT}/1")
    assert "Can be read by: you, Karin, Lena." in start
    assert "You can skip any of them" in start
    assert "Begin" in start


def test_one_question_a_page_and_each_can_be_skipped(pages: Pages) -> None:
    here = pages.post(f"{ROOT}/1/begin", {})
    assert here == f"{ROOT}/1/1"
    page = pages.get(here)
    assert "Question 1 of at most 10" in page
    assert page.count('type="radio"') == 3
    assert "Skip this question" in page
    assert pages.post(here, {"skip": "1"}) == f"{ROOT}/1/2"
    assert "You skipped this question." in pages.get(here)


def test_skipping_everything_still_gives_an_answer(pages: Pages) -> None:
    page = pages.get(pages.walk(1, {}))
    assert page.index("Stop and call") < page.index("You decide whether you tell")
    assert "Practice, not a rule" in page
    assert "In Sweden" in page and "In Denmark" in page
    assert "We have no checked answer for Denmark yet." in page
    assert "Whom to ask:" in page


def test_nothing_chosen_is_said_beside_the_question(pages: Pages) -> None:
    pages.post(f"{ROOT}/1/begin", {})
    for form in ({}, {"choice": "nonsense"}):
        page = pages.post(f"{ROOT}/1/1", form, 422)
        assert "Choose one of the answers, or skip the question." in page
        assert 'role="alert"' in page


def test_going_back_keeps_what_was_chosen(pages: Pages) -> None:
    pages.post(f"{ROOT}/1/begin", {})
    pages.post(f"{ROOT}/1/1", {"choice": "mine"})
    page = pages.get(f"{ROOT}/1/2")
    assert f'href="{ROOT}/1/1"' in page
    assert re.search(r'value="mine" checked', pages.get(f"{ROOT}/1/1"))


def test_a_watched_device_is_said_at_once(pages: Pages) -> None:
    pages.post(f"{ROOT}/1/begin", {})
    here = pages.post(f"{ROOT}/1/1", {"choice": "maybe"})
    page = pages.get(here)
    assert page.index("Don't plan on this phone or computer") < page.index("Question 2")


def test_assumed_identity_ends_the_guide(pages: Pages) -> None:
    here = pages.walk(1, {"1": "mine", "2": "sweden", "3": "fingerade"})
    page = pages.get(here)
    assert "Talk with your contact person at the police first" in page
    assert "Do this first" not in page and "Add to my plan" not in page
    assert "You decide whether you tell" not in page


def test_in_denmark_nothing_is_said_of_sweden(pages: Pages) -> None:
    page = pages.get(pages.walk(3, {"2": "denmark"}))
    main = page[page.index("<main") : page.index("</main>")]
    for word in ("Skatteverket", "Kronofogden", "114 14", "020-", "In Sweden"):
        assert word not in main
    assert 'href="tel:1888"' in main
    assert "In Danish:" in main and "In Swedish:" not in main


def test_an_action_goes_into_the_plan(pages: Pages) -> None:
    pages.walk(1, {"1": "mine", "2": "sweden", "5": "known"})
    assert pages.post(f"{ROOT}/1/plan", {"action": "book-talk"}) == f"{ROOT}/1?done=item-added#a2"
    page = pages.get(f"{ROOT}/1?done=item-added")
    assert "Added to your plan." in page
    assert page.count("In your plan") == 1
    assert "Book a talk with my manager, in person and not by e-mail" in pages.get("/n/plan")
    pages.post(f"{ROOT}/1/plan", {"action": "nonsense"}, 404)


def test_what_she_can_do_first_stands_before_the_topics(pages: Pages) -> None:
    page = pages.get(pages.walk(1, {"2": "sweden"}))
    first = page[page.index("Do this first") : page.index('class="card topic"')]
    assert page.index("Stop and call") < page.index("Do this first")
    assert first.count('name="action"') == 3
    assert page.count('name="action"') > 3
    assert len(re.findall(r'id="a\d+"', page)) == len(set(re.findall(r'id="a\d+"', page)))
    assert len(re.findall(r'<details class="card topic" open>', page)) == 1
    assert page.count('class="card topic"') > 2


def test_changing_an_answer_changes_the_advice(pages: Pages) -> None:
    pages.walk(1, {"2": "sweden", "5": "looking"})
    assert "Book a talk with my manager" not in pages.get(f"{ROOT}/1")
    here = pages.post(f"{ROOT}/1/5", {"choice": "known"})
    assert here == f"{ROOT}/1/6"
    for number in (6, 7):
        here = pages.post(f"{ROOT}/1/{number}", {"skip": "1"})
    assert here == f"{ROOT}/1"
    assert "Book a talk with my manager" in pages.get(here)


def test_a_question_that_is_not_asked_leads_on(pages: Pages) -> None:
    pages.post(f"{ROOT}/1/begin", {})
    answer = pages.client.get(f"{ROOT}/1/9", **BASE)
    assert (answer.status_code, answer.location) == (303, f"{ROOT}/1/1")
    assert pages.post(f"{ROOT}/1/9", {"choice": "yes"}) == f"{ROOT}/1/1"


def test_earlier_answers_are_offered_and_never_the_device(pages: Pages) -> None:
    pages.walk(1, {"1": "mine", "2": "denmark", "3": "nab"})
    start = pages.get(f"{ROOT}/2")
    assert "You have said before" in start
    assert "Denmark" in start and "only mine" not in start
    assert pages.post(f"{ROOT}/2/begin", {"carry": "1"}) == f"{ROOT}/2/1"
    assert pages.post(f"{ROOT}/2/1", {"choice": "mine"}) == f"{ROOT}/2/4"


def test_answers_can_be_forgotten(pages: Pages) -> None:
    pages.walk(1, {})
    assert pages.post(f"{ROOT}/1/forget", {}) == f"{ROOT}?done=answers-forgotten"
    assert "Your answers are gone." in pages.get(f"{ROOT}?done=answers-forgotten")
    assert "You have an answer here" not in pages.get()


@pytest.mark.parametrize("path", ["/4", "/0", "/1/0", "/1/99", "/workplace"])
def test_what_is_not_there_looks_like_any_missing_page(pages: Pages, path: str) -> None:
    pages.get(ROOT + path, 404)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("sv", ["Vad ska jag säga till min arbetsplats om mitt skydd?", "Råd från praktiken, inte en regel"]),
        ("da", ["Hvad skal jeg sige til min arbejdsplads om min beskyttelse?", "Råd fra praksis, ikke en regel"]),
        ("en", ["What shall I say to my workplace about my protection?", "Practice, not a rule"]),
    ],
)
def test_the_answer_is_in_the_reader_s_language(browse: Callable[[str], Pages], lang: str, words: list[str]) -> None:
    page = browse(lang).get(browse(lang).walk(1, {"2": "sweden"}))
    assert all(word in page for word in words)


def test_sources_are_text_and_say_when_they_were_checked(pages: Pages) -> None:
    page = pages.get(pages.walk(3, {"2": "sweden"}))
    assert "Read as a stored copy. To be checked on the live page before launch." in page
    assert "F-SE-HOUSING-02" in page and "https://skr.se/" in page
    assert not re.search(r'href="https?://', page)


@pytest.mark.parametrize(("lang", "remark"), [("sv", "utgåva 2023.1"), ("da", "udgave 2023.1")])
def test_what_is_said_of_a_source_is_in_the_reader_s_language(
    browse: Callable[[str], Pages], lang: str, remark: str
) -> None:
    shown = browse(lang)
    pages = "".join(shown.get(shown.walk(number, {})) for number in (1, 2, 3))
    assert remark in pages
    said = " ".join(re.findall(r"\(([^()]*)\)", re.sub(r"<[^>]+>", " ", pages)))
    english = r"edition|mentions|before|older|pages|thesis|weak|enacted|after|company|amended"
    assert not re.search(rf"\b({english})\b", said)


def test_the_names_of_guides_and_answers_stand_in_no_address(pages: Pages) -> None:
    pages.walk(2, {"2": "sweden", "3": "none"})
    for path in ("", "/2", "/2/3"):
        for address in re.findall(r'(?:href|action|src)="([^"]*)"', pages.get(ROOT + path)):
            assert not re.search(r"workplace|friends|flat|K[0-9]|none", address), address
