"""The few files a page needs. Named by content, so that a browser may keep them until Leave clears them.

They are the same for everybody, and therefore the only thing that is sent compressed.
"""

import gzip
from functools import cache

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from safetyplan.web.audience import ANYONE, audience
from safetyplan.web.pages import STATIC

assets = Blueprint("assets", __name__)

_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


@cache
def _files() -> dict[str, tuple[bytes, bytes]]:
    """name → its bytes, plain and compressed. Read once: what is not in here is not served."""
    found = [path for path in STATIC.rglob("*") if path.suffix in _KINDS]
    plain = {path.relative_to(STATIC).as_posix(): path.read_bytes() for path in found}
    return {name: (content, gzip.compress(content, 9, mtime=0)) for name, content in plain.items()}


@assets.get("/static/<path:name>")
@audience(ANYONE)
def file(name: str) -> Response:
    if name not in _files():
        raise NotFound
    plain, compressed = _files()[name]
    smaller = len(compressed) < len(plain) and request.accept_encodings.quality("gzip") > 0
    response = Response(compressed if smaller else plain, mimetype=_KINDS[name[name.rindex(".") :]])
    if smaller:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@assets.get("/robots.txt")
@audience(ANYONE)
def robots() -> Response:
    return Response("User-agent: *\nDisallow: /\n", mimetype="text/plain")
