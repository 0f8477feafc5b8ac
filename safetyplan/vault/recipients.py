"""To whom a key may be sealed: an account, a group, the organisation's recovery key. MACs first, always."""

from enum import StrEnum
from typing import TYPE_CHECKING

from safetyplan.errors import Refused
from safetyplan.store import people

if TYPE_CHECKING:
    from safetyplan.vault.access import Access


class Kind(StrEnum):
    ACCOUNT = "account"
    GROUP = "group"
    RECOVERY = "recovery"


def public_key(access: "Access", kind: Kind, recipient: str) -> bytes:
    """The recipient's public key, whose row's MAC holds; raises Refused if there is none, Tampered if it is not ours.

    ``recipient`` is an account id, the id of a group's key pair, or of the recovery key.
    """
    tx = access.tx
    if kind is Kind.ACCOUNT:
        _still_here(access, recipient)
        row, table = people.account_key(tx, recipient), people.ACCOUNT_KEY
    elif kind is Kind.GROUP:
        row, table = people.group_key_by_id(tx, recipient), people.GROUP_KEY
    else:
        row, table = people.recovery_key_by_id(tx, recipient), people.RECOVERY_KEY
    if row is None:
        raise Refused(f"{kind} has no key")
    return bytes(access.authority(table, row).public)


def _still_here(access: "Access", account: str) -> None:
    row = people.account(access.tx, account)
    if row is None or access.authority(people.ACCOUNT, row).state in ("locked", "retired"):
        raise Refused("the account is not there any more")


def group_recipient(access: "Access", kind: str, unit: str | None) -> str:
    """Id of the newest key pair of that group; raises Refused where the group has none yet."""
    group = people.group(access.tx, kind, unit)
    key = group and people.group_key(access.tx, access.authority(people.GROUP, group).id)
    if key is None:
        raise Refused(f"the {kind} group has no key yet")
    return str(access.authority(people.GROUP_KEY, key).id)


def recovery_recipient(access: "Access") -> str:
    key = people.recovery_key(access.tx)
    if key is None:
        raise Refused("the house has no recovery key")
    return str(access.authority(people.RECOVERY_KEY, key).id)
