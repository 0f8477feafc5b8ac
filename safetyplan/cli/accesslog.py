"""``safetyplan accesslog``: is the log whole, sign it, hand it out.

Exit codes: 0 whole, 1 something is wrong (each entry or row on a line of its own), 2 it could not be done.
"""

import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from safetyplan.cli import given

if TYPE_CHECKING:
    from safetyplan.vault import House, Report, Watch

Progress = Callable[[int, int], None]


@click.group()
def accesslog() -> None:
    """Verify, export and sign the access log."""


@accesslog.command()
def verify() -> None:
    """Check every entry, head, checkpoint and row.

    Prints what is wrong, one entry or row a line, and ends with 1; or ends with 0. Needs no right to write; where it
    can, it leaves an entry in the log that says how the check went.
    """
    from safetyplan.errors import Tampered
    from safetyplan.oversight.actions import write_down
    from safetyplan.vault import Vault

    try:
        house, watch = _opened(in_doubt=True)
    except Tampered as error:  # a server secret that does not open any more: nothing further can be checked
        click.echo(_plain(f"row {error.row_id} of {error.table} was changed"))
        sys.exit(1)
    with _bar("Checking") as progress:
        report = watch.verify(progress)
    _name(report)
    if not write_down(Vault(house), None, watch=watch, report=report):
        click.echo("The log takes no entry, so this result stands in no log. Keep what is printed here.", err=True)
    if not report.ok:
        sys.exit(1)
    click.echo(
        f"Whole: {report.size} entries, {report.rows} rows, {report.heads} noted heads, {report.checkpoints} "
        f"checkpoints; signed up to entry {report.signed - 1}."
    )


@accesslog.command()
def checkpoint() -> None:
    """Sign the log as it is now, and print the signed note.

    First proves that the log continues the last checkpoint. The note goes to the checkpoints folder as well.
    """
    _, watch = _opened()
    click.echo(watch.checkpoint(), nl=False)


@accesslog.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write the whole log to FILE, for a check without this house's keys.

    FILE is made for this user alone (0600) and never overwritten. Taking a copy is itself an entry.
    """
    from safetyplan.vault import Vault

    house, watch = _opened()
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            with Vault(house).note(None, "accesslog.exported"):
                pass
            with _bar("Writing") as progress:
                head = watch.export(out, progress)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        file.unlink()
        raise
    words = ["safetyplan", "accesslog", "check-export", str(file)]
    for each in watch.keys:
        words += ["--key", str(each)]
    says = f"{head.size} entries, signed, in {file}. Hand this line over apart from the file, to whoever checks it:"
    click.echo(says, err=True)
    click.echo(shlex.join(words), err=True)


@accesslog.command()
def key() -> None:
    """Print the public keys that checkpoints are checked with, newest first (C2SP vkey)."""
    _, watch = _opened(in_doubt=True)
    for each in watch.keys:
        click.echo(str(each))


@accesslog.command("check-export")
@click.argument("file", type=click.File("rb"))
@click.option("--key", "keys", multiple=True, required=True, metavar="VKEY", help="As `accesslog key` printed it.")
def check_export(file: IO[bytes], keys: tuple[str, ...]) -> None:
    """Check an exported FILE, with nothing but the house's public key."""
    from safetyplan.accesslog.checkpoints import VerifierKey
    from safetyplan.accesslog.export import check_export as checked

    report = checked(file, [VerifierKey.parse(each) for each in keys])
    _name(report)
    if not report.ok:
        sys.exit(1)
    click.echo(f"Whole: {report.size} entries and {report.checkpoints} checkpoints, all of it signed.")


def _opened(*, in_doubt: bool = False) -> "tuple[House, Watch]":
    from safetyplan.founding import open_house, watch

    settings = given.settings()
    house = open_house(settings, in_doubt=in_doubt)
    return house, watch(settings, house)


@contextmanager
def _bar(label: str) -> Iterator[Progress]:
    """A bar on the screen, and nothing where there is none."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with click.progressbar(length=1000, label=label, file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.update(1000 * done // max(total, 1) - bar.pos)

        yield show


def _name(report: "Report") -> None:
    """What is wrong, a line each."""
    for finding in report.findings:
        click.echo(_plain(finding.sentence))
    if report.more:
        click.echo(f"and {report.more} more")


def _plain(sentence: str) -> str:
    """Without signs that a screen obeys: whoever planted a row chose its id."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in sentence)
