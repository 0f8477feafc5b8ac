"""The threat level: staff under the case, the resident under /n/."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask_babel import format_date, gettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from safetyplan.actors import CaseId, RecordId, Role, new_id
from safetyplan.errors import N_, NotAccepted, Refused, Stale
from safetyplan.threat import actions, incidents, reviewing
from safetyplan.threat.factors import GROUPS, SEEN_WORDS
from safetyplan.threat.history import LEVELS, y_of
from safetyplan.threat.model import ASSESSED, CEILING_DAYS, WORDS, day_of, usual_next_review
from safetyplan.threat.review import GRAVE_WORDS, LIKELY_WORDS, LONGEST, Review
from safetyplan.threat.reviewing import Basis, Begun, State
from safetyplan.threat.statements import OWN_WORDS, Incident, OwnView, Side
from safetyplan.vault import Revealed
from safetyplan.web.audience import audience
from safetyplan.web.pages import now_ms, render
from safetyplan.web.perform import perform
from safetyplan.web.threat_forms import (
    basis_of,
    incident_of,
    is_id,
    own_view_of,
    review_of,
    seen_in,
    words_in,
)

threat = Blueprint("threat", __name__)

Answer = Response | str | tuple[str, int]
Problems = NotAccepted | dict[str, str]

MEANWHILE = N_("Something new was said or settled while you wrote. It stands below. Look at it, then save again.")
CHANGED = N_("It was changed meanwhile. The newest is below, with what you wrote. Look at both, then save again.")
PICTURE_ROWS = [(level, y_of(level)) for level in LEVELS]
UNNAMED = N_("The form did not arrive whole. What arrived stands below. Look at it, then save again.")
NO_CHOICE = N_("Choose one.")


@threat.url_value_preprocessor
def _only_ids(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Every variable part of our addresses is an id; nothing else reaches the database."""
    if not all(is_id(value) for value in (values or {}).values()):
        raise Refused("not an id")


# -- staff: the level of a case -------------------------------------------------------------------------------


@threat.get("/s/c/<case_id>/threat")
@audience(Role.STAFF, Role.LEAD)
def for_case(case_id: str) -> Answer:
    page = perform(actions.overview, case=CaseId(case_id))
    return render("threat/case.html", page=page, case_id=case_id, picture_rows=PICTURE_ROWS, **_words())


@threat.get("/s/c/<case_id>/threat/reviews/new")
@audience(Role.STAFF, Role.LEAD)
def new_review(case_id: str) -> Answer:
    return _review_page(case_id, perform(reviewing.begin, case=CaseId(case_id)))


@threat.get("/s/c/<case_id>/threat/reviews/<review_id>/draft")
@audience(Role.STAFF, Role.LEAD)
def draft(case_id: str, review_id: str) -> Answer:
    begun = perform(reviewing.begin, case=CaseId(case_id), review=RecordId(review_id))
    return _review_page(case_id, begun)


@threat.post("/s/c/<case_id>/threat/reviews")
@audience(Role.STAFF, Role.LEAD)
def save_review(case_id: str) -> Answer:
    """Two buttons: keep as a draft, or propose. A draft comes back to the same form with room for more."""
    content, case = review_of(request.form), CaseId(case_id)
    if not is_id(request.form.get("review", "")):
        return _typed_review(case_id, RecordId(new_id()), None, content, NotAccepted({"": UNNAMED})), 422
    review, basis = RecordId(request.form["review"]), basis_of(request.form)
    try:
        if request.form.get("do") == "propose":
            perform(reviewing.propose, case=case, review=review, basis=basis, content=content)
            return _to("threat.review", case_id=case_id, review_id=review, done="review-proposed")
        perform(reviewing.save_draft, case=case, review=review, seen=basis.draft, content=content)
    except NotAccepted as error:
        return _typed_review(case_id, review, basis, content, error), 422
    except Stale:
        return _typed_review(case_id, review, None, content, NotAccepted({"": MEANWHILE})), 409
    return _to("threat.draft", case_id=case_id, review_id=review, done="saved", _anchor=_part())


@threat.get("/s/c/<case_id>/threat/reviews/<review_id>")
@audience(Role.STAFF, Role.LEAD)
def review(case_id: str, review_id: str) -> Answer:
    return _reading_page(case_id, review_id, {}, Revealed(""))


