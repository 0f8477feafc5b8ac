"""Nouns and rules: pseudonyms, filters, the log's state, a day of visits. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

from safetyplan.actors import AccountId, Purpose, Role, is_id
from safetyplan.oversight import things
from safetyplan.vault import Finding, Outcome, Revealed

DAY = 86_400_000
RECENT = 35 * DAY
"""How old the last whole check may be, in ms."""
UNSIGNED = DAY
"""How long an entry may stand unsigned before the state says so, in ms."""
MOST_ON_A_PAGE = 200_000
WEEKS = 12
CASE_OPENED = "case.opened"

_LETTERS = {
    Role.RESIDENT: "R",
    Role.STAFF: "S",
    Role.LEAD: "L",
    Role.OFFICER: "O",
    Role.ADMINISTRATOR: "A",
}
_PSEUDONYM = re.compile(r"(?:[RSLOA][-\s]?)?([A-Z2-7]{3})[-\s]?([A-Z2-7]{3})")


def pseudonym(account: str, role: Role) -> str:
    """ "S-7KQ-2MP": a letter for the role and the beginning of the account's random id."""
    return f"{_LETTERS[role]}-{account[:3]}-{account[3:6]}".upper()


def beginning_of(typed: str) -> str | None:
    """The beginning of the account id that a pseudonym or a whole id stands for; None if it is neither."""
    if is_id(typed.strip()):
        return typed.strip()
    found = _PSEUDONYM.fullmatch(typed.strip().upper())
    return f"{found[1]}{found[2]}".lower() if found else None


# -- the officer's log -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """What the officer looks for. ``person`` and ``case`` as typed; times in ms UTC, ``until`` exclusive."""

    person: str = ""
    case: str = ""
    action: str = ""
    outcome: Outcome | None = None
    since: int | None = None
    until: int | None = None

    @property
    def active(self) -> bool:
        return self != Filter()


@dataclass(frozen=True, slots=True)
class Person:
    """An account as the officer sees it."""

    account: AccountId
    pseudonym: str
    role: Role
    unit: Revealed | None


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in the officer's list. ``case`` is the case's reference; ``""`` where its row is gone or not ours."""

    seq: int
    at: int
    action: str
    outcome: Outcome
    purpose: str | None
    who: Person | None
    case: str | None
    opened: int
    written: int


@dataclass(frozen=True, slots=True)
class Checked:
    """The last whole check, from its entry. ``places`` are (table, id) of what was wrong, a few of them."""

    seq: int
    at: int
    size: int
    kind: str
    places: tuple[tuple[str, str], ...]

    @property
    def whole(self) -> bool:
        return self.kind == "whole"


@dataclass(frozen=True, slots=True)
class Met:
    """An entry in which the service itself met something that had been changed."""

    seq: int
    at: int


class Standing(StrEnum):
    WHOLE = "whole"
    NEW = "new"
    UNCHECKED = "unchecked"
    UNSIGNED = "unsigned"
    MET = "met"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class State:
    """What can be said of the log at ``at``. ``readable`` is False where reading it could not be written down.

    ``met`` is what the service met since the last whole check that found nothing, newest first; ``began`` the time of
    the first entry.
    """

    at: int
    size: int
    signed: int
    signed_at: int | None
    unsigned_since: int | None
    findings: tuple[Finding, ...]
    checked: Checked | None
    readable: bool = True
    met: tuple[Met, ...] = ()
    began: int | None = None

    @property
    def standing(self) -> Standing:
        """The worst thing that holds."""
        if self.findings or not self.readable or (self.checked and not self.checked.whole):
            return Standing.WRONG
        if self.met:
            return Standing.MET
        if self.checked is None:
            return Standing.NEW if self.young else Standing.UNCHECKED
        if self.unsigned_since is not None and self.at - self.unsigned_since > UNSIGNED:
            return Standing.UNSIGNED
        return Standing.WHOLE

    @property
    def young(self) -> bool:
        """Whether the log is younger than a whole check may be old: then none is missing yet."""
        return self.began is not None and self.at - self.began < RECENT

    @property
    def kinds(self) -> list[str]:
        """What is wrong, each kind once; ``unwritable`` where nothing more is known."""
        found = [str(finding.kind) for finding in self.findings]
        if self.checked and not self.checked.whole:
            found.append(self.checked.kind)
        if not self.readable and not found:
            found.append("unwritable")
        return list(dict.fromkeys(found))

    @property
    def by_button(self) -> bool:
        return self.size <= MOST_ON_A_PAGE


@dataclass(frozen=True, slots=True)
class LogPage:
    lines: Sequence[Line]
    before: int | None
    state: State


# -- who has looked ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looked, for a resident or the case's staff. ``name`` only of staff and leads; ``own``: the reader herself."""

    account: str
    role: Role | None
    name: Revealed | None
    own: bool


