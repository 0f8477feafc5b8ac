"""``safetyplan account``: the way back in where no administrator can sign in any more."""

import click

from safetyplan.cli import given


@click.group()
def account() -> None:
    """Accounts, from the command line. Everything here is written into the access log."""


@account.command()
@click.option("--name", required=True, help="As colleagues will read it.")
def administrator(name: str) -> None:
    """Invite a further administrator: for a lost first code, or a lost only administrator."""
    from safetyplan.actors import Role
    from safetyplan.cli.init import show_slip
    from safetyplan.founding import open_house
    from safetyplan.people import enrolment
    from safetyplan.vault import Vault

    settings = given.settings()
    vault = Vault(open_house(settings))
    show_slip(enrolment.invite(vault, None, role=Role.ADMINISTRATOR, unit=None, name=name), settings)
