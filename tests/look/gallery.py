"""A tiny application round the templates: stub globals in place of the service, the real policy, nothing else.

`pages/` holds pages as the service will have them: what a resident and what staff open to, and signing in.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import segno
from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from markupsafe import Markup

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "safetyplan" / "web" / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
DAY = 86_400_000
NOW = 1_795_363_200_000
PROBLEMS = {
    "place": "Write at least one place, or skip this question.",
    "who": "Choose one.",
    "": "Somebody else saved first.",
}
LEVELS = [
    {"ms": NOW - 120 * DAY, "level": 0, "note": "Moved in"},
    {"ms": NOW - 110 * DAY, "level": 3, "note": "A new threat by telephone"},
    {"ms": NOW - 60 * DAY, "level": 2, "note": "Quiet for six weeks; contact ban decided"},
    {"ms": NOW - 12 * DAY, "level": 1, "note": "Settled by a second person"},
]
ARABIC = ("خطتي", "الأسئلة", "التحدث مع شخص ما", "من اطلع")
SWEDISH = ("I dag", "Min plan", "Frågor", "Prata med någon", "Vem har tittat", "Inställningar")


def moment(ms: int) -> dict[str, str]:
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return {"iso": at.isoformat(), "absolute": f"{at.day} {at:%b %Y, %H:%M}", "relative": "2 days ago"}


def csrf() -> Markup:
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format("x" * 91)


def create() -> Flask:
    app = Flask("look", template_folder=str(TEMPLATES), static_folder=str(STATIC))
    app.jinja_loader = ChoiceLoader([FileSystemLoader(TEMPLATES), FileSystemLoader(Path(__file__).parent / "pages")])
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(moment=moment, csrf=csrf, static_url=lambda name: f"/static/{name}")
    app.add_url_rule("/leave", "leave.leave", lambda: Response(status=204), methods=["POST"])
    app.add_url_rule("/language", "language.choose", lambda: Response(status=204), methods=["POST"])
    app.add_url_rule("/", "gallery", gallery)
    app.add_url_rule("/away", "away", away)
    app.add_url_rule("/error", "error", error)
    for name in ("today", "cases", "case", "open"):
        app.add_url_rule(f"/{name}", name, partial(page, name))
    app.after_request(harden)
    return app


def harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store" if request.endpoint != "static" else "max-age=3600"
    return response


def frame(**more: Any) -> dict[str, Any]:
    direction = request.args.get("dir", "ltr")
    words = ARABIC if direction == "rtl" else SWEDISH
    return {
        "lang": "ar" if direction == "rtl" else "en",
        "text_direction": direction,
        "navigation": [(word, f"/?{number}", number == 1) for number, word in enumerate(words)],
        "languages": [("sv", "Svenska"), ("da", "Dansk"), ("en", "English")],
        "sign_out_url": "/leave",
        "talk_url": "/",
        "leave_to": "/away",
        **more,
    }


def gallery() -> ResponseReturnValue:
    matrix = segno.make(
        "otpauth://totp/Anteckningar:granne?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Anteckningar"
    ).matrix
    problems = {} if "good" in request.args else PROBLEMS
    return render_template(
        "gallery.html",
        **frame(problems=problems, levels=LEVELS, qr_matrix=matrix, notice="Saved. Your staff can read it now."),
    )


def away() -> str:
    return '<!doctype html><title>Weather</title><link rel="icon" href="/static/favicon.svg"><h1>Weather</h1>'


def page(name: str) -> ResponseReturnValue:
    more = {"navigation": [], "talk_url": None, "sign_out_url": None} if name == "open" else {}
    return render_template(f"{name}.html", **frame(**more))


def error() -> ResponseReturnValue:
    steps = ["Wait a little and try again.", "If it is urgent, call the house."]
    return render_template("errors/error.html", **frame(steps=steps, reference="7F3K-22Q"))


if __name__ == "__main__":
    create().run("127.0.0.1", 8741, debug=False)
