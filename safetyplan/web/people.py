"""Signing in, enrolling, one's own sign-ins. The pages before signing in say nothing about what is behind them."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from safetyplan.actors import Role
from safetyplan.errors import N_, NotAccepted, Throttled
from safetyplan.people import enrolment, signin, totp
from safetyplan.people import sessions as own
from safetyplan.people.drafts import Draft, Stage
from safetyplan.people.model import Kind, SignInAgain, WaitForNext
from safetyplan.people.sessions import Session
from safetyplan.web import sessions as cookies
from safetyplan.web.audience import ANYONE, SIGNED_IN, audience
from safetyplan.web.pages import options, render
from safetyplan.web.perform import perform, perform_unsigned

people = Blueprint("people", __name__)

Answer = Response | str | tuple[str, int] | tuple[str, int, dict[str, str]]

CLEARED = '"cache", "storage"'
DEVICES = {
    "phone": N_("Phone"),
    "tablet": N_("Tablet"),
    "computer": N_("Computer"),
    "unknown": N_("A device"),
}
_LONGEST_CODE = 100  # what is shown again of a mistyped code
_NOT_TICKED = N_("Please do this first, then tick the box.")
_USED_BEFORE = N_("That code was used already. Wait for the next one; it comes within half a minute.")


@people.errorhandler(SignInAgain)
def again(_: SignInAgain) -> Response:
    first = "people.start" if request.path.startswith("/start") else "people.sign_in"
    return redirect(url_for(first, done="begin-again"), code=303)


# -- the first step ----------------------------------------------------------------------------------------


@people.get("/")
@audience(ANYONE)
def sign_in() -> Answer:
    if current_user.is_authenticated:
        return redirect(url_for("home.go"), code=303)
    return render("people/sign_in.html", values={}, problems={}, waiting=False)


@people.post("/")
@audience(ANYONE)
def sign_in_now() -> Answer:
    name, phrase = request.form.get("name", ""), request.form.get("phrase", "")
    try:
        half = perform_unsigned(
            signin.first_step, name=name, phrase=phrase, whence=cookies.whence(), hashing=cookies.hashing()
        )
    except (NotAccepted, Throttled) as error:
        return _once_more("people/sign_in.html", error, values={"name": name}, waiting=isinstance(error, Throttled))
    return _turn_to(half, "people.code")


@people.get("/lost")
@audience(ANYONE)
def lost_phrase() -> Answer:
    return render("people/lost.html", values={}, problems={})


@people.post("/lost")
@audience(ANYONE)
def lost_phrase_now() -> Answer:
    name, code = request.form.get("name", ""), request.form.get("code", "")
    try:
        half = perform_unsigned(signin.first_step_on_paper, name=name, code=code, whence=cookies.whence())
    except (NotAccepted, Throttled) as error:
        return _once_more("people/lost.html", error, values={"name": name})
    return _turn_to(half, "people.code")


# -- the second step ---------------------------------------------------------------------------------------


@people.get("/code")
@audience(ANYONE)
def code() -> Answer:
    half = perform_unsigned(signin.halfway, cookie=cookies.token())
    return render("people/code.html", half=half, own_device=half.known_device, problems={})


@people.post("/code")
@audience(ANYONE)
def code_now() -> Answer:
    half = perform_unsigned(signin.halfway, cookie=cookies.token())
    own_device = bool(request.form.get("own_device"))
    try:
        done = perform_unsigned(
            signin.second_step,
            cookie=cookies.token() or "",
            code=request.form.get("code", ""),
            whence=cookies.whence(),
            own_device=own_device,
        )
    except (NotAccepted, Throttled, WaitForNext) as error:
        return _once_more("people/code.html", error, half=half, own_device=own_device)
    if isinstance(done, signin.Renewing):
        return _turn_to(done.cookie, "people.phrase")
    return _signed_in(done.session, done.mark)


@people.get("/code/paper")
@audience(ANYONE)
def code_on_paper() -> Answer:
    if not perform_unsigned(signin.halfway, cookie=cookies.token()).on_paper_allowed:
        return redirect(url_for("people.code"), code=303)
    return render("people/code_on_paper.html", problems={})


@people.post("/code/paper")
@audience(ANYONE)
def code_on_paper_now() -> Answer:
    typed = request.form.get("code", "")
    try:
        done = perform_unsigned(
            signin.second_step_on_paper, cookie=cookies.token() or "", code=typed, whence=cookies.whence()
        )
    except (NotAccepted, Throttled) as error:
        return _once_more("people/code_on_paper.html", error)
    return _signed_in(done.session, None)


@people.post("/out")
@audience(ANYONE)
def sign_out() -> Response:
    perform_unsigned(own.end, cookie=cookies.token(), address=request.remote_addr)
    logout_user()
    cookies.turn_to(None)
    response = redirect(url_for("people.sign_in", done="signed-out"), code=303)
    response.headers["Clear-Site-Data"] = CLEARED
    return response


# -- enrolment, and a new phrase after a lost one ----------------------------------------------------------

_PAGES: dict[Stage, str] = {
    Stage.PHRASE: "people.phrase",
    Stage.CHECK: "people.check",
    Stage.PHONE: "people.phone",
    Stage.KEY_SHEET: "people.key_sheet",
    Stage.CODE_SHEET: "people.code_sheet",
}


@people.get("/start")
@audience(ANYONE)
def start() -> Answer:
    return render("people/start.html", values={}, problems={})


@people.post("/start")
@audience(ANYONE)
def start_now() -> Answer:
    typed = request.form.get("code", "")
    try:
        begun = perform_unsigned(enrolment.begin, code=typed, whence=cookies.whence())
    except (NotAccepted, Throttled) as error:
        return _once_more("people/start.html", error, values={"code": typed[:_LONGEST_CODE]})
    perform_unsigned(own.end, cookie=cookies.token(), address=request.remote_addr)
    return _turn_to(begun, "people.phrase")


@people.get("/start/phrase")
@audience(ANYONE)
def phrase() -> Answer:
    return _page(Stage.PHRASE, "people/phrase.html")


@people.post("/start/phrase")
@audience(ANYONE)
def phrase_now() -> Answer:
    return _step(Stage.PHRASE, "people/phrase.html", _ticked(enrolment.written_down))


@people.get("/start/own")
@audience(ANYONE)
def own_phrase() -> Answer:
    if perform_unsigned(enrolment.draft, cookie=cookies.token()).role is not Role.RESIDENT:
        return redirect(url_for("people.phrase"), code=303)
    return _page(Stage.PHRASE, "people/own_phrase.html")


@people.post("/start/own")
@audience(ANYONE)
def own_phrase_now() -> Answer:
    chosen = request.form.get("phrase", "")
    return _step(
        Stage.PHRASE,
        "people/own_phrase.html",
        lambda: perform_unsigned(enrolment.choose_own, cookie=cookies.token() or "", phrase=chosen),
    )


@people.get("/start/check")
@audience(ANYONE)
def check() -> Answer:
    return _page(Stage.CHECK, "people/check.html")


@people.post("/start/check")
@audience(ANYONE)
def check_now() -> Answer:
    typed = request.form.get("phrase", "")
    return _step(
        Stage.CHECK,
        "people/check.html",
        lambda: perform_unsigned(enrolment.check_phrase, cookie=cookies.token() or "", phrase=typed),
    )


@people.post("/start/again")
@audience(ANYONE)
def show_again() -> Answer:
    """Back to the five words; with ``own`` to the page where she chooses hers, which sends away who may not."""
    perform_unsigned(enrolment.show_again, cookie=cookies.token() or "")
    return redirect(url_for("people.own_phrase"), code=303) if request.form.get("own") else _onwards()


@people.get("/start/phone")
@audience(ANYONE)
def phone() -> Answer:
    return _page(Stage.PHONE, "people/phone.html")


@people.post("/start/phone")
@audience(ANYONE)
def phone_now() -> Answer:
    typed = request.form.get("code", "")
    return _step(
        Stage.PHONE,
        "people/phone.html",
        lambda: perform_unsigned(enrolment.confirm_phone, cookie=cookies.token() or "", code=typed),
    )


@people.get("/start/key-sheet")
@audience(ANYONE)
def key_sheet() -> Answer:
    return _page(Stage.KEY_SHEET, "people/key_sheet.html")


@people.post("/start/key-sheet")
@audience(ANYONE)
def key_sheet_now() -> Answer:
    return _step(Stage.KEY_SHEET, "people/key_sheet.html", _ticked(enrolment.sheet_kept))


@people.get("/start/code-sheet")
@audience(ANYONE)
def code_sheet() -> Answer:
    return _page(Stage.CODE_SHEET, "people/code_sheet.html")


@people.post("/start/code-sheet")
@audience(ANYONE)
def code_sheet_now() -> Answer:
    return _step(Stage.CODE_SHEET, "people/code_sheet.html", _ticked(lambda vault, cookie: None))


def _page(stage: Stage, template: str, problems: NotAccepted | None = None) -> Answer:
    """The page of a stage; whoever is elsewhere is sent there."""
    draft = perform_unsigned(enrolment.draft, cookie=cookies.token())
    if draft.stage is not stage:
        return redirect(url_for(_PAGES[draft.stage]), code=303)
    page = render(template, draft=draft, problems=problems or {}, **_words_of(draft))
    return (page, 422) if problems else page


def _step(stage: Stage, template: str, act: Callable[[], object]) -> Answer:
    """Do what the page asks for; then the next page, or the end."""
    try:
        act()
        return _onwards(stage)
    except NotAccepted as error:
        if "code" in error.problems and stage is Stage.CODE_SHEET:
            return _once_more("people/start.html", error, values={})  # somebody else finished with the same code
        return _page(stage, template, error)


def _onwards(after: Stage | None = None) -> Answer:
    draft = perform_unsigned(enrolment.draft, cookie=cookies.token())
    if after is draft.stage and draft.last:
        finish = enrolment.finish if draft.kind is Kind.ENROL else signin.renew
        session = perform_unsigned(
            finish, cookie=cookies.token() or "", hashing=cookies.hashing(), whence=cookies.whence()
        )
        if session is not None:
            return _signed_in(session, None)
    return redirect(url_for(_PAGES[draft.stage]), code=303)


def _ticked(act: Callable[..., None]) -> Callable[[], None]:
    """Only after "I have written it down"."""

    def checked() -> None:
        if not request.form.get("done"):
            raise NotAccepted({"done": _NOT_TICKED})
        perform_unsigned(act, cookie=cookies.token() or "")

    return checked


def _words_of(draft: Draft) -> dict[str, Any]:
    if draft.stage is not Stage.PHONE:
        return {}
    address = totp.uri(draft.totp, options().title)
    return {
        "address": address,
        "matrix": totp.qr_matrix(address),
        "in_groups": totp.in_groups(draft.totp),
        "label": options().title,
    }


# -- my sign-ins -------------------------------------------------------------------------------------------


@people.get("/me/sessions")
@audience(SIGNED_IN)
def sessions() -> Answer:
    listed = perform(own.mine)
    marked = request.cookies.get(cookies.DEVICE_COOKIE) is not None
    return render("people/sessions.html", sessions=listed, kinds=_device_words(), marked=marked)


@people.post("/me/sessions/end")
@audience(SIGNED_IN)
def end_session() -> Answer:
    perform(own.end_one, session=request.form.get("session", ""))
    return redirect(url_for("people.sessions", done="session-ended"), code=303)


@people.post("/me/sessions/end-others")
@audience(SIGNED_IN)
def end_others() -> Answer:
    perform(own.end_others)
    return redirect(url_for("people.sessions", done="sessions-ended"), code=303)


@people.post("/me/device/mark")
@audience(SIGNED_IN)
def mark_device() -> Answer:
    response = redirect(url_for("people.sessions", done="device-marked"), code=303)
    cookies.remember_device(response, perform(own.mark_device))
    return response


@people.post("/me/device/forget")
@audience(SIGNED_IN)
def forget_device() -> Answer:
    response = redirect(url_for("people.sessions", done="device-forgotten"), code=303)
    cookies.expire(response, cookies.DEVICE_COOKIE)
    return response


def _device_words() -> dict[str, str]:
    return {kind: gettext(words) for kind, words in DEVICES.items()}


# -- answers -----------------------------------------------------------------------------------------------


def _turn_to(cookie: str, endpoint: str) -> Response:
    """Always a redirect: a page answered to the POST would leave the phrase in the browser's session file."""
    cookies.turn_to(cookie)
    return redirect(url_for(endpoint), code=303)


def _signed_in(session: Session, mark: str | None) -> Response:
    login_user(cookies.User(session))
    response = redirect(url_for("home.go"), code=303)
    if mark is not None:
        cookies.remember_device(response, mark)
    return response


def _once_more(template: str, error: Exception, **context: Any) -> Answer:
    """The same page with what is wrong beside the field; 429 with the time to wait where there were too many tries."""
    if isinstance(error, Throttled):
        minutes = -(-error.retry_after_s // 60)
        words = ngettext(
            "There were many tries. Please wait %(num)d minute.",
            "There were many tries. Please wait %(num)d minutes.",
            minutes,
        )
        retry = {"Retry-After": str(error.retry_after_s)}
        return render(template, problems={"": words}, **context), 429, retry
    if isinstance(error, WaitForNext):
        error = NotAccepted({"code": _USED_BEFORE})
    return render(template, problems=error, **context), 422
