"""One encoding an entry; whatever parses re-serialises to the same bytes."""

import contextlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safetyplan.accesslog.entry import (
    LONGEST,
    Entry,
    InvalidEntry,
    Outcome,
    Reason,
    Touched,
    Who,
    Write,
    check_writes,
    decode,
    encode,
)

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
wholes = st.integers(0, 2**53)
actors = st.builds(Who, words, st.sampled_from(["staff", "lead", "officer"]), st.none() | words)
written = st.builds(Write, words, words, st.just("p"), st.binary(min_size=32, max_size=32))
deleted = st.builds(Write, words, words, st.just("d"), st.just(b"") | st.binary(min_size=32, max_size=32))
entries = st.builds(
    Entry,
    at=wholes,
    action=words,
    outcome=st.sampled_from(Outcome),
    actor=st.none() | actors,
    session=st.none() | words,
    purpose=st.none() | words,
    case=st.none() | words,
    network=st.none() | words,
    objects=st.lists(st.builds(Touched, words, words, wholes), max_size=5).map(tuple),
    writes=st.lists(written | deleted, max_size=5).map(tuple),
    reason=st.none() | st.builds(Reason, words, st.none() | st.binary(min_size=1, max_size=40)),
)


@given(entries)
def test_an_entry_comes_back_as_it_was(entry: Entry) -> None:
    (body,) = encode(entry)
    assert entry == decode(body)
    assert body == orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    assert body.startswith(b'{"W":') == bool(entry.writes)


@given(entries, st.data())
def test_a_changed_byte_is_another_entry_or_none(entry: Entry, data: st.DataObject) -> None:
    (body,) = encode(entry)
    place = data.draw(st.integers(0, len(body) - 1))
    changed = body[:place] + bytes([body[place] ^ data.draw(st.integers(1, 255))]) + body[place + 1 :]
    with contextlib.suppress(InvalidEntry):
        assert decode(changed) != entry


GOOD = b'{"action":"a","at":1,"outcome":"done","v":1}'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        GOOD + b" ",
        b" " + GOOD,
        GOOD.replace(b":1,", b": 1,"),
        GOOD.replace(b'"at":1', b'"at":1.0'),
        GOOD.replace(b'"at":1', b'"at":true'),
        GOOD.replace(b'"at":1', b'"at":-1'),
        GOOD.replace(b'"v":1', b'"v":2'),
        GOOD.replace(b'"v":1', b'"v":true'),
        GOOD.replace(b'"done"', b'"won"'),
        GOOD.replace(b'"a"', b'"\\u0061"'),
        GOOD.replace(b'"a"', b'""'),
        GOOD.replace(b',"v"', b',"unknown":1,"v"'),
        GOOD.replace(b'"at":1', b'"at":1,"at":1'),
        GOOD.replace(b'"at":1', b'"at":1,"case":null'),
        GOOD.replace(b',"v"', b',"objects":[],"v"'),
        GOOD.replace(b',"v"', b',"part":[1,1],"v"'),
        GOOD.replace(b',"v"', b',"part":[3,2],"v"'),
        b'{"W":[["t","i","x","' + b"0" * 64 + b'"]],' + GOOD[1:],
        b'{"W":[["t","i","p",""]],' + GOOD[1:],
        b'{"W":[["t","i","p","' + b"A" * 64 + b'"]],' + GOOD[1:],
        b'{"at":1,"action":"a","outcome":"done","v":1}',
    ],
)
def test_anything_else_is_refused(body: bytes) -> None:
    decode(GOOD)
    with pytest.raises(InvalidEntry):
        decode(body)


def test_a_long_entry_is_split_and_loses_nothing() -> None:
    entry = Entry(
        at=1,
        action="case.exported",
        actor=Who("lea", "lead", "u"),
        case="c",
        objects=tuple(Touched("plan_item", f"item-{i}", i) for i in range(3000)),
        writes=tuple(Write("plan_item", f"item-{i}", "p", bytes([i % 256]) * 32) for i in range(700)),
        reason=Reason("asked_for", b"\xee" * 200),
    )
    bodies = encode(entry)
    parts = [decode(body) for body in bodies]
    assert max(map(len, bodies)) <= LONGEST
    assert len(bodies) == 3
    assert [(i, 3) for i in range(1, 4)] == [part.part for part in parts]
    assert entry.objects == tuple(touched for part in parts for touched in part.objects)
    assert entry.writes == tuple(write for part in parts for write in part.writes)
    assert [entry.reason, None, None] == [part.reason for part in parts]
    assert {("case.exported", "c", entry.actor)} == {(part.action, part.case, part.actor) for part in parts}


def test_what_cannot_be_split_is_refused() -> None:
    with pytest.raises(InvalidEntry):
        encode(Entry(at=1, action="a", reason=Reason("c", bytes(40_000))))
    with pytest.raises(InvalidEntry):
        encode(Entry(at=1, action="a" * LONGEST))


def test_a_residents_network_is_never_written() -> None:
    with pytest.raises(InvalidEntry):
        encode(Entry(at=1, action="a", actor=Who("rosa", "resident"), network="n"))


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(InvalidEntry):
        encode(Entry(at=1, action="\ud800"))


@pytest.mark.parametrize(
    "write", [Write("t", "i", "p", b""), Write("t", "i", "x", bytes(32)), Write("t", "i", "d", b"a")]
)
def test_a_write_needs_its_digest(write: Write) -> None:
    with pytest.raises(InvalidEntry):
        check_writes([write])
