"""What has happened: noted by the resident or by staff, changed only by the side that noted it, read by both."""

from dataclasses import dataclass, replace

from safetyplan.actors import Actor, CaseId, Purpose, RecordId, Role, new_id
from safetyplan.errors import Refused, Stale
from safetyplan.fields import Field
from safetyplan.store import threat as table
from safetyplan.threat.names import Names, names_of
from safetyplan.threat.opening import incident_in, reference_of
from safetyplan.threat.statements import Incident, Side
from safetyplan.vault import Vault

NOTED = "incident.noted"


@dataclass(frozen=True, slots=True)
class Told:
    """One revision of an incident."""

    revision: int
    at: int
    by: str
    incident: Incident


@dataclass(frozen=True, slots=True)
class Account:
    """One incident with everything it said before, newest revision first."""

    id: RecordId
    reference: str
    told: tuple[Told, ...]
    yours: bool
    names: Names

    @property
    def newest(self) -> Told:
        return self.told[0]


def case_reference(vault: Vault, actor: Actor, *, case: CaseId) -> str:
    """What the page for a new one says on top."""
    with vault.visit(actor, Purpose.REPORT_INCIDENT, case) as visit:
        return reference_of(visit)


def note_incident(
    vault: Vault, actor: Actor, *, case: CaseId | None, incident: RecordId, seen: int, told: Incident
) -> None:
    """Write it down, or change what was written. ``seen`` is the revision the form was opened with (0: new).

    ``incident`` is minted with the form, so that the same form sent twice is one incident. Raises NotAccepted,
    Stale if somebody changed it meanwhile, Refused for the other side's.
    """
    with vault.visit(actor, Purpose.REPORT_INCIDENT, _case(actor, case)) as visit:
        visit.action = NOTED
        rows = table.incident(visit.tx, visit.case, incident)
        if rows and incident_in(visit, rows[0]).side is not side_of(actor):
            raise Refused("noted by the other side")
        content = replace(told, side=side_of(actor))
        if rows and incident_in(visit, rows[-1]) == content:
            return
        if (rows[-1].revision if rows else 0) != seen:
            raise Stale("somebody changed it meanwhile")
        content.check(visit.now)
        row, revision = new_id(), seen + 1
        visit.add(
            table.INCIDENT,
            id=row,
            case_id=visit.case,
            incident_id=incident,
            revision=revision,
            body=visit.seal(visit.ref(Field.INCIDENT, row, revision), content.to_body()),
            created_at=visit.now,
            created_by=actor.account,
        )


def read_incident(vault: Vault, actor: Actor, *, case: CaseId | None, incident: RecordId) -> Account:
    with vault.visit(actor, Purpose.REPORT_INCIDENT, _case(actor, case)) as visit:
        rows = table.incident(visit.tx, visit.case, incident)
        if not rows:
            raise Refused("no such incident")
        told = [Told(row.revision, row.created_at, row.created_by, incident_in(visit, row)) for row in rows]
        staff = actor.role is not Role.RESIDENT
        return Account(
            id=incident,
            reference=reference_of(visit),
            told=tuple(reversed(told)),
            yours=told[0].incident.side is side_of(actor),
            names=names_of(visit, [each.by for each in told]) if staff else {},
        )


def side_of(actor: Actor) -> Side:
    return Side.RESIDENT if actor.role is Role.RESIDENT else Side.STAFF


def _case(actor: Actor, case: CaseId | None) -> CaseId:
    """A resident's own case, whatever was asked for; staff name theirs."""
    wanted = actor.own_case if actor.role is Role.RESIDENT else case
    if wanted is None:
        raise Refused("no case")
    return wanted
