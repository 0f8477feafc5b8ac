"""Accounts: made with a generated user name, invited, active, locked, retired. One account has one role.

Functions that take an ``Access`` work inside somebody else's visit or note (taking a resident in makes her account in
the same transaction); those that take a vault are whole acts.
"""

from dataclasses import dataclass, field

from sqlalchemy import Table

from safetyplan.actors import AccountId, Actor, CaseId, Role, UnitId, new_id
from safetyplan.errors import N_, NotAccepted, Refused, Stale
from safetyplan.fields import Field
from safetyplan.people import groups, sessions
from safetyplan.people.model import MAY_BECOME, MadeAlready, State, plain_name
from safetyplan.people.names import new_user_name
from safetyplan.sealing import authority
from safetyplan.sealing.secrets import ServerSecrets, name_hash
from safetyplan.store import people
from safetyplan.store.engine import StoredRow, Tx
from safetyplan.vault import Access, House, Revealed, Vault, reveal

HAS_UNIT = frozenset({Role.RESIDENT, Role.STAFF, Role.LEAD})
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class NewAccount:
    """The user name is printed on the slip and stored nowhere."""

    account: AccountId
    user_name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Known:
    """An account as staff lists show it. ``name`` is None for residents, who have none here."""

    id: AccountId
    role: Role
    unit: UnitId | None
    state: State
    name: Revealed | None
    created_at: int


def add(
    access: Access,
    role: Role,
    *,
    unit: UnitId | None,
    name: str | None = None,
    case: CaseId | None = None,
    account: AccountId | None = None,
) -> NewAccount:
    """An invited account and its memberships. Raises NotAccepted for a wrong name, Refused for a unit that is none,
    MadeAlready for an ``account`` id (minted when a form was shown) that is there.

    ``name`` is what colleagues read in lists (staff only); a resident has her ``case`` instead.
    """
    if account is not None and people.account(access.tx, account) is not None:
        raise MadeAlready("the form was sent twice")
    _check_shape(access, role, unit, name, case)
    account = account or AccountId(new_id())
    user_name, hashed = _free_name(access)
    _add_once(
        access,
        people.ACCOUNT,
        id=account,
        name_hash=hashed,
        pepper_version=access.house.secrets.current("pepper").version,
        role=str(role),
        unit_id=unit,
        state=str(State.INVITED),
        own_case=case,
        name=access.seal(access.ref(Field.STAFF_NAME, account, 1), name.strip()) if name else None,
        created_at=access.now,
    )
    groups.join(access, account, role, unit)
    return NewAccount(account, user_name)


def add_unit(access: Access, name: str, *, unit: UnitId | None = None) -> UnitId:
    """Raises NotAccepted for a missing or endless name, or one that another unit has; MadeAlready as ``add``."""
    if unit is not None and people.unit(access.tx, unit) is not None:
        raise MadeAlready("the form was sent twice")
    _check_name(name)
    if plain_name(name) in {plain_name(reveal(shown)) for _, shown in _units(access)}:
        raise NotAccepted({"name": N_("There is a unit with this name already.")})
    unit = unit or UnitId(new_id())
    sealed = access.seal(access.ref(Field.UNIT_NAME, unit, 1), name.strip())
    _add_once(access, people.UNIT, id=unit, name=sealed, created_at=access.now)
    return unit


def rename(access: Access, account_id: AccountId) -> NewAccount:
    """A fresh user name for an account whose slip was lost; the old one is nobody's from now on."""
    row = vouched(access, account_id)
    user_name, hashed = _free_name(access)
    version = access.house.secrets.current("pepper").version
    access.put(people.ACCOUNT, **(row._asdict() | {"name_hash": hashed, "pepper_version": version}))
    return NewAccount(account_id, user_name)


def vouched(access: Access, account_id: str) -> StoredRow:
    """The account's row after checking its MAC. Raises Refused where there is none, Tampered where it is not ours."""
    row = people.account(access.tx, account_id, lock=True)
    if row is None:
        raise Refused("no such account")
    return access.authority(people.ACCOUNT, row)


def check(house: House, table: Table, row: StoredRow) -> None:
    """Where there is no note yet. Raises Tampered."""
    authority.check(house.secrets, table.name, row._asdict())


def become(access: Access, account_id: str, state: State) -> None:
    """Move an account to another state and end its sessions. Raises Refused for a step that does not exist."""
    row = vouched(access, account_id)
    if state not in MAY_BECOME[State(row.state)]:
        raise Refused(f"{row.state} does not become {state}")
    access.put(people.ACCOUNT, **(row._asdict() | {"state": str(state)}))
    sessions.end_all(access, account_id)


