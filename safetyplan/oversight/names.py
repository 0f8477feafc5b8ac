"""Who and what stands behind the ids in entries: pseudonyms and units for an officer, names for a case's own people."""

from collections.abc import Iterable

from safetyplan.actors import AccountId, Actor, Role
from safetyplan.errors import N_, NotAccepted, Tampered
from safetyplan.fields import Field
from safetyplan.oversight.model import Person, Visitor, beginning_of, pseudonym
from safetyplan.people.directory import name_of
from safetyplan.store import cases, people
from safetyplan.store import oversight as table
from safetyplan.store.engine import StoredRow
from safetyplan.vault import Access, Logged, LogReader, Revealed

NOBODY = N_("Nobody here has this sign. It is written like S-7KQ-2MP.")
TWO = N_("Two people have this sign. Open an entry of the one you mean, and use the long one.")
NO_CASE = N_("There is no case with this reference.")

NAMED = frozenset({Role.STAFF, Role.LEAD})
"""Whose names residents and colleagues may see: those who work with them."""


class ForOfficer:
    """Pseudonyms, unit names and case references of the entries of one page."""

    def __init__(self, reader: LogReader, found: Iterable[Logged]) -> None:
        entries = [each.entry for each in found]
        units = {entry.actor.unit for entry in entries if entry.actor and entry.actor.unit}
        self._units = {row.id: _unit(reader, row) for row in table.units(reader.tx, units)}
        held = table.cases(reader.tx, {entry.case for entry in entries if entry.case})
        self._cases = {row.id: row.reference for row in held if _ours(reader, row)}

    def person(self, logged: Logged) -> Person | None:
        who = logged.entry.actor
        if who is None:
            return None
        role = Role(who.role)
        unit = self._units.get(who.unit) if who.unit else None
        return Person(AccountId(who.account), pseudonym(who.account, role), role, unit)

    def case(self, logged: Logged) -> str | None:
        """The case's reference; "" where its row is gone, or not as we wrote it; None for entries without a case."""
        case = logged.entry.case
        return None if case is None else str(self._cases.get(case, ""))


class ForCase:
    """Names of those who looked at one case, for ``reader``'s own actor."""

    def __init__(self, reader: LogReader, actor: Actor, found: Iterable[Logged]) -> None:
        ids = {each.entry.actor.account for each in found if each.entry.actor}
        self._actor = actor
        self._names = {row.id: _name(reader, row) for row in table.accounts(reader.tx, ids) if row.role in NAMED}

    def visitor(self, logged: Logged) -> Visitor:
        who = logged.entry.actor
        if who is None:
            return Visitor("", None, None, own=False)
        own = who.account == self._actor.account
        return Visitor(who.account, Role(who.role), self._names.get(who.account), own)


def account_of(reader: Access, typed: str) -> AccountId:
    """The account behind a pseudonym. Raises NotAccepted."""
    beginning = beginning_of(typed)
    rows = table.accounts_beginning(reader.tx, beginning) if beginning else []
    if len(rows) != 1:
        raise NotAccepted({"person": TWO if rows else NOBODY})
    return AccountId(rows[0].id)


def case_of(reader: Access, typed: str) -> str:
    """The case behind a reference. Raises NotAccepted."""
    row = table.case_by_reference(reader.tx, typed.strip())
    if row is None:
        raise NotAccepted({"case": NO_CASE})
    return str(row.id)


# A row that is not as we wrote it must not shut the log to those who are there to notice it: it is left out here,
# and named by the whole check.


def _ours(reader: Access, row: StoredRow) -> bool:
    try:
        reader.authority(cases.CASE, row)
    except Tampered:
        return False
    return True


def _unit(reader: Access, row: StoredRow) -> Revealed | None:
    try:
        reader.authority(people.UNIT, row)
        return reader.open(reader.ref(Field.UNIT_NAME, row.id, 1), row.name)
    except Tampered:
        return None


def _name(reader: Access, row: StoredRow) -> Revealed | None:
    try:
        return name_of(reader, reader.authority(people.ACCOUNT, row))
    except Tampered:
        return None
