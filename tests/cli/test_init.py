"""A real house from nothing: closed folders, shares that are the recovery key, a code that works; or nothing at all."""

import os
import pty
import re
import stat
import subprocess
from pathlib import Path

import pytest

from safetyplan.accesslog.heads import HeadNotes
from safetyplan.actors import Role
from safetyplan.errors import SettingsWrong
from safetyplan.founding import found, new_house, open_house, watch
from safetyplan.people import enrolment
from safetyplan.sealing import shares
from safetyplan.sealing.keypairs import key_pair_from_seed
from safetyplan.settings import Settings
from safetyplan.store import people
from safetyplan.vault import Vault
from tests.cli.conftest import PROGRAM, Run
from tests.databases import APPLICATION, Database


def _shares(output: str) -> list[str]:
    parts = re.split(r"Share \d of 3:", output)[1:]
    return [" ".join(re.findall(r"\d+\. ([a-z]+)", part)) for part in parts]


def test_a_house_from_nothing(run: Run, tmp_path: Path) -> None:
    done = run("init", "--data", tmp_path / "house", "--name", "Rut")
    assert done.exit_code == 0, done.output
    settings = Settings(data=tmp_path / "house")
    for path in (settings.data, settings.keys_folder, settings.heads_folder, settings.checkpoints_folder):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in (settings.root_key, settings.data / "safetyplan.db"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert watch(settings, open_house(settings)).verify(lambda done, total: None).ok


def test_any_two_shares_are_the_recovery_key(run: Run, tmp_path: Path) -> None:
    done = run("init", "--data", tmp_path / "house", "--name", "Rut")
    first, second, third = _shares(done.output)
    with open_house(Settings(data=tmp_path / "house")).store.snapshot() as tx:
        row = people.recovery_key(tx)
    assert row is not None
    for pair in ([first, second], [second, third], [third, first]):
        assert key_pair_from_seed(shares.combine(pair)).public == row.public


def test_the_first_administrator_can_enrol(run: Run, tmp_path: Path) -> None:
    output = run("init", "--data", tmp_path / "house", "--name", "Rut").output
    found_code = re.search(r"Code +(\S+)", output)
    assert found_code
    made = enrolment.enrol(Vault(open_house(Settings(data=tmp_path / "house"))), code=found_code[1])
    assert made.session.actor.role is Role.ADMINISTRATOR


def test_a_lost_code_is_replaced_from_the_command_line(run: Run, house: Settings) -> None:
    output = run("account", "administrator", "--name", "Siv", "--data", house.data).output
    found_code = re.search(r"Code +(\S+)", output)
    assert found_code
    made = enrolment.enrol(Vault(open_house(house)), code=found_code[1])
    assert made.session.actor.role is Role.ADMINISTRATOR


def test_never_over_anything_that_exists(run: Run, house: Settings) -> None:
    before = {path: path.read_bytes() for path in house.data.rglob("*") if path.is_file()}
    done = run("init", "--data", house.data)
    assert done.exit_code == 2
    assert "exists already" in done.output
    assert {path: path.read_bytes() for path in house.data.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("stays", ["keys/root.key", "safetyplan.db", "heads/x.head", "checkpoints/1.checkpoint"])
def test_any_part_of_an_older_house_stops_it(run: Run, tmp_path: Path, stays: str) -> None:
    there = tmp_path / "house" / stays
    there.parent.mkdir(parents=True)
    there.write_text("old")
    assert run("init", "--data", tmp_path / "house").exit_code == 2
    assert [path for path in (tmp_path / "house").rglob("*") if path.is_file()] == [there]


def _on_a_terminal(folder: Path, answers: list[tuple[str, bytes]]) -> tuple[int, str]:
    """Run `init` behind a pseudo-terminal; after each text that is waited for, type the answer."""
    ours, theirs = pty.openpty()
    words = [*PROGRAM, "init", "--data", str(folder)]
    process = subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    said = ""
    for wanted, answer in [*answers, ("\0", b"")]:
        begun = len(said)
        while wanted not in said[begun:]:
            try:
                said += os.read(ours, 65536).decode()
            except OSError:  # the other end is closed
                break
        if answer:
            os.write(ours, answer)
    os.close(ours)
    return process.wait(timeout=60), said


def test_on_a_terminal_each_share_is_asked_about_and_gone_before_the_next(tmp_path: Path) -> None:
    answers = [("colleagues will read it", b"Rut\n"), ("share 1", b"n\n"), *[(f"share {n}", b"y\n") for n in (1, 2, 3)]]
    status, said = _on_a_terminal(tmp_path / "house", answers)
    assert status == 0, said
    assert said.count("\x1b[2J") == 3
    assert said.index("Share 1 of 3") < said.index("\x1b[2J") < said.index("Share 2 of 3")
    assert "User name" in said


def test_stopped_on_a_terminal_nothing_is_kept(tmp_path: Path) -> None:
    answers = [("colleagues will read it", b"Rut\n"), ("share 1", b"y\n"), ("share 2", b"\x04")]
    status, said = _on_a_terminal(tmp_path / "house", answers)
    assert status == 2
    assert "Nothing was kept" in said
    assert list(tmp_path.iterdir()) == []


def test_what_was_made_is_taken_back_when_it_fails(data_folder: Path) -> None:
    settings = Settings(data=data_folder / "new" / "house")
    with pytest.raises(KeyboardInterrupt), new_house(settings):
        raise KeyboardInterrupt
    assert list(data_folder.iterdir()) == []


def test_what_was_there_before_stays_when_it_fails(data_folder: Path) -> None:
    (data_folder / "bench.json").write_text("[]")
    with pytest.raises(KeyboardInterrupt), new_house(Settings(data=data_folder)):
        (data_folder / "notes.txt").write_text("mine")
        raise KeyboardInterrupt
    assert sorted(path.name for path in data_folder.iterdir()) == ["bench.json", "notes.txt"]


def test_of_two_at_once_the_second_harms_nothing(data_folder: Path) -> None:
    settings = Settings(data=data_folder)
    with new_house(settings), pytest.raises(SettingsWrong):
        found(settings)
    open_house(settings)


def test_a_folder_of_somebody_elses_is_not_closed_to_them(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    home.chmod(0o755)
    (home / "letter.txt").write_text("x")
    done = run("init", "--data", home)
    assert done.exit_code == 2
    assert "chmod 700" in done.output
    assert stat.S_IMODE(home.stat().st_mode) == 0o755
    assert [path.name for path in home.iterdir()] == ["letter.txt"]


def test_an_address_that_cannot_be_served_stops_it_first(run: Run, tmp_path: Path) -> None:
    done = run("init", "--data", tmp_path / "house", SAFETYPLAN_PUBLIC_URL="https://plan.example")
    assert done.exit_code == 2
    assert not (tmp_path / "house").exists()


def test_a_house_on_postgresql(run: Run, tmp_path: Path, postgres_database: Database) -> None:
    url, owner = postgres_database.url, postgres_database.owner_url
    words = ("--data", tmp_path / "house")
    both = {"SAFETYPLAN_DATABASE_URL": url, "SAFETYPLAN_DATABASE_OWNER_URL": owner}
    done = run("init", *words, "--name", "Rut", **both)
    assert done.exit_code == 0, done.output
    well = run("doctor", *words, SAFETYPLAN_DATABASE_URL=url)
    assert well.exit_code == 0, well.output
    again = run("init", "--data", tmp_path / "other", **both)
    assert again.exit_code == 2
    assert "holds tables already" in again.output
    with postgres_database.raw() as owner_connection:
        owner_connection.execute(f"GRANT DELETE ON log_entry TO {APPLICATION}")
    ill = run("doctor", *words, SAFETYPLAN_DATABASE_URL=url)
    assert ill.exit_code == 1
    assert "DELETE is allowed" in ill.output
    mended = run("migrate", *words, **both)
    assert mended.exit_code == 0, mended.output
    assert run("doctor", *words, SAFETYPLAN_DATABASE_URL=url).exit_code == 0


def test_what_is_left_on_postgresql_is_named(data_folder: Path, postgres_database: Database) -> None:
    url, owner = postgres_database.url, postgres_database.owner_url
    settings = Settings(data=data_folder / "house", database_url=url, database_owner_url=owner)
    with pytest.raises(SettingsWrong, match="tables in the database"), new_house(settings):
        raise KeyboardInterrupt
    assert list(data_folder.iterdir()) == []


def test_a_start_notes_its_head(house: Settings) -> None:
    assert HeadNotes(house.heads_folder).noted() is not None
