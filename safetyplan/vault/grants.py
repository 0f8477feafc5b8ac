"""Grants: a case key sealed to somebody, under a MAC. Only whoever holds the key can make one."""

from collections.abc import Iterable, Iterator, Mapping

from safetyplan.actors import AccountId, CaseId, new_id
from safetyplan.errors import Tampered
from safetyplan.fields import Compartment
from safetyplan.sealing.casekeys import check_commitment, check_succession, commitment, new_case_key, succession
from safetyplan.sealing.derive import pack
from safetyplan.sealing.invalid import InvalidSeal
from safetyplan.sealing.keypairs import grant_info, open_with, public_of, seal_to
from safetyplan.store import cases
from safetyplan.store.engine import StoredRow
from safetyplan.vault.access import Access
from safetyplan.vault.house import CaseKeys, Keyring
from safetyplan.vault.recipients import Kind, public_key

PURPOSE = "case key"


def issue(
    access: Access,
    *,
    case: CaseId,
    compartment: Compartment,
    generation: int,
    key: bytes,
    kind: Kind,
    recipient: str,
    granted_by: str,
    expires_at: int | None = None,
) -> None:
    """Seal one case key to one recipient. Raises Stale if that recipient holds it already."""
    public = public_key(access, kind, recipient)
    grant = new_id()
    info = grant_info(
        grant=grant,
        purpose=PURPOSE,
        case=case,
        compartment=compartment,
        generation=generation,
        granted_by=granted_by,
        expires_at=expires_at,
        recipient_kind=kind,
        recipient=recipient,
        public=public,
    )
    access.add(
        cases.GRANT,
        id=grant,
        case_id=case,
        compartment=compartment,
        generation=generation,
        recipient_kind=str(kind),
        recipient_id=recipient,
        sealed=seal_to(public, info, key),
        granted_by=granted_by,
        expires_at=expires_at,
        created_at=access.now,
    )


def open_grant(access: Access, grant: StoredRow, private: bytes) -> bytes:
    """The case key in a grant whose MAC holds; raises Tampered, naming the row."""
    row = access.authority(cases.GRANT, grant)
    info = grant_info(
        grant=row.id,
        purpose=PURPOSE,
        case=row.case_id,
        compartment=row.compartment,
        generation=row.generation,
        granted_by=row.granted_by,
        expires_at=row.expires_at,
        recipient_kind=row.recipient_kind,
        recipient=row.recipient_id,
        public=public_of(private),
    )
    try:
        return open_with(private, info, row.sealed)
    except InvalidSeal as error:
        raise Tampered("case_key_grant", row.id) from error


def committed(row: StoredRow, key: bytes) -> None:
    """Raise Tampered unless ``key`` is the one this generation (MAC checked by the caller) was made with."""
    try:
        check_commitment(key, row.case_id, row.compartment, row.generation, row.commitment)
    except InvalidSeal as error:
        raise Tampered("case_generation", row.id) from error


def succeeds(row: StoredRow, before: bytes) -> None:
    """Raise Tampered unless somebody who held ``before``, the key of the generation before, made this one: with the
    authority key alone nobody can slip in a key of their own for others to write under."""
    try:
        check_succession(before, row.case_id, row.compartment, row.generation, row.commitment, row.link or b"")
    except InvalidSeal as error:
        raise Tampered("case_generation", row.id) from error


def add_generation(
    access: Access,
    *,
    case: CaseId,
    compartment: Compartment,
    generation: int,
    key: bytes,
    before: bytes | None,
    created_by: str,
) -> None:
    """Record a generation's commitment, linked to the generation before by a MAC only its holders can make."""
    seal = commitment(key, case, compartment, generation)
    access.add(
        cases.GENERATION,
        id=new_id(),
        case_id=case,
        compartment=compartment,
        generation=generation,
        commitment=seal,
        link=None if before is None else succession(before, case, compartment, generation, seal),
        rotation_due=0,
        created_at=access.now,
        created_by=created_by,
    )


def keys_of(access: Access, keyring: Keyring, case: CaseId) -> dict[tuple[CaseId, Compartment, int], bytes]:
    """Every key of a case that the account holds: what a resident's session carries."""
    rows = {(row.compartment, row.generation): row for row in cases.generations(access.tx, case)}
    keys: dict[tuple[CaseId, Compartment, int], bytes] = {}
    for grant in cases.grants_held(access.tx, case, keyring.account):
        key = open_grant(access, grant, keyring.private)
        generation = rows.get((grant.compartment, grant.generation))
        if generation is None:
            raise Tampered("case_key_grant", grant.id)
        committed(access.authority(cases.GENERATION, generation), key)
        keys[case, grant.compartment, grant.generation] = key
    return keys


def packed(keys: CaseKeys) -> bytes:
    """Case keys as bytes, to be carried in an enrolment code."""
    return b"".join(
        _framed(pack(case, compartment, generation, key))
        for (case, compartment, generation), key in sorted(keys.items())
    )


def unpacked(carried: bytes) -> Iterator[tuple[CaseId, Compartment, int, bytes]]:
    """What ``packed`` packed; raises InvalidSeal for anything else."""
    while carried:
        size = int.from_bytes(carried[:4], "big")
        record, carried = carried[4 : 4 + size], carried[4 + size :]
        parts = list(_parts(record))
        if len(record) != size or len(parts) != 4:
            raise InvalidSeal("not carried case keys")
        case, compartment, generation, key = parts
        yield CaseId(case.decode()), compartment.decode(), int(generation), key


def install(access: Access, *, account: AccountId, carried: bytes, granted_by: str) -> None:
    """At enrolment: turn carried case keys to grants of the new account, each checked against its commitment."""
    for case, compartment, generation, key in unpacked(carried):
        for row in cases.generations(access.tx, case):
            if (row.compartment, row.generation) == (compartment, generation):
                committed(access.authority(cases.GENERATION, row), key)
                break
        else:
            raise InvalidSeal("a carried key of no generation")
        issue(
            access,
            case=case,
            compartment=compartment,
            generation=generation,
            key=key,
            kind=Kind.ACCOUNT,
            recipient=account,
            granted_by=granted_by,
        )


def begin(access: Access, *, case: CaseId, compartment: Compartment, account: AccountId) -> None:
    """The first key of a compartment that is the account's alone (her ``private`` one, at enrolment)."""
    key = new_case_key()
    add_generation(access, case=case, compartment=compartment, generation=1, key=key, before=None, created_by=account)
    issue(
        access,
        case=case,
        compartment=compartment,
        generation=1,
        key=key,
        kind=Kind.ACCOUNT,
        recipient=account,
        granted_by=account,
    )


def live(rows: Iterable[StoredRow], now: int) -> list[StoredRow]:
    return [row for row in rows if row.expires_at is None or row.expires_at > now]


def newest(rows: Iterable[StoredRow]) -> Mapping[Compartment, StoredRow]:
    """compartment → its newest generation, of rows ordered by generation."""
    return {row.compartment: row for row in rows}


def _framed(record: bytes) -> bytes:
    return len(record).to_bytes(4, "big") + record


def _parts(record: bytes) -> Iterator[bytes]:
    while record:
        size = int.from_bytes(record[1:5], "big")
        yield record[5 : 5 + size]
        record = record[5 + size :]
