"""``python -m safetyplan.store.migrations``: what a next revision has to do, as its Python code.

Compares the tables of the code with a database at the newest revision, or, with ``--from-nothing``, with an
empty one. Read what it prints before you keep it: it knows no data, and drops what it does not find.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations.ops import UpgradeOps

from safetyplan.store.engine import Store
from safetyplan.store.migrations import FOREIGN, upgrade
from safetyplan.store.tables import TABLES


def _missing(folder: Path, from_nothing: bool) -> UpgradeOps:
    store = Store(f"sqlite:///{folder / 'compared.db'}", folder / "lock")
    if not from_nothing:
        upgrade(store, [])
    with store.snapshot() as tx:
        ours = {"include_name": lambda name, kind, _: kind != "table" or name not in FOREIGN}
        context = MigrationContext.configure(tx.connection, opts={"compare_type": True, **ours})
        found = produce_migrations(context, TABLES[0].metadata).upgrade_ops
    return found or UpgradeOps([])


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        sys.stdout.write(render_python_code(_missing(Path(made), "--from-nothing" in sys.argv)) + "\n")
