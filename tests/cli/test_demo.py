"""The demo: told through real actions, repeatable, whole, and never in anybody else's folder."""

import json
import signal
import stat
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from safetyplan.accesslog.entry import Outcome
from safetyplan.actors import Role
from safetyplan.cli import main
from safetyplan.cli.demo.clock import MovableClock
from safetyplan.founding import now_ms, open_house, watch
from safetyplan.people import signin, totp
from safetyplan.people.keys import USUAL
from safetyplan.people.model import Whence
from safetyplan.people.sessions import Session
from safetyplan.plans import actions as plans
from safetyplan.settings import Settings
from safetyplan.store import cases
from safetyplan.threat import actions as threat
from safetyplan.threat.model import Level
from safetyplan.vault import Vault, reveal
from tests.cli.conftest import Run, Start, free_port

DEMO_DAY = 86_400_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One demo for all of these tests; none of them changes it."""
    made = tmp_path_factory.mktemp("demo")
    begun = time.process_time()
    done = CliRunner().invoke(
        main, ["demo", "--no-serve", "--data", str(made / "data"), "--json", str(made / "p.json")]
    )
    assert done.exit_code == 0, done.output
    assert time.process_time() - begun < 20
    (made / "screen").write_text(done.output)
    yield made


@pytest.fixture
def people(folder: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((folder / "p.json").read_text())
    return found


def _sign_in(folder: Path, person: dict[str, str]) -> tuple[Vault, Session]:
    """Through both steps, with the code that shows now (or the next, where another test has used this one)."""
    house = open_house(Settings(data=folder / "data"))
    vault = Vault(house)
    half = signin.first_step(
        vault, name=person["user_name"], phrase=person["pass_phrase"], whence=Whence(), hashing=USUAL
    )
    code = totp.code_at(person["totp_secret"], totp.step_of(now_ms()))
    signed = signin.second_step(vault, cookie=half, code=code, own_device=False, whence=Whence())
    assert isinstance(signed, signin.SignedIn)
    return Vault(house, signed.session.keyring), signed.session


def test_who_is_there(folder: Path, people: list[dict[str, str]]) -> None:
    roles = Counter(person["role"] for person in people)
    assert roles == {"resident": 4, "staff": 3, "lead": 1, "officer": 1, "administrator": 1}
    assert len({person["unit"] for person in people if person["unit"]}) == 2
    assert all(set(person) == {"user_name", "pass_phrase", "totp_secret", "role", "unit"} for person in people)
    for path in (folder / "p.json", folder / "data" / "people.json", folder / "data" / "DEMO"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_screen_shows_everybody_with_a_live_code(folder: Path, people: list[dict[str, str]]) -> None:
    screen = (folder / "screen").read_text()
    for person in people:
        assert person["user_name"] in screen
        assert person["pass_phrase"] in screen
    assert "more seconds" in screen


def test_log_and_rows_are_whole_and_times_go_forwards(folder: Path) -> None:
    settings = Settings(data=folder / "data")
    house = open_house(settings)
    assert watch(settings, house).verify(lambda done, total: None).ok
    with house.store.snapshot() as tx:
        page = house.log.read(tx.dbapi, limit=5000)
    times = [logged.entry.at for logged in reversed(page.entries)]
    assert times == sorted(times)
    assert times[0] < now_ms() - 40 * DEMO_DAY
    assert times[-1] <= now_ms()
    outcomes = Counter(logged.entry.outcome for logged in page.entries)
    assert outcomes[Outcome.REFUSED] >= 2
    assert not outcomes[Outcome.FAILED] + outcomes[Outcome.BROKEN_OFF]


def test_everybody_can_sign_in(folder: Path, people: list[dict[str, str]]) -> None:
    for person in people:
        _, session = _sign_in(folder, person)
        assert session.actor.role == person["role"]
        if session.actor.role is Role.RESIDENT:
            assert session.actor.own_case is not None
            vault = Vault(open_house(Settings(data=folder / "data")), session.keyring)
            plan = plans.see_plan(vault, session.actor)
            items = [item for section in plan.sections for item in section.items]
            assert len(items) >= 10
            assert all(reveal(item.item.wording.text) for item in items)
        if session.actor.role is Role.LEAD:
            _levels(Vault(open_house(Settings(data=folder / "data")), session.keyring), session)


def _levels(vault: Vault, session: Session) -> None:
    with vault.house.store.snapshot() as tx:
        ids = [row.id for row in cases.cases_of_unit(tx, session.actor.unit or "")]
    seen = [threat.overview(vault, session.actor, case=case).current for case in ids]
    assert {each.level for each in seen} == {Level.LOW, Level.ELEVATED, Level.HIGH}
    assert sum(each.waiting_for_second for each in seen) == 1
    assert sum(each.overdue for each in seen) == 1


def test_a_second_start_uses_the_same(run: Run, folder: Path, people: list[dict[str, str]]) -> None:
    before = (folder / "data" / "people.json").stat().st_mtime_ns
    done = run("demo", "--no-serve", "--data", folder / "data")
    assert done.exit_code == 0
    assert people[0]["pass_phrase"] in done.output
    assert (folder / "data" / "people.json").stat().st_mtime_ns == before


def test_a_real_house_is_refused_and_not_touched(run: Run, house: Settings) -> None:
    before = {path: path.read_bytes() for path in house.data.rglob("*") if path.is_file()}
    done = run("demo", "--no-serve", "--data", house.data)
    assert done.exit_code == 2
    assert "is not a demo" in done.output
    assert {path: path.read_bytes() for path in house.data.rglob("*") if path.is_file()} == before


def test_a_real_house_in_the_environment_is_refused(run: Run, house: Settings) -> None:
    assert run("demo", "--no-serve", SAFETYPLAN_DATA=str(house.data)).exit_code == 2


def test_anybody_elses_file_stays(run: Run, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "letter.txt"
    other.write_text("dear")
    done = run("demo", "--no-serve", "--data", folder / "data", "--json", other)
    assert done.exit_code == 2
    assert other.read_text() == "dear"
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    assert run("demo", "--no-serve", "--data", tmp_path / "full").exit_code == 2
    assert run("demo", "--no-serve", "--data", other).exit_code == 2


def test_a_list_that_cannot_be_written_is_said_before_anything_is_made(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "letter.txt"
    other.write_text("dear")
    for listed in (other, tmp_path / "none" / "people.json"):
        done = run("demo", "--no-serve", "--data", tmp_path / "d", "--json", listed)
        assert done.exit_code == 2
        assert str(listed) in done.output
        assert "Making" not in done.output
    assert list(tmp_path.iterdir()) == [other]


@pytest.mark.parametrize("name", ["DATABASE_URL", "KEYS", "HEADS", "CHECKPOINTS"])
def test_a_demo_keeps_to_its_own_folder(run: Run, tmp_path: Path, name: str) -> None:
    done = run("demo", "--no-serve", "--data", tmp_path / "d", **{f"SAFETYPLAN_{name}": str(tmp_path / "elsewhere")})
    assert done.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_demo_that_was_broken_off_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "DEMO").touch()
    done = run("demo", "--no-serve", "--data", tmp_path / "d")
    assert done.exit_code == 2
    assert "Remove" in done.output


def test_nothing_is_left_of_one_that_fails(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFETYPLAN_ARGON2_MEMORY_KIB", str(2**40))
    assert run("demo", "--no-serve", "--data", tmp_path / "d").exit_code != 0
    assert list(tmp_path.iterdir()) == []


def test_two_side_by_side_and_a_clean_stop(start: Start, folder: Path) -> None:
    servers = []
    for _ in range(2):
        port = free_port()
        servers.append(start("demo", "--data", folder / "data", "--port", port, port=port))
    for server in servers:
        assert server.get().status == 200
        assert f"http://localhost:{server.port}" in server.output()
    for server in servers:
        assert server.stop(signal.SIGINT) in (0, 130)
        assert "Traceback" not in server.output()


def test_a_story_is_told_forwards() -> None:
    clock = MovableClock(now_ms())
    clock.to(3)
    with pytest.raises(ValueError, match="forwards"):
        clock.to(4)
