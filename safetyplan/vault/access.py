"""What every way in has in common: sealed fields outside cases, writes the log hears of, authority rows."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Table

from safetyplan.accesslog.entry import DELETE, PUT, Entry, Outcome, Reason, Touched, Who, Write
from safetyplan.actors import Actor, CaseId, Purpose
from safetyplan.errors import Tampered
from safetyplan.fields import ACCOUNT, DIRECTORY, OPERATIONS, Field
from safetyplan.sealing import authority
from safetyplan.sealing.casekeys import account_field_key
from safetyplan.sealing.derive import pack
from safetyplan.sealing.envelope import FieldKey, Sealed, associated_data, generation_of
from safetyplan.sealing.invalid import InvalidSeal
from safetyplan.sealing.keypairs import seal_to
from safetyplan.sealing.secrets import server_field_key
from safetyplan.store import people
from safetyplan.store.engine import StoredRow, Tx
from safetyplan.store.rows import row_digest
from safetyplan.vault.house import House, Keyring
from safetyplan.vault.revealed import Revealed

log = logging.getLogger(__name__)
T = TypeVar("T")

TAMPERED = "tampered"
HOUSE = "house"
"""What stands in a field's associated data for the case, where there is none."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Where a sealed field belongs. Bound into its ciphertext, all of it."""

    field: Field
    record: str
    revision: int

    def data(self, case: str, generation: int) -> bytes:
        where = self.field
        return associated_data(where.number, self.record, case, where.scope, self.revision, generation)


