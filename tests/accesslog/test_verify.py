"""Whatever is done to the log, its heads, its checkpoints or the rows is named, with the entry or the row."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safetyplan.accesslog.checkpoints import CheckpointFolder, Signer
from safetyplan.accesslog.entry import Entry, encode
from safetyplan.accesslog.heads import Head, HeadNotes
from safetyplan.accesslog.log import AccessLog, StoredNodes
from safetyplan.accesslog.stamps import Stamps
from safetyplan.accesslog.tree import Frontier, leaf_hash
from safetyplan.accesslog.verify import verify
from tests.accesslog.conftest import KEY, SIGNER, House, digest, looked, wrote


def named(house: House, **options: Any) -> list[tuple[str, Any]]:
    """Each finding's kind, with the entry or else the row it names."""
    report = house.verify(**options)
    assert report.ok == (not report.findings)
    return [(f.kind.value, f.row if f.row is not None else f.seq) for f in report.findings]


def body_of(entry: Entry) -> bytes:
    (body,) = encode(entry)
    return body


def rewrite(house: House, start: int, bodies: list[bytes], stamps: Stamps | None = None) -> None:
    """What an administrator who knows this code does: new bodies from ``start``, all nodes recomputed to fit."""
    raw: Any = house.database.raw()
    frontier = Frontier.load(start, StoredNodes(raw, AccessLog(house.database.dialect).sql))
    raw.close()
    house.attack("DELETE FROM log_entry WHERE seq >= ?", values=(start,))
    for body in bodies:
        seq = frontier.size
        nodes = frontier.append(leaf_hash(body)) + (stamps or Stamps()).make(frontier)
        house.attack(
            "INSERT INTO log_entry (seq, body, nodes, actor, case_id) VALUES (?, ?, ?, 'anna', 'case-a')",
            values=(seq, body, nodes),
        )


def test_a_whole_log_reports_what_it_saw(anywhere: House) -> None:
    seen: list[tuple[int, int]] = []
    report = anywhere.verify(progress=lambda done, total: seen.append((done, total)))
    assert report.ok
    assert report.root == anywhere.log.head(anywhere.connection).root
    counts = (report.size, report.writes, report.rows, report.heads, report.checkpoints, report.signed)
    assert counts == (11, 3, 2, 1, 1, 11)
    assert seen[-1][0] == seen[-1][1]
    assert seen == sorted(seen)


def test_a_snapshot_is_demanded(anywhere: House) -> None:
    arguments = (list, anywhere.heads, anywhere.checkpoints, [SIGNER.key])
    with pytest.raises(ValueError, match="snapshot"):
        verify(anywhere.log, anywhere.connection, *arguments)


# --- 1. the tree


@pytest.mark.parametrize("seq", [0, 3, 4, 7, 10])
def test_an_altered_entry(anywhere: House, seq: int) -> None:
    body = body_of(looked(99))
    anywhere.attack("UPDATE log_entry SET body = ? WHERE seq = ?", values=(body, seq))
    found = named(anywhere)
    assert ("entry_altered", seq) in found
    assert {at for kind, at in found if kind.startswith("entry")} == {seq}


@pytest.mark.parametrize("seq", [0, 3, 4, 7, 9, 10])
def test_a_deleted_entry(lived_in: House, seq: int) -> None:
    lived_in.attack("DELETE FROM log_entry WHERE seq = ?", values=(seq,))
    found = named(lived_in)
    assert (("tail_cut", 10) if seq == 10 else ("entry_missing", seq)) in found
    assert not [at for kind, at in found if kind in ("entry_altered", "entry_foreign", "node_altered")]


def test_deleted_entries_are_named_together(anywhere: House) -> None:
    anywhere.attack("DELETE FROM log_entry WHERE seq BETWEEN 4 AND 6")
    sentences = [f.sentence for f in anywhere.verify().findings]
    assert "entries 4 to 6 are missing" in sentences


def test_reordered_entries(anywhere: House) -> None:
    anywhere.attack(
        "UPDATE log_entry SET seq = 100 WHERE seq = 4",
        "UPDATE log_entry SET seq = 4 WHERE seq = 5",
        "UPDATE log_entry SET seq = 5 WHERE seq = 100",
    )
    found = named(anywhere)
    assert {at for _, at in found if at in (4, 5)} == {4, 5}


def test_entries_closed_up_over_a_deleted_one(lived_in: House) -> None:
    lived_in.attack("DELETE FROM log_entry WHERE seq = 5")
    for seq in range(6, 11):
        lived_in.attack("UPDATE log_entry SET seq = ? WHERE seq = ?", values=(seq - 1, seq))
    found = named(lived_in)
    assert found[0][1] == 5
    assert ("tail_cut", 10) in found


