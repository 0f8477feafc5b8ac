"""What changed between two texts, word by word, and how two changes to one text go together. Pure.

The parts of a difference give both texts back, to the letter: nothing is summarised away.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from safetyplan.plans.model import Item
from safetyplan.vault import Revealed, reveal

_TOKENS = re.compile(r"\s+|\w+|[^\w\s]+")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_WORK = 20_000
"""Pairs of equal words that a comparison may have to look at; beyond, lines are compared instead of words."""


class PartKind(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text; those that are not NEW make the text before, those that are not GONE the text after."""

    kind: PartKind
    text: Revealed


Parts = tuple[Part, ...]
Span = tuple[int, int, tuple[str, ...]]
"""Words ``[start:end]`` of the text before, and what stands there now."""


def difference(before: Revealed, after: Revealed) -> Parts:
    """Empty if the texts are equal."""
    if before == after:
        return ()
    old, new = _cut(reveal(before), reveal(after))
    parts: list[tuple[PartKind, str]] = []
    done = 0
    for start, end, put in _spans(old, new):
        parts.append((PartKind.SAME, "".join(old[done:start])))
        parts.append((PartKind.GONE, "".join(old[start:end])))
        parts.append((PartKind.NEW, "".join(put)))
        done = end
    parts.append((PartKind.SAME, "".join(old[done:])))
    return tuple(Part(kind, Revealed(text)) for kind, text in parts if text)


def together(base: Revealed, mine: Revealed, theirs: Revealed) -> Revealed:
    """Both changes in one text where they touch different words; otherwise both texts whole, theirs above mine."""
    if mine == theirs or theirs == base:
        return mine
    if mine == base:
        return theirs
    old, ours, others = _cut(reveal(base), reveal(mine), reveal(theirs))
    spans = sorted({*_spans(old, ours), *_spans(old, others)})
    if any(later[0] <= earlier[1] for earlier, later in zip(spans, spans[1:], strict=False)):
        return Revealed(f"{reveal(theirs)}\n\n{reveal(mine)}")
    new: list[str] = []
    done = 0
    for start, end, put in spans:
        new += [*old[done:start], *put]
        done = end
    return Revealed("".join([*new, *old[done:]]))


def _spans(old: Sequence[str], new: Sequence[str]) -> list[Span]:
    matcher = SequenceMatcher(str.isspace, old, new, autojunk=False)
    return [(i, j, tuple(new[k:m])) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal"]


def _cut(before: str, *others: str) -> list[list[str]]:
    """The texts in words; in lines, or whole, where comparing words would take too long."""
    for pattern in (_TOKENS, _LINES):
        cut = [pattern.findall(text) for text in (before, *others)]
        if all(_work(cut[0], other) <= _WORK for other in cut[1:]):
            return cut
    return [[text] for text in (before, *others)]


def _work(old: Sequence[str], new: Sequence[str]) -> int:
    """How many pairs of equal words there are, blanks aside: what the matcher's time grows with."""
    there = Counter(word for word in new if not word.isspace())
    return sum(there[word] for word in old)


@dataclass(frozen=True, slots=True)
class Changes:
    """What one revision changed. None or empty: left as it was."""

    added: bool
    text: Parts
    who: Parts
    by: bool
    done: bool | None
    removed: bool | None


def changes(before: Item | None, after: Item) -> Changes:
    """From one revision to the next; ``before`` is None for the first."""
    if before is None:
        return Changes(True, (), (), False, None, None)
    return Changes(
        added=False,
        text=difference(before.wording.text, after.wording.text),
        who=difference(before.wording.who, after.wording.who),
        by=before.wording.by != after.wording.by,
        done=after.done if before.done != after.done else None,
        removed=after.removed if before.removed != after.removed else None,
    )
