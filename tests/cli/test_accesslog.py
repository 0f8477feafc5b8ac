"""The operators' commands for the log, attack by attack, on both databases."""

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from safetyplan.actors import Role, new_id
from safetyplan.cli import main
from safetyplan.store.people import ACCOUNT, UNIT
from tests.builders import Person, TestHouse, build_house
from tests.databases import Database


class Operator:
    """Somebody at the server's keyboard, and an attacker who owns the database."""

    def __init__(self, database: Database, data: Path) -> None:
        self.database, self.data = database, data
        on_server = database.dialect == "postgresql"
        self.environment = {"SAFETYPLAN_DATABASE_URL": database.url} if on_server else {}
        owner = database.owner_url if on_server else None
        self.house: TestHouse = build_house(data, None, database.url if on_server else None, owner)
        self.lead: Person = self.house.person(Role.LEAD)
        self.resident: Person = self.house.resident(self.lead)

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, ["accesslog", *words, "--data", str(self.data)], env=self.environment)

    def attack(self, *statements: str) -> None:
        """Changes behind the service's back, past the triggers."""
        raw: Any
        if self.database.dialect == "sqlite":
            import sqlite3

            raw = sqlite3.connect(self.data / "safetyplan.db")
            kept = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in kept:
                raw.execute(f"DROP TRIGGER {name}")
        else:
            kept = []
            raw = self.database.raw()
            raw.execute("ALTER TABLE log_entry DISABLE TRIGGER USER")
        for statement in statements:
            raw.execute(statement)
        for _, sql in kept:
            raw.execute(sql)
        if self.database.dialect == "postgresql":
            for name in ("log_entry_no_change", "log_entry_no_truncate", "log_entry_next"):
                raw.execute(f"ALTER TABLE log_entry ENABLE ALWAYS TRIGGER {name}")
        raw.commit()
        raw.close()

    def size(self) -> int:
        with self.house.house.store.snapshot() as tx:
            return self.house.house.log.head(tx.dbapi).size

    def last_action(self) -> str:
        with self.house.house.store.snapshot() as tx:
            return self.house.house.log.read(tx.dbapi, limit=1).entries[0].entry.action

    def a_row(self, table: Any) -> str:
        with self.house.house.store.snapshot() as tx:
            return str(tx.all(table.select())[-1].id)


@pytest.fixture
def operator(database: Database, data_folder: Path) -> Iterator[Operator]:
    made = Operator(database, data_folder / "house")
    yield made
    made.house.house.store.engine.dispose()


def test_a_whole_log_is_whole_and_the_check_is_an_entry(operator: Operator) -> None:
    size = operator.size()
    result = operator.run("verify")
    assert (result.exit_code, result.output.split(",")[0]) == (0, f"Whole: {size} entries")
    assert (operator.size(), operator.last_action()) == (size + 1, "accesslog.verified")


def test_a_planted_row_is_named(operator: Operator) -> None:
    planted = new_id()
    columns = ", ".join(column.name for column in ACCOUNT.columns)
    mine = columns.replace("id, name_hash", f"'{planted}', {_other_bytes(operator)}", 1)
    operator.attack(f"INSERT INTO account ({columns}) SELECT {mine} FROM account WHERE role = 'lead'")
    result = operator.run("verify")
    assert result.exit_code == 1
    assert f"row {planted} of account was planted: no entry put it there" in result.output.splitlines()


def test_a_deleted_row_is_named(operator: Operator) -> None:
    gone = operator.a_row(UNIT)
    spare = new_id()
    with operator.house.vault.note(None, "unit.created") as note:
        note.add(UNIT, id=spare, name=b"sealed", created_at=note.now)
    operator.attack(f"DELETE FROM unit WHERE id = '{spare}'")
    result = operator.run("verify")
    assert (result.exit_code, gone in result.output) == (1, False)
    assert f"row {spare} of unit is missing" in result.output


def test_a_changed_clear_column_is_named(operator: Operator) -> None:
    changed = operator.a_row(ACCOUNT)
    operator.attack(f"UPDATE account SET state = 'locked' WHERE id = '{changed}'")
    result = operator.run("verify")
    assert result.exit_code == 1
    assert f"row {changed} of account was changed since entry" in result.output


def test_an_old_row_put_back_is_named(operator: Operator) -> None:
    unit = new_id()
    with operator.house.vault.note(None, "unit.created") as note:
        note.add(UNIT, id=unit, name=b"one", created_at=1)
    with operator.house.house.store.snapshot() as tx:
        before = tx.one(UNIT.select().where(UNIT.c.id == unit))
    assert before is not None
    with operator.house.vault.note(None, "unit.created") as note:
        note.put(UNIT, id=unit, name=b"two", created_at=1)
    values = f"name = {_bytes(operator, before.name)}, mac = {_bytes(operator, before.mac)}"
    operator.attack(f"UPDATE unit SET {values} WHERE id = '{unit}'")
    result = operator.run("verify")
    assert result.exit_code == 1
    assert f"row {unit} of unit: an old version put back, of entry {operator.size() - 3}" in result.output