def test_a_replaced_entry_with_the_tree_made_to_fit(anywhere: House) -> None:
    raw: Any = anywhere.database.raw()
    later = [bytes(b) for (b,) in raw.execute("SELECT body FROM log_entry WHERE seq > 5 ORDER BY seq").fetchall()]
    raw.close()
    rewrite(anywhere, 5, [body_of(looked(99)), *later])
    found = named(anywhere)
    assert ("entry_foreign", 5) in found
    assert {"head_differs", "checkpoint_differs"} <= {kind for kind, _ in found}


def test_a_replaced_entry_by_someone_with_the_stamp_key(lived_in: House) -> None:
    rewrite(lived_in, 5, [body_of(looked(number)) for number in range(90, 96)], Stamps({1: KEY}, 1))
    assert {"head_differs", "checkpoint_differs"} == {kind for kind, _ in named(lived_in)}


def test_an_entry_planted_to_excuse_a_restored_row(anywhere: House) -> None:
    rewrite(anywhere, 11, [body_of(wrote(50, "row-1", "one"))])
    anywhere.rows["plan_item", "row-1"] = digest("one")
    assert ("entry_foreign", 11) in named(anywhere)


def test_changed_columns(anywhere: House) -> None:
    anywhere.attack("UPDATE log_entry SET actor = 'ann' WHERE seq = 4")
    anywhere.attack("UPDATE log_entry SET case_id = NULL WHERE seq = 5")
    anywhere.attack("UPDATE log_entry SET case_id = 'case-a' WHERE seq = 6")
    anywhere.attack("UPDATE log_entry SET actor = NULL WHERE seq = 7")
    assert [("index_altered", seq) for seq in (4, 5, 6, 7)] == named(anywhere)


def test_bytes_that_are_no_entry_though_stamped(lived_in: House) -> None:
    rewrite(lived_in, 11, [b'{"W":[["t","i"]]}', b'{"W":1}', b"no entry"], Stamps({1: KEY}, 1))
    assert [("entry_altered", seq) for seq in (11, 12, 13)] == sorted(set(named(lived_in)))


def test_odd_names_agree_with_their_columns(house: House) -> None:
    for number, name in enumerate(('qu"ote', "back\\slash", 'x","case":"y', "å\n\u2028", '"actor":{"account":"anna",')):
        house.append(looked(number, case=name, account=name))
        house.append(looked(number, case=None, account=name))
    house.append(Entry(at=1, action='x","case":"case-b"'), Entry(at=1, action="signin.failed"))
    house.issue()
    assert named(house) == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_changed_byte_of_an_entry_is_named(sqlite_house: House, data: st.DataObject) -> None:
    house = sqlite_house
    if house.log.head(house.connection).size == 0:
        house.append(*[looked(number) for number in range(5)], wrote(6, "row", "one"), looked(7))
        house.issue()
    seq = data.draw(st.integers(0, 6))
    column = data.draw(st.sampled_from(["body", "nodes"]))
    (old,) = house.connection.execute(f"SELECT {column} FROM log_entry WHERE seq = ?", (seq,)).fetchone()
    place = data.draw(st.integers(0, len(old) - 1))
    new = old[:place] + bytes([old[place] ^ data.draw(st.integers(1, 255))]) + old[place + 1 :]
    house.attack(f"UPDATE log_entry SET {column} = ? WHERE seq = ?", values=(new, seq))
    try:
        assert seq in [at for _, at in named(house)]
    finally:
        house.attack(f"UPDATE log_entry SET {column} = ? WHERE seq = ?", values=(old, seq))
    assert named(house) == []


def flip(house: House, seq: int, place: int) -> None:
    (old,) = house.connection.execute("SELECT nodes FROM log_entry WHERE seq = ?", (seq,)).fetchone()
    at = place % len(old)
    house.attack(
        "UPDATE log_entry SET nodes = ? WHERE seq = ?", values=(old[:at] + bytes([old[at] ^ 1]) + old[at + 1 :], seq)
    )


@pytest.mark.parametrize("place", [-1, -4, -5, -33, -36])
@pytest.mark.parametrize("seqs", [[5], [3, 4, 5], [1, 3, 5, 7, 9], [8, 9, 10]])
def test_changed_stamps_are_named_each(lived_in: House, seqs: list[int], place: int) -> None:
    for seq in seqs:
        flip(lived_in, seq, place)
    named_ones = [("entry_foreign", seq) for seq in (seqs[:1] if seqs[-1] == 10 else seqs)]  # the end: said once
    assert named(lived_in) == named_ones


