"""Recomputes a stretch of the log from its bodies and compares every stored byte, stamps included. Also a second
process for it.

The loop is written out and not shared with ``Frontier.append``: at a few microseconds an entry, a call costs.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Thread
from typing import Any

import orjson

from safetyplan.accesslog.entry import WRITES, InvalidEntry, decode
from safetyplan.accesslog.findings import MOST, Finding, Kind
from safetyplan.accesslog.log import Connection, Sql
from safetyplan.accesslog.schema import Dialect
from safetyplan.accesslog.stamps import STAMP, Stamps
from safetyplan.accesslog.tree import HASH, Frontier

CHUNK = 4096
NO_ACTOR = b'"actor":'
NO_CASE = b'"case":'

WriteSeen = tuple[int, str, str, str, str]  # seq, table, id, "p" or "d", digest in hex
Progress = Callable[[int], None]


@dataclass(slots=True)
class Stretch:
    """What lies between two places in the log."""

    frontier: Frontier
    writes: list[WriteSeen] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    more: int = 0

    def add(self, kind: Kind, seq: int, sentence: str) -> None:
        if len(self.findings) < MOST:
            self.findings.append(Finding(kind, sentence, seq=seq))
        else:
            self.more += 1


def scan(
    connection: Connection, dialect: Dialect, stamps: Stamps, frontier: Frontier, stop: int, progress: Progress
) -> Stretch:
    """Entries from ``frontier.size`` to ``stop``; ``frontier`` itself is the caller's to have checked."""
    found = Stretch(frontier)
    sql = Sql(dialect)
    rows = f"{sql.row} WHERE seq >= {sql.place} AND seq < {sql.place} ORDER BY seq"
    state = _State()
    while found.frontier.size < stop:
        end = min(found.frontier.size + CHUNK, stop)
        _chunk(connection.execute(rows, (found.frontier.size, end)), stamps, found, state)
        if found.frontier.size < end:
            _skip(found, state, end)
        progress(end)
    return found


@dataclass(slots=True)
class _State:
    doubt: bool = False  # a missing or altered entry lies behind, whose own hash nobody knows any more
    foreign: bool = False  # said once: an entry that we did not write spoils the stamps of all that follow
    unsaid: list[int] = field(default_factory=list)  # bad stamps since; named if a good one follows after all
    actors: dict[str, bytes] = field(default_factory=dict)
    cases: dict[str, bytes] = field(default_factory=dict)


def _chunk(rows: Any, stamps: Stamps, found: Stretch, state: _State) -> None:
    frontier, peaks, hashed, joined = found.frontier, found.frontier.peaks, sha256, b"".join
    pop, push, actors, cases = found.frontier.peaks.pop, found.frontier.peaks.append, state.actors, state.cases
    prefix, begun = stamps.begun
    for seq, body, nodes, actor, case in rows:
        if seq != frontier.size:
            _skip(found, state, seq)
        if type(body) is not bytes or type(nodes) is not bytes:
            body, nodes = _as_bytes(body), _as_bytes(nodes)
        size = seq
        node = made = hashed(b"\x00" + body).digest()
        while size & 1:
            node = hashed(b"\x01" + pop() + node).digest()
            made += node
            size >>= 1
        push(node)
        frontier.size = size = seq + 1
        mark = begun()
        mark.update(size.to_bytes(8, "big") + joined(peaks))
        if nodes != made + prefix + mark.digest():
            _differs(seq, nodes, made, stamps, found, state)
        elif state.foreign or state.doubt:
            _trusted(found, state)
        try:
            same = (NO_ACTOR not in body if actor is None else actors[actor] in body) and (
                NO_CASE not in body if case is None else cases[case] in body
            )
        except KeyError:
            same = _index_agrees(state, body, actor, case)
        if not same:
            _index(seq, body, actor, case, found)
        if body.startswith(WRITES):
            _writes(seq, body, found)


def _as_bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else repr(value).encode()


def _skip(found: Stretch, state: _State, seq: int) -> None:
    first, frontier = found.frontier.size, found.frontier
    which = f"entry {first} is" if seq == first + 1 else f"entries {first} to {seq - 1} are"
    found.add(Kind.ENTRY_MISSING, first, f"{which} missing")
    while frontier.size < seq:
        frontier.append(bytes(HASH))
    state.doubt = True


def _differs(seq: int, nodes: bytes, made: bytes, stamps: Stamps, found: Stretch, state: _State) -> None:
    """Name what differs; then go on with the stored nodes where ours are spoilt, so as to name only once."""
    stored, stamp, frontier = nodes[:-STAMP], nodes[-STAMP:], found.frontier
    if stored[:HASH] != made[:HASH] or len(stored) != len(made):
        found.add(Kind.ENTRY_ALTERED, seq, f"entry {seq} is not what was written there")
        state.doubt = True
    elif stored != made and not state.doubt:
        found.add(Kind.NODE_ALTERED, seq, f"a tree node stored with entry {seq} was changed")
    if state.doubt and len(stored) == len(made):
        frontier.peaks[-1] = stored[-HASH:]
    if stamps.accepts(stamp, frontier):
        _trusted(found, state)
    elif state.doubt:
        return
    elif state.foreign:
        state.unsaid.append(seq)
    else:
        _foreign(found, seq)
        state.foreign = True


