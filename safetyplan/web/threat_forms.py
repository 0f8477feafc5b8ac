"""Reading the forms of the threat room: everything typed becomes protected text at once, and is kept as typed."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TypeVar

from safetyplan.threat.factors import BY_CODE, Seen
from safetyplan.threat.model import ASSESSED, Level
from safetyplan.threat.review import ROWS, Grave, Instrument, Likely, Mark, Measure, Review, Scenario
from safetyplan.threat.reviewing import Basis
from safetyplan.threat.statements import Incident, OwnView, Side
from safetyplan.vault import Revealed
from safetyplan.web.forms import Form
from safetyplan.web.text import plain

Typed = Mapping[str, str]
E = TypeVar("E", bound=StrEnum)


def review_of(typed: Typed) -> Review:
    """The review as typed. Rows left empty are dropped; so the page shows them without gaps again."""
    return Review(
        level=_level(typed),
        marks=tuple(_marks(typed)),
        scenarios=tuple(_scenarios(typed)),
        measures=tuple(Measure(what, who, by) for what, who, by in _rows(typed, "measures", "what", "who", "by")),
        instruments=tuple(
            Instrument(*texts) for texts in _rows(typed, "instruments", "name", "on", "by", "conclusion")
        ),
        changes=_text(typed, "changes"),
        people=_text(typed, "people"),
        sources=_text(typed, "sources"),
        gaps=_text(typed, "gaps"),
        protective=_text(typed, "protective"),
        reasons=_text(typed, "reasons"),
        disagreement=_text(typed, "disagreement"),
        informed=_text(typed, "informed"),
        shared=_text(typed, "shared"),
        next_review=_text(typed, "next_review"),
    )


def basis_of(typed: Typed) -> Basis:
    """What the author had before them; anything unreadable matches nothing and so comes back as news."""
    return Basis(_count(typed, "level_seen"), _count(typed, "draft_seen"), _count(typed, "her_seen"))


def own_view_of(typed: Typed) -> OwnView:
    return OwnView(_level(typed), _text(typed, "words"))


def incident_of(typed: Typed) -> Incident:
    """Whose side noted it is decided by who is signed in, never by the form."""
    return Incident(
        Side.RESIDENT,
        _text(typed, "what"),
        _text(typed, "on"),
        _text(typed, "at"),
        _text(typed, "roughly"),
    )


def seen_in(typed: Typed) -> int:
    return _count(typed, "seen")


def is_id(value: str) -> bool:
    return bool(Form({"id": value}).record("id"))


def words_in(typed: Typed) -> Revealed:
    return _text(typed, "words")


def _text(typed: Typed, name: str) -> Revealed:
    return Revealed(plain(typed.get(name, "")))


def _count(typed: Typed, name: str) -> int:
    value = typed.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 9 else -1


def _level(typed: Typed) -> Level | None:
    chosen = _one_of(Level, typed.get("level", ""))
    return chosen if chosen in ASSESSED else None


def _one_of(kind: type[E], value: str) -> E | None:
    return kind(value) if value in {each.value for each in kind} else None


def _marks(typed: Typed) -> Iterator[Mark]:
    for code in BY_CODE:
        seen = _one_of(Seen, typed.get(f"seen-{code}", "")) or Seen.NOT_KNOWN
        note = _text(typed, f"note-{code}")
        if seen is not Seen.NOT_KNOWN or note:
            yield Mark(code, seen, note)


def _rows(typed: Typed, part: str, *names: str) -> Iterator[tuple[Revealed, ...]]:
    """One more than there is room for is read too, so that too many are said and not silently lost."""
    for number in range(ROWS + 1):
        row = tuple(_text(typed, f"{part}-{number}-{name}") for name in names)
        if any(row):
            yield row


def _scenarios(typed: Typed) -> Iterator[Scenario]:
    for number in range(ROWS + 1):
        what, signs = (_text(typed, f"scenarios-{number}-{name}") for name in ("what", "signs"))
        likely = _one_of(Likely, typed.get(f"scenarios-{number}-likely", "")) or Likely.HARD_TO_SAY
        grave = _one_of(Grave, typed.get(f"scenarios-{number}-grave", "")) or Grave.HARD_TO_SAY
        if what or signs:
            yield Scenario(what, likely, grave, signs)
