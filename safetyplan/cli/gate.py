"""The gate in front of the application: whom we answer, under which name, how many at once.

Refused here, in plain words and before any page is made: another host's name (a stranger's page that had its own name
point at this machine could otherwise speak to us through her browser), plain HTTP where HTTPS was promised, and,
behind a proxy, everybody but the proxy. A request is read whole before it takes a place in the application, so that
half-sent ones keep nobody out.
"""

import io
from collections.abc import Iterable
from ipaddress import ip_address
from threading import BoundedSemaphore
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from safetyplan.cli.address import host_and_port, is_loopback
from safetyplan.settings import Settings

_FORWARDED = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)


class _Shut(Exception):
    """The status line and the sentence of a refusal."""


def plain(words: str) -> tuple[list[tuple[str, str]], bytes]:
    """Headers and body of an answer that is one sentence, in no page's style, and the last on its connection."""
    body = words.encode() + b"\n"
    kept = [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")]
    kept += [("Cache-Control", "no-store"), ("Content-Length", str(len(body))), ("Connection", "close")]
    return kept, body


class Gate:
    """WSGI middleware. ``most`` is the longest body read here; longer ones are the application's to refuse."""

    def __init__(self, app: WSGIApplication, settings: Settings, most: int) -> None:
        self._app, self._most = app, most
        self._proxies = settings.proxies
        self._https = settings.public_url.startswith("https://")
        self._names = _names(settings)
        self._places = BoundedSemaphore(settings.threads)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            self._look_at_caller(environ)
            self._look_at_name(environ)
            self._read_whole(environ)
        except _Shut as shut:
            status, words = shut.args
            headers, body = plain(words)
            start_response(status, headers)
            return [body]
        with self._places:
            return self._app(environ, start_response)

    def _look_at_caller(self, environ: WSGIEnvironment) -> None:
        """Behind a proxy: take its word for address and scheme, and nobody else's."""
        said = {name: environ.pop(name) for name in _FORWARDED if name in environ}
        if self._proxies:
            if not self._is_proxy(environ.get("REMOTE_ADDR", "")):
                raise _Shut("403 Forbidden", "Please use the public address.")
            environ["REMOTE_ADDR"] = self._caller(said.get("HTTP_X_FORWARDED_FOR", ""))
            if said.get("HTTP_X_FORWARDED_PROTO") == "https":
                environ["wsgi.url_scheme"] = "https"
        if self._https and environ["wsgi.url_scheme"] != "https":
            raise _Shut("403 Forbidden", "Please use HTTPS.")

    def _caller(self, chain: str) -> str:
        """The last address in the chain that is no proxy of ours; what stands before it may be made up."""
        address = ""
        for hop in reversed([part.strip() for part in chain.split(",")]):
            try:
                address = str(ip_address(hop))
            except ValueError:
                raise _Shut("400 Bad Request", "The proxy in front does not say who is calling.") from None
            if not self._is_proxy(address):
                return address
        return address

    def _is_proxy(self, address: str) -> bool:
        try:
            caller = ip_address(address)
        except ValueError:
            return False
        return any(caller in network for network in self._proxies)

    def _look_at_name(self, environ: WSGIEnvironment) -> None:
        name = environ.get("HTTP_HOST", "").lower()
        if name not in self._names:
            raise _Shut("421 Misdirected Request", "No such house.")

    def _read_whole(self, environ: WSGIEnvironment) -> None:
        if "HTTP_TRANSFER_ENCODING" in environ:
            raise _Shut("411 Length Required", "Please say how long the form is.")
        length = environ.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and 0 < int(length) <= self._most:
            environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(int(length)))


def _names(settings: Settings) -> frozenset[str]:
    """What a browser may call us: the public address; on this machine only, its other names too."""
    public = urlsplit(settings.public_url)
    host, port = host_and_port(settings.bind)
    names = {public.netloc.lower()}
    if not public.port:
        names.add(f"{public.hostname}:{443 if public.scheme == 'https' else 80}")
    if public.scheme == "http" and is_loopback(host):
        names |= {f"{each}:{port}" for each in ("localhost", "127.0.0.1", "[::1]")}
        if port == 80:
            names |= {"localhost", "127.0.0.1", "[::1]"}
    return frozenset(names)
