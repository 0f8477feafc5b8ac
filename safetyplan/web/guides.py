"""Guides: a resident's own pages (/n/questions). Guides and questions stand in addresses by number, never by name."""

from flask import Blueprint, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import get_locale
from werkzeug.wrappers import Response

from safetyplan.actors import Role
from safetyplan.errors import NotAccepted, Refused
from safetyplan.guides import actions, engine
from safetyplan.guides.actions import GuidePage, State
from safetyplan.guides.conditions import UNKNOWN
from safetyplan.guides.engine import Answer, Asked
from safetyplan.guides.model import LANGUAGES, Guide
from safetyplan.web.audience import audience
from safetyplan.web.pages import render
from safetyplan.web.perform import perform

guides = Blueprint("guides", __name__)


@guides.record_once
def _read_content(_state: BlueprintSetupState) -> None:
    """Content that is wrong stops the start."""
    engine.load()


def _language() -> str:
    """The reader's, where the content has it."""
    lang = str(get_locale() or "")
    return lang if lang in LANGUAGES else "en"


@guides.get("/n/questions")
@audience(Role.RESIDENT)
def index() -> str:
    return render("guides/index.html", page=perform(actions.see_guides), tongue=_language())


@guides.get("/n/questions/<int:number>")
@audience(Role.RESIDENT)
def show(number: int) -> str:
    """The answer once there is one; before that, where to begin or go on."""
    page = perform(actions.see_guide, guide=actions.guide_numbered(number))
    if isinstance(page.step, Answer) and page.state is not State.NOT_BEGUN:
        return render(
            "guides/answer.html", page=page, answer=page.step, tongue=_language(), numbers=_numbers(page.guide)
        )
    return render("guides/start.html", page=page, tongue=_language(), onwards=_address(page.guide, page.step))


@guides.post("/n/questions/<int:number>/begin")
@audience(Role.RESIDENT)
def begin(number: int) -> Response:
    guide = actions.guide_numbered(number)
    step = perform(actions.begin, guide=guide, carry="carry" in request.form)
    return redirect(_address(guide, step), code=303)


@guides.get("/n/questions/<int:number>/<int:question>")
@audience(Role.RESIDENT)
def ask(number: int, question: int) -> Response | str:
    guide = actions.guide_numbered(number)
    name = _question(guide, question)
    page = perform(actions.see_guide, guide=guide, question=name)
    if not isinstance(page.step, Asked) or page.step.question.id != name:
        return redirect(_address(guide, page.step), code=303)
    return _asked(page, page.step, {})


@guides.post("/n/questions/<int:number>/<int:question>")
@audience(Role.RESIDENT)
def answer(number: int, question: int) -> Response | tuple[str, int]:
    guide = actions.guide_numbered(number)
    name = _question(guide, question)
    choice = UNKNOWN if "skip" in request.form else request.form.get("choice", "")
    try:
        step = perform(actions.answer, guide=guide, question=name, choice=choice)
    except NotAccepted as error:
        page = perform(actions.see_guide, guide=guide, question=name)
        if not isinstance(page.step, Asked) or page.step.question.id != name:
            return redirect(_address(guide, page.step), code=303)
        return _asked(page, page.step, error), 422
    return redirect(_address(guide, step), code=303)


@guides.post("/n/questions/<int:number>/plan")
@audience(Role.RESIDENT)
def add_to_plan(number: int) -> Response:
    guide = actions.guide_numbered(number)
    chosen = request.form.get("action", "")
    perform(actions.add_to_plan, guide=guide, chosen=chosen, language=_language())
    place = 1 + [action.id for action in guide.actions].index(chosen)
    return redirect(url_for(".show", number=number, done="item-added", _anchor=f"a{place}"), code=303)


@guides.post("/n/questions/<int:number>/forget")
@audience(Role.RESIDENT)
def forget(number: int) -> Response:
    perform(actions.forget, guide=actions.guide_numbered(number))
    return redirect(url_for(".index", done="answers-forgotten"), code=303)


def _asked(page: GuidePage, step: Asked, problems: object) -> str:
    back = _numbers(page.guide)[step.back] if step.back else None
    return render(
        "guides/question.html", page=page, step=step, problems=problems, tongue=_language(), back=back, skipped=UNKNOWN
    )


def _numbers(guide: Guide) -> dict[str, int]:
    return {question.id: number for number, question in enumerate(guide.questions, 1)}


def _question(guide: Guide, number: int) -> str:
    if not 1 <= number <= len(guide.questions):
        raise Refused("no such question")
    return guide.questions[number - 1].id


def _address(guide: Guide, step: Asked | Answer) -> str:
    if isinstance(step, Asked):
        return url_for(".ask", number=guide.order, question=_numbers(guide)[step.question.id])
    return url_for(".show", number=guide.order)
