"""A resident's day: the one thing to do, how things stand, who was here."""

from dataclasses import dataclass

from safetyplan.actors import Actor, Purpose
from safetyplan.errors import Refused
from safetyplan.plans import items, sections
from safetyplan.plans.model import KeptItem, KeptSection, day_of
from safetyplan.threat import levels
from safetyplan.threat.levels import CurrentLevel
from safetyplan.vault import Vault, Visit


@dataclass(frozen=True, slots=True)
class Today:
    """``next`` is the open item with the nearest day, if any has one; ``stale`` a section to look at again.

    ``open`` counts tasks only: whom to call is never "not done yet".
    """

    level: CurrentLevel
    next: KeptItem | None
    stale: KeptSection | None
    items: int
    open: int
    broken: bool


def today(vault: Vault, actor: Actor) -> Today:
    if actor.own_case is None:
        raise Refused("no own case")
    with vault.visit(actor, Purpose.SEE_OWN_DAY, actor.own_case) as visit:
        standing = [kept for kept in items.current(visit) if not kept.item.removed]
        still_open = [kept for kept in standing if not kept.item.done]
        dated = [kept for kept in still_open if kept.item.wording.by is not None]
        return Today(
            level=levels.current(visit),
            next=min(dated, key=_day, default=None),
            stale=_stale(visit),
            items=len(standing),
            open=sum(kept.item.is_task for kept in still_open),
            broken=visit.alarms > 0,
        )


def _day(kept: KeptItem) -> str:
    day = kept.item.wording.by
    return day.isoformat() if day else "9"


def _stale(visit: Visit) -> KeptSection | None:
    """The section whose day has been over for longest."""
    over = [kept for kept in sections.current(visit).values() if kept.section.stale(day_of(visit.now))]
    return min(over, key=lambda kept: str(kept.section.review_on), default=None)
