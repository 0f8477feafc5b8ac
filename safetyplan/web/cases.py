"""My cases, one case, taking someone in, the slip, letting colleagues in and out."""

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from safetyplan.actors import AccountId, CaseId, Role, new_id
from safetyplan.cases import actions
from safetyplan.cases.model import PROTECTIONS, Jurisdiction, Protection, Slip
from safetyplan.errors import N_, NotAccepted, Stale
from safetyplan.web.audience import audience
from safetyplan.web.forms import Form
from safetyplan.web.pages import render
from safetyplan.web.perform import perform

cases = Blueprint("cases", __name__)

Answer = Response | str | tuple[str, int]

JURISDICTIONS = {Jurisdiction.SWEDEN: N_("Sweden"), Jurisdiction.DENMARK: N_("Denmark")}
PROTECTION_WORDS = {
    Protection.SEKRETESSMARKERING: N_("Confidentiality marking (sekretessmarkering)"),
    Protection.SKYDDAD_FOLKBOKFORING: N_("Protected population registration (skyddad folkbokföring)"),
    Protection.FINGERADE_PERSONUPPGIFTER: N_("Assumed personal data (fingerade personuppgifter)"),
    Protection.NAVNE_OG_ADRESSEBESKYTTELSE: N_("Name and address protection (navne- og adressebeskyttelse)"),
    Protection.SAERLIG_ADRESSEBESKYTTELSE: N_("Special address protection (særlig adressebeskyttelse)"),
    Protection.APPLIED: N_("Applied for, no decision yet"),
    Protection.NONE: N_("None"),
    Protection.UNKNOWN: N_("Not known"),
}


@cases.get("/s/")
@audience(Role.STAFF, Role.LEAD)
def index() -> Answer:
    return render("cases/index.html", caseload=perform(actions.my_cases))


@cases.get("/s/c/<case_id>/")
@audience(Role.STAFF, Role.LEAD)
def show(case_id: str) -> Answer:
    page = perform(actions.show, case=CaseId(case_id))
    return render("cases/show.html", case=page, **_words(), values={}, problems={})


@cases.get("/s/new")
@audience(Role.LEAD)
def take_in() -> Answer:
    return _take_in_page({"case": new_id()}, {})


@cases.post("/s/new")
@audience(Role.LEAD)
def take_in_now() -> Answer:
    form = Form(request.form)
    case = form.record("case")
    jurisdiction = form.choice("jurisdiction", Jurisdiction)
    protection = form.choice("protection", Protection)
    staff = [AccountId(account) for account in request.form.getlist("staff")]
    try:
        form.check()
        slip = perform(
            actions.take_in, case=CaseId(case), jurisdiction=jurisdiction, protection=protection, staff=staff
        )
    except NotAccepted as error:
        return _take_in_page(form.values | {"staff": staff}, error), 422
    except Stale:  # sent twice: the slip was shown already, and its page can print a new one
        return redirect(url_for("cases.show", case_id=case), code=303)
    return _slip_page(slip)


@cases.post("/s/c/<case_id>/slip")
@audience(Role.LEAD)
def new_slip(case_id: str) -> Answer:
    try:
        slip = perform(actions.new_slip, case=CaseId(case_id))
    except NotAccepted as error:
        return _case_page(case_id, {}, error), 422
    return _slip_page(slip)


@cases.post("/s/c/<case_id>/particulars")
@audience(Role.LEAD)
def set_particulars(case_id: str) -> Answer:
    form = Form(request.form)
    jurisdiction = form.choice("jurisdiction", Jurisdiction)
    protection = form.choice("protection", Protection)
    seen = form.number("revision")
    try:
        form.check()
        perform(
            actions.set_particulars,
            case=CaseId(case_id),
            jurisdiction=jurisdiction,
            protection=protection,
            seen=seen,
        )
    except NotAccepted as error:
        return _case_page(case_id, form.values, error), 422
    return redirect(url_for("cases.show", case_id=case_id, done="saved"), code=303)


@cases.post("/s/c/<case_id>/access/<account_id>")
@audience(Role.LEAD)
def let_in(case_id: str, account_id: str) -> Answer:
    perform(actions.let_in, case=CaseId(case_id), account=AccountId(account_id))
    return redirect(url_for("cases.show", case_id=case_id, done="granted", _anchor="access"), code=303)


@cases.post("/s/c/<case_id>/access/<account_id>/end")
@audience(Role.LEAD)
def take_out(case_id: str, account_id: str) -> Answer:
    try:
        perform(actions.take_out, case=CaseId(case_id), account=AccountId(account_id))
    except NotAccepted as error:
        return _case_page(case_id, {}, error), 422
    return redirect(url_for("cases.show", case_id=case_id, done="withdrawn", _anchor="access"), code=303)


def _case_page(case_id: str, values: dict[str, str], problems: NotAccepted) -> str:
    page = perform(actions.show, case=CaseId(case_id))
    return render("cases/show.html", case=page, **_words(), values=values, problems=problems)


def _take_in_page(values: dict[str, object], problems: NotAccepted | dict[str, str]) -> str:
    colleagues = perform(actions.colleagues)
    return render("cases/take_in.html", values=values, problems=problems, colleagues=colleagues, **_words())


def _slip_page(slip: Slip) -> str:
    address = request.host_url.rstrip("/") + url_for("people.start")
    return render("cases/slip.html", slip=slip, address=address)


def _words() -> dict[str, object]:
    protections: dict[Protection, str] = {}
    for group in PROTECTIONS.values():
        protections |= {each: gettext(PROTECTION_WORDS[each]) for each in group}
    ordered = [(each, protections[each]) for each in PROTECTION_WORDS]
    return {
        "jurisdictions": [(each, gettext(words)) for each, words in JURISDICTIONS.items()],
        "protections": ordered,
    }
