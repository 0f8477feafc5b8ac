"""Schema revisions (alembic); one revision runs on SQLite and PostgreSQL. Applied by ``upgrade``."""

from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from safetyplan.store.engine import Store


def _config(store: Store, log_ddl: Sequence[str]) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["engine"] = store.engine
    config.attributes["log_ddl"] = list(log_ddl)
    return config


def upgrade(store: Store, log_ddl: Sequence[str]) -> None:
    """Bring the schema to the newest revision. ``log_ddl`` comes from the access log's room, which owns its table."""
    command.upgrade(_config(store, log_ddl), "head")


def is_current(store: Store) -> bool:
    """Whether the database stands at the newest revision."""
    newest = ScriptDirectory(str(Path(__file__).parent)).get_current_head()
    with store.snapshot() as tx:
        return MigrationContext.configure(tx.connection).get_current_revision() == newest
