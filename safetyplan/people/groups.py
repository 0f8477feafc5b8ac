"""Groups: who belongs to which, their key pairs, and a copy of each private key sealed to each member.

A group's key pair is made when its first member signs in, because before that there is nobody to seal it to. Members
who enrol later get their copy from the next one who signs in and holds it: only a holder can give it on.
"""

import hashlib
import logging
from base64 import b32encode
from typing import NamedTuple

from safetyplan.actors import ID_LENGTH, AccountId, Actor, GroupId, Role, UnitId, new_id
from safetyplan.errors import Refused, Tampered
from safetyplan.people.model import MEMBERSHIPS, OF_A_UNIT, Group, State
from safetyplan.sealing.derive import pack
from safetyplan.sealing.invalid import InvalidSeal
from safetyplan.sealing.keypairs import grant_info, new_key_pair, open_with, public_of, seal_to
from safetyplan.store import people
from safetyplan.store.engine import StoredRow, Tx
from safetyplan.vault import Access, House, Keyring, Kind, Note, Outcome, Vault
from safetyplan.vault.recipients import public_key, recovery_recipient

log = logging.getLogger(__name__)

PURPOSE = "group key"


class Copy(NamedTuple):
    """To whom a copy of a group's private key goes. ``id`` is an account's, or that of the recovery key."""

    kind: Kind
    id: str


def group_id(kind: Group, unit: UnitId | None) -> GroupId:
    """Follows from kind and unit, so that two who found the same group at once collide."""
    digest = hashlib.sha256(pack("group", kind, unit if kind in OF_A_UNIT else None)).digest()
    return GroupId(b32encode(digest).decode().lower()[:ID_LENGTH])


def join(access: Access, account: AccountId, role: Role, unit: UnitId | None) -> None:
    """Membership rows for a new account, by its role. Keys come when the account has one to seal to."""
    for kind in MEMBERSHIPS[role]:
        where = unit if kind in OF_A_UNIT else None
        group = group_id(kind, where)
        row = people.group_by_id(access.tx, group)
        if row is None:
            access.add(people.GROUP, id=group, kind=str(kind), unit_id=where, created_at=access.now)
        else:
            access.authority(people.GROUP, row)
        access.add(
            people.GROUP_MEMBER,
            id=new_id(),
            group_id=group,
            account_id=account,
            added_by=access.actor and access.actor.account,
            created_at=access.now,
        )


def settle(vault: Vault, actor: Actor) -> int:
    """After a sign-in: make the keys of the actor's groups that have none, and give copies to members who lack one.

    How many copies were made. Raises Tampered where a row that says whom to seal to is not ours. No entry where there
    is nothing to do.
    """
    if not MEMBERSHIPS[actor.role] or not _anything_due(vault.house, actor):
        return 0
    keyring = vault.keyring
    if keyring is None:
        raise Refused("nobody is signed in")
    made = 0
    with vault.note(actor, "group.settled") as note:
        for group in people.groups_of(note.tx, actor.account):
            made += _settle(note, actor, keyring, str(group.id))
    return made


def settle_quietly(vault: Vault, actor: Actor) -> None:
    """``settle`` where a tampered row of a colleague's must not keep somebody else out: it is written down instead."""
    try:
        settle(vault, actor)
    except Tampered as error:
        log.critical("tampered: %s", error)
        with vault.note(actor, "group.settled") as note:
            note.outcome = Outcome.FAILED
            note.reason("tampered")


def private_key(access: Access, keyring: Keyring, copy: StoredRow) -> bytes:
    """The group's private key in a member's copy; raises Tampered, naming the row."""
    row = access.authority(people.GROUP_KEY_COPY, copy)
    key = people.group_key_by_id(access.tx, row.group_key_id)
    if key is None:
        raise Tampered("group_key_copy", row.id)
    access.authority(people.GROUP_KEY, key)
    holder = Copy(Kind(row.recipient_kind), row.recipient_id)
    info = _info(row.id, key, row.granted_by, holder, public_of(keyring.private))
    try:
        private = open_with(keyring.private, info, row.sealed)
    except InvalidSeal as error:
        raise Tampered("group_key_copy", row.id) from error
    if public_of(private) != key.public:
        raise Tampered("group_key", key.id)
    return private


def own_copies(tx: Tx, account: str) -> list[StoredRow]:
    return list(people.copies_held(tx, Kind.ACCOUNT, account))


