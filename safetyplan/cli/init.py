"""``safetyplan init``: a real house, from nothing. What is shown here is shown once and kept nowhere."""

import sys
from typing import TYPE_CHECKING

import click

from safetyplan.cli import given
from safetyplan.cli.program import Stop

if TYPE_CHECKING:
    from safetyplan.people.enrolment import Slip
    from safetyplan.settings import Settings

_SHARES = """\
The recovery key opens every case if a whole unit has lost its keys. It is now cut into three shares of 33 words; any
two of them together are the key. Write each on paper by hand, and give them to three people who do not live or work
together. They are shown once."""


@click.command()
@click.option("--name", help="The first administrator, as colleagues will read it.")
def init(name: str | None) -> None:
    """Found a new house: root key, folders, database, recovery shares, the first administrator's code.

    Never over anything that exists. If it fails or you stop it, what was made is taken back. Have pen and paper ready.
    """
    from safetyplan.cli.address import wrong_with_address
    from safetyplan.errors import SettingsWrong

    settings = given.settings()
    wrong = wrong_with_address(settings)
    if wrong:
        raise SettingsWrong(wrong)
    try:
        _found(settings, name or _ask_for_name())
    except click.Abort:
        raise Stop("Stopped. Nothing was kept; begin again when pen and paper lie ready.") from None


def _found(settings: "Settings", name: str) -> None:
    from safetyplan.actors import Role
    from safetyplan.founding import new_house, sign_checkpoint
    from safetyplan.people import enrolment
    from safetyplan.vault import Vault

    with new_house(settings) as founded:
        slip = enrolment.invite(Vault(founded.house), None, role=Role.ADMINISTRATOR, unit=None, name=name)
        sign_checkpoint(settings, founded.house)
        _show_shares(founded.shares)
    click.echo(f"The house stands. Its root key is {settings.root_key}: back it up apart from the database.\n")
    show_slip(slip, settings)
    click.echo("\nNext: `safetyplan doctor`, then `safetyplan serve`.")


def show_slip(slip: "Slip", settings: "Settings") -> None:
    """A user name and its one-time code, for the paper that is handed over."""
    click.echo(f"  Address    {settings.public_url}/start")
    click.echo(f"  User name  {slip.user_name}")
    click.echo(f"  Code       {slip.code}")
    click.echo("\nThe code works once, for 72 hours. It is shown once.")


def _ask_for_name() -> str:
    if not sys.stdin.isatty():
        return "Administrator"
    return str(click.prompt("Name of the first administrator, as colleagues will read it", default="Administrator"))


def _show_shares(shares: list[str]) -> None:
    """One at a time on a terminal, each gone from the screen before the next; all at once into a pipe."""
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    click.echo(f"\n{_SHARES}\n")
    for number, share in enumerate(shares, 1):
        click.echo(f"Share {number} of {len(shares)}:\n\n{_in_rows(share)}\n")
        if terminal:
            while not click.confirm(f"Is share {number} written down, and compared word by word?"):
                pass
            click.clear()


def _in_rows(share: str) -> str:
    words = [f"{number:2}. {word}" for number, word in enumerate(share.split(), 1)]
    return "\n".join("  " + "".join(f"{word:<16}" for word in words[at : at + 4]).rstrip() for at in range(0, 33, 4))
