"""Strict reading of YAML: every key is asked for by name, and what nobody asked for is an error.

Only strings, whole numbers, `true`, `false` and nothing (`null`) are known; `no` and `yes` are words here, since a
choice may be called so and YAML 1.1 would make truth values of them.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

import yaml

from safetyplan.errors import SafetyplanError

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

WORD = re.compile(r"[a-z][a-z0-9_-]*\Z")
DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?\Z")


class ContentWrong(SafetyplanError):
    """A content file cannot be used. The message names file and key and says what is wrong."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"{place}: {what}")
        self.place, self.what = place, what


class _Loader(yaml.SafeLoader):
    """A SafeLoader: it makes plain values only."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="write it out: aliases are not used here", problem_mark=self.get_mark())
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str) or key in seen:
                what = "stands twice" if key in seen else "is no word"
                raise yaml.MarkedYAMLError(problem=f"the key {key!r} {what}", problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


# An own list of resolvers, so that PyYAML's (with dates, octal numbers and `no`) stays as it is for others.
_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"(?:null|)\Z", ["n", ""]),
    ("bool", r"(?:true|false)\Z", ["t", "f"]),
    ("int", r"(?:0|[1-9][0-9]*)\Z", list("0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def read(file: str, raw: bytes) -> "Entry":
    """The mapping that is the whole of ``file``."""
    try:
        found = _Loader(raw.decode("utf-8")).get_single_data()
    except UnicodeDecodeError as error:
        raise ContentWrong(file, "the file is not UTF-8") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{file}, line {mark.line + 1}" if mark else file
        raise ContentWrong(place, error.problem or "this is not YAML") from error
    except yaml.YAMLError as error:
        raise ContentWrong(file, "this is not YAML") from error
    return Entry(file, "", found)


class Entry:
    """A mapping in a file. `close` complains about keys that nobody asked for."""

    def __init__(self, file: str, path: str, raw: object) -> None:
        self._file, self._path = file, path
        if not isinstance(raw, dict):
            raise self.wrong(None, "here must be keys with values")
        self._raw: dict[str, object] = raw
        self._asked: set[str] = set()

    def wrong(self, key: str | None, what: str) -> ContentWrong:
        path = ".".join(part for part in (self._path, key) if part)
        return ContentWrong(f"{self._file}: {path}" if path else self._file, what)

    def close(self) -> None:
        for key in self._raw.keys() - self._asked:
            raise self.wrong(key, f"this key is not known here; known are {', '.join(sorted(self._asked))}")

    def names(self) -> list[str]:
        """The keys, in the order of the file."""
        return list(self._raw)

    def has(self, key: str) -> bool:
        self._asked.add(key)
        return self._raw.get(key) is not None

    def value(self, key: str) -> object:
        if not self.has(key):
            raise self.wrong(key, "this is missing")
        return self._raw[key]

    def words(self, key: str) -> str:
        found = self.value(key)
        if not isinstance(found, str) or not found.strip():
            raise self.wrong(key, "here must be text (numbers and true/false in quotation marks)")
        return found.strip()

    def words_or_none(self, key: str) -> str | None:
        return self.words(key) if self.has(key) else None

    def name(self, key: str) -> str:
        found = self.words(key)
        if not WORD.match(found):
            raise self.wrong(key, "a name has small letters a–z, digits, '-' and '_' only, and begins with a letter")
        return found

    def whole(self, key: str) -> int:
        found = self.value(key)
        if not isinstance(found, int) or isinstance(found, bool):
            raise self.wrong(key, "here must be a whole number")
        return found

    def flag(self, key: str) -> bool:
        found = self.value(key) if self.has(key) else False
        if not isinstance(found, bool):
            raise self.wrong(key, "here must be true or false")
        return found

    def day_or_none(self, key: str) -> str | None:
        found = self.words_or_none(key)
        if found is None:
            return None
        try:
            return date.fromisoformat(found).isoformat()
        except ValueError as error:
            raise self.wrong(key, "here must be a day such as 2026-03-31") from error

    def date_or_none(self, key: str) -> str | None:
        """A year, a month or a day: it reads the same in every language."""
        found = self.words_or_none(key)
        if found is None or DATE.match(found):
            return found
        raise self.wrong(key, "here must be a date such as 2026, 2026-03 or 2026-03-31; put words into 'remark'")

    def one_of(self, key: str, kind: type[E]) -> E:
        found = self.words(key)
        try:
            return kind(found)
        except ValueError as error:
            known = ", ".join(member.value for member in kind)
            raise self.wrong(key, f"'{found}' is none of {known}") from error

    def list_of_words(self, key: str) -> list[str]:
        """One word, or several in a list; none where the key is missing."""
        if not self.has(key):
            return []
        found = self.value(key)
        several = found if isinstance(found, list) else [found]
        if not several or not all(isinstance(word, str) and word for word in several):
            raise self.wrong(key, "here must be a word or a list of words")
        if len(set(several)) != len(several):
            raise self.wrong(key, "something stands twice")
        return [str(word) for word in several]

    def entry(self, key: str) -> "Entry":
        return Entry(self._file, f"{self._path}.{key}" if self._path else key, self.value(key))

    def entries(self, key: str) -> Iterator["Entry"]:
        """The mappings in the list under ``key``; each is named by its id where it has one."""
        if not self.has(key):
            return
        found = self.value(key)
        if not isinstance(found, list):
            raise self.wrong(key, "here must be a list")
        for number, raw in enumerate(found, 1):
            name = raw.get("id") if isinstance(raw, dict) else None
            path = f"{key}[{name if isinstance(name, str) else number}]"
            yield Entry(self._file, f"{self._path}.{path}" if self._path else path, raw)

    def each(self, key: str, make: Callable[["Entry"], T]) -> tuple[T, ...]:
        """``make`` of every entry under ``key``; each must be asked for everything, and no id may stand twice."""
        made: list[T] = []
        seen: set[str] = set()
        for entry in self.entries(key):
            made.append(make(entry))
            entry.close()
            name = entry.words_or_none("id")
            if name is not None and name in seen:
                raise entry.wrong("id", f"'{name}' stands twice")
            seen.add(name or "")
        return tuple(made)
