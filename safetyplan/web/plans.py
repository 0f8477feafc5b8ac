"""The living plan: one set of pages for the resident (/n/plan) and for staff with a grant (/s/c/<case>/plan)."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from safetyplan.actors import CaseId, RecordId, Role, new_id
from safetyplan.errors import N_, NotAccepted, Refused, Stale
from safetyplan.plans import actions
from safetyplan.plans.actions import Frame
from safetyplan.plans.model import LONGEST_TEXT, LONGEST_WHO, SectionName, Wording, accept_review, accept_wording
from safetyplan.plans.model import section_numbered as section
from safetyplan.web.audience import audience
from safetyplan.web.forms import Form
from safetyplan.web.pages import render
from safetyplan.web.perform import perform
from safetyplan.web.text import plain

plans = Blueprint("plans", __name__)

Answer = Response | str | tuple[str, int]
View = TypeVar("View", bound=Callable[..., Answer])
Case = CaseId | None

_WHO = (Role.RESIDENT, Role.STAFF, Role.LEAD)
DATE_TAKEN = N_("Someone chose another day meanwhile. It stands above. Save again if you want yours.")


def _get(rule: str) -> Callable[[View], View]:
    return _both(rule, "GET")


def _post(rule: str) -> Callable[[View], View]:
    return _both(rule, "POST")


def _both(rule: str, method: str) -> Callable[[View], View]:
    """One view, two doors. Through the wrong one the purpose does not fit the role, and the vault refuses."""

    def register(view: View) -> View:
        name = view.__name__
        plans.add_url_rule(f"/n/plan{rule}", name, view, methods=[method], defaults={"case_id": None})
        plans.add_url_rule(f"/s/c/<case_id>/plan{rule}", name, view, methods=[method])
        return audience(*_WHO)(view)

    return register


@plans.url_value_preprocessor
def _only_ids(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """What is no id of ours is no page either; the database is not asked."""
    for name in ("case_id", "item_id"):
        if values and values.get(name) is not None:
            form = Form({name: values[name]})
            form.record(name)
            if form.problems:
                raise Refused("not an id")


def _back(endpoint: str, case_id: Case, **more: object) -> Response:
    return redirect(url_for(f".{endpoint}", case_id=case_id, **more), code=303)  # type: ignore[arg-type]


def _to_section(case_id: Case, name: SectionName, done: str) -> Response:
    """Back to where the tap was: the section's own page, or its place in the plan."""
    if request.form.get("from") == "section":
        return _back("show_section", case_id, number=name.number, done=done)
    return _back("show", case_id, done=done, _anchor=f"s{name.number}")


# -- looking ---------------------------------------------------------------------------------------------------


@_get("")
def show(case_id: Case) -> Answer:
    return render("plans/plan.html", page=perform(actions.see_plan, case=case_id), case_id=case_id)


@_get("/print")
def print_plan(case_id: Case) -> Answer:
    page = perform(actions.see_plan, case=case_id)
    return render("plans/print.html", page=page, case_id=case_id, left_out=SectionName.CODE_WORD)


@_get("/s/<int:number>")
def show_section(case_id: Case, number: int) -> Answer:
    return _section_page(case_id, section(number), {})


def _section_page(case_id: Case, name: SectionName, problems: Any, typed: str | None = None) -> str:
    page = perform(actions.see_section, section=name, case=case_id)
    day = page.view.kept.section.review_on
    value = typed if typed is not None else day.isoformat() if day else ""
    return render("plans/section.html", page=page, case_id=case_id, problems=problems, review_on=value)


@_get("/s/<int:number>/history")
def section_history(case_id: Case, number: int) -> Answer:
    page = perform(actions.see_section_history, section=section(number), page=_page_number(), case=case_id)
    return render("plans/history.html", page=page, case_id=case_id, item_id=None)


@_get("/i/<item_id>/history")
def item_history(case_id: Case, item_id: RecordId) -> Answer:
    page = perform(actions.see_item_history, item_id=item_id, page=_page_number(), case=case_id)
    return render("plans/history.html", page=page, case_id=case_id, item_id=item_id)


def _page_number() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), 1000)


# -- writing items ---------------------------------------------------------------------------------------------


@_get("/s/<int:number>/add")
def add(case_id: Case, number: int) -> Answer:
    frame = perform(actions.see_frame, case=case_id)
    return _item_form(case_id, frame, section(number), {"item": new_id()}, {})


