"""gunicorn 27, hardened: threads, no addresses or paths in any log, no control socket, deadlines for slow callers.

Decided
- No preloading. The modules are loaded before the workers are forked, and the house is opened once to see that it
  opens; then it is closed, and every worker opens it for itself. A SQLite handle, a pooled connection, a lock file's
  descriptor (a shared one excludes nobody) or a cipher's state never crosses a fork.
- Reading a request is not a place in the application: there are many threads that read, few that compute. A request
  that is not here after ``READ_S`` seconds is cut off. A proxy in front is still the better answer to floods.
- gunicorn's own log lines name callers, paths and header values. Ours keep the kind of error and where in the code.
"""

import logging
import os
import resource
import socket
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from ssl import SSLError
from typing import Any

import gunicorn

vars(gunicorn).update(SERVER="web", SERVER_SOFTWARE="web")  # the workers' modules read it when they are loaded

from gunicorn.app.base import BaseApplication  # noqa: E402 - see above
from gunicorn.glogging import Logger  # noqa: E402
from gunicorn.http.errors import (  # noqa: E402
    ConfigurationProblem,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.util import write_nonblock  # noqa: E402
from gunicorn.workers.gthread import TConn, ThreadWorker  # noqa: E402

from safetyplan.cli.gate import Gate, plain  # noqa: E402
from safetyplan.settings import Settings  # noqa: E402

# Gunicorn makes its heartbeat files there exclusively and unlinks them at once.
_MEMORY = "/dev/shm"  # noqa: S108  # nosec B108
READERS = 64
READ_S = 10.0
ANSWER_S = 60.0
_TOO_LONG = {
    LimitRequestLine: ("414 URI Too Long", "This address is too long. Please go back and try again."),
    LimitRequestHeaders: ("431 Request Header Fields Too Large", "Too much was sent along. Please try again."),
}


def serve_forever(settings: Settings) -> None:
    """Until SIGTERM (answers what was begun) or SIGINT. Does not return: ends the process."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no keys in a core file
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    _Server(settings).run()


class QuietLogger(Logger):
    """Drops everything a caller has sent; gunicorn's own texts stay where they hold none of it."""

    def warning(self, msg: object, *args: Any, **kwargs: Any) -> None:
        super().warning("Invalid request" if str(msg).startswith("Invalid request") else msg, *args, **kwargs)

    def exception(self, msg: object, *_args: Any, **_kwargs: Any) -> None:
        kind, _, trace = sys.exc_info()
        where = "; ".join(f"{each.filename}:{each.lineno}" for each in traceback.extract_tb(trace)[-6:])
        name = kind.__name__ if kind else "error"
        super().error("%s in %s", name, where)


class PatientWorker(ThreadWorker):
    """Many threads that may wait for a caller, and an end to every wait."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ends: dict[TConn, float] = {}

    def get_thread_pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max_workers=self.cfg.threads + READERS)

    def handle(self, conn: TConn) -> Any:
        self._ends[conn] = time.monotonic() + READ_S
        try:
            return super().handle(conn)
        finally:
            self._ends.pop(conn, None)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        self._ends[conn] = time.monotonic() + (ANSWER_S if _is_bodiless(req) else READ_S + ANSWER_S)
        return super().handle_request(req, conn)

    def handle_error(self, _req: Any, client: Any, _addr: Any, exc: BaseException) -> None:
        """Instead of gunicorn's page, which names the mistake and repeats what was sent."""
        if _is_the_callers(exc):
            status, words = _TOO_LONG.get(type(exc), ("400 Bad Request", "This could not be read. Please try again."))
            self.log.warning("Invalid request")
        else:
            status, words = "500 Internal Server Error", "Something went wrong. Please try again."
            self.log.exception("Error handling request")  # noqa: LOG004 - called while it is handled
        headers, body = plain(words)
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in [("Server", "web"), *headers])]
        with suppress(OSError):  # the caller has gone
            write_nonblock(client, "\r\n".join([*lines, "", ""]).encode() + body)

    def murder_pending(self) -> None:
        """Called by the main loop at least once a second."""
        super().murder_pending()
        now = time.monotonic()
        for conn in [conn for conn, end in list(self._ends.items()) if end < now]:
            with suppress(OSError):  # gone already, or just being wrapped: the next round meets it
                # The plain socket's own method, since the TLS one is not made for two threads.
                socket.socket.shutdown(conn.sock, socket.SHUT_RDWR)


class _Server(BaseApplication):
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__(prog="safetyplan")

    def load_config(self) -> None:
        for name, value in _options(self._settings).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from safetyplan.app import MOST_BYTES, create_app

        return Gate(create_app(self._settings), self._settings, MOST_BYTES)


def _options(settings: Settings) -> dict[str, object]:
    """Every option that gunicorn would otherwise take from the environment is given here."""
    return {
        "bind": settings.bind,
        "worker_class": PatientWorker,
        "workers": settings.workers,
        "threads": settings.threads,
        "worker_connections": 500,
        "backlog": 256,
        "preload_app": False,
        "reload": False,
        "worker_tmp_dir": _MEMORY if os.access(_MEMORY, os.W_OK) else None,
        "umask": 0o077,
        "control_socket_disable": True,
        "limit_request_line": 2048,
        "limit_request_fields": 50,
        "limit_request_field_size": 4096,
        "timeout": 30,
        "graceful_timeout": 20,
        "keepalive": 5,
        "max_requests": 2000,
        "max_requests_jitter": 200,
        "http_protocols": "h1",
        # The gate reads what a proxy forwards; gunicorn itself trusts nobody's headers.
        "forwarded_allow_ips": "",
        "certfile": str(settings.tls_certificate) if settings.tls_certificate else None,
        "keyfile": str(settings.tls_key) if settings.tls_key else None,
        "ssl_context": _tls,
        "logger_class": QuietLogger,
        "loglevel": "warning",
        "errorlog": "-",
        "accesslog": "-",
        "access_log_format": "%(t)s %(m)s %(s)s %(b)s %(M)sms",  # no address, no path, no agent
        "proc_name": "safetyplan",
    }


def _tls(_config: Any, default: Any) -> Any:
    import ssl

    context = default()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _is_the_callers(mistake: BaseException) -> bool:
    """Gunicorn's kinds for a header that we wrong ourselves are among those for a caller's."""
    ours = isinstance(mistake, ConfigurationProblem) or type(mistake).__name__.startswith("InvalidResponse")
    return isinstance(mistake, (ParseException, SSLError)) and not ours


def _is_bodiless(req: Any) -> bool:
    return str(req.method) in ("GET", "HEAD")
