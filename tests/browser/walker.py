"""Somebody at a browser: presses what a person presses, by the words on it, and looks at every page that comes."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from babel.support import Translations

import safetyplan
from tests.browser.house import Served, Someone
from tests.browser.languages import untranslated

WIDTHS = (360, 1280)
_TRANSLATIONS = Path(safetyplan.__file__).with_name("translations")
_ASKED = {"done", "before", "page", "person", "case", "action", "outcome", "since", "until"}
_ADDRESS = re.compile(r"(/([a-z-]+|[a-z2-7]{26}|\d{1,4}))*/?")


class Walker:
    """``axe`` None: with script off, where it cannot run."""

    def __init__(self, house: Served, page: Any, lang: str, axe: Callable[..., list[str]] | None) -> None:
        self.house, self.page, self.axe = house, page, axe
        self.someone: Someone | None = None
        self._looked_at: set[tuple[str, str, int, str]] = set()
        self.speak(lang)

    def speak(self, lang: str) -> None:
        self.lang, self._words = lang, Translations.load(str(_TRANSLATIONS), [lang])
        self.page.context.add_cookies([cookie("__Host-l", lang)])

    def say(self, sentence: str, **values: object) -> str:
        """The catalogue's words for an English sentence."""
        said = str(self._words.gettext(sentence))
        return said % values if values else said

    # -- going

    def open(self, path: str) -> Any:
        answer = self.page.goto(self.house.url + path)
        self.look()
        return answer

    def link(self, sentence: str, *, exact: bool = True) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=self.say(sentence), exact=exact).first.click()
        self.look()

    def press(self, sentence: str, *, exact: bool = True) -> None:
        """A button, by its words; script marks it as busy, and the next page is there when it is."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=self.say(sentence), exact=exact).first.click()
        self.look()

    def click(self, selector: str) -> None:
        """What has no words of its own."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        self.look()

    def menu(self, sentence: str) -> None:
        button = self.page.locator(".menu-button")
        if button.is_visible():
            button.click()
        with self.page.expect_navigation():
            self.page.locator("#menu").get_by_text(self.say(sentence), exact=True).click()
        self.look()

    def fill(self, field: str, text: str) -> None:
        self.page.locator(f"[name={field}]").first.fill(text)

    def choose(self, field: str, value: str) -> None:
        self.page.locator(f"[name={field}][value='{value}']").check(force=True)

    def unfold(self, sentence: str) -> None:
        self.page.locator("summary", has_text=self.say(sentence)).first.click()

    def unfold_all(self) -> None:
        folded = self.page.locator("details:not([open]) > summary")
        while folded.count():
            folded.first.click()

    # -- looking

    @property
    def path(self) -> str:
        return str(urlsplit(self.page.url).path)

    def reads(self, sentence: str, **values: object) -> bool:
        """Whether the words stand somewhere on the page where she can see them."""
        return self.sees(self.say(sentence, **values))

    def sees(self, text: str) -> bool:
        return bool(self.page.get_by_text(text).locator("visible=true").count())

    def h1(self) -> str:
        return str(self.page.locator("h1").first.inner_text())

    def codes(self) -> list[str]:
        """What stands on a sheet of paper."""
        return [str(each.inner_text()).strip() for each in self.page.locator(".sheet-code .code, .codes .code").all()]

    def look(self) -> None:
        """What holds on every page; at both widths, once for each kind of page."""
        page = self.page
        assert page.title() == "Anteckningar"
        assert page.locator("html").get_attribute("lang") == self.lang
        address = urlsplit(page.url)
        assert _ADDRESS.fullmatch(address.path), address.path
        assert set(parse_qs(address.query)) <= _ASKED, address.query
        assert untranslated(page.content(), self.lang) == [], page.url
        kind = (re.sub(r"[a-z2-7]{26}", "", address.path), address.query, page.locator(".problems").count(), self.h1())
        if self.axe is None:
            return
        kept = page.viewport_size
        assert page.evaluate("document.documentElement.scrollWidth") <= kept["width"], (page.url, kept)
        if kind in self._looked_at:
            return
        self._looked_at.add(kind)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)
            page.evaluate("scrollTo(0, 0)")  # what lies under the bar at the top is no finding
            found = self.axe(page)
            assert found == [], (page.url, width, found)
        page.set_viewport_size(kept)

    # -- being somebody

    def enrol(self, user_name: str, code: str, own: str | None = None) -> Someone:
        """From the slip to the first page, writing down what there is to write down."""
        self.open("/")
        self.link("I have a code on paper, for the first time")
        self.fill("code", code)
        self.press("Begin")
        if own is None:
            phrase = self.codes()[0]
            self.choose("done", "1")
            self.press("Go on")
        else:
            phrase = own
            self.link("I want to choose my own words")
            self.fill("phrase", own)
            self.press("Use these")
        self.fill("phrase", phrase + " x")
        self.press("Go on")
        assert self.reads("This is not the same. Look at your paper, or look at the words again.")
        self.fill("phrase", phrase)
        self.press("Go on")
        self.unfold("I read this on the phone itself")
        someone = Someone(user_name, phrase, self.codes()[0].replace(" ", ""))
        self.fill("code", self.house.code(someone))
        self.press("Go on")
        someone.key_code = self.codes()[0]
        self.press("Go on")
        assert self.reads("Please do this first, then tick the box.")
        self.choose("done", "1")
        self.press("Go on")
        someone.factor_codes = tuple(self.codes())
        assert len(someone.factor_codes) == 10
        self.choose("done", "1")
        self.press("Done")
        return someone

    def sign_in(self, who: Someone) -> None:
        self.open("/")
        self.fill("name", who.user_name)
        self.fill("phrase", who.phrase)
        self.press("Go on")
        self.fill("code", self.house.code(who))
        self.press("Sign in")


def cookie(name: str, value: str) -> dict[str, Any]:
    kept = {"domain": "localhost", "path": "/", "secure": True, "httpOnly": True, "sameSite": "Strict"}
    return {"name": name, "value": value, **kept}
