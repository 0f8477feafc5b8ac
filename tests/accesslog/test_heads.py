"""Noted heads: longest wins, torn writes lose nothing, a missing folder stops the service."""

import shutil
from pathlib import Path

import pytest

from safetyplan.accesslog.heads import SLOT, Head, HeadNotes
from safetyplan.errors import LogUnavailable
from tests.accesslog.conftest import House, digest, looked


@pytest.fixture
def notes(tmp_path: Path) -> HeadNotes:
    return HeadNotes(tmp_path, "host")


def test_the_longest_is_kept(notes: HeadNotes) -> None:
    assert notes.noted() is None
    for size in (1, 2, 5, 3, 4, 9):
        notes.note(Head(size, digest(str(size))))
    assert Head(9, digest("9")) == notes.noted() == HeadNotes(notes.folder, "host").noted()


@pytest.mark.parametrize("cut", [0, 1, 20, 60, 100, 149])
@pytest.mark.parametrize("size", [2, 3])
def test_a_torn_write_leaves_the_note_before(notes: HeadNotes, size: int, cut: int) -> None:
    for number in range(1, size + 1):
        notes.note(Head(number, digest(str(number))))
    whole = notes.path.read_bytes()
    newest = 0 if f" {size} ".encode() in whole[:SLOT] else SLOT
    notes.path.write_bytes(whole[: newest + cut] + b"?" * (SLOT - cut) + whole[newest + SLOT :])
    assert notes.noted() == Head(size - 1, digest(str(size - 1)))
    notes.note(Head(size, digest(str(size))))
    assert notes.noted() == Head(size, digest(str(size)))


def test_two_logs_of_one_size_are_refused(notes: HeadNotes) -> None:
    notes.note(Head(7, digest("7")))
    notes.note(Head(7, digest("7")))
    with pytest.raises(LogUnavailable, match="two logs"):
        notes.note(Head(7, digest("another")))
    assert notes.noted() == Head(7, digest("7"))


def test_every_broken_byte_is_seen(notes: HeadNotes) -> None:
    notes.note(Head(7, digest("7")))
    whole = notes.path.read_bytes()
    for place in range(0, SLOT, 3):
        notes.path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(LogUnavailable):
            notes.noted()


def test_both_slots_torn_stops_appending_and_is_named(lived_in: House) -> None:
    lived_in.heads.path.write_bytes(b"x" * 2 * SLOT)
    with pytest.raises(LogUnavailable, match="torn"):
        lived_in.append(looked(1))
    assert [finding.kind for finding in lived_in.verify().findings] == ["head_torn"]


def test_a_missing_folder_stops_appending_and_is_named(lived_in: House) -> None:
    shutil.rmtree(lived_in.heads.folder)
    lived_in.heads = HeadNotes(lived_in.heads.folder, "host-a")
    with pytest.raises(LogUnavailable, match="missing"):
        lived_in.append(looked(1), log=lived_in.process())
    assert [finding.kind for finding in lived_in.verify().findings] == ["heads_missing"]


def test_a_file_taken_away_under_us_is_seen_at_the_next_note(lived_in: House) -> None:
    lived_in.heads.path.unlink()
    with pytest.raises(LogUnavailable, match="taken away"):
        lived_in.append(looked(1))