@threat.post("/s/c/<case_id>/threat/reviews/<review_id>/settle")
@audience(Role.STAFF, Role.LEAD)
def settle(case_id: str, review_id: str) -> Answer:
    words, choice = words_in(request.form), request.form.get("accept", "")
    try:
        if choice not in ("yes", "no"):
            raise NotAccepted({"accept": NO_CHOICE})
        perform(
            reviewing.settle,
            case=CaseId(case_id),
            review=RecordId(review_id),
            accept=choice == "yes",
            words=words,
        )
    except NotAccepted as error:
        return _reading_page(case_id, review_id, error, words, choice), 422
    except Stale:
        return _reading_page(case_id, review_id, NotAccepted({"": CHANGED}), words, choice), 409
    return _to("threat.for_case", case_id=case_id, done="review-settled")


@threat.post("/s/c/<case_id>/threat/reviews/<review_id>/withdraw")
@audience(Role.STAFF, Role.LEAD)
def withdraw(case_id: str, review_id: str) -> Answer:
    words = words_in(request.form)
    try:
        perform(reviewing.withdraw, case=CaseId(case_id), review=RecordId(review_id), words=words)
    except NotAccepted as error:
        return _reading_page(case_id, review_id, error, words), 422
    except Stale:
        return _reading_page(case_id, review_id, NotAccepted({"": CHANGED}), words), 409
    return _to("threat.for_case", case_id=case_id, done="review-settled")


# -- staff: what has happened ---------------------------------------------------------------------------------


@threat.get("/s/c/<case_id>/threat/events/new")
@audience(Role.STAFF, Role.LEAD)
def new_incident(case_id: str) -> Answer:
    return _incident_page(None, _blank(), 0, {}, incident_id=new_id(), case_id=case_id)


@threat.get("/s/c/<case_id>/threat/events/<incident_id>")
@audience(Role.STAFF, Role.LEAD)
def incident(case_id: str, incident_id: str) -> Answer:
    return _told(incident_id, case_id)


@threat.post("/s/c/<case_id>/threat/events/<incident_id>")
@audience(Role.STAFF, Role.LEAD)
def save_incident(case_id: str, incident_id: str) -> Answer:
    return _save_incident(incident_id, case_id)


# -- the resident ---------------------------------------------------------------------------------------------


@threat.get("/n/level")
@audience(Role.RESIDENT)
def mine() -> Answer:
    return render("threat/mine.html", page=perform(actions.own_page), **_words())


@threat.get("/n/level/view")
@audience(Role.RESIDENT)
def own_view() -> Answer:
    page = perform(actions.own_page)
    newest = page.said[0] if page.said else None
    view = newest.view if newest else OwnView()
    return _own_view_page(page, view, newest.revision if newest else 0, {})


@threat.post("/n/level/view")
@audience(Role.RESIDENT)
def say_own_view() -> Answer:
    view, seen = own_view_of(request.form), seen_in(request.form)
    try:
        saved = perform(actions.say_own_view, view=view, seen=seen)
    except NotAccepted as error:
        return _own_view_page(perform(actions.own_page), view, seen, error), 422
    except Stale:
        page = perform(actions.own_page)
        newest = page.said[0].revision if page.said else 0
        return _own_view_page(page, view, newest, NotAccepted({"": CHANGED})), 409
    return _to("threat.mine", done="view-saved" if saved else "view-same")


@threat.get("/n/events/new")
@audience(Role.RESIDENT)
def new_event() -> Answer:
    return _incident_page(None, _blank(), 0, {}, incident_id=new_id())


@threat.get("/n/events/<incident_id>")
@audience(Role.RESIDENT)
def event(incident_id: str) -> Answer:
    return _told(incident_id)


@threat.post("/n/events/<incident_id>")
@audience(Role.RESIDENT)
def save_event(incident_id: str) -> Answer:
    return _save_incident(incident_id)


# -- pages ----------------------------------------------------------------------------------------------------