@dataclass(eq=False, repr=False)  # a repr would show keys
class Access:
    """One entry in the making. Dies with its block: afterwards everything here raises."""

    house: House
    tx: Tx
    now: int
    actor: Actor | None
    keyring: Keyring | None
    outcome: Outcome = Outcome.DONE
    action: str = ""
    subject: str | None = None
    _objects: list[Touched] = field(default_factory=list)
    _writes: list[Write] = field(default_factory=list)
    _reason: Reason | None = None
    _account_key: FieldKey | None = None
    _over: bool = False
    alarms: int = 0

    def end(self) -> None:
        """The block is over: nothing is opened or written through here any more."""
        self._over, self._account_key = True, None

    def _alive(self) -> None:
        if self._over:
            raise RuntimeError("the visit is over; open and write inside its block")

    # -- sealed fields ---------------------------------------------------------------------------------

    def ref(self, field: Field, record: str, revision: int) -> Ref:
        return Ref(field, record, revision)

    def seal(self, ref: Ref, text: str | bytes) -> Sealed:
        self._alive()
        key = self._key(ref.field, None)
        plain = text.encode() if isinstance(text, str) else text
        return key.seal(ref.data(self._place(ref.field), key.generation), plain)

    def open(self, ref: Ref, sealed: bytes) -> Revealed:
        """The text; raises Tampered, naming the row, if the field is not what was sealed there."""
        return Revealed(self.open_bytes(ref, sealed).decode())

    def open_bytes(self, ref: Ref, sealed: bytes) -> bytes:
        self._alive()
        try:
            generation = generation_of(sealed)
            key = self._key(ref.field, generation)
            plain = key.open(ref.data(self._place(ref.field), generation), sealed)
        except InvalidSeal as error:
            raise Tampered(ref.field.table, ref.record) from error
        self._objects.append(Touched(ref.field.table, ref.record, ref.revision))
        return plain

    def _place(self, field: Field) -> str:
        if field.scope == ACCOUNT:
            return self._own_keyring().account
        return HOUSE

    def _key(self, field: Field, generation: int | None) -> FieldKey:
        """The field key for sealing (None) or for opening that generation."""
        if field.scope in (OPERATIONS, DIRECTORY):
            secrets = self.house.secrets
            found = secrets.current(field.scope) if generation is None else secrets.version(field.scope, generation)
            return server_field_key(found)
        if field.scope == ACCOUNT:
            if self._account_key is None:
                ring = self._own_keyring()
                self._account_key = account_field_key(ring.private, ring.account)
            return self._account_key
        raise InvalidSeal(f"{field.name} belongs to a case")

    def _own_keyring(self) -> Keyring:
        if self.keyring is None:
            raise InvalidSeal("nobody is signed in")
        return self.keyring

    # -- writes ----------------------------------------------------------------------------------------

    def add(self, table: Table, **columns: object) -> None:
        """Insert a row; raises Stale if it is there already."""
        self._alive()
        row = self._whole(table, columns)
        self.tx.add(table, row)
        self._note_put(table, row)

    def put(self, table: Table, **columns: object) -> None:
        """Insert a row or replace the one with its id, whole."""
        self._alive()
        row = self._whole(table, columns)
        self.tx.put(table, row)
        self._note_put(table, row)

    def delete(self, table: Table, row_id: str) -> bool:
        """Delete a row; True if it was there."""
        self._alive()
        gone = self.tx.delete(table, row_id)
        if gone:
            self._writes.append(Write(table.name, row_id, DELETE, b""))
        return gone

    def _whole(self, table: Table, columns: Mapping[str, object]) -> dict[str, object]:
        names = [column.name for column in table.columns]
        if unknown := set(columns) - set(names):
            raise TypeError(f"{table.name} has no {sorted(unknown)}")
        row = {name: columns.get(name) for name in names}
        if "mac" in row:
            row["mac"] = authority.mac(self.house.secrets.current("authority"), table.name, row)
        return row

    def _note_put(self, table: Table, row: Mapping[str, object]) -> None:
        self._writes.append(Write(table.name, str(row["id"]), PUT, row_digest(table.name, row)))

    # -- authority -------------------------------------------------------------------------------------

    def authority(self, table: Table, row: StoredRow) -> StoredRow:
        """The same row, after checking its MAC; raises Tampered."""
        authority.check(self.house.secrets, table.name, row._asdict())
        return row

    def alarm(self, error: Tampered) -> None:
        """Somebody else's row, or a rewritten one, was met and is left out; the rest may still be shown.

        The entry says failed, for tampering, and names the row; the operators' log gets an alarm.
        """
        self.alarms += 1
        self.outcome, self._reason = Outcome.FAILED, Reason(TAMPERED)
        self._objects.append(Touched(error.table, error.row_id))
        log.critical("ALARM tampered: %s", error)

    def unless_tampered(self, call: Callable[[], T]) -> T | None:
        """What ``call`` gives; None, and an alarm, where it meets a tampered row: one bad row must not take the others
        with it, among them whom to ring."""
        try:
            return call()
        except Tampered as error:
            self.alarm(error)
            return None

    def reason(self, code: str, text: str | None = None) -> None:
        """Why: a code in clear, and text that only the oversight group can open."""
        self._reason = Reason(code)
        if not text:
            return
        group = people.group(self.tx, "oversight", None)
        key = group and people.group_key(self.tx, group.id)
        if key is None:
            return
        self.authority(people.GROUP_KEY, key)
        info = pack("safetyplan/1 reason", key.id, code)
        self._reason = Reason(code, key.id.encode() + seal_to(key.public, info, text.encode()))

    # -- the entry -------------------------------------------------------------------------------------

    @property
    def touched(self) -> bool:
        return bool(self._objects or self._writes)

    def entry(
        self, outcome: Outcome | None = None, *, case: CaseId | None = None, purpose: Purpose | None = None
    ) -> Entry:
        """The entry for what happened here. With an outcome given, the writes were rolled back and do not count."""
        who = self.actor
        subject = () if self.subject is None else (Touched("account", self.subject),)
        return Entry(
            at=self.now,
            action=self.action,
            outcome=outcome or self.outcome,
            actor=Who.of(who) if who else None,
            session=who.session if who else None,
            network=who.network if who else None,
            case=case,
            purpose=purpose,
            objects=(*subject, *self._objects),
            reason=self._reason,
            writes=tuple(self._writes) if outcome is None else (),
        )
