"""An account's key pair behind its pass phrase and its key code; and a new pair in the place of the old one."""

from dataclasses import dataclass, field

from safetyplan.actors import new_id
from safetyplan.errors import Refused, Tampered
from safetyplan.fields import Field
from safetyplan.people import groups
from safetyplan.sealing.casekeys import account_field_key
from safetyplan.sealing.invalid import InvalidSeal, WrongPassphrase
from safetyplan.sealing.keypairs import new_key_pair
from safetyplan.sealing.passphrases import Cost, LockedKey, lock, lock_with_code, unlock, unlock_with_code
from safetyplan.store import cases, people
from safetyplan.store.engine import StoredRow
from safetyplan.vault import Access, House, Keyring, grants
from safetyplan.vault.recipients import Kind

Hashing = Cost
"""What one hashing costs; the web carries it and does not look inside."""

USUAL = Cost()


def hashing_at(memory_kib: int) -> Hashing:
    return Cost(memory_kib=memory_kib)


@dataclass(frozen=True, slots=True)
class NewKeys:
    """A key pair and its two locks, made before any transaction begins: hashing holds no lock."""

    private: bytes = field(repr=False)
    public: bytes = field(repr=False)
    by_phrase: LockedKey
    by_code: LockedKey

    def columns(self) -> dict[str, object]:
        return {
            "public": self.public,
            "salt": self.by_phrase.salt,
            "memory_kib": self.by_phrase.memory_kib,
            "iterations": self.by_phrase.iterations,
            "lanes": self.by_phrase.lanes,
            "pepper_version": self.by_phrase.pepper_version,
            "sealed": self.by_phrase.sealed,
            "recovery_pepper_version": self.by_code.pepper_version,
            "recovery_sealed": self.by_code.salt + self.by_code.sealed,
        }


_SALT = 16


def new(house: House, account: str, *, phrase: str, key_code: str, hashing: Hashing) -> NewKeys:
    pair, pepper = new_key_pair(), house.secrets.current("pepper")
    by_phrase = lock(pair.private, phrase, pepper, account, cost=hashing)
    return NewKeys(pair.private, pair.public, by_phrase, lock_with_code(pair.private, key_code, pepper, account))


def add(access: Access, account: str, made: NewKeys) -> None:
    row = {"id": new_id(), "account_id": account, "version": 1, "created_at": access.now}
    access.add(people.ACCOUNT_KEY, **row, **made.columns())


def open_with_phrase(house: House, row: StoredRow, phrase: str, *, known_device: bool) -> bytes | None:
    """The private key in a row whose MAC holds; None if the phrase is another one. Raises Tampered."""
    locked = LockedKey(row.salt, row.memory_kib, row.iterations, row.lanes, row.pepper_version, row.sealed)
    try:
        pepper = house.secrets.version("pepper", row.pepper_version)
        return unlock(locked, phrase, pepper, row.account_id, known_device=known_device)
    except WrongPassphrase:
        return None
    except InvalidSeal as error:
        raise Tampered("account_key", row.id) from error


def open_with_code(house: House, row: StoredRow, code: str) -> bytes | None:
    """The same with the key code. Raises Tampered; MistypedCode was ruled out by the caller."""
    salt, sealed = row.recovery_sealed[:_SALT], row.recovery_sealed[_SALT:]
    locked = LockedKey(salt, 0, 0, 0, row.recovery_pepper_version, sealed)
    try:
        pepper = house.secrets.version("pepper", row.recovery_pepper_version)
        return unlock_with_code(locked, code, pepper, row.account_id)
    except WrongPassphrase:
        return None
    except InvalidSeal as error:
        raise Tampered("account_key", row.id) from error


def replace(access: Access, old: Keyring, made: NewKeys, *, version: int) -> Keyring:
    """A new key pair: every grant, group copy and the TOTP secret are sealed anew to it. The new keyring.

    Raises Refused if the pair is not the one of ``version`` any more, Tampered for anything that does not open.
    """
    row = people.account_key(access.tx, old.account, lock=True)
    if row is None or access.authority(people.ACCOUNT_KEY, row).version != version:
        raise Refused("another key pair stands there by now")
    kept = {"id": row.id, "account_id": old.account, "version": version + 1, "created_at": row.created_at}
    copies = [(copy, groups.private_key(access, old, copy)) for copy in groups.own_copies(access.tx, old.account)]
    held = [
        (each, grants.open_grant(access, each, old.private)) for each in cases.grants_of_account(access.tx, old.account)
    ]
    access.put(people.ACCOUNT_KEY, **kept, **made.columns(), recovery_used_at=access.now)
    for copy, private in copies:
        groups.move_copy(access, copy, private)
    for grant, key in held:
        _move_grant(access, grant, key)
    _move_totp(access, old, made.private)
    return Keyring(old.account, made.private)


def _move_grant(access: Access, grant: StoredRow, key: bytes) -> None:
    access.delete(cases.GRANT, grant.id)
    grants.issue(
        access,
        case=grant.case_id,
        compartment=grant.compartment,
        generation=grant.generation,
        key=key,
        kind=Kind.ACCOUNT,
        recipient=grant.recipient_id,
        granted_by=grant.granted_by,
        expires_at=grant.expires_at,
    )


def _move_totp(access: Access, old: Keyring, private: bytes) -> None:
    row = people.totp(access.tx, old.account)
    if row is None:
        return
    data = access.ref(Field.TOTP_SECRET, row.id, 1).data(old.account, 1)
    try:
        secret = account_field_key(old.private, old.account).open(data, row.secret)
    except InvalidSeal as error:
        raise Tampered("totp", row.id) from error
    sealed = account_field_key(private, old.account).seal(data, secret)
    access.put(people.TOTP, **(row._asdict() | {"secret": sealed}))