@dataclass(frozen=True, slots=True)
class Looked:
    """One entry of a case. ``opened`` and ``changed`` are kinds of things, a closed list."""

    seq: int
    at: int
    who: Visitor
    action: str
    purpose: str | None
    outcome: Outcome
    opened: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def listed(self) -> bool:
        """Whether the case was only met in somebody's list of cases, by its level and what is due."""
        only = self.purpose == Purpose.OVERVIEW and self.outcome is Outcome.DONE and not self.changed
        return only and self.action == CASE_OPENED and set(self.opened) <= {things.REVIEW}

    @property
    def alike(self) -> tuple[object, ...]:
        """Two entries with the same are told in one line."""
        if self.listed:
            return self.who.account, Purpose.OVERVIEW
        return self.who.account, self.action, self.purpose, self.outcome, self.opened, self.changed


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the list: the newest of ``times`` entries that are alike, between ``first_at`` and ``last_at``."""

    entry: Looked
    times: int
    first_at: int
    last_at: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day in the house's time zone, newest line first, sights in a list last. ``own`` counts the reader's own."""

    date: date
    told: Sequence[Told]
    own: int


@dataclass(frozen=True, slots=True)
class Week:
    """How often others than the resident opened the case in the week from ``monday``, and were refused."""

    monday: date
    opened: int
    refused: int


@dataclass(frozen=True, slots=True)
class WhoLooked:
    """``reference`` is the case's; ``weeks`` oldest first, on the first page only."""

    reference: str
    days: Sequence[Day]
    weeks: Sequence[Week]
    before: int | None


def by_day(entries: Iterable[Looked], zone: tzinfo) -> list[Day]:
    """Newest first, as the entries are; alike ones folded within a day, own ones counted."""
    days: dict[date, dict[tuple[object, ...], Told]] = {}
    own: Counter[date] = Counter()
    for entry in entries:
        told = days.setdefault(_date(entry.at, zone), {})
        if entry.who.own:
            own[_date(entry.at, zone)] += 1
            continue
        before = told.get(entry.alike)
        told[entry.alike] = (
            Told(entry, 1, entry.at, entry.at)
            if before is None
            else Told(before.entry, before.times + 1, min(before.first_at, entry.at), max(before.last_at, entry.at))
        )
    return [Day(day, sorted(told.values(), key=_listed), own[day]) for day, told in days.items()]


def _listed(told: Told) -> bool:
    return told.entry.listed


def by_week(entries: Iterable[Looked], now: int, zone: tzinfo) -> list[Week]:
    """The last twelve weeks, this one last."""
    this = _monday(_date(now, zone))
    opened: Counter[date] = Counter()
    refused: Counter[date] = Counter()
    for entry in entries:
        herself = entry.who.role is Role.RESIDENT and entry.outcome is not Outcome.REFUSED
        if not entry.who.own and not herself and not entry.listed:
            counted = refused if entry.outcome is Outcome.REFUSED else opened
            counted[_monday(_date(entry.at, zone))] += 1
    mondays = [this - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    return [Week(monday, opened[monday], refused[monday]) for monday in mondays]


def _date(ms: int, zone: tzinfo) -> date:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone).date()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