def _review_page(case_id: str, begun: Begun, problems: Problems | None = None) -> str:
    today = day_of(begun.now)
    return render(
        "threat/review_form.html",
        case_id=case_id,
        begun=begun,
        content=begun.content,
        problems=problems or {},
        usual={level: usual_next_review(level, begun.now) for level in ASSESSED},
        earliest=today.isoformat(),
        latest=day_of(begun.now + CEILING_DAYS * 86_400_000).isoformat(),
        longest=LONGEST,
        **_words(),
    )


def _typed_review(
    case_id: str, review_id: RecordId, basis: Basis | None, content: Review, problems: NotAccepted
) -> str:
    """The form again with what was typed. ``basis`` None: what stands now is what the author has before them now."""
    begun = perform(reviewing.resume, case=CaseId(case_id), review=review_id, content=content, basis=basis)
    return _review_page(case_id, begun, problems)


def _reading_page(case_id: str, review_id: str, problems: Problems, words: Revealed, choice: str = "") -> str:
    page = perform(reviewing.read_review, case=CaseId(case_id), review=RecordId(review_id))
    return render(
        "threat/review.html",
        case_id=case_id,
        page=page,
        content=page.written.review,
        settles=page.state is State.WAITING and not page.yours,
        problems=problems,
        words=words,
        choice=choice,
        longest=LONGEST,
        **_words(),
    )


def _own_view_page(page: actions.OwnPage, view: OwnView, seen: int, problems: Problems) -> str:
    return render("threat/own_view.html", page=page, view=view, seen=seen, problems=problems, **_words())


def _told(incident_id: str, case_id: str | None = None) -> str:
    account = perform(
        incidents.read_incident, case=CaseId(case_id) if case_id else None, incident=RecordId(incident_id)
    )
    newest = account.newest
    return _incident_page(account, newest.incident, newest.revision, {}, incident_id=incident_id, case_id=case_id)


def _save_incident(incident_id: str, case_id: str | None = None) -> Answer:
    told, seen = incident_of(request.form), seen_in(request.form)
    case, record = CaseId(case_id) if case_id else None, RecordId(incident_id)
    try:
        perform(incidents.note_incident, case=case, incident=record, seen=seen, told=told)
    except NotAccepted as error:
        account = perform(incidents.read_incident, case=case, incident=record) if seen else None
        return _incident_page(account, told, seen, error, incident_id=incident_id, case_id=case_id), 422
    except Stale:
        account = perform(incidents.read_incident, case=case, incident=record)
        newest = account.newest.revision
        problem = NotAccepted({"": CHANGED})
        return _incident_page(account, told, newest, problem, incident_id=incident_id, case_id=case_id), 409
    if case_id:
        return _to("threat.for_case", case_id=case_id, done="saved")
    return _to("threat.mine", done="incident-saved")


def _incident_page(
    account: incidents.Account | None,
    told: Incident,
    seen: int,
    problems: Problems,
    *,
    incident_id: str,
    case_id: str | None = None,
) -> str:
    reference = account.reference if account else None
    if case_id and reference is None:
        reference = perform(incidents.case_reference, case=CaseId(case_id))
    return render(
        "threat/incident.html",
        account=account,
        told=told,
        seen=seen,
        problems=problems,
        incident_id=incident_id,
        case_id=case_id,
        reference=reference,
        today=day_of(now_ms()).isoformat(),
        day=_day,
    )


def _blank() -> Incident:
    return Incident(Side.RESIDENT, Revealed(""))


def _part() -> str:
    """Which part of the form asked for another row; a closed list, since it goes into the address."""
    part = request.form.get("do", "")
    return part if part in ("scenarios", "measures", "instruments") else "main"


def _to(endpoint: str, **values: Any) -> Response:
    return redirect(url_for(endpoint, **values), code=303)


def _words() -> dict[str, object]:
    """Closed lists in the reader's language."""
    lists: dict[str, Mapping[Any, str]] = {
        "level_words": WORDS,
        "own_words": OWN_WORDS,
        "seen_words": SEEN_WORDS,
        "likely_words": LIKELY_WORDS,
        "grave_words": GRAVE_WORDS,
    }
    return {name: {key: gettext(words) for key, words in known.items()} for name, known in lists.items()} | {
        "groups": GROUPS,
        "day": _day,
    }


def _day(ms: int) -> Markup:
    """A day without an hour: next reviews and incidents have none."""
    day = day_of(ms)
    return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), format_date(day, "long"))
