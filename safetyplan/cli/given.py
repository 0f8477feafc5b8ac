"""What was given on the command line to every command: the data folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from safetyplan.settings import Settings

_DATA = "safetyplan.data"


def data_option() -> click.Option:
    """``--data DIR``; given twice, the one nearer to the command counts."""
    return click.Option(
        ["--data"],
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        expose_value=False,
        callback=_remember,
        help="The house's data folder (default: SAFETYPLAN_DATA, else var/).",
    )


def data() -> Path | None:
    """The folder that was given, None if none was."""
    found: Path | None = click.get_current_context().meta.get(_DATA)
    return found


def use(folder: Path | None) -> None:
    """A command's own default, for whatever asks from here on."""
    if folder is not None:
        click.get_current_context().meta[_DATA] = folder


def settings(**more: Any) -> "Settings":
    """Settings from the environment and the command line. Raises SettingsWrong."""
    from safetyplan.settings import read_settings

    return read_settings(data=data(), **more)


def _remember(context: click.Context, _option: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.meta[_DATA] = value