def move_copy(access: Access, copy: StoredRow, private: bytes) -> None:
    """Seal a copy anew to its holder's new public key (which stands in the transaction already)."""
    key = people.group_key_by_id(access.tx, copy.group_key_id)
    if key is None:
        raise Tampered("group_key_copy", copy.id)
    access.delete(people.GROUP_KEY_COPY, copy.id)
    _give(access, key, private, Copy(Kind.ACCOUNT, copy.recipient_id), granted_by=copy.recipient_id)


def _settle(note: Note, actor: Actor, keyring: Keyring, group: str) -> int:
    # Locked first, so that two first members at once make one key pair.
    row = people.group_by_id(note.tx, group, lock=True)
    if row is None:
        return 0
    note.authority(people.GROUP, row)
    key = people.group_key(note.tx, group)
    members = _members_with_keys(note, group)
    if Copy(Kind.ACCOUNT, actor.account) not in members:
        return 0
    if key is None:
        return _make_key(note, actor, group, members)
    note.authority(people.GROUP_KEY, key)
    copies = people.group_key_copies(note.tx, key.id)
    held = {Copy(Kind(copy.recipient_kind), copy.recipient_id): copy for copy in copies}
    mine = held.get(Copy(Kind.ACCOUNT, actor.account))
    missing = [each for each in _all_recipients(note, members) if each not in held]
    if mine is None or not missing:
        return 0
    private = private_key(note, keyring, mine)
    for each in missing:
        _give(note, key, private, each, granted_by=actor.account)
    return len(missing)


def _make_key(note: Note, actor: Actor, group: str, members: list[Copy]) -> int:
    pair, row = new_key_pair(), {"id": new_id(), "group_id": group, "version": 1, "created_at": note.now}
    note.add(people.GROUP_KEY, **row, public=pair.public)
    key = people.group_key(note.tx, group)
    recipients = _all_recipients(note, members)
    for each in recipients:
        _give(note, key, pair.private, each, granted_by=actor.account)
    return len(recipients)


def _give(access: Access, key: StoredRow | None, private: bytes, to: Copy, *, granted_by: str) -> None:
    if key is None:
        raise Refused("the group has no key")
    public, copy = public_key(access, to.kind, to.id), new_id()
    row = {"recipient_kind": str(to.kind), "recipient_id": to.id}
    access.add(
        people.GROUP_KEY_COPY,
        id=copy,
        group_key_id=key.id,
        sealed=seal_to(public, _info(copy, key, granted_by, to, public), private),
        granted_by=granted_by,
        created_at=access.now,
        **row,
    )


def _all_recipients(note: Note, members: list[Copy]) -> list[Copy]:
    return [*members, Copy(Kind.RECOVERY, recovery_recipient(note))]


def _members_with_keys(access: Access, group: str) -> list[Copy]:
    """Active members who have a key pair; every row's MAC is checked, the membership's and the account's."""
    found = []
    for member in people.members(access.tx, group):
        access.authority(people.GROUP_MEMBER, member)
        account = people.account(access.tx, member.account_id)
        if account is None or access.authority(people.ACCOUNT, account).state != State.ACTIVE:
            continue
        if people.account_key(access.tx, member.account_id) is not None:
            found.append(Copy(Kind.ACCOUNT, member.account_id))
    return found


def _anything_due(house: House, actor: Actor) -> bool:
    """Without a MAC checked: this decides only whether it is worth opening a note."""
    with house.store.snapshot() as tx:
        for group in people.groups_of(tx, actor.account):
            key = people.group_key(tx, group.id)
            if key is None:
                return True
            held = {copy.recipient_id for copy in people.group_key_copies(tx, key.id)}
            members = [member.account_id for member in people.members(tx, group.id)]
            if actor.account in held and any(_could_hold(tx, each) for each in members if each not in held):
                return True
    return False


def _could_hold(tx: Tx, account_id: str) -> bool:
    row = people.account(tx, account_id)
    return row is not None and row.state == State.ACTIVE and people.account_key(tx, account_id) is not None


def _info(copy: str, key: StoredRow, granted_by: str, to: Copy, public: bytes) -> bytes:
    """What a copy is bound to: itself, the group's key pair, who gave it, who gets it."""
    return grant_info(
        grant=copy,
        purpose=PURPOSE,
        case=key.group_id,
        compartment=key.id,
        generation=key.version,
        granted_by=granted_by,
        expires_at=None,
        recipient_kind=to.kind,
        recipient=to.id,
        public=public,
    )
