"""`python -m safetyplan.translations update | compile | missing | check`"""

import sys

import click

from safetyplan.translations import catalogues, extract


@click.group(help=__doc__)
def main() -> None:
    pass


@main.command()
def update() -> None:
    """Lay the sentences of code and templates into the catalogues."""
    for language in extract.update_all():
        click.echo(f"{language}: changed")
    for language in catalogues.LANGUAGES:
        if missing := extract.untranslated(language):
            click.echo(f"{language}: {len(missing)} to translate")


@main.command("compile")
def compile_() -> None:
    """Make the .mo files."""
    for path in catalogues.compile_all():
        click.echo(f"compiled {path.relative_to(catalogues.HOME)}")


@main.command()
@click.argument("language", type=click.Choice(catalogues.LANGUAGES))
def missing(language: str) -> None:
    """Print what is not translated yet, one sentence a line."""
    for sentence in extract.untranslated(language):
        click.echo(sentence)


@main.command()
def check() -> None:
    """Say what keeps a language from being whole; exits 1 if anything does."""
    wanted = extract.wanted()
    found = [p for language in catalogues.LANGUAGES for p in catalogues.problems(language, wanted)]
    for problem in found:
        click.echo(problem)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
