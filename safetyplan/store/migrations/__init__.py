"""Schema revisions (alembic); one revision runs on SQLite and PostgreSQL. Applied by ``upgrade``.

Decided: a revision lists its tables itself, so that it makes the same schema in ten years; a test compares the result
with the tables as the code knows them. All of an upgrade is one transaction, on both databases: it happens or it does
not. There is no way down: a revision that went wrong is answered by the backup. The access log's own statements are
handed in by whoever calls, because that room is on this floor's other side.
"""

from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from safetyplan.store.engine import Store
from safetyplan.store.migrations.privileges import grant_privileges, role_of, wrong_privileges

_HERE = Path(__file__).parent
FOREIGN = frozenset({"log_entry", "alembic_version"})
"""Tables that are not the code's: the access log's room makes its own, alembic its own."""


def upgrade(store: Store, log_ddl: Sequence[str]) -> None:
    """Bring the schema to the newest revision. ``log_ddl`` comes from the access log's room, which owns its table."""
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    with store.transaction() as tx:
        config.attributes.update(connection=tx.connection, log_ddl=list(log_ddl))
        command.upgrade(config, "head")


def newest() -> str | None:
    """The revision that this code wants."""
    return ScriptDirectory(str(_HERE)).get_current_head()


def standing(store: Store) -> str | None:
    """The revision at which the database stands; None for an empty one."""
    with store.snapshot() as tx:
        return MigrationContext.configure(tx.connection).get_current_revision()


def is_empty(store: Store) -> bool:
    """Whether there is no table at all."""
    with store.snapshot() as tx:
        return not inspect(tx.connection).get_table_names()


def is_current(store: Store) -> bool:
    """Whether the database stands at the newest revision."""
    return standing(store) == newest()


__all__ = [
    "FOREIGN",
    "grant_privileges",
    "is_current",
    "is_empty",
    "newest",
    "role_of",
    "standing",
    "upgrade",
    "wrong_privileges",
]
