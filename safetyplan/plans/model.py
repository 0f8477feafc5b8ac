"""Sections, items and their rules. Pure: no I/O, no clock, no Flask. Free text stays ``Revealed``."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import TypeVar
from zoneinfo import ZoneInfo

from safetyplan.actors import AccountId, RecordId, Role
from safetyplan.errors import N_, NotAccepted, Refused, Stale
from safetyplan.vault import Revealed, reveal

FORMAT = 1
STEP = 256
"""Bodies are filled up with blanks to whole steps of bytes: neither "done" nor a section's name shows in a length."""
LONGEST_TEXT = 2000
LONGEST_WHO = 80
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
LOOK_AGAIN = timedelta(days=90)
"""When a section is confirmed and no later date was chosen, this is when to look at it again."""
HOUSE_TIME = ZoneInfo("Europe/Stockholm")
"""Sweden and Denmark keep the same time. A day begins at midnight there."""


class SectionName(StrEnum):
    """The sections for someone who has left and lives protected, in the order in which they stand in the plan."""

    CONTACTS = "contacts"
    SIGNS = "signs"
    WHAT_I_DO = "what_i_do"
    DEVICES = "devices"
    WORK = "work"
    CHILDREN = "children"
    HOME = "home"
    PEOPLE = "people"
    MONEY = "money"
    PAPERS = "papers"
    CODE_WORD = "code_word"

    @property
    def number(self) -> int:
        """What stands in addresses instead of the name. Never reused for another section."""
        return list(SectionName).index(self) + 1

    @property
    def heading(self) -> str:
        return _WORDS[self][0]

    @property
    def hint(self) -> str:
        return _WORDS[self][1]


NOTES = frozenset({SectionName.CONTACTS, SectionName.SIGNS, SectionName.CODE_WORD})
"""Sections that one looks things up in. What stands there is never done."""


def section_numbered(number: int) -> SectionName:
    """Raises Refused where no section has that number."""
    if not 1 <= number <= len(SectionName):
        raise Refused("no such section")
    return list(SectionName)[number - 1]


_WORDS: dict[SectionName, tuple[str, str]] = {
    SectionName.CONTACTS: (
        N_("My contacts"),
        N_("People you can call, and when. A first name or a letter is enough. No addresses needed."),
    ),
    SectionName.SIGNS: (
        N_("Signs of danger"),
        N_("What you notice when something is not right: in you, around you, on your phone. No places needed."),
    ),
    SectionName.WHAT_I_DO: (
        N_("What I do when…"),
        N_("What happens, and what you do then. One step a line. Rather not where you would go."),
    ),
    SectionName.DEVICES: (
        N_("My devices and accounts"),
        N_("What you have changed, and what is left to do. Never passwords or codes."),
    ),
    SectionName.WORK: (
        N_("Work or studies"),
        N_("Who knows, and what you have agreed on. Rather not the name of the workplace or the school."),
    ),
    SectionName.CHILDREN: (
        N_("Children"),
        N_("What the children know, who may fetch them, what they do. Rather not their school or full names."),
    ),
    SectionName.HOME: (
        N_("Home and post"),
        N_("Doors, locks, neighbours, deliveries, letters. No address, and no code to the door."),
    ),
    SectionName.PEOPLE: (
        N_("Friends and new people"),
        N_("What you tell, what you keep to yourself, and whom you can ask. First names or letters are enough."),
    ),
    SectionName.MONEY: (
        N_("Money"),
        N_("Bank, bills, benefits, debts: what is done and what is left. No account numbers."),
    ),
    SectionName.PAPERS: (
        N_("Papers and things to take"),
        N_("What you want with you if you must leave quickly, and who can fetch the rest."),
    ),
    SectionName.CODE_WORD: (
        N_("Code word"),
        N_("Whom you have agreed a word with, and what they do when you say it. You need not write the word."),
    ),
}


@dataclass(frozen=True, slots=True)
class Wording:
    """What a person writes about one item: text, who does it, by when."""

    text: Revealed
    who: Revealed
    by: date | None


def accept_wording(text: str, who: str = "", by: str = "") -> Wording:
    """Raises NotAccepted, naming every field that has something to mend. ``by`` is YYYY-MM-DD or empty."""
    problems: dict[str, str] = {}
    text, who = _tidy(text), " ".join(_tidy(who).split())
    if not text:
        problems["text"] = N_("Write a few words. It can be short.")
    elif len(text) > LONGEST_TEXT:
        problems["text"] = N_("This is longer than 2,000 characters. Shorten it, or make two of it.")
    if len(who) > LONGEST_WHO:
        problems["who"] = N_("Use at most 80 characters here.")
    day = _day(by, "by", problems)
    if problems:
        raise NotAccepted(problems)
    return Wording(Revealed(text), Revealed(who), day)


def accept_review(typed: str) -> date | None:
    """When to look at a section again; None for nothing typed. Raises NotAccepted for what is no day."""
    problems: dict[str, str] = {}
    day = _day(typed, "review_on", problems)
    if problems:
        raise NotAccepted(problems)
    return day


def _day(typed: str, field: str, problems: dict[str, str]) -> date | None:
    """The day, or None for nothing typed; puts a sentence into ``problems`` where it is no day."""
    if not typed.strip():
        return None
    try:
        day = date.fromisoformat(typed.strip())
        if FIRST_DAY <= day <= LAST_DAY:
            return day
    except ValueError:
        pass
    problems[field] = N_("Write the day like this: 2027-03-31.")
    return None


