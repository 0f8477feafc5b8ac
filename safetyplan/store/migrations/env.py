"""Run by alembic: migrations inside one transaction of the store's own engine."""

from alembic import context

from safetyplan.store.engine import metadata

with context.config.attributes["engine"].begin() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    context.run_migrations()