def test_a_changed_server_secret_is_named(operator: Operator) -> None:
    operator.attack("UPDATE server_secret SET created_at = created_at + 1 WHERE name = 'pepper'")
    result = operator.run("verify")
    assert (result.exit_code, "of server_secret was changed" in result.output) == (1, True)


def test_a_server_secret_that_opens_no_more_is_named(operator: Operator) -> None:
    operator.attack(f"UPDATE server_secret SET wrapped = {_other_bytes(operator)} WHERE name = 'pepper'")
    result = operator.run("verify")
    assert (result.exit_code, "of server_secret was changed" in result.output) == (1, True)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE log_entry SET body = nodes WHERE seq = 3", "entry 3 is not what was written there"),
        ("DELETE FROM log_entry WHERE seq = 3", "entry 3 is missing"),
        ("UPDATE log_entry SET case_id = 'aaaaaaaaaaaaaaaaaaaaaaaaaa' WHERE seq = 3", "the columns of entry 3 name"),
    ],
)
def test_an_altered_entry_is_named(operator: Operator, statement: str, named: str) -> None:
    operator.attack(statement)
    result = operator.run("verify")
    assert (result.exit_code, named in result.output) == (1, True), result.output


def test_a_cut_tail_is_named_and_nothing_is_written_after_it(operator: Operator) -> None:
    size = operator.size()
    operator.attack(f"DELETE FROM log_entry WHERE seq >= {size - 2}")
    result = operator.run("verify")
    assert result.exit_code == 1
    assert f"knows {size} entries, {size - 2} are left" in result.output
    assert operator.size() == size - 2


def test_a_cut_tail_is_named_although_the_heads_are_gone_too(operator: Operator) -> None:
    operator.run("checkpoint")
    size = operator.size() - 1
    for path in operator.house.settings.heads_folder.iterdir():
        path.unlink()
    operator.attack(f"DELETE FROM log_entry WHERE seq >= {size - 2}")
    result = operator.run("verify")
    assert result.exit_code == 1
    assert f"log tail cut: checkpoint {size:020d}.checkpoint knows {size} entries" in result.output


def test_missing_heads_and_checkpoints_are_wrong_every_time(operator: Operator) -> None:
    for folder in (operator.house.settings.heads_folder, operator.house.settings.checkpoints_folder):
        for path in folder.iterdir():
            path.unlink()
    for _ in range(2):
        result = operator.run("verify")
        assert result.exit_code == 1
        assert "no noted head is left" in result.output and "no checkpoint is left" in result.output


def test_what_an_attacker_chose_as_an_id_does_not_reach_the_screen_raw(operator: Operator) -> None:
    operator.attack(
        "INSERT INTO unit (id, name, created_at, mac) SELECT '\x1b[2J' , name, created_at, mac FROM unit"
        " WHERE id = (SELECT min(id) FROM unit)"
    )
    result = operator.run("verify")
    assert (result.exit_code, "\x1b" in result.output) == (1, False)
    assert "\N{REPLACEMENT CHARACTER}[2J of unit was planted" in result.output


def test_verifying_twice_finds_the_same(operator: Operator) -> None:
    """The entry that a check writes is no finding of the next, whatever was signed before."""
    operator.run("checkpoint")
    first, second = operator.run("verify"), operator.run("verify")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output.rpartition("signed")[2] == second.output.rpartition("signed")[2]


def test_the_newest_checkpoint_that_was_written_down_must_be_there(operator: Operator) -> None:
    operator.run("checkpoint")
    size = operator.size() - 1
    assert operator.last_action() == "accesslog.signed"
    assert operator.run("verify").exit_code == 0
    files = sorted(operator.house.settings.checkpoints_folder.glob("*.checkpoint"))
    files[-1].rename(operator.data / "away")
    result = operator.run("verify")
    assert (result.exit_code, f"the checkpoint of {size} entries is missing from" in result.output) == (1, True)
    (operator.data / "away").rename(files[-1])
    assert operator.run("verify").exit_code == 0


def test_the_first_checkpoint_is_written_down(operator: Operator) -> None:
    with operator.house.house.store.snapshot() as tx:
        first = operator.house.house.log.read(tx.dbapi, before=2, limit=1).entries[0].entry
    assert (first.action, [each.id for each in first.objects]) == ("accesslog.signed", ["1"])


