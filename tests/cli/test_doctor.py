"""Whatever is wrong stands on one screen with its mend, and the rest is still looked at."""

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from safetyplan.founding import found, migrate
from safetyplan.settings import Settings
from tests.cli.conftest import Run


def _line(output: str, what: str) -> str:
    """From that check's line to the next one's, in one line."""
    rest = output.split(f"  {what}", 1)[1]
    return " ".join(rest.split("\n  ok ")[0].split("\n  WRONG")[0].split())


def test_all_is_well_on_one_screen(run: Run, house: Settings) -> None:
    done = run("doctor", "--data", house.data)
    assert done.exit_code == 0, done.output
    assert "WRONG" not in done.output
    assert len(done.output.splitlines()) <= 24


def _looser_key(house: Settings) -> None:
    house.root_key.chmod(0o644)


def _looser_folder(house: Settings) -> None:
    house.data.chmod(0o755)


def _looser_database(house: Settings) -> None:
    (house.data / "safetyplan.db").chmod(0o644)


def _no_heads(house: Settings) -> None:
    house.heads_folder.rename(house.data / "away")


def _no_database(house: Settings) -> None:
    (house.data / "safetyplan.db").rename(house.data / "away")


def _no_checkpoints(house: Settings) -> None:
    for path in house.checkpoints_folder.iterdir():
        path.unlink()


def _broken_checkpoint(house: Settings) -> None:
    (path,) = house.checkpoints_folder.iterdir()
    note = path.read_text()
    path.write_text(note[:-6] + ("AAA=\n" if not note.endswith("AAA=\n") else "BBB=\n"))


def _no_triggers(house: Settings) -> None:
    with sqlite3.connect(house.data / "safetyplan.db") as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            database.execute(f'DROP TRIGGER "{name}"')
    assert names


def _future(house: Settings) -> None:
    os.utime(house.lock_path, (time.time() + 3600,) * 2)


@pytest.mark.parametrize(
    ("harm", "what", "mend"),
    [
        (_looser_key, "root key", "chmod 600"),
        (_looser_folder, "folders", "chmod 700"),
        (_looser_database, "database", "chmod 600"),
        (_no_heads, "folders", "missing"),
        (_no_database, "database", "missing"),
        (_no_checkpoints, "checkpoint", "accesslog checkpoint"),
        (_broken_checkpoint, "checkpoint", "accesslog verify"),
        (_no_triggers, "triggers", "accesslog verify"),
        (_future, "clock", "timedatectl"),
    ],
)
def test_what_is_wrong_is_named_with_its_mend(
    run: Run, house: Settings, harm: Callable[[Settings], None], what: str, mend: str
) -> None:
    harm(house)
    done = run("doctor", "--data", house.data)
    assert done.exit_code == 1
    assert mend in _line(done.output, what)
    assert "pass phrases" in done.output


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("SAFETYPLAN_TITEL", "x", "variables"),
        ("SAFETYPLAN_BIND", "0.0.0.0:8000", "address"),
        ("SAFETYPLAN_PUBLIC_URL", "https://plan.example", "address"),
        ("SAFETYPLAN_PUBLIC_URL", "ftp://x", "settings"),
        ("SAFETYPLAN_DATABASE_URL", "postgresql+psycopg://x@127.0.0.1:1/x", "database"),
        ("SAFETYPLAN_ORIGIN", "another.example/log", "checkpoint"),
    ],
)
def test_settings_that_are_wrong(run: Run, house: Settings, name: str, value: str, what: str) -> None:
    done = run("doctor", "--data", house.data, **{name: value})
    assert done.exit_code == 1
    assert f"WRONG  {what}" in done.output


def test_an_old_checkpoint_is_wrong_only_where_something_is_new(run: Run, house: Settings) -> None:
    (path,) = house.checkpoints_folder.iterdir()
    os.utime(path, (time.time() - 72 * 3600,) * 2)
    assert run("doctor", "--data", house.data).exit_code == 0
    run("account", "administrator", "--name", "Rut", "--data", house.data)
    assert "accesslog checkpoint" in run("doctor", "--data", house.data).output


def test_an_older_schema_is_named_and_migrated(run: Run, data_folder: Path) -> None:
    settings = Settings(data=data_folder)
    house = found(settings).house
    with house.store.transaction() as tx:
        tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    house.store.engine.dispose()
    done = run("doctor", "--data", data_folder)
    assert done.exit_code == 1
    assert "safetyplan migrate" in _line(done.output, "database")
    assert run("serve", "--data", data_folder).exit_code == 2


def test_migrating_what_is_current_changes_nothing(run: Run, house: Settings) -> None:
    done = run("migrate", "--data", house.data)
    assert done.exit_code == 0
    assert "up to date" in done.output
    assert migrate(house) == "0001"
