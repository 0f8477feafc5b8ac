"""English left standing on a Swedish or Danish page: whatever the catalogues or the guides have other words for."""

import re
from functools import cache
from html.parser import HTMLParser

from safetyplan.guides import engine
from safetyplan.translations import catalogues

_PLACE = re.compile(r"%\([a-z_0-9]+\)[sd]|%%")
_ATTRIBUTES = ("aria-label", "placeholder", "title", "alt")
_EMPTY = {"input", "br", "img", "meta", "link", "path", "rect", "line", "use"}
_SILENT = {"script", "style"}


class _Sentences(HTMLParser):
    """The runs of words between tags, and what is read aloud."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: set[str] = set()
        self._foreign: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.found |= {known[name] or "" for name in _ATTRIBUTES if known.get(name)}
        # The names of languages, words to say in another one, and what people wrote.
        foreign = known.get("translate") == "no" or (tag != "html" and "lang" in known) or tag in _SILENT
        if (self._foreign or foreign) and tag not in _EMPTY:
            self._foreign.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._foreign and self._foreign[-1] == tag:
            self._foreign.pop()

    def handle_data(self, data: str) -> None:
        if not self._foreign and data.strip():
            self.found.add(re.sub(r"\s+", " ", data).strip())


@cache
def _english(lang: str) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Sentences that have other words in the language: whole ones, and those with places for values."""
    whole, patterns = set(), []
    for message in catalogues.sentences(catalogues.read(lang)):
        strings = message.string if isinstance(message.string, (tuple, list)) else [message.string]
        for said in catalogues.ids(message):
            if said in strings:
                continue
            if _PLACE.search(said):
                parts = [re.escape(part.strip()) for part in _PLACE.split(said)]
                if sum(len(part) for part in parts) > 12:
                    patterns.append(re.compile(r"\s*.+?\s*".join(parts)))
            else:
                whole.add(re.sub(r"\s+", " ", said).strip())
    for guide in engine.load().guides:
        for text in (guide.title, guide.for_whom, *(question.text for question in guide.questions)):
            if text.plain("en") != text.plain(lang):
                whole.add(re.sub(r"\s+", " ", text.plain("en")).strip())
    return frozenset(whole), tuple(patterns)


def untranslated(html: str, lang: str) -> list[str]:
    if lang == "en":
        return []
    whole, patterns = _english(lang)
    found = _Sentences(html).found
    return sorted(
        each
        for each in found
        if each in whole or any(pattern.fullmatch(each) for pattern in patterns if len(each) > 12)
    )
