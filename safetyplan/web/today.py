"""Where a resident arrives: one thing to do, how things stand, and the few doors from here."""

from flask import Blueprint

from safetyplan.actors import Role
from safetyplan.cases.today import today as todays
from safetyplan.web.audience import audience
from safetyplan.web.pages import render
from safetyplan.web.perform import perform

today = Blueprint("today", __name__)


@today.get("/n/")
@audience(Role.RESIDENT)
def show() -> str:
    return render("today/show.html", today=perform(todays))
