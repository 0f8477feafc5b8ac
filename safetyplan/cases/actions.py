"""What a unit lead and staff do with cases: take in, let colleagues in and out, the slip, the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from safetyplan.actors import AccountId, Actor, CaseId, Purpose, Role
from safetyplan.cases import grants, particulars
from safetyplan.cases.model import Colleague, Jurisdiction, Particulars, Protection, Slip, new_reference, particulars_of
from safetyplan.errors import N_, NotAccepted, Refused, Stale
from safetyplan.fields import IDENTITY, PLAN, RECORD
from safetyplan.people import accounts, enrolment
from safetyplan.people.model import State
from safetyplan.store import cases as table
from safetyplan.store import people
from safetyplan.store.engine import StoredRow
from safetyplan.threat import levels
from safetyplan.threat.levels import CurrentLevel
from safetyplan.vault import Kind, Vault, Visit

STAFF_COMPARTMENTS = (PLAN, RECORD)


@dataclass(frozen=True, slots=True)
class Line:
    """A case in somebody's list: what is due and when."""

    case: CaseId
    reference: str
    opened_at: int
    level: CurrentLevel
    enrolled: bool


@dataclass(frozen=True, slots=True)
class Caseload:
    """``shut``: cases that cannot be shown now, because something in them was changed or a grant has ended."""

    lines: list[Line]
    shut: int


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case for its staff. ``colleagues`` is filled for leads only; ``readers`` for everybody."""

    line: Line
    particulars: Particulars
    revision: int
    readers: Sequence[Colleague]
    colleagues: Sequence[Colleague]


def my_cases(vault: Vault, actor: Actor) -> Caseload:
    """Every open case that the actor holds a grant in, what is due first."""
    with vault.house.store.snapshot() as tx:
        held = table.cases_granted(tx, actor.account, PLAN, vault.house.clock())
    if not held:
        return Caseload([], 0)
    with vault.visits(actor, Purpose.OVERVIEW, [CaseId(case) for case in held], leave_out_shut=True) as visits:
        lines = [line for visit in visits if (line := visit.unless_tampered(partial(_line, visit)))]
    shut = len(held) - len(lines)
    return Caseload(sorted(lines, key=lambda line: line.level.due), shut)


def show(vault: Vault, actor: Actor, *, case: CaseId) -> CasePage:
    with vault.visit(actor, Purpose.OVERVIEW, case) as visit:
        everybody = grants.colleagues(visit)
        row = table.particulars(visit.tx, visit.case)
        return CasePage(
            line=_line(visit),
            particulars=particulars.read(visit),
            revision=row.revision if row else 0,
            readers=[colleague for colleague in everybody if colleague.can_open],
            colleagues=everybody if actor.role is Role.LEAD else [],
        )


def colleagues(vault: Vault, actor: Actor) -> list[Colleague]:
    """The active staff of the lead's unit, for choosing who gets in."""
    with vault.note(actor, "unit.read") as note:
        return [each for each in grants.of_unit(note, actor) if not each.lead]


def take_in(
    vault: Vault,
    actor: Actor,
    *,
    case: CaseId,
    jurisdiction: Jurisdiction,
    protection: Protection,
    staff: Sequence[AccountId],
) -> Slip:
    """A new case with its keys, its first grants and the resident's enrolment code, all at once.

    Raises NotAccepted where the house cannot take anybody in yet, Stale if this form was sent before.
    """
    known = particulars_of(jurisdiction, protection)
    reference = new_reference()
    with vault.note(actor, "case.prepared") as note:
        holders = grants.first_holders(note, actor)
        allowed = {colleague.account for colleague in grants.of_unit(note, actor) if not colleague.lead}
    if not set(staff) <= allowed:
        raise NotAccepted({"staff": N_("Somebody you chose is not in your unit any more. Please choose again.")})
    for compartment in STAFF_COMPARTMENTS:
        holders[compartment] = holders[compartment] + [(Kind.ACCOUNT, account) for account in staff]
    with vault.open_case(actor, case=case, reference=reference, holders=holders) as visit:
        particulars.write(visit, known, seen=0)
        return _new_slip(visit, reference, account=None)


def new_slip(vault: Vault, actor: Actor, *, case: CaseId) -> Slip:
    """A fresh slip for somebody who has not enrolled yet; the one before dies."""
    with vault.visit(actor, Purpose.GRANT_ACCESS, case) as visit:
        resident = _resident(visit)
        if visit.case_row is None or resident.state != State.INVITED:
            raise NotAccepted({"": N_("This person has already enrolled. There is no new slip to print.")})
        return _new_slip(visit, visit.case_row.reference, account=AccountId(resident.id))


def set_particulars(
    vault: Vault, actor: Actor, *, case: CaseId, jurisdiction: Jurisdiction, protection: Protection, seen: int
) -> int:
    """The decision changed: a new revision. Raises Stale if somebody saved first."""
    known = particulars_of(jurisdiction, protection)
    with vault.visit(actor, Purpose.GRANT_ACCESS, case) as visit:
        return particulars.write(visit, known, seen=seen)


def let_in(vault: Vault, actor: Actor, *, case: CaseId, account: AccountId) -> int:
    """Seal the case's plan and record to a colleague of the same unit; how many keys were new to them."""
    with vault.visit(actor, Purpose.GRANT_ACCESS, case) as visit:
        if account not in {each.account for each in grants.of_unit(visit, actor)}:
            raise Refused("not in this unit")
        return sum(visit.grant(compartment, Kind.ACCOUNT, account) for compartment in STAFF_COMPARTMENTS)


def take_out(vault: Vault, actor: Actor, *, case: CaseId, account: AccountId) -> int:
    """Delete a colleague's grants and sessions and mark rotation due. Never the resident's, never one's own."""
    with vault.visit(actor, Purpose.GRANT_ACCESS, case) as visit:
        if account == actor.account:
            raise NotAccepted({"": N_("You cannot take away your own access. Ask another lead.")})
        if account == _resident(visit).id:
            raise Refused("her own case is hers")
        gone = grants.take_away(visit, account)
        if not gone:
            raise Stale("no such grant")
        return gone


def _line(visit: Visit) -> Line:
    row = visit.case_row
    if row is None:
        raise Refused("no such case")
    enrolled = _resident(visit).state == State.ACTIVE
    return Line(visit.case, row.reference, row.opened_at, levels.current(visit), enrolled)


def _resident(visit: Visit) -> StoredRow:
    row = people.resident_of(visit.tx, visit.case)
    if row is None:
        raise Refused("no resident")
    return visit.authority(people.ACCOUNT, row)


def _new_slip(visit: Visit, reference: str, *, account: AccountId | None) -> Slip:
    """An account where there is none yet, and a code that carries her keys. Her private compartment is made when
    she enrols, by herself."""
    if visit.case_row is None:
        raise Refused("no such case")
    carried = visit.keys_for((PLAN, IDENTITY))
    if account is None:
        made = accounts.add(visit, Role.RESIDENT, unit=visit.case_row.unit_id, case=visit.case)
    else:
        made = accounts.rename(visit, account)
    code = enrolment.make_code(visit, made.account, carried=carried)
    return Slip(visit.case, reference, made.user_name, code.code, code.expires_at)