def _tidy(typed: str) -> str:
    """One kind of line break, no control characters, no blanks around it. Nothing a person can see is dropped."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    clean = ("".join(" " if c == "\t" else c for c in line if c == "\t" or _visible(c)) for line in lines)
    return "\n".join(line.rstrip() for line in clean).strip()


def _visible(character: str) -> bool:
    code = ord(character)
    return 0x20 <= code < 0x7F or (code >= 0xA0 and not 0xD800 <= code <= 0xDFFF)


@dataclass(frozen=True, slots=True)
class Item:
    """How an item stands at one revision. ``source`` names the guide and point it came from, if any."""

    section: SectionName
    wording: Wording
    done: bool = False
    removed: bool = False
    source: str | None = None

    @property
    def is_task(self) -> bool:
        """Something to do and be done with. Whom to call stays a note until something is to be done by a day."""
        return self.section not in NOTES or self.wording.by is not None

    def to_body(self) -> str:
        words = self.wording
        return _encoded(
            {
                "v": FORMAT,
                "section": str(self.section),
                "text": reveal(words.text),
                "who": reveal(words.who),
                "by": words.by and words.by.isoformat(),
                "done": self.done,
                "removed": self.removed,
                "source": self.source,
            }
        )

    @classmethod
    def from_body(cls, body: Revealed) -> "Item":
        """Raises ValueError for anything but what ``to_body`` wrote."""
        read = json.loads(reveal(body))
        day = date.fromisoformat(read["by"]) if read["by"] else None
        words = Wording(Revealed(read["text"]), Revealed(read["who"]), day)
        return _same(cls(SectionName(read["section"]), words, read["done"], read["removed"], read["source"]), body)


@dataclass(frozen=True, slots=True)
class Section:
    """How a section stands: when to look at it again, and when somebody last said that it is still right."""

    name: SectionName
    review_on: date | None = None
    confirmed_at: int | None = None
    confirmed_by: Role | None = None

    def to_body(self) -> str:
        return _encoded(
            {
                "v": FORMAT,
                "name": str(self.name),
                "review_on": self.review_on and self.review_on.isoformat(),
                "confirmed_at": self.confirmed_at,
                "confirmed_by": self.confirmed_by and str(self.confirmed_by),
            }
        )

    @classmethod
    def from_body(cls, body: Revealed) -> "Section":
        """Raises ValueError for anything but what ``to_body`` wrote."""
        read = json.loads(reveal(body))
        day = date.fromisoformat(read["review_on"]) if read["review_on"] else None
        role = Role(read["confirmed_by"]) if read["confirmed_by"] else None
        return _same(cls(SectionName(read["name"]), day, read["confirmed_at"], role), body)

    def due(self) -> str:
        """For the operations key: ms UTC of the day's beginning, or nothing."""
        if self.review_on is None:
            return ""
        begins = datetime(*self.review_on.timetuple()[:3], tzinfo=HOUSE_TIME)
        return str(int(begins.timestamp() * 1000))

    def stale(self, today: date) -> bool:
        return self.review_on is not None and self.review_on < today

    def confirmed(self, at: int, by: Role) -> "Section":
        """Still right. A later day that somebody chose stays; otherwise look again in three months."""
        today = day_of(at)
        chosen = self.review_on if self.review_on and self.review_on > today else today + LOOK_AGAIN
        return replace(self, review_on=chosen, confirmed_at=at, confirmed_by=by)


def day_of(at: int) -> date:
    """The day in the house of a moment in ms UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(HOUSE_TIME).date()


def _encoded(body: dict[str, object]) -> str:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text + " " * (-len(text.encode()) % STEP)


Noun = TypeVar("Noun", Item, Section)


def _same(noun: Noun, body: Revealed) -> Noun:
    """One encoding: whatever was read must write the same text again."""
    if noun.to_body() != reveal(body):
        raise ValueError("not in the one encoding")
    return noun


@dataclass(frozen=True, slots=True)
class KeptItem:
    """An item at a revision, with who wrote that revision and when (ms UTC)."""

    id: RecordId
    revision: int
    item: Item
    at: int
    by: AccountId


@dataclass(frozen=True, slots=True)
class KeptSection:
    """A section at a revision; revision 0 is one that nobody has touched yet."""

    id: RecordId
    revision: int
    section: Section
    at: int
    by: AccountId


def worded(current: Item, base: Item, mine: Wording) -> Item | None:
    """The item with ``mine``, written by somebody who saw ``base``, or None if there is nothing to save.

    Raises Stale if the words were changed, or the item taken away, since ``base``, and ``mine`` says something else.
    """
    if mine == base.wording and not base.removed:
        return None  # nothing was typed
    if mine == current.wording and not current.removed:
        return None  # sent twice, or two people wrote the same
    if (current.wording, current.removed) != (base.wording, base.removed):
        raise Stale("the item was changed meanwhile")
    return replace(current, wording=mine, removed=False)


def marked(current: Item, done: bool) -> Item | None:
    return None if current.done == done else replace(current, done=done)


def taken_away(current: Item, removed: bool) -> Item | None:
    return None if current.removed == removed else replace(current, removed=removed)


def by_section(items: Iterable[KeptItem]) -> dict[SectionName, tuple[KeptItem, ...]]:
    """Every section in its order, with its items as they were first written; empty sections too."""
    order = list(SectionName)
    ranked = sorted(items, key=lambda kept: order.index(kept.item.section))
    grouped = {name: tuple(some) for name, some in groupby(ranked, key=lambda kept: kept.item.section)}
    return {name: grouped.get(name, ()) for name in order}


def newest_named(sections: Sequence[KeptSection]) -> dict[SectionName, KeptSection]:
    """The row of each section; of two with one name (there should be none) the one written last."""
    return {kept.section.name: kept for kept in sorted(sections, key=lambda kept: (kept.at, kept.id))}
