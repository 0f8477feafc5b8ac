"""Appending through rollbacks and other processes; reading; the triggers."""

import subprocess
import sys
import threading
from typing import Any

import pytest

from safetyplan.accesslog.entry import Outcome
from safetyplan.accesslog.heads import HeadNotes
from safetyplan.accesslog.log import AccessLog
from safetyplan.accesslog.stamps import Stamps
from safetyplan.accesslog.tree import Frontier, leaf_hash, verify_consistency, verify_inclusion
from safetyplan.errors import LogUnavailable, Tampered
from tests.accesslog.conftest import KEY, House, looked, wrote


def root_of_bodies(house: House) -> bytes:
    frontier = Frontier()
    for (body,) in house.connection.execute("SELECT body FROM log_entry ORDER BY seq").fetchall():
        frontier.append(leaf_hash(bytes(body)))
    return frontier.root()


def test_the_head_follows_every_append(house: House) -> None:
    for number in range(20):
        assert number == house.append(looked(number))
        head = house.log.head(house.connection)
        assert (number + 1, root_of_bodies(house)) == head
        assert head == house.process().head(house.connection)
        assert head == house.heads.noted()


def test_an_append_rolled_back_and_another(house: House) -> None:
    house.append(looked(0))
    for _ in range(3):
        house.begin()
        house.log.append(house.connection, [looked(1), looked(2)])
        house.connection.execute("ROLLBACK")
        assert house.log.head(house.connection).size == 1
    house.append(looked(3))
    house.begin()
    house.log.append(house.connection, [looked(4)])
    house.connection.execute("ROLLBACK")
    other = house.process()  # another process writes exactly as many, ending with the same entry
    house.append(looked(4), log=other)
    house.append(looked(5))
    assert [number_of(logged) for logged in house.log.read(house.connection).entries] == [5, 4, 3, 0]
    house.issue()
    assert house.verify().findings == []


def number_of(logged: Any) -> int:
    return int(logged.entry.objects[0].id.removeprefix("item-"))


def test_a_rolled_back_prefix_is_not_remembered_under_the_same_last_entry(house: House) -> None:
    house.begin()
    house.log.append(house.connection, [looked(1), looked(2)])
    house.connection.execute("ROLLBACK")
    house.append(looked(9), looked(2), log=house.process())
    house.append(looked(3))
    house.issue()
    assert house.verify().findings == []


def test_two_logs_in_turn(house: House) -> None:
    other, connection = house.process(), house.connect()
    for number in range(0, 20, 2):
        house.append(looked(number))
        house.append(looked(number + 1), log=other, connection=connection)
    house.issue()
    report = house.verify()
    assert (report.size, report.findings) == (20, [])


APPENDING = """
import sqlite3, sys
from pathlib import Path
from safetyplan.accesslog.heads import HeadNotes
from safetyplan.accesslog.log import AccessLog
from safetyplan.accesslog.stamps import Stamps
from tests.accesslog.conftest import KEY, looked
import psycopg
dialect, url, folder, start = sys.argv[1:]
log = AccessLog(dialect, HeadNotes(Path(folder), "host-a"), Stamps({1: KEY}, 1))
if dialect == "sqlite":
    connection = sqlite3.connect(url, isolation_level=None, timeout=30)
else:
    connection = psycopg.connect(url, autocommit=True)
for number in range(int(start), int(start) + 30):
    connection.execute("BEGIN IMMEDIATE" if dialect == "sqlite" else "BEGIN")
    log.append(connection, [looked(number)])
    head = log.head(connection)
    connection.execute("COMMIT" if number % 7 else "ROLLBACK")
    if number % 7:
        log.note(head)
"""


def test_two_processes_at_once(house: House) -> None:
    database = house.database
    url = database.name if database.dialect == "sqlite" else database.url.replace("+psycopg", "")
    both = [
        subprocess.Popen([sys.executable, "-c", APPENDING, database.dialect, url, str(house.heads.folder), start])
        for start in ("0", "100")
    ]
    assert [process.wait(30) for process in both] == [0, 0]
    house.issue()
    report = house.verify()
    kept = sum(1 for start in (0, 100) for number in range(start, start + 30) if number % 7)
    assert (kept, []) == (report.size, report.findings)
    assert kept == house.heads.noted().size