def by_name(tx: Tx, secrets: ServerSecrets, typed: str) -> StoredRow | None:
    """The account with that user name. Every version of the pepper is tried, whether or not one was found before."""
    hashes = [name_hash(plain_name(typed), pepper) for pepper in secrets.versions("pepper")]
    found = [people.account_by_name(tx, each) for each in hashes]
    return next((row for row in found if row is not None), None)


# -- whole acts --------------------------------------------------------------------------------------------


def lock(vault: Vault, actor: Actor | None, *, account: AccountId) -> None:
    """Keep somebody out, at once. By a security officer, or from the command line (no actor)."""
    with vault.note(actor, "account.locked", subject=account) as note:
        _only(actor, Role.OFFICER)
        become(note, account, State.LOCKED)


def unlock(vault: Vault, actor: Actor | None, *, account: AccountId) -> None:
    with vault.note(actor, "account.unlocked", subject=account) as note:
        _only(actor, Role.OFFICER)
        become(note, account, State.ACTIVE)


def end_sessions(vault: Vault, actor: Actor | None, *, account: AccountId) -> int:
    """Sign somebody out everywhere; how many sessions there were."""
    with vault.note(actor, "session.ended", subject=account) as note:
        _only(actor, Role.OFFICER, Role.ADMINISTRATOR)
        vouched(note, account)
        return sessions.end_all(note, account)


def listed(vault: Vault, actor: Actor) -> list[Known]:
    """The staff's accounts: all for administrators and officers, a lead's own unit for a lead. Never residents."""
    with vault.note(actor, "account.listed") as note:
        _only(actor, Role.ADMINISTRATOR, Role.OFFICER, Role.LEAD)
        rows = people.accounts(note.tx, unit=actor.unit if actor.role is Role.LEAD else None)
        return [_known(note, row) for row in rows if row.role != Role.RESIDENT]


def units(vault: Vault, actor: Actor) -> list[tuple[UnitId, Revealed]]:
    """Units and their names, oldest first."""
    with vault.note(actor, "unit.listed") as note:
        return _units(note)


def _units(access: Access) -> list[tuple[UnitId, Revealed]]:
    rows = [access.authority(people.UNIT, row) for row in people.units(access.tx)]
    return [(UnitId(row.id), access.open(access.ref(Field.UNIT_NAME, row.id, 1), row.name)) for row in rows]


def _add_once(access: Access, table: Table, **columns: object) -> None:
    """Insert a row whose id a form brought along; two at once find out here."""
    try:
        access.add(table, **columns)
    except Stale as error:
        raise MadeAlready("the form was sent twice") from error


def _known(access: Access, row: StoredRow) -> Known:
    row = access.authority(people.ACCOUNT, row)
    name = access.open(access.ref(Field.STAFF_NAME, row.id, 1), row.name) if row.name else None
    unit = UnitId(row.unit_id) if row.unit_id else None
    return Known(AccountId(row.id), Role(row.role), unit, State(row.state), name, row.created_at)


def _only(actor: Actor | None, *roles: Role) -> None:
    if actor is not None and actor.role not in roles:
        raise Refused("not for this role")


def _check_shape(access: Access, role: Role, unit: UnitId | None, name: str | None, case: CaseId | None) -> None:
    if (role in HAS_UNIT) != (unit is not None):
        raise NotAccepted({"unit": N_("Choose a unit for people who work or live in one, and none for the others.")})
    if unit is not None:
        row = people.unit(access.tx, unit)
        if row is None:
            raise Refused("no such unit")
        access.authority(people.UNIT, row)
    if (role is Role.RESIDENT) != (case is not None) or (role is Role.RESIDENT and name):
        raise ValueError("a resident has a case and no name here; nobody else has a case")
    if role is not Role.RESIDENT:
        _check_name(name or "")


def _check_name(name: str) -> None:
    if not name.strip():
        raise NotAccepted({"name": N_("Write a name that colleagues will recognise.")})
    if len(name) > _LONGEST_NAME:
        raise NotAccepted({"name": N_("Use at most 80 characters.")})


def _free_name(access: Access) -> tuple[str, bytes]:
    secrets = access.house.secrets
    while True:
        user_name = new_user_name()
        if by_name(access.tx, secrets, user_name) is None:
            return user_name, name_hash(user_name, secrets.current("pepper"))
