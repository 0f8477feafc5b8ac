"""``safetyplan serve``: the house behind gunicorn, if its settings keep every word out of strangers' sight."""

import errno
import gc
import socket

import click

from safetyplan.cli import given
from safetyplan.errors import SettingsWrong
from safetyplan.settings import Settings

_BEHIND_MINUTES = 5
_CLOCK = """\
safetyplan: THE CLOCK IS WRONG. It stands {} minutes behind the newest entry in the log. The house opens, but codes from
telephones will be refused, and new entries bear the wrong time. Set it (timedatectl set-ntp true), then start again."""


@click.command()
def serve() -> None:
    """Serve the house, on SAFETYPLAN_BIND (default 127.0.0.1:8000).

    Refuses plain HTTP on anything but this machine. For the outside set SAFETYPLAN_PUBLIC_URL to the https address, and
    either SAFETYPLAN_TLS_CERTIFICATE and SAFETYPLAN_TLS_KEY, or SAFETYPLAN_TRUSTED_PROXIES to the address of the proxy
    in front. SIGTERM ends it after the answers that were begun.
    """
    run(given.settings())


def run(settings: Settings, ready: str | None = None) -> None:
    """Check everything, say that it is ready, then bind. Raises SettingsWrong; does not return otherwise."""
    from safetyplan.cli.address import wrong_with_address

    wrong = wrong_with_address(settings)
    if wrong:
        raise SettingsWrong(wrong)
    _see_that_it_opens(settings)
    _see_that_the_port_is_free(settings)
    from safetyplan.cli.server import serve_forever

    if ready:
        click.echo(ready)
    serve_forever(settings)


def _see_that_it_opens(settings: Settings) -> None:
    """Open the house and build the application once, then let go of every handle before workers are forked."""
    from safetyplan.app import create_app
    from safetyplan.founding import clock_behind_ms, open_house

    house = open_house(settings)
    create_app(settings, house)
    behind = clock_behind_ms(settings, house) // 60_000
    if behind >= _BEHIND_MINUTES:
        click.echo(_CLOCK.format(behind), err=True)
    house.store.engine.dispose()
    del house
    gc.collect()  # the application's object graph has cycles; its open files go with it


def _see_that_the_port_is_free(settings: Settings) -> None:
    from safetyplan.cli.address import host_and_port

    host, port = host_and_port(settings.bind)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsWrong(_why_not(error, settings.bind, port)) from None


def _why_not(error: OSError, bind: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Another program listens on {bind}. Stop it, or choose another port (such as {port + 1})."
    if error.errno == errno.EACCES:
        return f"{bind} may be bound by root only. Choose a port above 1023 and put a proxy in front."
    return f"{bind} cannot be bound ({error.strerror}). Correct SAFETYPLAN_BIND."