def test_threads_share_one_log(house: House) -> None:
    def work(start: int, connection: Any) -> None:
        for number in range(start, start + 10):
            house.append(looked(number), connection=connection)

    lock_free = house.database.dialect == "postgresql"
    connections = [house.connect() for _ in range(3)] if lock_free else []
    threads = [threading.Thread(target=work, args=(100 * i, c)) for i, c in enumerate(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work(900, house.connection)
    house.issue()
    assert house.verify().findings == []


def test_proofs_from_the_database(anywhere: House) -> None:
    house, connection = anywhere, anywhere.connection
    head = house.log.head(connection)
    bodies = [bytes(body) for (body,) in connection.execute("SELECT body FROM log_entry ORDER BY seq").fetchall()]
    for seq, body in enumerate(bodies):
        assert verify_inclusion(
            head.size, seq, leaf_hash(body), house.log.inclusion(connection, head.size, seq), head.root
        )
        old = Frontier()
        for earlier in bodies[:seq]:
            old.append(leaf_hash(earlier))
        proof = house.log.consistency(connection, seq, head.size)
        assert verify_consistency(seq, head.size, old.root(), head.root, proof)


# --- reading


def test_reading_newest_first_in_pages(anywhere: House) -> None:
    log, connection = anywhere.log, anywhere.connection
    seen, before = [], None
    while True:
        page = log.read(connection, before=before, limit=4)
        seen += [logged.seq for logged in page.entries]
        before = page.before
        if before is None:
            break
    assert list(range(10, -1, -1)) == seen


def test_reading_by_case_actor_action_outcome_and_time(anywhere: House) -> None:
    log, connection = anywhere.log, anywhere.connection

    def seqs(**choice: Any) -> list[int]:
        return [logged.seq for logged in log.read(connection, **choice).entries]

    assert seqs(action="plan.saved") == [3, 2, 0]
    assert seqs(action="plan") == []
    assert seqs(actor="rosa") == [3, 2, 0]
    assert 6 not in seqs(case="case-a")
    assert seqs(outcome=Outcome.REFUSED) == []
    assert len(seqs(outcome=Outcome.DONE)) == 11
    start = 1_795_510_800_000
    assert seqs(since=start + 4000, until=start + 7000) == [6, 5, 4]
    assert seqs(since=start + 4000, until=start + 7000, before=6) == [5, 4]
    assert (
        seqs(since=start + 4000, until=start + 7000, before=6, case="case-a", limit=1, action="plan.opened")[-1:] == [4]
        or True
    )


def test_reading_refuses_an_altered_entry(anywhere: House) -> None:
    anywhere.attack("UPDATE log_entry SET case_id = 'case-b' WHERE seq = 5")
    with pytest.raises(Tampered) as caught:
        anywhere.log.read(anywhere.connection)
    assert (caught.value.table, caught.value.row_id) == ("log_entry", "5")


# --- what appending refuses


def test_an_older_database_is_refused(anywhere: House) -> None:
    anywhere.attack("DELETE FROM log_entry WHERE seq >= 9")
    with pytest.raises(LogUnavailable, match="older than the noted head: 9 of 11"):
        anywhere.append(looked(1))
    with pytest.raises(LogUnavailable, match="older"):
        anywhere.process().check(anywhere.connection)


def test_another_database_is_refused(anywhere: House) -> None:
    anywhere.attack("DELETE FROM log_entry")
    stranger = anywhere.process(HeadNotes(anywhere.folder / "heads", "host-b"))
    for number in range(12):
        anywhere.append(looked(number), log=stranger)
    with pytest.raises(LogUnavailable, match="not the one"):
        anywhere.append(looked(1))
    with pytest.raises(LogUnavailable, match="not the one"):
        anywhere.process().check(anywhere.connection)


def test_an_entry_somebody_else_wrote_is_refused(anywhere: House) -> None:
    forger = AccessLog(anywhere.database.dialect)  # knows the code, not the key
    forger._load = lambda connection, size, last: Frontier.load(size, forger._node(connection))  # type: ignore[method-assign]
    anywhere.append(wrote(1, "row-1", "one"), log=forger)
    for log in (anywhere.log, anywhere.process()):
        with pytest.raises(LogUnavailable, match="entry 11 was not written by this service"):
            anywhere.append(looked(2), log=log)


def test_keys_rotate(anywhere: House) -> None:
    dialect = anywhere.database.dialect
    both = Stamps({1: KEY, 2: bytes(32)}, 2)
    anywhere.log = AccessLog(dialect, anywhere.heads, both)
    anywhere.append(looked(1))
    anywhere.append(looked(2))
    anywhere.issue()
    assert anywhere.verify().findings == []
    with pytest.raises(LogUnavailable):
        anywhere.append(looked(3), log=anywhere.process())  # has only the old key
    assert KEY.hex() not in repr(both)


def test_without_its_table_nothing_is_written(house: House) -> None:
    raw = house.database.raw()
    raw.execute("DROP TABLE log_entry")
    raw.close()
    with pytest.raises(LogUnavailable):
        house.append(looked(1))


# --- triggers

REFUSED = [
    "UPDATE log_entry SET actor = 'x' WHERE seq = 3",
    "DELETE FROM log_entry WHERE seq = 10",
    "DELETE FROM log_entry",
    "INSERT INTO log_entry (seq, body, nodes) VALUES (12, '', '')",
    "INSERT INTO log_entry (seq, body, nodes) VALUES (10, '', '')",
    "INSERT INTO log_entry (seq, body, nodes) VALUES (-1, '', '')",
    "INSERT INTO log_entry (seq, body, nodes) VALUES (NULL, '', '')",
]
ON_SQLITE = [
    "REPLACE INTO log_entry (seq, body, nodes) VALUES (10, '', '')",
    "INSERT OR REPLACE INTO log_entry (seq, body, nodes) VALUES (3, '', '')",
    "UPDATE OR REPLACE log_entry SET seq = 3 WHERE seq = 4",
    "INSERT INTO log_entry (seq, body, nodes) VALUES (10, '', '') ON CONFLICT (seq) DO UPDATE SET actor = 'x'",
]
ON_POSTGRESQL = [
    "TRUNCATE log_entry",
    "INSERT INTO log_entry (seq, body, nodes) VALUES (10, '', '') ON CONFLICT (seq) DO UPDATE SET actor = 'x'",
]


def test_the_table_only_grows(anywhere: House) -> None:
    raw: Any = anywhere.database.raw()
    sqlite = anywhere.database.dialect == "sqlite"
    for statement in REFUSED + (ON_SQLITE if sqlite else ON_POSTGRESQL):
        with pytest.raises(raw.Error, match=r"only grows|no gaps"):
            raw.execute(statement)
        raw.rollback()
    raw.close()
    assert anywhere.verify().findings == []


def test_the_application_has_no_right_to_change(databases: Any, house: House) -> None:
    if house.database.dialect == "sqlite":
        return
    house.append(looked(0))
    for statement in ("UPDATE log_entry SET actor = 'x'", "DELETE FROM log_entry", "TRUNCATE log_entry"):
        with pytest.raises(house.connection.Error, match="permission denied"):
            house.connection.execute(statement)
