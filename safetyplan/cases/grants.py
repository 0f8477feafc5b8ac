"""Who may be let into a case, to whom its first keys go, and taking a grant away (which needs no key)."""

from safetyplan.actors import AccountId, Actor, Role
from safetyplan.cases.model import Colleague
from safetyplan.errors import N_, NotAccepted, Refused, Tampered
from safetyplan.fields import IDENTITY, PLAN, RECORD
from safetyplan.people import sessions
from safetyplan.people.directory import name_of
from safetyplan.people.model import Group, State
from safetyplan.store import cases as table
from safetyplan.store import hot, people
from safetyplan.store.engine import StoredRow
from safetyplan.vault import Access, Kind, Visit
from safetyplan.vault.door import Holders
from safetyplan.vault.recipients import group_recipient, recovery_recipient

NO_OFFICER = N_("Nobody can be taken in yet: the house has no security officer who has signed in.")
NO_GROUP = N_("Nobody can be taken in yet: sign out and in once, so that your unit's keys are made.")


def of_unit(access: Access, actor: Actor) -> list[Colleague]:
    """The unit's active staff and leads who have a key, by name."""
    if actor.unit is None:
        raise Refused("no unit")
    rows = [access.authority(people.ACCOUNT, row) for row in people.accounts(access.tx, unit=actor.unit)]
    active = [row for row in rows if row.state == State.ACTIVE and row.role in (Role.STAFF, Role.LEAD)]
    return [_colleague(access, row) for row in active]


def colleagues(visit: Visit) -> list[Colleague]:
    """The unit's staff and leads, each with whether they can open the plan now."""
    if visit.actor is None:
        raise Refused("nobody")
    can = {reader.id for reader in visit.readers(PLAN) if reader.kind is Kind.ACCOUNT}
    found = of_unit(visit, visit.actor)
    return [Colleague(each.account, each.name, each.lead, each.account in can) for each in found]


def first_holders(access: Access, actor: Actor) -> Holders:
    """To whom a new case's keys are sealed: every lead of the unit, the unit's groups, the recovery key.

    Raises NotAccepted while the house has no officer or the unit no group keys.
    """
    leads = [(Kind.ACCOUNT, str(each.account)) for each in of_unit(access, actor) if each.lead]
    recovery = (Kind.RECOVERY, recovery_recipient(access))
    _require(access, Group.OVERSIGHT, None, NO_OFFICER)
    emergency = (Kind.GROUP, _require(access, Group.EMERGENCY, actor.unit, NO_GROUP))
    in_danger = (Kind.GROUP, _require(access, Group.LIFE_IN_DANGER, actor.unit, NO_GROUP))
    return {
        PLAN: [*leads, emergency, recovery],
        RECORD: [*leads, emergency, recovery],
        IDENTITY: [*leads, in_danger, recovery],
    }


def take_away(visit: Visit, account: AccountId) -> int:
    """Delete every grant of the account in this case, end its sessions, mark rotation due; how many grants went."""
    mine = [row for row in table.grants_of_case(visit.tx, visit.case) if row.recipient_id == account]
    touched = set()
    for row in mine:
        visit.delete(table.GRANT, row.id)
        touched.add(row.compartment)
    newest: dict[str, StoredRow] = {row.compartment: row for row in table.generations(visit.tx, visit.case)}
    for compartment in sorted(touched):
        row = visit.authority(table.GENERATION, newest[compartment])
        visit.put(table.GENERATION, **(row._asdict() | {"rotation_due": 1}))
    if mine:
        hot.end_sessions(visit.tx, sessions.tags(visit.house.secrets, account))
    return len(mine)


def _require(access: Access, group: Group, unit: str | None, otherwise: str) -> str:
    try:
        return group_recipient(access, group, unit)
    except Refused:
        raise NotAccepted({"": otherwise}) from None


def _colleague(access: Access, row: StoredRow) -> Colleague:
    name = name_of(access, row)
    if name is None:
        raise Tampered("account", row.id)  # staff have a name from the start
    return Colleague(AccountId(row.id), name, row.role == Role.LEAD)
