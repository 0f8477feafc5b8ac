"""Entries: who did what to which objects, as canonical JSON bytes with exactly one encoding.

Writes stand first (``"W"`` sorts before every lower-case key), so that the body of an entry that wrote rows starts
with ``{"W":`` and verification parses those bodies only. ``v`` is the format's version.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from safetyplan.actors import Actor, Role
from safetyplan.errors import SafetyplanError

FORMAT = 1
LONGEST = 60_000
WRITES = b'{"W":'
PUT = "p"
DELETE = "d"
_PLAIN = itemgetter(slice(None))  # a named tuple as a plain one, the only sort orjson writes; twice as fast as list()


class InvalidEntry(SafetyplanError):
    """Bytes that are not the one encoding of an entry, or an entry that has none."""


class Outcome(StrEnum):
    """How it ended. ``BROKEN_OFF``: the visit died after something had been opened."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    BROKEN_OFF = "broken_off"


class Who(NamedTuple):
    """The account as the log names it; never a user name."""

    account: str
    role: str
    unit: str | None = None

    @classmethod
    def of(cls, actor: Actor) -> "Who":
        return cls(actor.account, actor.role, actor.unit)


class Touched(NamedTuple):
    """An object that was opened, at its revision (0 where a table has none)."""

    table: str
    id: str
    revision: int = 0


class Write(NamedTuple):
    """A row put or deleted, with the SHA-256 of the whole row; empty allowed for a delete."""

    table: str
    id: str
    kind: str
    digest: bytes


