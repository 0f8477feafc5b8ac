"""A setting that is wrong is a plain sentence that names its variable; several are several sentences."""

from pathlib import Path

import pytest

from safetyplan.settings import Settings
from tests.cli.conftest import Run

WRONG = {
    "ORIGIN": "a b",
    "TITLE": "",
    "LANGUAGE": "fi",
    "LEAVE_TO": "javascript:x",
    "TALK": "ring us",
    "PUBLIC_URL": "http://notes.example",
    "BIND": "8000",
    "TRUSTED_PROXIES": "0.0.0.0/0",
    "WORKERS": "many",
    "THREADS": "0",
    "ARGON2_MEMORY_KIB": "1024",
}
RAW = ("Value error", "Input should", "String should", "pydantic", "SAFETYPLAN_:", "pattern", "Traceback")


def _variables(*names: str) -> dict[str, str]:
    return {f"SAFETYPLAN_{name}": WRONG[name] for name in names}


@pytest.mark.parametrize("name", WRONG)
def test_one_that_is_wrong_is_one_sentence_everywhere(run: Run, house: Settings, name: str) -> None:
    for words in (["serve"], ["migrate"], ["accesslog", "key"], ["init"], ["account", "administrator", "--name", "R"]):
        done = run(*words, "--data", house.data, **_variables(name))
        assert done.exit_code == 2
        assert done.output.startswith(f"safetyplan: SAFETYPLAN_{name} ")
        assert len(done.output.strip().splitlines()) == 1
        assert not [raw for raw in RAW if raw in done.output]


def test_all_that_are_wrong_are_said_at_once(run: Run, house: Settings) -> None:
    done = run("serve", "--data", house.data, **_variables(*WRONG), SAFETYPLAN_TITEL="x")
    assert done.exit_code == 2
    for name in (*WRONG, "TITEL"):
        assert done.output.count(f"SAFETYPLAN_{name} ") == 1


def test_the_doctor_names_each_and_looks_at_the_rest(run: Run, house: Settings) -> None:
    done = run("doctor", "--data", house.data, **_variables("PUBLIC_URL", "WORKERS"))
    assert done.exit_code == 1
    assert done.output.count("WRONG  settings") == 2
    assert "WRONG  address       cannot be looked at, see above" in done.output
    assert "ok     access log" in done.output
    assert not [raw for raw in RAW if raw in done.output]


def test_half_of_a_pair_is_named(run: Run, house: Settings, tmp_path: Path) -> None:
    done = run("serve", "--data", house.data, SAFETYPLAN_TLS_KEY=str(tmp_path / "key"))
    assert done.exit_code == 2
    assert done.output.startswith("safetyplan: SAFETYPLAN_TLS_CERTIFICATE and SAFETYPLAN_TLS_KEY belong together")
    ill = run("doctor", "--data", house.data, SAFETYPLAN_TLS_KEY=str(tmp_path / "key"))
    assert ill.output.count("WRONG  settings") == 1
    assert "ok     access log" in ill.output


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_OWNER_URL"])
@pytest.mark.parametrize("url", ["nonsense", "postgresql+psycopg://u@127.0.0.1:port/x"])
@pytest.mark.parametrize("command", ["migrate", "doctor"])
def test_a_database_url_that_is_none_names_its_variable(
    run: Run, house: Settings, name: str, url: str, command: str
) -> None:
    done = run(command, "--data", house.data, **{f"SAFETYPLAN_{name}": url})
    assert done.exit_code == (1 if command == "doctor" else 2)
    assert f"SAFETYPLAN_{name} is no database URL" in " ".join(done.output.split())
    assert "parse" not in done.output.replace(str(house.data), "")
    assert "Is it running" not in done.output


def test_a_certificate_that_is_none_is_a_sentence(run: Run, house: Settings, tmp_path: Path) -> None:
    for name in ("certificate.pem", "tls.key"):
        (tmp_path / name).write_text("nonsense")
        (tmp_path / name).chmod(0o600)
    tls = {"SAFETYPLAN_TLS_CERTIFICATE": str(tmp_path / "certificate.pem")}
    tls |= {"SAFETYPLAN_TLS_KEY": str(tmp_path / "tls.key"), "SAFETYPLAN_PUBLIC_URL": "https://notes.example"}
    done = run("serve", "--data", house.data, **tls)
    assert done.exit_code == 2
    assert "SAFETYPLAN_TLS_CERTIFICATE" in done.output
