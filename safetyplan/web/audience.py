"""Deny by default: every endpoint says who may call it, and the application does not start with one that doesn't."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from safetyplan.actors import Actor, Role, is_id
from safetyplan.errors import Refused, SettingsWrong
from safetyplan.web.perform import vault

Audience = frozenset[Role] | None
View = TypeVar("View", bound=Callable[..., Any])

ANYONE: Audience = None
SIGNED_IN: Audience = frozenset(Role)


def audience(*who: Role | Audience) -> Callable[[View], View]:
    """Declare who may call a view: roles, ``SIGNED_IN`` or ``ANYONE``."""
    if not who or (None in who and len(who) > 1):
        raise SettingsWrong("an audience is ANYONE, or roles")
    roles: set[Role] = set()
    for each in who:
        roles |= {each} if isinstance(each, Role) else (each or frozenset())
    declared: Audience = ANYONE if who == (ANYONE,) else frozenset(roles)

    def mark(view: View) -> View:
        view.__dict__["audience"] = declared
        return view

    return mark


def audience_of(app: Flask, endpoint: str) -> Audience:
    """Who may call the endpoint. Raises SettingsWrong if it does not say."""
    view = app.view_functions[endpoint]
    if "audience" not in vars(view):
        raise SettingsWrong(f"The endpoint {endpoint} does not declare who may call it.")
    return view.__dict__["audience"]  # type: ignore[no-any-return]


def guard(app: Flask) -> None:
    """Check every endpoint now and every request later. Called last, when all endpoints are registered."""
    for endpoint in app.view_functions:
        audience_of(app, endpoint)
    app.before_request(_check)


def _check() -> Response | None:
    if request.endpoint is None:
        return None  # the router's 404 or 405 answers
    given = [value for name, value in (request.view_args or {}).items() if name.endswith("_id") and value is not None]
    if not all(is_id(value) for value in given):
        raise Refused("not an id of ours")  # a NUL would reach the database, and PostgreSQL would not take it
    allowed = audience_of(current_app, request.endpoint)
    if allowed is None:
        return None
    if not current_user.is_authenticated:
        return redirect(url_for("people.sign_in"), code=303)
    actor: Actor = current_user.actor
    if actor.role not in allowed:
        vault().refuse(actor, "endpoint.refused")
        raise Refused("not for this role")
    return None
