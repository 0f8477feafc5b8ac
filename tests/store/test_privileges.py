"""On PostgreSQL the service's role owns nothing, and can do nothing with the log but read it and add to it."""

from pathlib import Path

import psycopg
import pytest

from safetyplan.accesslog.schema import ddl
from safetyplan.actors import Purpose, Role
from safetyplan.errors import SettingsWrong
from safetyplan.fields import Field
from safetyplan.store.engine import Store
from safetyplan.store.migrations import grant_privileges, is_current, role_of, upgrade, wrong_privileges
from safetyplan.vault import reveal
from tests.builders import build_house
from tests.databases import APPLICATION, OWNER, Database


@pytest.fixture
def migrated(postgres_database: Database) -> Database:
    owner = Store(postgres_database.owner_url)
    upgrade(owner, ddl("postgresql"))
    grant_privileges(owner, APPLICATION)
    owner.engine.dispose()
    return postgres_database


def test_a_house_stands_on_either_database_with_a_role_that_owns_nothing(database: Database, data_folder: Path) -> None:
    house = build_house(data_folder, url=database.url, owner=database.owner_url)
    lead, kim = house.person(Role.LEAD), house.person(Role.STAFF)
    resident = house.resident(lead, [kim])
    case = resident.actor.own_case
    assert case is not None
    with resident.vault.visit(resident.actor, Purpose.KEEP_OWN_PLAN, case) as visit:
        ref = visit.ref(Field.PLAN_ITEM, "a" * 26, 1)
        assert reveal(visit.open(ref, visit.seal(ref, "bag by the door"))) == "bag by the door"
    assert is_current(house.house.store)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_entry SET actor = 'x'",
        "DELETE FROM log_entry",
        "TRUNCATE log_entry",
        "ALTER TABLE log_entry DISABLE TRIGGER ALL",
        "DROP TABLE log_entry",
        "DROP TRIGGER log_entry_no_change ON log_entry",
        "INSERT INTO log_entry VALUES (0, '', '', NULL, NULL) ON CONFLICT (seq) DO UPDATE SET body = ''",
        "UPDATE alembic_version SET version_num = '0'",
        "CREATE TABLE planted (id text)",
        "CREATE FUNCTION coalesce_(x bigint) RETURNS bigint LANGUAGE sql AS 'SELECT x'",
        "TRUNCATE account",
        "ALTER TABLE account ADD COLUMN planted text",
    ],
)
def test_the_service_is_refused(migrated: Database, statement: str) -> None:
    with (
        psycopg.connect(migrated.url.replace("+psycopg", ""), autocommit=True) as service,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        service.execute(statement)


def test_the_service_may_read_the_log_and_add_to_it(migrated: Database) -> None:
    with migrated.raw(owner=False) as service:
        service.execute("INSERT INTO log_entry VALUES (0, 'x', 'y', NULL, NULL)")
        assert service.execute("SELECT count(*) FROM log_entry").fetchone()[0] == 1
        service.execute("DELETE FROM account")
        service.execute("SELECT id FROM account FOR UPDATE")


def test_granting_twice_changes_nothing_and_takes_back_what_was_too_much(migrated: Database) -> None:
    with migrated.raw() as owner:
        owner.execute(f"GRANT ALL ON log_entry TO {APPLICATION}")
    service = Store(migrated.url)
    assert [f"log_entry: {right} is allowed" for right in ("UPDATE", "DELETE", "TRUNCATE")] == wrong_privileges(service)
    for _ in range(2):
        grant_privileges(Store(migrated.owner_url), APPLICATION)
    assert wrong_privileges(service) == []


def test_what_is_missing_and_who_owns_is_named(migrated: Database) -> None:
    with migrated.raw() as owner:
        owner.execute(f"REVOKE INSERT ON log_entry FROM {APPLICATION}")
    assert wrong_privileges(Store(migrated.url)) == ["log_entry: INSERT is missing"]
    assert "the role owns log_entry" in wrong_privileges(Store(migrated.owner_url))


def test_a_role_that_is_missing_or_does_not_exist_is_refused(migrated: Database) -> None:
    with pytest.raises(SettingsWrong, match="must name the role"):
        role_of("postgresql+psycopg:///x", migrated.owner_url)
    with pytest.raises(SettingsWrong, match="both name"):
        role_of(migrated.owner_url, migrated.owner_url)
    assert role_of(migrated.url, migrated.owner_url) == APPLICATION
    with pytest.raises(SettingsWrong, match="has no role nobody"):
        grant_privileges(Store(migrated.owner_url), 'nobody"; DROP TABLE account; --')
    assert OWNER != APPLICATION