def test_entries_of_an_older_stamp_key_are_as_good(sqlite_house: House) -> None:
    sqlite_house.append(looked(0), looked(1), looked(2))
    sqlite_house.log = AccessLog("sqlite", sqlite_house.heads, Stamps({1: KEY, 2: bytes(32)}, 2))
    sqlite_house.append(looked(3), looked(4))
    sqlite_house.issue()
    assert named(sqlite_house) == []
    flip(sqlite_house, 1, -1)
    assert named(sqlite_house) == [("entry_foreign", 1)]


def test_a_text_in_place_of_bytes(sqlite_house: House) -> None:
    sqlite_house.append(looked(0), looked(1))
    sqlite_house.issue()
    sqlite_house.attack("UPDATE log_entry SET body = CAST(body AS TEXT) WHERE seq = 1")
    assert ("entry_altered", 1) in named(sqlite_house)


# --- over several chunks and two processes


@pytest.fixture
def long_house(sqlite_house: House) -> House:
    house = sqlite_house
    house.append(*[looked(n) if n % 10 else wrote(n, f"row-{n % 7}", f"words {n}") for n in range(10_000)])
    house.issue()
    return house


@pytest.mark.parametrize("second_process", [False, True])
def test_long_logs_with_one_process_or_two(long_house: House, second_process: bool) -> None:
    report = long_house.verify(second_process=second_process)
    assert (report.findings, report.size, report.writes) == ([], 10_000, 1000)
    assert report.root == long_house.log.head(long_house.connection).root
    body = body_of(looked(99))
    for seq in (17, 4095, 4096, 4999, 5000, 9999):
        long_house.attack("UPDATE log_entry SET body = ?, case_id = 'case-a' WHERE seq = ?", values=(body, seq))
    found = named(long_house, second_process=second_process)
    assert [at for kind, at in found if kind == "entry_altered"] == [17, 4095, 4096, 4999, 5000, 9999]
    assert {kind for kind, _ in found} <= {"entry_altered", "index_altered", "row_changed", "row_missing"}


@pytest.mark.parametrize("second_process", [False, True])
def test_changed_stamps_anywhere_in_a_long_log(long_house: House, second_process: bool) -> None:
    for seq in (127, 201, 255, 4095, 4096, 7000):
        flip(long_house, seq, -1)
    assert [at for _, at in named(long_house, second_process=second_process)] == [127, 201, 255, 4095, 4096, 7000]


@pytest.mark.parametrize("second_process", [False, True])
@pytest.mark.parametrize("gap", [(4090, 4100), (4999, 5000), (0, 1), (4000, 4096), (8191, 8300)])
def test_a_gap_anywhere_is_named_once(long_house: House, gap: tuple[int, int], second_process: bool) -> None:
    long_house.attack("DELETE FROM log_entry WHERE seq >= ? AND seq < ?", values=gap)
    tree = ("entry_missing", "entry_altered", "entry_foreign", "node_altered")
    found = [(kind, at) for kind, at in named(long_house, second_process=second_process) if kind in tree]
    assert found[0] == ("entry_missing", gap[0])
    assert {kind for kind, _ in found} == {"entry_missing"}


def test_a_gap_hides_no_altered_node_behind_it(long_house: House) -> None:
    (nodes,) = long_house.connection.execute("SELECT nodes FROM log_entry WHERE seq = 2047").fetchone()
    changed = nodes[:40] + bytes([nodes[40] ^ 1]) + nodes[41:]
    long_house.attack("UPDATE log_entry SET nodes = ? WHERE seq = 2047", values=(changed,))
    long_house.attack("DELETE FROM log_entry WHERE seq = 100")
    assert {("entry_missing", 100), ("node_altered", 2047)} <= set(named(long_house))


def test_a_rewritten_tail_is_named_where_it_begins(long_house: House) -> None:
    raw: Any = long_house.database.raw()
    later = [bytes(b) for (b,) in raw.execute("SELECT body FROM log_entry WHERE seq > 9000 ORDER BY seq").fetchall()]
    raw.close()
    rewrite(long_house, 9000, [body_of(looked(1)), *later[:5]])
    found = named(long_house)
    assert [(kind, at) for kind, at in found if kind == "entry_foreign"] == [("entry_foreign", 9000)]
    assert ("tail_cut", 9006) in found


# --- 2. heads


