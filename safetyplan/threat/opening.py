"""Rows turned into nouns within a visit. Each thing opened here is an object of the visit's entry."""

from dataclasses import dataclass
from itertools import groupby

from safetyplan.errors import Refused
from safetyplan.fields import Field
from safetyplan.store import threat as table
from safetyplan.store.engine import StoredRow
from safetyplan.threat.history import Happened
from safetyplan.threat.model import Shared, Standing
from safetyplan.threat.review import Decision, Written, from_body
from safetyplan.threat.statements import Incident, OwnView
from safetyplan.vault import Revealed, Visit


@dataclass(frozen=True, slots=True)
class Said:
    """Her own view as she said it then."""

    revision: int
    at: int
    view: OwnView


def reference_of(visit: Visit) -> str:
    """What staff call the case."""
    if visit.case_row is None:
        raise Refused("no such case")
    return str(visit.case_row.reference)


def opened_at(visit: Visit) -> int:
    """When the case was opened: until the first assessment, that is since when nobody has looked."""
    if visit.case_row is None:
        raise Refused("no such case")
    return int(visit.case_row.opened_at)


def standing_in(visit: Visit, row: StoredRow | None) -> Standing:
    """The standing a row holds; where there is none, nobody has assessed since the case was opened."""
    if row is None:
        return Standing.unassessed(opened_at(visit))
    return Standing.from_body(visit.open(visit.ref(Field.THREAT_LEVEL, row.id, row.revision), row.body))


def shared_in(visit: Visit, row: StoredRow | None) -> Shared:
    """What the resident may see of a row."""
    if row is None:
        none_yet = Standing.unassessed(opened_at(visit))
        return Shared(none_yet.level, none_yet.since, none_yet.next_review, Revealed(""))
    ref = visit.ref(Field.THREAT_LEVEL_SHARED, row.id, row.revision)
    return Shared.from_body(visit.open(ref, row.shared))


def own_view_in(visit: Visit, row: StoredRow) -> OwnView:
    return OwnView.from_body(visit.open(visit.ref(Field.OWN_VIEW, row.id, row.revision), row.body))


def incident_in(visit: Visit, row: StoredRow) -> Incident:
    return Incident.from_body(visit.open(visit.ref(Field.INCIDENT, row.id, row.revision), row.body))


def review_in(visit: Visit, row: StoredRow) -> Written | Decision:
    return from_body(visit.open(visit.ref(Field.THREAT_REVIEW, row.id, row.revision), row.body))


def said(visit: Visit) -> tuple[Said, ...]:
    """All she has said about it, newest first."""
    rows = table.own_views(visit.tx, visit.case)
    told = [Said(row.revision, row.created_at, own_view_in(visit, row)) for row in rows]
    return tuple(reversed(told))


def newest_said(visit: Visit) -> Said | None:
    row = table.newest_own_view(visit.tx, visit.case)
    return Said(row.revision, row.created_at, own_view_in(visit, row)) if row else None


def happened_in(visit: Visit) -> list[Happened]:
    """The newest revision of every incident of the case, newest first."""
    found = []
    for incident, group in groupby(table.incidents(visit.tx, visit.case), key=lambda row: row.incident_id):
        rows = list(group)
        found.append(Happened(incident, int(rows[0].created_at), incident_in(visit, rows[-1])))
    return sorted(found, key=lambda each: each.at, reverse=True)
