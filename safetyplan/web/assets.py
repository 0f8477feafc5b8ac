"""The few files a page needs. Named by content, so that a browser may keep them until Leave clears them."""

from flask import Blueprint, Response, send_from_directory
from werkzeug.exceptions import NotFound

from safetyplan.web.audience import ANYONE, audience
from safetyplan.web.pages import STATIC

assets = Blueprint("assets", __name__)

_KINDS = {".css", ".js", ".svg", ".woff2"}


@assets.get("/static/<path:name>")
@audience(ANYONE)
def file(name: str) -> Response:
    if not any(name.endswith(kind) for kind in _KINDS):
        raise NotFound
    response = send_from_directory(STATIC, name)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@assets.get("/robots.txt")
@audience(ANYONE)
def robots() -> Response:
    return Response("User-agent: *\nDisallow: /\n", mimetype="text/plain")
