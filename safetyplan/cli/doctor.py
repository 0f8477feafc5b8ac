"""``safetyplan doctor``: everything that can be wrong with an installation, on one screen, each with its mend."""

import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from safetyplan.cli import given
from safetyplan.cli.program import described

if TYPE_CHECKING:
    from safetyplan.cli.checks import Check
    from safetyplan.settings import Settings


@click.command()
def doctor() -> None:
    """Say on one screen what is wrong with this installation, and how to mend it. Exit 1 if anything is."""
    from safetyplan.cli import checks

    found = list(_settings_first(checks.EACH))
    for check in found:
        click.echo(_lines(f"  {'ok   ' if check.ok else 'WRONG'}  {check.what:<12}  ", check.says))
        if not check.ok and check.mend:
            click.echo(_lines(f"{'':<21}→ ", check.mend))
    wrong = sum(not check.ok for check in found)
    click.echo("\nAll is well." if not wrong else f"\n{wrong} of {len(found)} wrong.")
    sys.exit(1 if wrong else 0)


def _settings_first(each: "tuple[tuple[str, Callable[[Settings], Check]], ...]") -> "Iterator[Check]":
    from safetyplan.cli.checks import RESTS_ON, Check, environment
    from safetyplan.settings import whatever_holds

    yield environment()
    settings, wrong = whatever_holds(data=given.data())
    for words in dict.fromkeys(wrong.values()):
        yield Check("settings", False, words)
    said: set[str] = set()
    for what, look in each:
        if wrong.keys() & RESTS_ON.get(what, frozenset()):
            yield Check(what, False, "cannot be looked at, see above")
            continue
        try:
            yield look(settings)
        except Exception as error:
            known = described(error)
            if known is None:
                raise
            yield Check(what, False, "cannot be looked at, see above" if known in said else known)
            said.add(known)


def _lines(head: str, words: str) -> str:
    return textwrap.fill(words, 100, initial_indent=head, subsequent_indent=" " * len(head), break_long_words=False)