@_post("/s/<int:number>/add")
def add_now(case_id: Case, number: int) -> Answer:
    name, form = section(number), Form(request.form)
    item_id = RecordId(form.record("item"))
    if not item_id:
        perform(actions.see_frame, case=case_id)  # who may not is refused there, and the log knows
        raise Refused("not an id")
    try:
        wording = _wording(form.values)
    except NotAccepted as error:
        frame = perform(actions.see_frame, case=case_id)
        return _item_form(case_id, frame, name, form.values, error), 422
    try:
        perform(actions.add_item, item_id=item_id, section=name, wording=wording, case=case_id)
    except Stale:
        return _conflict(case_id, item_id, 1, wording)
    return _to_section(case_id, name, "item-added")


def _item_form(case_id: Case, frame: Frame, name: SectionName, values: Mapping[str, str], problems: Any) -> str:
    limits = {"text_most": LONGEST_TEXT, "who_most": LONGEST_WHO}
    return render(
        "plans/add.html", frame=frame, section=name, values=values, problems=problems, case_id=case_id, **limits
    )


@_get("/i/<item_id>")
def show_item(case_id: Case, item_id: RecordId) -> Answer:
    return _item_page(case_id, item_id, None, {})


def _item_page(case_id: Case, item_id: RecordId, values: Mapping[str, str] | None, problems: Any) -> str:
    page = perform(actions.see_item, item_id=item_id, case=case_id)
    limits = {"text_most": LONGEST_TEXT, "who_most": LONGEST_WHO}
    return render("plans/item.html", page=page, values=values, problems=problems, case_id=case_id, **limits)


@_post("/i/<item_id>")
def change(case_id: Case, item_id: RecordId) -> Answer:
    form = Form(request.form)
    seen = form.number("seen", least=1)
    try:
        form.check()
        wording = _wording(form.values)
    except NotAccepted as error:
        return _item_page(case_id, item_id, form.values, error), 422
    try:
        kept = perform(actions.change_item, item_id=item_id, seen=seen, wording=wording, case=case_id)
    except Stale:
        return _conflict(case_id, item_id, seen, wording)
    return _to_section(case_id, kept.item.section, "saved")


def _wording(typed: Mapping[str, str]) -> Wording:
    return accept_wording(plain(typed.get("text", "")), plain(typed.get("who", "")), typed.get("by", ""))


def _conflict(case_id: Case, item_id: RecordId, seen: int, wording: Wording) -> Answer:
    """Somebody saved first: both versions, side by side. Nothing that was typed is lost."""
    page = perform(actions.compare, item_id=item_id, seen=seen, wording=wording, case=case_id)
    limits = {"text_most": LONGEST_TEXT, "who_most": LONGEST_WHO}
    return render("plans/conflict.html", page=page, case_id=case_id, problems={}, **limits), 409


@_post("/tap")
def tap(case_id: Case) -> Answer:
    """One tap on the plan. The button pressed says what: done or open name an item, right a section's number."""
    if "right" in request.form:
        name = section(request.form.get("right", 0, type=int))
        perform(actions.confirm_section, section=name, case=case_id)
        return _to_section(case_id, name, "still-right")
    done = "done" in request.form
    item_id = RecordId(Form(request.form).record("done" if done else "open"))
    if not item_id:
        raise Refused("not an id")
    kept = perform(actions.mark_item, item_id=item_id, done=done, case=case_id)
    return _to_section(case_id, kept.item.section, "item-done" if done else "item-open")


@_post("/i/<item_id>/remove")
def remove(case_id: Case, item_id: RecordId) -> Answer:
    kept = perform(actions.remove_item, item_id=item_id, case=case_id)
    return _to_section(case_id, kept.item.section, "item-removed")


@_post("/i/<item_id>/back")
def bring_back(case_id: Case, item_id: RecordId) -> Answer:
    kept = perform(actions.remove_item, item_id=item_id, removed=False, case=case_id)
    return _to_section(case_id, kept.item.section, "item-back")


# -- sections --------------------------------------------------------------------------------------------------


@_post("/s/<int:number>/date")
def set_review(case_id: Case, number: int) -> Answer:
    name, form = section(number), Form(request.form)
    typed, seen = form.values.get("review_on", ""), form.number("seen")
    try:
        form.check()
        day = accept_review(typed)
        perform(actions.set_review, section=name, review_on=day, seen=seen, case=case_id)
    except NotAccepted as error:
        return _section_page(case_id, name, error, typed), 422
    except Stale:
        return _section_page(case_id, name, {"review_on": gettext(DATE_TAKEN)}, typed), 409
    return _back("show_section", case_id, number=number, done="saved")