def test_the_tail_cut_together_with_its_rows(anywhere: House) -> None:
    anywhere.append(wrote(20, "row-9", "nine"))
    anywhere.attack("DELETE FROM log_entry WHERE seq = 11")
    del anywhere.rows["plan_item", "row-9"]
    (finding,) = anywhere.verify().findings
    assert finding.kind == "tail_cut"
    assert "log tail cut" in finding.sentence
    assert "12 entries, 11 are left" in finding.sentence


def test_an_emptied_log(anywhere: House) -> None:
    anywhere.attack("DELETE FROM log_entry")
    anywhere.rows.clear()
    assert named(anywhere) == [("tail_cut", 0), ("tail_cut", 0)]


def test_every_hosts_head_counts(lived_in: House) -> None:
    HeadNotes(lived_in.heads.folder, "host-b").note(Head(4, digest("another")))
    HeadNotes(lived_in.heads.folder, "host-c").note(Head(99, digest("ahead")))
    assert {("head_differs", 3), ("tail_cut", 11)} == set(named(lived_in))


def test_no_heads(lived_in: House) -> None:
    lived_in.heads.path.unlink()
    assert named(lived_in) == [("heads_missing", None)]


# --- 3. checkpoints


def test_no_checkpoints(lived_in: House) -> None:
    shutil.rmtree(lived_in.checkpoints.path)
    assert named(lived_in) == [("checkpoints_missing", None)]
    CheckpointFolder.prepare(lived_in.checkpoints.path)
    assert named(lived_in) == [("checkpoints_missing", None)]


def test_every_checkpoint_counts(lived_in: House) -> None:
    lived_in.checkpoints.write(Signer(SIGNER.key.name, bytes(32)).sign(Head(3, digest("x"))))
    lived_in.checkpoints.write(SIGNER.sign(Head(5, digest("other"))))
    lived_in.checkpoints.write(SIGNER.sign(Head(40, digest("ahead"))))
    assert named(lived_in) == [("checkpoint_forged", None), ("checkpoint_differs", 4), ("tail_cut", 11)]


def test_a_checkpoint_that_is_no_text(lived_in: House) -> None:
    Path(lived_in.checkpoints.path / f"{1:020d}.checkpoint").write_bytes(b"\xff\xfe")
    assert named(lived_in) == [("checkpoint_forged", None)]


# --- 4. rows and log


def test_a_planted_row(lived_in: House) -> None:
    lived_in.rows["account", "row-x"] = digest("x")
    (finding,) = lived_in.verify().findings
    assert (finding.kind, finding.table, finding.row) == ("row_planted", "account", "row-x")


def test_a_missing_row(lived_in: House) -> None:
    del lived_in.rows["plan_item", "row-2"]
    (finding,) = lived_in.verify().findings
    assert (finding.kind, finding.row, finding.seq) == ("row_missing", "row-2", 3)


def test_a_changed_row(lived_in: House) -> None:
    lived_in.rows["plan_item", "row-2"] = digest("something else")
    assert named(lived_in) == [("row_changed", "row-2")]


def test_an_old_row_put_back(lived_in: House) -> None:
    lived_in.rows["plan_item", "row-1"] = digest("one")
    (finding,) = lived_in.verify().findings
    assert finding.kind == "row_restored"
    assert finding.sentence == "row row-1 of plan_item: an old version put back, of entry 0"


def test_a_deleted_row_put_back(lived_in: House) -> None:
    lived_in.append(wrote(30, "row-2", None))
    assert named(lived_in) == []
    lived_in.rows["plan_item", "row-2"] = digest("first")
    (finding,) = lived_in.verify().findings
    assert finding.sentence == (
        "row row-2 of plan_item: an old version put back, of entry 3, though entry 11 deleted it"
    )


def test_the_same_id_in_another_table_is_another_row(lived_in: House) -> None:
    lived_in.append(wrote(30, "row-1", "other", table="review"))
    assert named(lived_in) == []
    del lived_in.rows["review", "row-1"]
    assert named(lived_in) == [("row_missing", "row-1")]


changes = st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.sampled_from(["x", "y"])), min_size=1, max_size=12)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes)
def test_after_any_writes_rows_and_log_agree(sqlite_house: House, steps: list[tuple[str, str | None]]) -> None:
    for number, (row, text) in enumerate(steps):
        sqlite_house.append(wrote(number, row, text))
    sqlite_house.issue()
    assert named(sqlite_house) == []


def test_findings_are_counted_beyond_a_thousand(lived_in: House) -> None:
    for number in range(1200):
        lived_in.rows["plan_item", f"planted-{number}"] = digest("x")
    report = lived_in.verify()
    assert (len(report.findings), report.more) == (1000, 200)
