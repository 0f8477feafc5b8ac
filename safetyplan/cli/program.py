"""The group of all commands: loads them when they are called, gives each its ``--data``, and words its errors."""

import importlib
import os
from typing import Any

import click

from safetyplan.cli import given
from safetyplan.errors import NotAccepted, SafetyplanError, SettingsWrong, Tampered, Throttled

COMMANDS = {
    "init": "Found a new house: keys, database, recovery shares, the first administrator's code.",
    "demo": "A small invented house on http://localhost:8000, to look at.",
    "serve": "Serve the house.",
    "doctor": "Say on one screen what is wrong with this installation, and how to mend it.",
    "migrate": "Bring the database to this version's schema.",
    "account": "Invite a further administrator.",
    "accesslog": "Verify, export and sign the access log.",
}
"""Command → its line in the help. Each is an object of its own name in a module of its own name."""


class Stop(click.ClickException):
    """Ends the program with one sentence and exit code 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"safetyplan: {self.format_message()}", err=file is None, file=file)


class Program(click.Group):
    """Imports a command when it is called, and turns what is raised on purpose into a sentence."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"safetyplan.cli.{name}"), name)
        _take_data(command)
        return command  # type: ignore[no-any-return]  # by name

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table above, so that help loads nothing."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except Exception as error:
            known = described(error)
            if known is None:
                raise
            raise Stop(known) from error


def described(error: Exception) -> str | None:
    """A sentence for whatever an operator can do something about; None for a mistake of ours."""
    if isinstance(error, SafetyplanError):
        return sentence(error)
    if isinstance(error, OSError):
        return _of_the_system(error)
    if _of_the_database(error):
        asked = f"The database cannot be used: {_first_line(error)}. Is it running, and SAFETYPLAN_DATABASE_URL right?"
        return _why_not_written() or asked
    return None


def sentence(error: SafetyplanError) -> str:
    """What an operator is told."""
    if isinstance(error, NotAccepted):
        return " ".join(error.problems.values())
    if isinstance(error, Tampered):
        return f"Row {error.row_id} of {error.table} is not what was written there. Run `safetyplan accesslog verify`."
    if isinstance(error, Throttled):
        return f"Too busy just now. Try again in {error.retry_after_s} seconds."
    if isinstance(error, SettingsWrong):
        return str(error)
    words = str(error).rstrip(".") or type(error).__name__
    why = error.__cause__.strerror if isinstance(error.__cause__, OSError) else None
    return f"{words[0].upper()}{words[1:]}{f' ({why})' if why else ''}."


def _of_the_system(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}. Mend that and try again."


def _why_not_written() -> str | None:
    """A database's library says of a full disk or a closed folder only that a file cannot be opened."""
    from safetyplan.cli.disk import house_cannot_be_written
    from safetyplan.settings import whatever_holds

    if click.get_current_context(silent=True) is None:
        return None
    return house_cannot_be_written(whatever_holds(data=given.data())[0])


def _of_the_database(error: Exception) -> bool:
    # By name: the database's library is loaded only by the commands that need it.
    return any(kind.__module__ == "sqlalchemy.exc" for kind in type(error).__mro__)


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip().split("\n")[0].rstrip(".")


def _take_data(command: click.Command) -> None:
    """Give a command, and whatever stands below it, the option ``--data``."""
    if not any("--data" in param.opts for param in command.params):
        command.params.append(given.data_option())
    if isinstance(command, click.Group):
        for child in command.commands.values():
            _take_data(child)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="safetyplan", message="%(prog)s %(version)s")
def main() -> None:
    """Living safety plans for people under threat: the operators' program."""
    os.umask(0o077)


_take_data(main)
