"""``safetyplan demo``: a small invented house to look at. Everybody in it is made up, and nothing in it is secret.

Decided: the story is told through the same actions as the pages use, with a clock that is put forward, so that what a
visitor sees is what the service does; no row is written by hand. Only a folder with the mark of a demo is ever reused,
and nothing that exists is written over. The people's pass phrases lie in clear beside the database (0600): at the next
start they are printed again.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from safetyplan.cli import given

if TYPE_CHECKING:
    from safetyplan.cli.demo.people import Known
    from safetyplan.settings import Settings

DEFAULT = Path("var/demo")
_MARK = "This folder is a demo of safetyplan. Nobody in it is real, and nothing in it is secret. It may be removed.\n"
_ELSEWHERE = ("database_url", "database_owner_url", "keys", "heads", "checkpoints")


@click.command()
@click.option(
    "--json",
    "listed",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the people to FILE (0600), for scripts.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--no-serve", is_flag=True, help="Make the demo and stop.")
def demo(listed: Path | None, port: int, no_serve: bool) -> None:
    """A small invented house on http://localhost:8000, to look at.

    Made in var/demo/ unless a demo is there already. Refuses a folder that is none. End it with Ctrl-C.
    """
    from safetyplan.cli.demo import people
    from safetyplan.founding import now_ms

    settings = _settings(port)
    if listed is not None and listed.absolute().parent != settings.data.absolute():  # a folder that is still to be made
        people.see_that_it_can_be_written(listed)
    known = _ready(settings)
    if listed is not None:
        people.write(listed, known)
    now = now_ms()
    click.echo(f"\n{people.table(known, now)}\n")
    left = 30 - now // 1000 % 30
    click.echo(f"The codes last {left} more seconds, those after them {left + 30}; each works once. For later ones:")
    click.echo(f"  safetyplan demo --data {settings.data} --no-serve")
    click.echo(f"A demo has no secrets: all of this also lies in {settings.data / 'people.json'}.\n")
    if no_serve:
        return
    from safetyplan.cli.serve import run

    run(settings, ready=f"Serving {settings.public_url} – Ctrl-C ends it.")


NOBODY = "+46701740610"
"""One of the telephone numbers that the Swedish authority keeps for films and books: it rings nowhere."""


def _settings(port: int) -> "Settings":
    from safetyplan.errors import SettingsWrong
    from safetyplan.settings import PREFIX, read_settings

    chosen = given.data() or (None if f"{PREFIX}DATA" in os.environ else DEFAULT)
    bound = {"bind": f"127.0.0.1:{port}", "public_url": f"http://localhost:{port}", "talk": NOBODY}
    given.use(chosen)
    settings = read_settings(data=chosen, **bound)
    for name in _ELSEWHERE:
        if getattr(settings, name) is not None:
            raise SettingsWrong(f"{PREFIX}{name.upper()} is set: a demo keeps to its own folder. Unset it first.")
    return settings


def _ready(settings: "Settings") -> "list[Known]":
    """The people of the demo that is there, or of a new one."""
    from safetyplan.cli.demo import people
    from safetyplan.errors import SettingsWrong

    if settings.demo_mark.is_file():
        return people.read(settings.data / "people.json")
    if settings.data.exists() and (not settings.data.is_dir() or os.listdir(settings.data)):
        raise SettingsWrong(f"{settings.data} is not a demo. Nothing was changed; choose an empty folder with --data.")
    click.echo(f"Making a demo in {settings.data} …")
    return _made(settings)


def _made(settings: "Settings") -> "list[Known]":
    from safetyplan.cli.demo import people
    from safetyplan.cli.demo.clock import MovableClock
    from safetyplan.cli.demo.story import Story
    from safetyplan.founding import new_house, now_ms, watch
    from safetyplan.people.keys import hashing_at

    clock = MovableClock(now_ms())
    clock.to(49)
    mine = (settings.demo_mark, settings.data / "people.json")
    with new_house(settings, clock) as founded:
        try:
            settings.demo_mark.write_text(_MARK, encoding="utf-8")
            story = Story(founded.house, clock, hashing_at(settings.argon2_memory_kib))
            known = story.tell()
            story.check(watch(settings, founded.house))
            people.write(mine[1], known, whole=True)
        except BaseException:
            for path in mine:
                with suppress(OSError):
                    path.unlink()
            raise
    founded.house.store.engine.dispose()
    return known
