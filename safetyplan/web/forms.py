"""Reading a form: each value checked and plain, every problem said at its field, what was typed kept."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from safetyplan.actors import is_id
from safetyplan.errors import N_, NotAccepted
from safetyplan.web.text import plain

E = TypeVar("E", bound=StrEnum)

EMPTY = N_("Please write something here.")
TOO_LONG = N_("This is too long. Please make it shorter.")
NOT_CHOSEN = N_("Please choose one.")
NOT_A_DATE = N_("This is not a date. Write it as year-month-day, for example 2027-03-24.")
NOT_A_NUMBER = N_("Please write a number.")


class Form:
    """Read the fields, then ``check()``. ``values`` holds what was typed, for showing it again."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.values = {name: value for name, value in typed.items() if name != "csrf_token"}
        self._typed = typed
        self.problems: dict[str, str] = {}

    def text(self, name: str, *, most: int, required: bool = False) -> str:
        """Plain text of at most ``most`` characters."""
        value = plain(self._typed.get(name, ""))
        if required and not value:
            self.problems[name] = EMPTY
        elif len(value) > most:
            self.problems[name] = TOO_LONG
        return value

    def choice(self, name: str, kind: type[E]) -> E:
        """One of the enum's values. For anything else a problem, which ``check`` raises before the value is used."""
        try:
            return kind(self._typed.get(name, ""))
        except ValueError:
            self.problems[name] = NOT_CHOSEN
            return next(iter(kind))

    def choices(self, name: str, kind: type[E]) -> list[E]:
        """Those of the enum whose ``name.value`` checkbox is ticked."""
        return [each for each in kind if f"{name}.{each.value}" in self._typed]

    def date(self, name: str, *, required: bool = False) -> date | None:
        value = self._typed.get(name, "").strip()
        if not value and not required:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.problems[name] = NOT_A_DATE
            return None

    def number(self, name: str, *, least: int = 0, most: int = 2**31) -> int:
        """A whole number; 0 (and a problem) for anything else."""
        value = self._typed.get(name, "").strip()
        if value.isdecimal() and len(value) <= 10 and least <= int(value) <= most:
            return int(value)
        self.problems[name] = NOT_A_NUMBER
        return 0

    def flag(self, name: str) -> bool:
        return bool(self._typed.get(name))

    def record(self, name: str) -> str:
        """An id made by us; "" (and a problem for the whole form) for anything else."""
        value = self._typed.get(name, "")
        if is_id(value):
            return value
        self.problems[""] = NOT_CHOSEN
        return ""

    def check(self) -> None:
        """Raise NotAccepted with everything that was found wrong."""
        if self.problems:
            raise NotAccepted(self.problems)
