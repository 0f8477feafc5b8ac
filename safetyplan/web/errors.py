"""One page for everything that goes wrong: what happened, what she can do, a reference number. Nothing else.

The server's log gets the same number with the kind of error and where in our code it came from; never a message
that could hold somebody's words, never an address, never the values of a traceback.
"""

import secrets
import traceback
from typing import NamedTuple

from flask import Flask, current_app
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from safetyplan.errors import (
    N_,
    LogUnavailable,
    NotAccepted,
    Refused,
    SafetyplanError,
    Stale,
    Tampered,
    Throttled,
)
from safetyplan.web.pages import render


class Words(NamedTuple):
    status: int
    title: str
    text: str
    alarm: bool = False


MISSING = Words(404, N_("There is no such page"), N_("It may have been moved, or it is not for you."))
_FOR: dict[type[Exception], Words] = {
    Refused: MISSING,
    NotAccepted: Words(422, N_("Something is not right yet"), N_("Go back and look at what you wrote.")),
    Stale: Words(
        409, N_("This was changed meanwhile"), N_("Someone saved first, or you sent it twice. Go back and look.")
    ),
    Tampered: Words(
        503,
        N_("We cannot show this right now"),
        N_("Something stored here is not as it should be. We have been told. Your other pages still work."),
        alarm=True,
    ),
    LogUnavailable: Words(
        503,
        N_("We cannot show this right now"),
        N_("Nothing is shown when it cannot be written down who looks. Try again in a few minutes."),
        alarm=True,
    ),
    Throttled: Words(429, N_("Please wait a little"), N_("There were many tries. Wait some minutes and try again.")),
    CSRFError: Words(
        400,
        N_("This page was open too long"),
        N_("Go back, load the page again and send it once more. What you wrote is often still there."),
    ),
}
_BY_STATUS: dict[int, Words] = {
    400: Words(400, N_("We did not understand that"), N_("Go back and try again.")),
    404: MISSING,
    405: Words(405, N_("There is no such page"), N_("Go back and try again.")),
    413: Words(413, N_("That was too much at once"), N_("Go back and send a shorter text.")),
}
_UNKNOWN = Words(
    500, N_("Something went wrong here"), N_("It was not you. Nothing half-done was kept. Try again."), alarm=True
)


def set_up(app: Flask) -> None:
    app.register_error_handler(SafetyplanError, _answer)
    app.register_error_handler(HTTPException, _answer)
    app.register_error_handler(Exception, _answer)


def _answer(error: Exception) -> Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return error.get_response()
    words = _words(error)
    reference = secrets.token_hex(4).upper()
    if words.status >= 500:
        _tell_operators(error, reference, words.alarm)
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, Throttled) else {}
    page = render(
        "errors/error.html",
        heading=gettext(words.title),
        text=gettext(words.text),
        reference=f"{reference[:4]}-{reference[4:]}",
        status=words.status,
    )
    return page, words.status, headers


def _words(error: Exception) -> Words:
    for kind in type(error).__mro__:
        if kind in _FOR:
            return _FOR[kind]
    if isinstance(error, HTTPException):
        return _BY_STATUS.get(error.code or 500, _BY_STATUS[400] if (error.code or 500) < 500 else _UNKNOWN)
    return _UNKNOWN


def _tell_operators(error: Exception, reference: str, alarm: bool) -> None:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "safetyplan" in f.filename]
    where = " < ".join(f"{f.filename.rsplit('safetyplan/', 1)[-1]}:{f.lineno}" for f in reversed(frames[-4:]))
    what = f" {error}" if isinstance(error, Tampered) else ""
    current_app.logger.error(
        "%s %s %s%s at %s", "ALARM" if alarm else "error", reference, type(error).__name__, what, where
    )
