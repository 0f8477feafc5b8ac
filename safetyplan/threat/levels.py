"""How a case stands now, for whoever visits it: the case list, the resident's day, and this room's own pages."""

from dataclasses import dataclass

from safetyplan.actors import Role
from safetyplan.store import threat as table
from safetyplan.store.engine import StoredRow
from safetyplan.threat.model import Level, Standing
from safetyplan.threat.opening import own_view_in, shared_in, standing_in
from safetyplan.vault import Revealed, Visit


@dataclass(frozen=True, slots=True)
class CurrentLevel:
    """The level in force. Times are ms UTC; ``next_review`` is the last of its day; 0 in ``revision`` means no row.

    ``waits_for_you`` is said to everybody but the author. ``she_sees_more``: since the last review the resident
    has said that it is more serious than the level in force. A resident's visit knows nothing of the last three.
    """

    level: Level
    since: int
    next_review: int
    overdue: bool
    waiting_for_second: bool = False
    waits_for_you: bool = False
    she_sees_more: bool = False
    shared: Revealed = Revealed("")
    revision: int = 0

    @property
    def due(self) -> tuple[bool, int]:
        """Sorts a list of cases: what waits for me or was said first, then by day. Never by level."""
        return not (self.waits_for_you or self.she_sees_more), self.next_review


def current(visit: Visit) -> CurrentLevel:
    """What the visitor may know of the level. Opens one row for a resident, one or two for staff."""
    row = table.newest_level(visit.tx, visit.case)
    if visit.actor is not None and visit.actor.role is Role.RESIDENT:
        return _for_her(visit, row)
    return for_staff(visit, standing_in(visit, row), row.revision if row else 0)


def for_staff(visit: Visit, standing: Standing, revision: int) -> CurrentLevel:
    """The same from a standing that has been opened already."""
    waiting = standing.waiting
    return CurrentLevel(
        level=standing.level,
        since=standing.since,
        next_review=standing.next_review,
        overdue=standing.overdue(visit.now),
        waiting_for_second=waiting is not None,
        waits_for_you=waiting is not None and visit.actor is not None and waiting.author != visit.actor.account,
        she_sees_more=she_sees_more(visit, standing),
        revision=revision,
    )


def she_sees_more(visit: Visit, standing: Standing) -> bool:
    """Only a view that no author has had before them is opened."""
    row = table.newest_own_view(visit.tx, visit.case)
    if row is None or row.revision <= standing.heard:
        return False
    return own_view_in(visit, row).higher_than(standing.level)


def _for_her(visit: Visit, row: StoredRow | None) -> CurrentLevel:
    shared = shared_in(visit, row)
    return CurrentLevel(
        level=shared.level,
        since=shared.since,
        next_review=shared.next_review,
        overdue=visit.now > shared.next_review,
        shared=shared.words,
        revision=row.revision if row else 0,
    )