def _trusted(found: Stretch, state: _State) -> None:
    """A good stamp: all before it is as it was written, so that bad ones on the way were changed one by one."""
    for seq in state.unsaid:
        _foreign(found, seq)
    state.unsaid.clear()
    state.doubt = state.foreign = False


def _foreign(found: Stretch, seq: int) -> None:
    sentence = f"entry {seq} was not written by this service, or its stamp or one before it was changed"
    found.add(Kind.ENTRY_FOREIGN, seq, sentence)


def _index_agrees(state: _State, body: bytes, actor: Any, case: Any) -> bool:
    # Sound as a substring: inside a JSON text every quote is escaped, so these bytes can only be a key and its
    # value, and no nested object has such a key. Where the cheap look fails, _index parses.
    if actor is not None:
        state.actors[actor] = b'"actor":{"account":%s,' % orjson.dumps(str(actor))
    if case is not None:
        state.cases[case] = b'"case":%s,' % orjson.dumps(str(case))
    same_actor = NO_ACTOR not in body if actor is None else state.actors[actor] in body
    return same_actor and (NO_CASE not in body if case is None else state.cases[case] in body)


def _index(seq: int, body: bytes, actor: Any, case: Any, found: Stretch) -> None:
    try:
        entry = decode(body)
    except InvalidEntry:
        found.add(Kind.ENTRY_ALTERED, seq, f"entry {seq} is not an entry")
        return
    account = None if entry.actor is None else entry.actor.account
    if (account, entry.case) != (actor, case):
        found.add(Kind.INDEX_ALTERED, seq, f"the columns of entry {seq} name another account or case than the entry")


def _writes(seq: int, body: bytes, found: Stretch) -> None:
    try:
        tree = orjson.loads(body)
        if orjson.dumps(tree, option=orjson.OPT_SORT_KEYS) != body:
            raise ValueError("not canonical")
        found.writes += [(seq, table, row, kind, digest) for table, row, kind, digest in tree["W"]]
    except (ValueError, TypeError):
        found.add(Kind.ENTRY_ALTERED, seq, f"entry {seq} is not an entry")


class SecondProcess:
    """Scans the first part of a SQLite log in a process of its own, over a connection of its own.

    Its snapshot is a later one, which is as good: entries below a size that we saw committed never change, and
    if one did meanwhile, that is a finding.
    """

    def __init__(self, path: str, stamps: Stamps, stop: int) -> None:
        keys = {str(version): key.hex() for version, key in stamps.keys.items() if version}
        order = {"path": path, "keys": keys, "current": stamps.current, "stop": stop}
        self.done = 0
        self._answer: dict[str, Any] | None = None
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(  # keys go through the pipe: a command line shows in ps
            [sys.executable, "-m", "safetyplan.accesslog.scan"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self._reader = Thread(target=self._read, args=(orjson.dumps(order),), daemon=True)
        self._reader.start()

    def _read(self, order: bytes) -> None:
        to, back = self._process.stdin, self._process.stdout
        if to is None or back is None:
            return
        with to:
            to.write(order)
        for line in back:
            if line[:1] == b"{":
                self._answer = orjson.loads(line)
            else:
                self.done = int(line)

    def result(self, frontier: Frontier) -> Stretch | None:
        """What it found, its frontier being ``frontier``; None if it failed, then scan here."""
        self._reader.join()
        if self._process.wait() or self._answer is None:
            return None
        findings = [Finding(Kind(kind), sentence, seq=seq) for kind, sentence, seq in self._answer["findings"]]
        writes = [tuple(write) for write in self._answer["writes"]]
        return Stretch(frontier, writes, findings, self._answer["more"])

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()


def _main() -> None:
    order = orjson.loads(sys.stdin.buffer.read())
    stamps = Stamps({int(v): bytes.fromhex(key) for v, key in order["keys"].items()}, order["current"])
    out = sys.stdout.buffer

    def progress(done: int) -> None:
        out.write(b"%d\n" % done)
        out.flush()

    connection = sqlite3.connect(order["path"], isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    connection.execute("BEGIN")
    found = scan(connection, "sqlite", stamps, Frontier(), order["stop"], progress)
    findings = [(finding.kind, finding.sentence, finding.seq) for finding in found.findings]
    out.write(orjson.dumps({"findings": findings, "writes": found.writes, "more": found.more}) + b"\n")


if __name__ == "__main__":
    _main()
