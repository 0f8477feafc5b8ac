"""The administrator's page: units, and the people who work in them. Each new person gets a slip."""

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from safetyplan.actors import AccountId, Role, UnitId, new_id
from safetyplan.errors import N_, NotAccepted
from safetyplan.people import accounts as people_accounts
from safetyplan.people import enrolment, units
from safetyplan.people.model import MadeAlready
from safetyplan.web.audience import audience
from safetyplan.web.forms import Form
from safetyplan.web.pages import render
from safetyplan.web.perform import perform

accounts = Blueprint("accounts", __name__)

Answer = Response | str | tuple[str, int]

ROLE_WORDS = {
    Role.STAFF: N_("Staff"),
    Role.LEAD: N_("Unit lead"),
    Role.OFFICER: N_("Security officer"),
    Role.ADMINISTRATOR: N_("Administrator"),
}
STATE_WORDS = {
    "invited": N_("Has a slip, has not signed in yet"),
    "active": N_("Active"),
    "locked": N_("Locked"),
    "retired": N_("Has left"),
}
_SHOWN_ALREADY = N_("This slip was shown already, and a slip is shown only once. Make a new slip in the list.")


@accounts.get("/a/")
@audience(Role.ADMINISTRATOR)
def index() -> Answer:
    return _page({}, {})


@accounts.post("/a/units")
@audience(Role.ADMINISTRATOR)
def add_unit() -> Answer:
    form = Form(request.form)
    name, unit = form.text("unit_name", most=80, required=True), form.record("new_unit")
    try:
        form.check()
        perform(units.add, name=name, unit=UnitId(unit))
    except MadeAlready:
        pass  # a second tap on the same button: the unit is there
    except NotAccepted as error:
        at_field = {"unit_name" if field == "name" else field: words for field, words in error.problems.items()}
        return _page(form.values, NotAccepted(at_field)), 422
    return redirect(url_for("accounts.index", done="unit-created"), code=303)


@accounts.post("/a/people")
@audience(Role.ADMINISTRATOR)
def invite() -> Answer:
    form = Form(request.form)
    name = form.text("name", most=80, required=True)
    role = form.choice("role", Role)
    unit, account = form.values.get("unit") or None, form.record("account")
    try:
        form.check()
        slip = perform(
            enrolment.invite,
            role=role,
            unit=UnitId(unit) if unit else None,
            name=name,
            account=AccountId(account),
        )
    except MadeAlready:
        return _page({}, NotAccepted({"": _SHOWN_ALREADY}), kept=False), 409
    except NotAccepted as error:
        return _page(form.values, error), 422
    return render("accounts/slip.html", slip=slip, address=request.host_url.rstrip("/") + url_for("people.start"))


@accounts.post("/a/people/<account_id>/slip")
@audience(Role.ADMINISTRATOR)
def new_slip(account_id: str) -> Answer:
    try:
        slip = perform(enrolment.invite_again, account=AccountId(account_id))
    except NotAccepted as error:
        return _page({}, error, kept=False), 422
    return render("accounts/slip.html", slip=slip, address=request.host_url.rstrip("/") + url_for("people.start"))


@accounts.post("/a/people/<account_id>/withdraw")
@audience(Role.ADMINISTRATOR)
def withdraw(account_id: str) -> Answer:
    try:
        perform(enrolment.withdraw, account=AccountId(account_id))
    except NotAccepted as error:
        return _page({}, error, kept=False), 422
    return redirect(url_for("accounts.index", done="invitation-withdrawn"), code=303)


def _page(values: dict[str, str], problems: NotAccepted | dict[str, str], *, kept: bool = True) -> str:
    """Both forms carry the id of what they would make, so that sending one again makes nothing new."""
    return render(
        "accounts/index.html",
        known=perform(people_accounts.listed),
        units=perform(people_accounts.units),
        values={"account": new_id(), "new_unit": new_id()} | {key: typed for key, typed in values.items() if typed},
        problems=problems,
        kept=kept,
        roles=[(role, gettext(words)) for role, words in ROLE_WORDS.items()],
        states={state: gettext(words) for state, words in STATE_WORDS.items()},
    )
