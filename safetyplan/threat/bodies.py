"""One encoding for what is sealed here: JSON with a version, keys sorted, filled up with spaces to whole steps.

The envelope's own padding grows with the text and leaves eight sizes for every doubling. That is too fine here: a
body that says "acute" and waits for nobody must measure the same as one that says "low" and waits. So every kind of
body has a step of its own, chosen so that nearly all of them fill exactly one.
"""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from safetyplan.vault import Revealed, reveal

VERSION = 1


def whole(noun: Mapping[str, object], step: int) -> str:
    """The body as text whose UTF-8 length is a multiple of ``step`` bytes."""
    plain = {name: _plain(value) for name, value in noun.items()}
    text = json.dumps({**plain, "v": VERSION}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text + " " * (-len(text.encode()) % step)


def read(body: Revealed) -> dict[str, Any]:
    """The fields of a body. Raises ValueError for a version that only newer software can have written."""
    found: dict[str, Any] = json.loads(reveal(body))
    if found.pop("v", None) != VERSION:
        raise ValueError("a body in a format that this software does not know")
    return found


def columns(noun: object) -> dict[str, object]:
    """The fields of a dataclass by name."""
    if not is_dataclass(noun):
        raise TypeError(f"{type(noun).__name__} has no fields")
    return {each.name: getattr(noun, each.name) for each in fields(noun)}


def _plain(value: object) -> object:
    if isinstance(value, Revealed):
        return reveal(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value):
        return {name: _plain(each) for name, each in columns(value).items()}
    return value
