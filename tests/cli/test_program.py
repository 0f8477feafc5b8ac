"""The frame of all commands: --data everywhere, errors that say what to do, and a quick help."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from safetyplan.cli import main
from safetyplan.cli.program import COMMANDS, described
from safetyplan.errors import LogUnavailable, NotAccepted, Tampered, Throttled
from safetyplan.settings import Settings
from tests.cli.conftest import PROGRAM, Run


def _all(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for name in command.list_commands(context):
                child = command.get_command(context, name)
                assert child is not None
                yield from _all(child, (*path, name))


def test_every_command_takes_a_data_folder_and_explains_itself(run: Run) -> None:
    for path, command in _all(main):
        assert any("--data" in param.opts for param in command.params), path
        assert command.help, path
        assert run(*path, "--help").exit_code == 0


def test_every_command_in_the_help_exists(run: Run) -> None:
    listed = run("--help").output
    for name in COMMANDS:
        assert f"  {name}" in listed


@pytest.mark.parametrize("at", [0, 1, 2])
def test_the_data_folder_may_stand_anywhere(run: Run, house: Settings, at: int) -> None:
    words: list[object] = ["accesslog", "key"]
    words[at:at] = ["--data", house.data]
    done = run(*words)
    assert done.exit_code == 0, done.output
    assert "+" in done.output


def test_the_data_folder_from_the_environment(run: Run, house: Settings) -> None:
    assert run("accesslog", "key", SAFETYPLAN_DATA=str(house.data)).exit_code == 0


def test_no_house_is_one_sentence_and_two(run: Run, tmp_path: Path) -> None:
    for words in (["serve"], ["migrate"], ["accesslog", "verify"], ["account", "administrator", "--name", "R"]):
        done = run(*words, "--data", tmp_path / "nothing")
        assert done.exit_code == 2
        assert "safetyplan init" in done.output
        assert "Traceback" not in done.output
        assert len(done.output.strip().splitlines()) == 1
    assert not (tmp_path / "nothing").exists()


def test_a_misspelt_variable_is_named(run: Run, house: Settings) -> None:
    done = run("serve", "--data", house.data, SAFETYPLAN_TITEL="x")
    assert done.exit_code == 2
    assert "SAFETYPLAN_TITEL" in done.output


@pytest.mark.parametrize("url", ["nonsense", "oracle://x", "sqlite://", "postgresql+psycopg://u@127.0.0.1:1/x"])
def test_a_database_that_is_none_is_a_sentence(run: Run, house: Settings, url: str) -> None:
    done = run("migrate", "--data", house.data, SAFETYPLAN_DATABASE_URL=url)
    assert done.exit_code == 2, done.output
    assert len(done.output.strip().splitlines()) == 1


def test_help_loads_no_database_and_no_cipher() -> None:
    script = "import sys; from safetyplan.cli import main; main(['--help'], standalone_mode=False); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"sqlalchemy", "flask", "cryptography", "pydantic", "gunicorn"}


def test_the_program_as_a_process(house: Settings) -> None:
    done = subprocess.run([*PROGRAM, "--data", house.data, "nonsense"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "No such command" in done.stderr


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Tampered("account", "x"), "Row x of account"),
        (Throttled(7), "7 seconds"),
        (LogUnavailable("the log is older"), "The log is older."),
        (NotAccepted({"name": "Write a name."}), "Write a name."),
        (PermissionError(13, "Permission denied", "/x"), "/x: Permission denied"),
    ],
)
def test_what_is_raised_on_purpose_is_worded(error: Exception, words: str) -> None:
    assert words in (described(error) or "")


def test_why_the_log_takes_no_entry_is_said() -> None:
    wrong = LogUnavailable("the log's head cannot be noted in /x")
    wrong.__cause__ = OSError(30, "Read-only file system", "/x/y")
    assert described(wrong) == "The log's head cannot be noted in /x (Read-only file system)."


def test_a_mistake_of_ours_is_not_hidden() -> None:
    assert described(ZeroDivisionError()) is None