_SAME = [
    ("CREATE TABLE planted (id text)", "DROP TABLE planted", "table planted is not ours"),
    ("ALTER TABLE account ADD COLUMN planted text", "ALTER TABLE account DROP COLUMN planted", "column planted of acc"),
    ("CREATE VIEW seen AS SELECT id FROM account", "DROP VIEW seen", "table seen is not ours"),
    (
        "ALTER TABLE throttle RENAME TO elsewhere",
        "ALTER TABLE elsewhere RENAME TO throttle",
        "table throttle is missing",
    ),
]
_SQLITE = [
    ("DROP TRIGGER log_entry_no_update", "", "trigger log_entry_no_update of log_entry is missing"),
    (
        "CREATE TRIGGER quiet AFTER INSERT ON session BEGIN DELETE FROM throttle; END",
        "DROP TRIGGER quiet",
        "trigger quiet of session is not ours",
    ),
]
_POSTGRESQL = [
    (
        "ALTER TABLE log_entry DISABLE TRIGGER log_entry_next",
        "ALTER TABLE log_entry ENABLE ALWAYS TRIGGER log_entry_next",
        "trigger log_entry_next of log_entry was changed or switched off",
    ),
    (
        "CREATE OR REPLACE FUNCTION log_entry_only_grows() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN new; END $$",
        "",
        "trigger log_entry_no_change of log_entry was changed or switched off",
    ),
    ("DROP TRIGGER log_entry_no_change ON log_entry", "", "trigger log_entry_no_change of log_entry is missing"),
    (
        "CREATE RULE quiet AS ON DELETE TO throttle DO INSTEAD NOTHING",
        "DROP RULE quiet ON throttle",
        "rule quiet of throttle is not ours",
    ),
]


def test_what_the_schema_does_not_have_is_named(operator: Operator) -> None:
    assert _watch(operator).schema() == []
    raw: Any = operator.database.raw() if operator.database.dialect == "postgresql" else None
    for attack, mend, said in _SAME + (_POSTGRESQL if raw else _SQLITE):
        _execute(operator, raw, attack)
        assert _said(operator, said), attack
        if mend:
            _execute(operator, raw, mend)
            assert not _said(operator, said), mend
    result = operator.run("verify")
    last = (_POSTGRESQL[2] if raw else _SQLITE[0])[2]
    assert (result.exit_code, last in result.output) == (1, True)
    if raw:
        raw.close()


def _said(operator: Operator, beginning: str) -> bool:
    return any(finding.sentence.startswith(beginning) for finding in _watch(operator).schema())


def _execute(operator: Operator, raw: Any, statement: str) -> None:
    import sqlite3

    if raw is not None:
        raw.execute(statement)
        return
    with sqlite3.connect(operator.data / "safetyplan.db") as connection:
        connection.execute(statement)
    connection.close()


def test_a_checkpoint_is_printed_and_kept(operator: Operator) -> None:
    size = operator.size()
    result = operator.run("checkpoint")
    kept = sorted(operator.house.settings.checkpoints_folder.glob("*.checkpoint"))[-1]
    assert (result.exit_code, result.output) == (0, kept.read_text())
    lines = result.output.splitlines()
    assert (lines[0], lines[1]) == (operator.house.settings.origin, str(size))
    assert operator.run("checkpoint").output == result.output


def test_what_does_not_continue_the_last_checkpoint_is_not_signed(operator: Operator) -> None:
    operator.run("checkpoint")
    for path in operator.house.settings.heads_folder.iterdir():
        path.unlink()
    operator.attack(f"DELETE FROM log_entry WHERE seq >= {operator.size() - 2}")
    result = operator.run("checkpoint")
    assert (result.exit_code, "tail cut" in result.output) == (2, True)


def test_an_export_is_for_one_reader_and_is_checked_without_the_house(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    before = operator.size()
    exported = operator.run("export", str(file))
    assert exported.exit_code == 0
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert operator.last_action() == "accesslog.signed"
    key = operator.run("key").output.strip()
    line = shlex.split(exported.output.splitlines()[-1])
    assert line == ["safetyplan", "accesslog", "check-export", str(file), "--key", key]
    result = CliRunner().invoke(main, line[1:])
    assert (result.exit_code, result.output.split(" and ")[0]) == (0, f"Whole: {before + 1} entries")
    file.write_bytes(file.read_bytes().replace(b"unit.created", b"unit.removed"))
    result = CliRunner().invoke(main, ["accesslog", "check-export", str(file), "--key", key])
    assert result.exit_code == 1


def test_an_export_overwrites_nothing(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_text("mine")
    size = operator.size()
    assert operator.run("export", str(file)).exit_code == 2
    assert (file.read_text(), operator.size()) == ("mine", size)


def test_a_house_that_writes_meanwhile_stays_whole(operator: Operator) -> None:
    """Heads and checkpoints that come after the snapshot are no finding."""
    watch = _watch(operator)
    seen: list[int] = []

    def progress(done: int, total: int) -> None:
        if not seen:
            operator.house.person(Role.STAFF)
            watch.checkpoint()
        seen.append(done)

    assert watch.verify(progress).findings == []


def _watch(operator: Operator) -> Any:
    from safetyplan.founding import watch

    return watch(operator.house.settings, operator.house.house)


def _bytes(operator: Operator, raw: bytes) -> str:
    return f"X'{raw.hex()}'" if operator.database.dialect == "sqlite" else f"'\\x{raw.hex()}'::bytea"


def _other_bytes(operator: Operator) -> str:
    return _bytes(operator, os.urandom(60))
