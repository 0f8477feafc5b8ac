"""HTTP in and out: parse, perform, answer.

Rule: a view holds neither vault nor key. It reads a form, calls one action through ``perform``, and answers with a
page or a 303. Every view declares its audience; ``guard`` stops the start otherwise.

Decided: own headers (no library's default holds Trusted Types); static files named by content; the language in a
cookie of its own; one table from errors to answers, one error page. A refusal looks like a missing page.
Turned down: htmx (refused under Trusted Types); Flask's session cookie for anything but a random token;
compressing pages (BREACH).
"""

from importlib import import_module
from importlib.util import find_spec

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from safetyplan.web import assets, errors, headers, language, pages
from safetyplan.web.audience import guard

_ROOMS = ("home", "language", "assets", "people", "leave", "today", "cases", "plans", "guides", "threat")
_LAST = ("oversight", "accounts")


class FormTokens(CSRFProtect):  # type: ignore[misc]  # Flask-WTF has no types
    """Refuses what it cannot read too: a Referer that is no address is no reason for an alarm."""

    def protect(self, apply_exemptions: bool = False) -> None:
        try:
            super().protect(apply_exemptions=apply_exemptions)
        except ValueError:
            self._error_response("The referrer is not an address.")


def register(app: Flask, options: pages.Options) -> None:
    """Everything that answers HTTP, in the order that counts; last of all the guard over every endpoint."""
    app.extensions["safetyplan.options"] = options
    language.set_up(app)
    FormTokens(app)
    pages.set_up(app)
    headers.set_up(app, secure=options.secure)
    errors.set_up(app)
    for room in (*_ROOMS, *_LAST):
        name = f"{__name__}.{room}"
        if find_spec(name):
            app.register_blueprint(getattr(import_module(name), room))
    guard(app)


__all__ = ["assets", "register"]
