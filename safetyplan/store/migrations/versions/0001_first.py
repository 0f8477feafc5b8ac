"""The first schema: people, cases, plans, guides, threat, and the access log."""

from alembic import context, op

from safetyplan.store.engine import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
    for statement in context.config.attributes["log_ddl"]:
        op.execute(statement)
