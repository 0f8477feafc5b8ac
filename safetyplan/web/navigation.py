"""The few places each role goes to. What is not built is not here."""

from flask import current_app, request, url_for
from flask_babel import gettext

from safetyplan.actors import Role
from safetyplan.errors import N_

_PLACES: dict[Role, tuple[tuple[str, str], ...]] = {
    Role.RESIDENT: (
        (N_("Today"), "today.show"),
        (N_("My plan"), "plans.show"),
        (N_("Questions"), "guides.index"),
        (N_("How things stand"), "threat.mine"),
        (N_("Who has looked"), "oversight.mine"),
        (N_("My sign-ins"), "people.sessions"),
    ),
    Role.STAFF: ((N_("My cases"), "cases.index"), (N_("My sign-ins"), "people.sessions")),
    Role.LEAD: (
        (N_("My cases"), "cases.index"),
        (N_("Take someone in"), "cases.take_in"),
        (N_("My sign-ins"), "people.sessions"),
    ),
    Role.OFFICER: ((N_("Access log"), "oversight.log"), (N_("My sign-ins"), "people.sessions")),
    Role.ADMINISTRATOR: (
        (N_("People and units"), "accounts.index"),
        (N_("My sign-ins"), "people.sessions"),
    ),
}

HOME: dict[Role, str] = {role: places[0][1] for role, places in _PLACES.items()}


def navigation(role: Role) -> list[tuple[str, str, bool]]:
    """(label, address, is it the page we are on)."""
    here = request.endpoint
    known = current_app.view_functions
    return [(gettext(label), url_for(end), end == here) for label, end in _PLACES[role] if end in known]
