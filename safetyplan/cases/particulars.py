"""Reading and writing a case's particulars within somebody's visit."""

from safetyplan.actors import RecordId, new_id
from safetyplan.cases.model import Jurisdiction, Particulars, Protection
from safetyplan.errors import Stale
from safetyplan.fields import Field
from safetyplan.store import cases as table
from safetyplan.vault import Visit

NOT_KNOWN = Particulars(Jurisdiction.SWEDEN, Protection.UNKNOWN)


def read(visit: Visit) -> Particulars:
    """The newest particulars; bound to the case, so that no other case's can stand here."""
    row = table.particulars(visit.tx, visit.case)
    if row is None:
        return NOT_KNOWN
    return Particulars.from_body(visit.open(visit.ref(Field.PARTICULARS, visit.case, row.revision), row.body))


def write(visit: Visit, particulars: Particulars, *, seen: int) -> int:
    """A new revision after the ``seen`` one (0: the first); raises Stale if somebody saved first."""
    row = table.particulars(visit.tx, visit.case)
    if (row.revision if row else 0) != seen or visit.actor is None:
        raise Stale("particulars")
    revision = seen + 1
    visit.add(
        table.PARTICULARS,
        id=RecordId(new_id()),
        case_id=visit.case,
        revision=revision,
        body=visit.seal(visit.ref(Field.PARTICULARS, visit.case, revision), particulars.to_body()),
        created_at=visit.now,
        created_by=visit.actor.account,
    )
    return revision
