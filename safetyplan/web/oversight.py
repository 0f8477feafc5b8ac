"""The officer's log and its state; who has looked at a case."""

from calendar import timegm
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from babel.lists import format_list
from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask_babel import format_date, format_time, get_locale, get_timezone, gettext, to_utc
from werkzeug.wrappers import Response as AnyResponse

from safetyplan.actors import CaseId, Purpose, Role
from safetyplan.errors import N_, LogUnavailable, NotAccepted, Refused, Tampered
from safetyplan.oversight import actions, words
from safetyplan.oversight.model import Filter, LogPage, Looked, State, WhoLooked
from safetyplan.vault import Outcome, Watch
from safetyplan.web.audience import audience
from safetyplan.web.forms import Form
from safetyplan.web.pages import render
from safetyplan.web.perform import perform

oversight = Blueprint("oversight", __name__)

Answer = AnyResponse | str | tuple[str, int]

BACKWARDS = N_("The second day is before the first.")
_FILTERS = ("person", "case", "action", "outcome", "since", "until")


# -- the officer -------------------------------------------------------------------------------------------


@oversight.get("/o/")
@audience(Role.OFFICER)
def log() -> Answer:
    try:
        wanted, before = _wanted()
        page = perform(actions.log, watch=_watch(), wanted=wanted, before=before)
    except NotAccepted as error:
        return _log_page(None, error), 422
    except (Tampered, LogUnavailable) as error:
        return _broken(error), 503
    return _log_page(page, {})


@oversight.get("/o/e/<int:seq>")
@audience(Role.OFFICER)
def entry(seq: int) -> Answer:
    try:
        page = perform(actions.entry, watch=_watch(), seq=_seq(seq))
    except (Tampered, LogUnavailable) as error:
        return _broken(error), 503
    return render("oversight/entry.html", page=page, **_words())


@oversight.get("/o/e/<int:seq>/proof")
@audience(Role.OFFICER)
def proof(seq: int) -> Answer:
    """The proof as a file, in the form that https://c2sp.org/tlog-proof describes."""
    page = perform(actions.entry, watch=_watch(), seq=_seq(seq))
    if page.proof.note is None:
        raise Refused("not signed yet")
    answer = Response(page.proof.note, mimetype="text/plain")
    answer.headers["Content-Disposition"] = f'attachment; filename="entry-{seq}.tlog-proof"'
    return answer


@oversight.post("/o/check")
@audience(Role.OFFICER)
def check() -> Answer:
    """Check everything now. What was found stands in the state afterwards, because it is an entry."""
    try:
        report = perform(actions.check, watch=_watch())
    except NotAccepted as error:
        return _log_page(None, error), 422
    if not report.ok:
        current_app.logger.error("ALARM access log: %s", report.findings[0].kind)
    return redirect(url_for("oversight.log", done="verified" if report.ok else None), code=303)


def _wanted() -> tuple[Filter, int | None]:
    form = Form(request.args)
    outcome = form.choice("outcome", Outcome) if request.args.get("outcome") else None
    since, until = form.date("since"), form.date("until")
    before = form.number("before", most=2**62) if request.args.get("before") else None
    if since and until and until < since:
        form.problems["until"] = BACKWARDS
    wanted = Filter(
        person=form.text("person", most=40),
        case=form.text("case", most=16),
        action=_action(),
        outcome=outcome,
        since=_ms(since) if since else None,
        until=_ms(until + timedelta(days=1)) if until and until < date.max else None,
    )
    form.check()
    return wanted, before


def _action() -> str:
    action = request.args.get("action", "")
    return action if action in words.ACTIONS else ""


def _ms(day: date) -> int:
    """The beginning of a day where the house is, in ms UTC; 0 for days before our time."""
    return max(0, timegm(to_utc(datetime.combine(day, time())).timetuple()) * 1000)


def _seq(seq: int) -> int:
    if seq >= 2**62:
        raise Refused("no such entry")
    return seq


def _log_page(page: LogPage | None, problems: NotAccepted | dict[str, str]) -> str:
    kept = {name: request.args[name] for name in _FILTERS if request.args.get(name)}
    older = _older("oversight.log", page.before if page else None, **kept)
    return render(
        "oversight/log.html",
        page=page,
        problems=problems,
        values=kept,
        older=older,
        later=bool(request.args.get("before")),
        **_words(),
    )


