"""The cookie: 43 random characters and nothing else. What they open is the people room's business.

Flask's session lives for one request only. It holds the token (for Flask-Login: ``_user_id``) and the form token that
follows from it. A visitor without a session gets a random token of the same shape, which opens nothing, as soon as a
page has a form: so a form token is always bound to the browser, and signing in always changes both.
"""

import hmac
import re
from typing import Any

from flask import Flask, Request, Response, current_app, g, request
from flask import session as flask_session
from flask.sessions import SessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin

from safetyplan.actors import Actor
from safetyplan.people import sessions
from safetyplan.people.keys import Hashing, hashing_at
from safetyplan.people.model import Whence
from safetyplan.people.sessions import Session
from safetyplan.people.signin import new_token
from safetyplan.vault import House, Keyring

COOKIE = "__Host-s"
DEVICE_COOKIE = "__Host-d"
_DEVICE_DAYS = 180
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
# The name of a field, not a secret.
_FORM_TOKEN = "csrf_token"  # noqa: S105  # nosec B105
_USER = "_user_id"


class TokenSession(dict[str, Any], SessionMixin):
    """``given``: what the browser sent; ``token``: what it shall hold from now on (None: nothing)."""

    def __init__(self, given: str | None) -> None:
        super().__init__()
        self.given = given
        self.token: str | None = None
        self.turn_to(given)

    def turn_to(self, token: str | None) -> None:
        """Another cookie from now on, and with it another form token."""
        self.token = token
        self.pop(_USER, None)
        self.pop(_FORM_TOKEN, None)
        if token is not None:
            super().__setitem__(_USER, token)
            super().__setitem__(_FORM_TOKEN, hmac.digest(token.encode(), b"form", "sha256").hex())

    def __setitem__(self, name: str, value: Any) -> None:
        if name == _USER:
            self.turn_to(value)
        elif name == _FORM_TOKEN:
            self.turn_to(self.token or new_token())  # Flask-WTF asks for one: it is ours to say which
        else:
            super().__setitem__(name, value)


class CookieSessions(SessionInterface):
    """Nothing is signed, stored or serialised: the token alone goes out, and only when it has changed."""

    def open_session(self, app: Flask, request: Request) -> TokenSession:
        given = request.cookies.get(COOKIE)
        return TokenSession(given if given and _TOKEN.fullmatch(given) else None)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, TokenSession) or session.token == session.given:
            return
        if session.token is None:
            expire(response, COOKIE)
        else:
            response.set_cookie(COOKIE, session.token, secure=True, httponly=True, samesite="Strict", path="/")


class User(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """Flask-Login's user: the actor and the keys of this request, never longer."""

    def __init__(self, session: Session) -> None:
        self._token = session.cookie
        self.actor: Actor = session.actor
        self.keyring: Keyring = session.keyring

    def get_id(self) -> str:
        return self._token


def set_up(app: Flask, *, argon2_memory_kib: int) -> None:
    app.session_interface = CookieSessions()
    app.extensions["safetyplan.hashing"] = hashing_at(argon2_memory_kib)
    app.config["REMEMBER_COOKIE_NAME"] = "__Host-none"  # never set, and never believed: nobody can sign one
    login = LoginManager(app, add_context_processor=False)
    login.session_protection = None
    login.user_loader(_load)


def _load(token: str) -> User | None:
    # Asked again while the page that says "the database does not answer" is rendered: then nobody is signed in.
    if g.get("no_sessions"):
        return None
    house: House = current_app.extensions["safetyplan.house"]
    g.no_sessions = True
    found = sessions.load(house, token, address=request.remote_addr)
    g.no_sessions = False
    return User(found) if found else None


def token() -> str | None:
    """What the browser's cookie will be."""
    current = flask_session._get_current_object()  # type: ignore[attr-defined]
    return current.token if isinstance(current, TokenSession) else None


def turn_to(new: str | None) -> None:
    """Change the browser's cookie (None: take it away)."""
    current = flask_session._get_current_object()  # type: ignore[attr-defined]
    if isinstance(current, TokenSession):
        current.turn_to(new)


def whence() -> Whence:
    """Where this request comes from."""
    return Whence(request.remote_addr, request.cookies.get(DEVICE_COOKIE), request.headers.get("User-Agent", ""))


def hashing() -> Hashing:
    chosen: Hashing = current_app.extensions["safetyplan.hashing"]
    return chosen


def remember_device(response: Any, mark: str) -> None:
    age = _DEVICE_DAYS * 86_400
    response.set_cookie(DEVICE_COOKIE, mark, max_age=age, secure=True, httponly=True, samesite="Strict", path="/")


def expire(response: Any, name: str) -> None:
    response.delete_cookie(name, secure=True, httponly=True, samesite="Strict", path="/")
