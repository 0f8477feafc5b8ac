"""Where each role starts, and the neutral page that Leave goes to."""

from flask import Blueprint, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from safetyplan.web.audience import ANYONE, audience
from safetyplan.web.navigation import HOME

home = Blueprint("home", __name__)


@home.get("/go")
@audience(ANYONE)
def go() -> Response:
    """To the signed-in role's first page, or to the sign-in."""
    if not current_user.is_authenticated:
        return redirect(url_for("people.sign_in"), code=303)
    return redirect(url_for(HOME[current_user.actor.role]), code=303)