def _broken(error: Tampered | LogUnavailable) -> str:
    """The log cannot be read: say what is known of it. Nothing protected stands on this page."""
    if isinstance(error, Tampered) and error.table != "log_entry":
        raise error
    altered = int(error.row_id) if isinstance(error, Tampered) else None
    current_app.logger.error("ALARM access log: %s", error)
    found: State = perform(actions.state, watch=_watch(), altered=altered)
    return render("oversight/broken.html", state=found, older=_older("oversight.log", altered), **_words())


def _watch() -> Watch:
    watch: Watch = current_app.extensions["safetyplan.watch"]
    return watch


# -- a case's own people -----------------------------------------------------------------------------------


@oversight.get("/n/looked")
@audience(Role.RESIDENT)
def mine() -> Answer:
    found = perform(actions.mine, zone=get_timezone(), before=_before())
    older = _older("oversight.mine", found.before)
    return _looked_page("oversight/mine.html", found, older, hers=True)


@oversight.get("/s/c/<case_id>/looked")
@audience(Role.STAFF, Role.LEAD)
def case(case_id: str) -> Answer:
    found = perform(actions.looked, case=CaseId(case_id), zone=get_timezone(), before=_before())
    older = _older("oversight.case", found.before, case_id=case_id)
    return _looked_page("oversight/case.html", found, older, hers=False, case_id=case_id)


def _looked_page(template: str, found: WhoLooked, older: str | None, *, hers: bool, **more: str) -> str:
    return render(
        template,
        found=found,
        older=older,
        later=_before() is not None,
        hers=hers,
        what=lambda entry: _what(entry, hers),
        why=_why,
        role_words=_translated(words.ROLES),
        day_words=lambda day: format_date(day, "full"),
        short_day=lambda day: format_date(day, "short"),
        clock_words=lambda ms: format_time(datetime.fromtimestamp(ms / 1000, UTC), "short"),
        **more,
    )


def _older(endpoint: str, before: int | None, **values: Any) -> str | None:
    return None if before is None else str(url_for(endpoint, before=before, **values))


def _before() -> int | None:
    before = request.args.get("before", "")
    return int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None


def _what(entry: Looked, hers: bool) -> list[str]:
    """What somebody did, in sentences without names and without content."""
    if entry.outcome is Outcome.REFUSED:
        return [
            gettext("Tried to open what is yours and was not let in. Nothing was shown.")
            if hers
            else gettext("Tried to open this case and was not let in. Nothing was shown.")
        ]
    said = []
    if entry.action == "case.taken_in":
        said.append(gettext("Took you in.") if hers else gettext("Took the resident in."))
    elif entry.action == "accesslog.read":
        said.append(gettext("Looked at this list."))
    else:
        if entry.changed:
            said.append(gettext("Changed %(things)s.", things=_things(entry.changed, hers)))
        if entry.opened:
            said.append(gettext("Opened %(things)s.", things=_things(entry.opened, hers)))
    said = said or [gettext("Saw that the case is there, and none of its words.")]
    if entry.outcome is not Outcome.DONE:
        said.append(gettext("It broke off on the way."))
    return said


def _things(kinds: tuple[str, ...], hers: bool) -> str:
    named = words.HERS if hers else words.THEIRS
    return str(format_list([gettext(named[kind]) for kind in kinds], locale=get_locale()))


def _why(entry: Looked) -> str:
    """The purpose that was named, as a sentence; "" where there is none to tell."""
    told = entry.outcome is Outcome.REFUSED or entry.action == "case.taken_in"
    if told or entry.purpose not in set(Purpose):
        return ""
    return f"{gettext(words.PURPOSES[Purpose(entry.purpose)])}."


# -- words -------------------------------------------------------------------------------------------------


def _translated(table: Mapping[Any, str]) -> dict[str, str]:
    return {str(key): gettext(value) for key, value in table.items()}


def _words() -> dict[str, Any]:
    """Everything the officer's pages say about entries."""
    return {
        "action_words": _translated(words.ACTIONS),
        "other_action": gettext(words.OTHER_ACTION),
        "outcome_words": _translated(words.OUTCOMES),
        "purpose_words": _translated(words.PURPOSES),
        "role_words": _translated(words.ROLES),
        "wrong_words": {str(kind): (gettext(what), gettext(advice)) for kind, (what, advice) in words.WRONG.items()},
        "other_wrong": tuple(map(gettext, words.OTHER_WRONG)),
    }
