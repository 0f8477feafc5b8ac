"""What the revisions make is what the code's tables say, on both databases; all of an upgrade happens, or nothing."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from safetyplan.accesslog.schema import ddl
from safetyplan.store.engine import Store
from safetyplan.store.migrations import FOREIGN, is_current, is_empty, newest, standing, upgrade
from safetyplan.store.tables import TABLES
from tests.databases import Database


@pytest.fixture
def store(database: Database, tmp_path: Path) -> Store:
    return Store(database.owner_url, tmp_path / "lock")


def _differences(store: Store) -> list[Any]:
    def ours(name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or name not in FOREIGN

    with store.snapshot() as tx:
        context = MigrationContext.configure(
            tx.connection, opts={"compare_type": True, "compare_server_default": True, "include_name": ours}
        )
        found: list[Any] = compare_metadata(context, TABLES[0].metadata)
    return found


def test_the_migrated_schema_is_the_codes(store: Store) -> None:
    assert is_empty(store)
    upgrade(store, ddl(store.dialect))
    assert _differences(store) == []
    assert is_current(store)


def test_constraints_keep_their_names(store: Store) -> None:
    """A later revision can only change what it can name."""
    upgrade(store, ddl(store.dialect))
    with store.snapshot() as tx:
        look = inspect(tx.connection)
        for table in TABLES:
            assert look.get_pk_constraint(table.name)["name"] == f"pk_{table.name}"
            for constraint in (*look.get_foreign_keys(table.name), *look.get_unique_constraints(table.name)):
                assert constraint["name"]


def test_upgrading_twice_changes_nothing(store: Store) -> None:
    for _ in range(2):
        upgrade(store, ddl(store.dialect))
    assert standing(store) == newest() == "0001"


def test_an_upgrade_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(DBAPIError):
        upgrade(store, [*ddl(store.dialect), "CREATE NONSENSE"])
    assert is_empty(store)
    assert standing(store) is None
    upgrade(store, ddl(store.dialect))
    assert is_current(store)


def test_two_that_upgrade_at_once(sqlite_database: Database, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from safetyplan.store.engine import Store;"
        "from safetyplan.store.migrations import upgrade; from safetyplan.accesslog.schema import ddl;"
        "upgrade(Store(sys.argv[1], Path(sys.argv[2])), ddl('sqlite'))"
    )
    words = [sys.executable, "-c", script, sqlite_database.url, str(tmp_path / "lock")]
    both = [subprocess.Popen(words) for _ in range(2)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]


def test_what_a_next_revision_has_to_do_is_printed() -> None:
    words = [sys.executable, "-m", "safetyplan.store.migrations"]
    nothing = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert "create_table" not in nothing
    everything = subprocess.run([*words, "--from-nothing"], capture_output=True, text=True, check=True).stdout
    assert everything.count("op.create_table") == len(TABLES)
