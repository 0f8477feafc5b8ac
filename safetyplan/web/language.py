"""Which language: what she chose, else what her browser asks for, else the house's."""

from flask import Blueprint, Flask, redirect, request
from flask_babel import Babel
from werkzeug.wrappers import Response

from safetyplan.web.audience import ANYONE, audience
from safetyplan.web.pages import LANGUAGES, options

language = Blueprint("language", __name__)

COOKIE = "__Host-l"
_CODES = [code for code, _ in LANGUAGES]


def set_up(app: Flask) -> None:
    Babel(
        app,
        locale_selector=_choose,
        default_locale="en",
        default_timezone="Europe/Stockholm",
        default_translation_directories="translations",
    )


def _choose() -> str:
    chosen = request.cookies.get(COOKIE)
    if chosen not in _CODES:
        chosen = request.accept_languages.best_match(_CODES) or options().language
    return "en_GB" if chosen == "en" else str(chosen)  # days and hours as Europe writes them


@language.post("/language")
@audience(ANYONE)
def choose() -> Response:
    """Keep the choice in a cookie of its own, and go back to where she was (a path of ours, nothing else)."""
    back = request.form.get("back", "/")
    safe = back.startswith("/") and not back.startswith("//") and "\\" not in back and back.isprintable()
    response = redirect(back if safe else "/", code=303)
    if (lang := request.form.get("lang")) in _CODES:
        response.set_cookie(COOKIE, str(lang), max_age=31_536_000, secure=True, httponly=True, samesite="Lax", path="/")
    return response
