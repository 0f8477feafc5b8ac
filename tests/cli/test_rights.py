"""Where others may write, nothing is opened; where we cannot write, that is what is said."""

import errno
import os
import resource
import subprocess
from pathlib import Path

import pytest

from safetyplan.settings import Settings
from tests.cli.conftest import PROGRAM, Run, free_port, serving

FOLDERS = ("", "keys", "heads", "checkpoints")


@pytest.mark.parametrize("rights", [0o770, 0o707, 0o777, 0o1777])
@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_that_others_may_write_to_stops_the_start(run: Run, house: Settings, name: str, rights: int) -> None:
    folder = house.data / name
    folder.chmod(rights)
    done = run("serve", **serving(house, free_port()))
    assert done.exit_code == 2
    assert f"Others may write to {folder}. Say `chmod " in done.output
    assert f" {folder}`" in done.output
    ill = run("doctor", "--data", house.data)
    assert ill.exit_code == 1
    assert f"chmod {'go-w' if name == 'checkpoints' else '700'}" in " ".join(ill.output.split())


def test_what_the_sentence_says_mends_it(run: Run, house: Settings) -> None:
    for name in FOLDERS:
        (house.data / name).chmod(0o777)
    words = ("account", "administrator", "--name", "Rut", "--data", house.data)
    for _ in FOLDERS:
        done = run(*words)
        assert done.exit_code == 2
        subprocess.run(done.output.split("`")[1].split(), check=True)
    assert run(*words).exit_code == 0
    assert run("doctor", "--data", house.data).exit_code in (0, 1)


def test_a_database_in_an_open_folder_elsewhere_stops_the_start(run: Run, house: Settings, tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (house.data / "safetyplan.db").rename(tmp_path / "open" / "safetyplan.db")
    (tmp_path / "open").chmod(0o777)
    url = f"sqlite:///{tmp_path / 'open' / 'safetyplan.db'}"
    done = run("serve", **serving(house, free_port(), SAFETYPLAN_DATABASE_URL=url))
    assert done.exit_code == 2
    assert f"chmod 700 {tmp_path / 'open'}" in done.output


def test_a_database_file_that_others_may_write_stops_the_start(run: Run, house: Settings) -> None:
    (house.data / "safetyplan.db").chmod(0o666)
    done = run("serve", **serving(house, free_port()))
    assert done.exit_code == 2
    assert f"chmod 600 {house.data / 'safetyplan.db'}" in done.output


def test_folders_that_others_may_only_read_stop_nothing(run: Run, house: Settings) -> None:
    for name in FOLDERS:
        (house.data / name).chmod(0o755)
    assert run("account", "administrator", "--name", "Rut", "--data", house.data).exit_code == 0


def test_verification_looks_even_there(run: Run, house: Settings) -> None:
    (house.data / "heads").chmod(0o777)
    assert run("accesslog", "verify", "--data", house.data).exit_code == 0


# -- where we cannot write -----------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["serve"], ["accesslog", "verify"], ["account", "administrator", "--name", "R"]])
def test_a_full_disk_is_named_and_no_question_asked(house: Settings, words: list[str]) -> None:
    """A process that may write no byte to any file meets what a full disk makes it meet."""

    def nothing_more() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    done = subprocess.run(
        [*PROGRAM, *words, "--data", house.data], capture_output=True, text=True, check=False, preexec_fn=nothing_more
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert f"{house.data} cannot be written ({os.strerror(errno.EFBIG)})" in done.stderr
    assert "Is it running" not in done.stderr


@pytest.mark.parametrize("words", [["serve"], ["account", "administrator", "--name", "R"], ["doctor"]])
def test_a_folder_that_is_read_only_is_named(house: Settings, words: list[str]) -> None:
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount anything")
    mount = f"mount --bind {house.data} {house.data} && mount -o remount,bind,ro {house.data}"
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f'{mount} && exec "$@"', "sh", *PROGRAM, *words, "--data", house.data],
        capture_output=True,
        text=True,
        check=False,
    )
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == (1 if words == ["doctor"] else 2), said
    assert f"{house.data} cannot be written ({os.strerror(errno.EROFS)})" in said
    assert "Is it running" not in said
    assert "Traceback" not in said
