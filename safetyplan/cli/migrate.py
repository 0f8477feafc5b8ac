"""``safetyplan migrate``: the database's schema, and on PostgreSQL what the service's role may do with it."""

import click

from safetyplan.cli import given


@click.command()
def migrate() -> None:
    """Bring the database to this version's schema.

    On PostgreSQL this runs as SAFETYPLAN_DATABASE_OWNER_URL and then sets the service's privileges. All of it happens
    or nothing does. Make a backup first; stop the service while it runs.
    """
    from safetyplan import founding
    from safetyplan.store.migrations import newest

    settings = given.settings()
    founding.require_house(settings)
    before, after = founding.migrate(settings), newest()
    click.echo(
        f"The schema is up to date ({after})." if before == after else f"The schema went from {before} to {after}."
    )
