"""What a resident does with a guide. Everything is about her own case; staff have no verb here."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from safetyplan.actors import Actor, CaseId, Purpose, RecordId, new_id
from safetyplan.errors import Refused
from safetyplan.fields import Field
from safetyplan.guides import engine
from safetyplan.guides.answers import AllAnswers
from safetyplan.guides.engine import Answer, Asked, Given
from safetyplan.guides.model import Guide
from safetyplan.plans import items
from safetyplan.plans.readers import Readers, who_can_read
from safetyplan.store import guides as table
from safetyplan.store.plans import hold
from safetyplan.vault import Vault, Visit


class State(StrEnum):
    NOT_BEGUN = "not begun"
    BEGUN = "begun"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class GuideLine:
    guide: Guide
    state: State


@dataclass(frozen=True, slots=True)
class IndexPage:
    lines: tuple[GuideLine, ...]
    readers: Readers


@dataclass(frozen=True, slots=True)
class GuidePage:
    """``carried``: what another guide was told and this one could begin with. ``in_plan``: action → item of the plan.

    ``changed``: the guide says something else since she answered.
    """

    guide: Guide
    state: State
    step: Asked | Answer
    carried: tuple[Given, ...]
    changed: bool
    in_plan: dict[str, RecordId]
    readers: Readers


@contextmanager
def _visit(vault: Vault, actor: Actor) -> Iterator[Visit]:
    with vault.visit(actor, Purpose.ASK_A_GUIDE, actor.own_case or CaseId("")) as visit:
        yield visit


def guide_numbered(number: int) -> Guide:
    """Addresses carry a guide's number, never its name. Raises Refused where there is none."""
    found = next((guide for guide in engine.load().guides if guide.order == number), None)
    if found is None:
        raise Refused("no such guide")
    return found


# -- looking ---------------------------------------------------------------------------------------------------


def see_guides(vault: Vault, actor: Actor) -> IndexPage:
    with _visit(vault, actor) as visit:
        kept = _answers(visit)
        lines = tuple(GuideLine(guide, _state(guide, kept)) for guide in engine.load().guides)
        return IndexPage(lines, who_can_read(visit))


def see_guide(vault: Vault, actor: Actor, *, guide: Guide, question: str | None = None) -> GuidePage:
    """Where she is in the guide, or ``question`` again if it is (still) asked."""
    with _visit(vault, actor) as visit:
        kept = _answers(visit)
        mine = kept.of(guide)
        answers = mine.answers if mine else {}
        step = engine.ask_again(guide, answers, question) if question else engine.walk(guide, answers)
        return GuidePage(
            guide=guide,
            state=_state(guide, kept),
            step=step,
            carried=() if mine else engine.given(guide, kept.carried_to(guide)),
            changed=mine is not None and mine.version != guide.version,
            in_plan=_in_plan(visit, guide) if isinstance(step, Answer) else {},
            readers=who_can_read(visit),
        )


def _state(guide: Guide, kept: AllAnswers) -> State:
    mine = kept.of(guide)
    if mine is None:
        return State.NOT_BEGUN
    return State.ANSWERED if isinstance(engine.walk(guide, mine.answers), Answer) else State.BEGUN


def _in_plan(visit: Visit, guide: Guide) -> dict[str, RecordId]:
    """Actions of the guide that stand in the plan, whatever she has made of their words since."""
    prefix = f"{guide.id}/"
    return {
        kept.item.source.removeprefix(prefix): kept.id
        for kept in items.current(visit)
        if kept.item.source and kept.item.source.startswith(prefix) and not kept.item.removed
    }


# -- answering -------------------------------------------------------------------------------------------------


def begin(vault: Vault, actor: Actor, *, guide: Guide, carry: bool) -> Asked | Answer:
    """Where to go on. With ``carry``, what another guide was told is taken along. Begun already: nothing changes."""
    with _changing(vault, actor) as (visit, kept):
        mine = kept.of(guide)
        if mine is not None:
            return engine.walk(guide, mine.answers)
        answers = engine.keep(guide, kept.carried_to(guide)) if carry else {}
        _save(visit, kept.with_answers(guide, answers))
        return engine.walk(guide, answers)


def answer(vault: Vault, actor: Actor, *, guide: Guide, question: str, choice: str) -> Asked | Answer:
    """Keep one answer, new or changed; where to go on. Raises NotAccepted for a choice that is not on offer."""
    with _changing(vault, actor) as (visit, kept):
        mine = kept.of(guide)
        answers = engine.settle(guide, mine.answers if mine else {}, question, choice)
        _save(visit, kept.with_answers(guide, answers))
        return engine.walk(guide, answers)


def forget(vault: Vault, actor: Actor, *, guide: Guide) -> None:
    """Her answers to this guide are gone; what she put into her plan stays."""
    with _changing(vault, actor) as (visit, kept):
        if kept.of(guide) is not None:
            _save(visit, kept.without(guide))


def add_to_plan(vault: Vault, actor: Actor, *, guide: Guide, chosen: str, language: str) -> RecordId:
    """Put an action of her answer into her plan, in words of ``language``; the item's id.

    One that stands there already is left as it is. Raises Refused if her answer has no such action.
    """
    with _changing(vault, actor) as (visit, kept):
        mine = kept.of(guide)
        step = engine.walk(guide, mine.answers if mine else {})
        found = next((a for a in step.actions if a.id == chosen), None) if isinstance(step, Answer) else None
        if found is None:
            raise Refused("no such action")
        there = _in_plan(visit, guide).get(chosen)
        if there is not None:
            return there
        text = found.text.plain(language)
        return items.add_item(visit, section=found.section, text=text, source=f"{guide.id}/{found.id}")


# -- the sealed row --------------------------------------------------------------------------------------------


@contextmanager
def _changing(vault: Vault, actor: Actor) -> Iterator[tuple[Visit, AllAnswers]]:
    with _visit(vault, actor) as visit:
        hold(visit.tx, visit.case)
        yield visit, _answers(visit)


def _answers(visit: Visit) -> AllAnswers:
    row = table.answers(visit.tx, visit.case)
    if row is None:
        return AllAnswers()
    return AllAnswers.from_body(visit.open(visit.ref(Field.GUIDE_ANSWER, row.id, row.revision), row.body))


def _save(visit: Visit, kept: AllAnswers) -> None:
    row = table.answers(visit.tx, visit.case)
    if row is not None and not kept.guides:
        visit.delete(table.GUIDE_ANSWER, row.id)
        return
    record, revision = (row.id, row.revision + 1) if row is not None else (new_id(), 1)
    visit.put(
        table.GUIDE_ANSWER,
        id=record,
        case_id=visit.case,
        revision=revision,
        body=visit.seal(visit.ref(Field.GUIDE_ANSWER, record, revision), kept.to_body()),
        created_at=visit.now,
        created_by=items.author(visit).account,
    )
