"""Who can read the plan, from the grants themselves; and who wrote, by the names in the house's directory."""

from collections.abc import Iterable
from dataclasses import dataclass

from safetyplan.actors import AccountId, Role
from safetyplan.fields import PLAN
from safetyplan.people.directory import name_of
from safetyplan.store import people
from safetyplan.vault import Kind, Revealed, Visit

_ORDER = (Role.RESIDENT, Role.STAFF, Role.LEAD)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the plan speaks of them. ``until`` (ms UTC): a grant that ends by itself."""

    role: Role | None
    you: bool = False
    name: Revealed | None = None
    until: int | None = None


STRANGER = Person(None)
"""Somebody whose account is no longer there."""


@dataclass(frozen=True, slots=True)
class Readers:
    """``emergency``: the unit's staff, by break-glass. ``recovery``: the house's key holders, two together."""

    people: tuple[Person, ...]
    emergency: bool
    recovery: bool


def who_can_read(visit: Visit) -> Readers:
    """Whoever holds a live grant of the plan: you first, then by role."""
    found = visit.readers(PLAN)
    accounts = {AccountId(reader.id): reader.expires_at for reader in found if reader.kind is Kind.ACCOUNT}
    known = people_named(visit, accounts, accounts)
    return Readers(
        people=tuple(sorted((known[each] for each in accounts), key=_rank)),
        emergency=any(reader.kind is Kind.GROUP for reader in found),
        recovery=any(reader.kind is Kind.RECOVERY for reader in found),
    )


def people_named(
    visit: Visit, ids: Iterable[AccountId], until: dict[AccountId, int | None] | None = None
) -> dict[AccountId, Person]:
    """One query, whatever the number; names of staff opened once each."""
    wanted, until = set(ids), until or {}
    known = dict.fromkeys(wanted, STRANGER)
    for row in people.accounts_by_id(visit.tx, wanted).values():
        visit.authority(people.ACCOUNT, row)
        account = AccountId(row.id)
        you = visit.actor is not None and visit.actor.account == account
        name = None if you else name_of(visit, row)
        known[account] = Person(Role(row.role), you, name, until.get(account))
    return known


def _rank(person: Person) -> tuple[bool, int]:
    return not person.you, _ORDER.index(person.role) if person.role in _ORDER else len(_ORDER)
