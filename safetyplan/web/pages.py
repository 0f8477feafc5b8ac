"""Rendering: what every page knows, and the words for problems and notices."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, render_template, request, url_for
from flask_babel import format_date, format_time, format_timedelta, get_locale, gettext
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from safetyplan.errors import NotAccepted
from safetyplan.vault import Revealed, reveal
from safetyplan.web.navigation import navigation
from safetyplan.web.notices import NOTICES

STATIC = Path(__file__).parent / "static"
LANGUAGES = (("sv", "Svenska"), ("da", "Dansk"), ("en", "English"))
RIGHT_TO_LEFT = {"ar", "fa", "prs", "ckb", "he", "ur"}


@dataclass(frozen=True, slots=True)
class Options:
    """What the house chose for its pages; handed in by the composition root."""

    title: str
    language: str
    leave_to: str
    secure: bool
    talk: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A time for people: machine-readable, absolute and relative."""

    iso: str
    absolute: str
    relative: str


def options() -> Options:
    chosen: Options = current_app.extensions["safetyplan.options"]
    return chosen


def now_ms() -> int:
    return int(current_app.extensions["safetyplan.house"].clock())


def moment(ms: int) -> Moment:
    at = datetime.fromtimestamp(ms / 1000, UTC)
    relative = format_timedelta((ms - now_ms()) / 1000, add_direction=True) if ms else ""
    absolute = f"{format_date(at, 'medium')} {format_time(at, 'short')}"
    return Moment(at.isoformat(timespec="seconds"), absolute, relative)


@cache
def _version(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def static_url(name: str) -> str:
    """The file's address with its content's hash, so that it may be kept for good."""
    return url_for("assets.file", name=name, v=_version(name))


def csrf() -> Markup:
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def render(template: str, **context: Any) -> str:
    """A page. ``problems`` may be a NotAccepted's: its sentences are put into the reader's language here."""
    if isinstance(problems := context.get("problems"), NotAccepted):
        context["problems"] = translated(problems)
    return render_template(template, **context)


def translated(error: NotAccepted) -> dict[str, str]:
    return {field: gettext(sentence) for field, sentence in error.problems.items()}


def _every_page() -> dict[str, Any]:
    locale = get_locale()
    lang = locale.language if locale else options().language
    signed_in = current_user.is_authenticated
    done = NOTICES.get(request.args.get("done", ""))
    return {
        "actor": current_user.actor if signed_in else None,
        "house_title": options().title,
        "leave_to": options().leave_to,
        "lang": lang,
        "text_direction": "rtl" if lang in RIGHT_TO_LEFT else "ltr",
        "languages": LANGUAGES,
        "language_back": request.path if request.method == "GET" else url_for("home.go"),
        "navigation": navigation(current_user.actor.role) if signed_in else [],
        "sign_out_url": url_for("people.sign_out") if signed_in else None,
        "home_url": url_for("home.go"),
        "talk_url": f"tel:{options().talk}" if options().talk else None,
        "notice": gettext(done) if done else None,
    }


def set_up(app: Flask) -> None:
    app.context_processor(_every_page)
    app.jinja_env.globals.update(static_url=static_url, csrf=csrf, moment=moment)
    app.jinja_env.filters["reveal"] = _reveal
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.undefined = _strict(app)


def _reveal(value: object) -> str:
    if not isinstance(value, Revealed):
        raise TypeError("only protected text is revealed")
    return reveal(value)


def _strict(app: Flask) -> Any:
    from jinja2 import ChainableUndefined, StrictUndefined

    return StrictUndefined if app.testing else ChainableUndefined