class Reason(NamedTuple):
    """A code from a closed list in clear; the words, if any, sealed to the oversight group."""

    code: str
    sealed: bytes | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. ``at`` is in ms UTC; ``part`` (i of n, from 1) is set by ``encode`` alone, on a split."""

    at: int
    action: str
    outcome: Outcome = Outcome.DONE
    actor: Who | None = None
    session: str | None = None
    purpose: str | None = None
    case: str | None = None
    network: str | None = None
    objects: tuple[Touched, ...] = ()
    writes: tuple[Write, ...] = ()
    reason: Reason | None = None
    part: tuple[int, int] | None = None


def encode(entry: Entry) -> list[bytes]:
    """The bodies of ``entry``: one, or several parts of at most 60,000 bytes. Raises InvalidEntry."""
    if entry.writes:
        check_writes(entry.writes)
    body = _body(entry)
    if len(body) <= LONGEST:
        return [body]
    parts = list(_split(entry))
    bodies = [_body(replace(part, part=(i, len(parts)))) for i, part in enumerate(parts, 1)]
    if max(map(len, bodies)) > LONGEST:
        raise InvalidEntry("one object or reason alone is longer than an entry may be")
    return bodies


def decode(body: bytes) -> Entry:
    """The entry that encodes to exactly ``body``; raises InvalidEntry for anything else."""
    try:
        entry = _entry(orjson.loads(body))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidEntry("not an entry") from error
    if len(body) > LONGEST or _body(entry) != body:
        raise InvalidEntry("not the canonical encoding of an entry")
    return entry


def _body(entry: Entry) -> bytes:
    # Built in sorted order, so that orjson need not sort; a test compares with OPT_SORT_KEYS.
    tree: dict[str, Any] = {}
    if entry.writes:
        tree["W"] = [[table, row, kind, digest.hex()] for table, row, kind, digest in entry.writes]
    tree["action"] = entry.action
    if "" in (entry.action, entry.session, entry.purpose, entry.case, entry.network):
        raise InvalidEntry("what is not known is left out, never written empty: it could not be read back")
    who = entry.actor
    if who is not None:
        actor = tree["actor"] = {"account": who.account, "role": who.role}
        if who.unit is not None:
            actor["unit"] = who.unit
        if entry.network is not None and who.role == Role.RESIDENT:
            raise InvalidEntry("a resident's network is never written down: it would say where they are")
    tree["at"] = entry.at
    if entry.case is not None:
        tree["case"] = entry.case
    if entry.network is not None:
        tree["net"] = entry.network
    if entry.objects:
        tree["objects"] = list(map(_PLAIN, entry.objects))
    tree["outcome"] = entry.outcome
    if entry.part is not None:
        tree["part"] = entry.part
    if entry.purpose is not None:
        tree["purpose"] = entry.purpose
    if entry.reason is not None:
        tree["reason"] = _reason_tree(entry.reason)
    if entry.session is not None:
        tree["session"] = entry.session
    tree["v"] = FORMAT
    try:
        return orjson.dumps(tree)
    except orjson.JSONEncodeError as error:
        raise InvalidEntry("an entry holds text and whole numbers only") from error


def _reason_tree(reason: Reason) -> dict[str, str]:
    if reason.sealed is None:
        return {"code": reason.code}
    return {"code": reason.code, "sealed": reason.sealed.hex()}


def _split(entry: Entry) -> Iterator[Entry]:
    bare = replace(entry, objects=(), writes=(), reason=None)
    room = LONGEST - len(_body(bare)) - 64  # 64: the keys "W", "objects" and "part", and their brackets
    objects: list[Touched] = []
    writes: list[Write] = []
    reason = entry.reason
    used = len(orjson.dumps(_reason_tree(reason))) + 10 if reason else 0
    items: list[Touched | Write] = [*entry.objects, *entry.writes]
    for item in items:
        size = _size(item)
        if used + size > room and (objects or writes or reason):
            yield replace(bare, objects=tuple(objects), writes=tuple(writes), reason=reason)
            objects, writes, reason, used = [], [], None, 0
        if isinstance(item, Write):
            writes.append(item)
        else:
            objects.append(item)
        used += size
    yield replace(bare, objects=tuple(objects), writes=tuple(writes), reason=reason)


def _size(item: Touched | Write) -> int:
    fields = [field.hex() if isinstance(field, bytes) else field for field in item]
    return len(orjson.dumps(fields)) + 1


def _entry(tree: dict[str, Any]) -> Entry:
    if tree["v"] != FORMAT:
        raise ValueError("unknown version")
    actor, reason, part = tree.get("actor"), tree.get("reason"), tree.get("part")
    entry = Entry(
        at=_whole(tree["at"]),
        action=_text(tree["action"]),
        outcome=Outcome(tree["outcome"]),
        actor=None if actor is None else Who(_text(actor["account"]), Role(actor["role"]), _maybe(actor, "unit")),
        session=_maybe(tree, "session"),
        purpose=_maybe(tree, "purpose"),
        case=_maybe(tree, "case"),
        network=_maybe(tree, "net"),
        objects=tuple(Touched(_text(t), _text(i), _whole(r)) for t, i, r in tree.get("objects", ())),
        writes=tuple(_write(*write) for write in tree.get("W", ())),
        reason=None if reason is None else _reason(_text(reason["code"]), reason.get("sealed")),
        part=None if part is None else _part(*part),
    )
    return entry


def _write(table: Any, row: Any, kind: Any, digest: Any) -> Write:
    raw = bytes.fromhex(_text(digest)) if digest != "" else b""
    if kind not in (PUT, DELETE) or len(raw) != 32 and not (kind == DELETE and not raw):
        raise ValueError("not a write")
    return Write(_text(table), _text(row), kind, raw)


def _reason(code: str, sealed: Any) -> Reason:
    return Reason(code, None if sealed is None else bytes.fromhex(_text(sealed)))


def _part(i: Any, n: Any) -> tuple[int, int]:
    if not 1 <= _whole(i) <= _whole(n) or n < 2:
        raise ValueError("not a part")
    return i, n


def _text(value: Any) -> str:
    if type(value) is not str or not value:
        raise ValueError("not a text")
    return value


def _maybe(tree: dict[str, Any], key: str) -> str | None:
    return _text(tree[key]) if key in tree else None


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("not a whole number")
    return value


def check_writes(writes: Sequence[Write]) -> None:
    """Raise InvalidEntry unless every write can be read back: a put needs its 32 bytes, kinds are two."""
    for write in writes:
        size = len(write.digest)
        if write.kind not in (PUT, DELETE) or size != 32 and not (size == 0 and write.kind == DELETE):
            raise InvalidEntry(f"a write to {write.table} without the digest of its row")
