"""Run by alembic: migrations inside the one transaction that ``upgrade`` has begun, under the writers' lock."""

from alembic import context

from safetyplan.store.tables import TABLES

context.configure(
    connection=context.config.attributes["connection"], target_metadata=TABLES[0].metadata, render_as_batch=True
)
context.run_migrations()
