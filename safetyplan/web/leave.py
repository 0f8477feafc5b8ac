"""Leave: a neutral page, at once, whatever fails. And that page, which has nothing to do with anything."""

from flask import Blueprint, current_app, redirect, request
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from safetyplan.people import sessions as own
from safetyplan.web import sessions as cookies
from safetyplan.web.audience import ANYONE, audience
from safetyplan.web.pages import options, render
from safetyplan.web.perform import perform_unsigned

leave = Blueprint("leave", __name__)

CLEARED = '"cache", "storage"'
"""Not "cookies": the mark of her own device stays, or whoever makes her leave could keep her out."""


@leave.post("/leave", endpoint="leave")
@audience(ANYONE)
def leave_now() -> Response:
    """Needs no form token and no session. Another site that posts here ends nothing: its request carries no cookie
    (SameSite=Strict), and where the browser says whose request it is, nothing is cleared either."""
    response = redirect(options().leave_to, code=303)
    response.headers["Referrer-Policy"] = "no-referrer"
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return response
    try:
        perform_unsigned(own.end, cookie=cookies.token(), address=request.remote_addr)
    except Exception as error:  # noqa: BLE001 (she is gone whatever happens; the row dies by itself within minutes)
        current_app.logger.error("ALARM leave could not end a session: %s", type(error).__name__)
    cookies.turn_to(None)
    response.headers["Clear-Site-Data"] = CLEARED
    return response


@leave.get("/w")
@audience(ANYONE)
def elsewhere() -> str:
    return render("people/elsewhere.html")


@leave.record_once
def _needs_no_form_token(state: BlueprintSetupState) -> None:
    state.app.extensions["csrf"].exempt(leave_now)
