"""One visit to one case: opens the compartments that the actor's grants reach, and remembers what was touched."""

from dataclasses import dataclass, field

from safetyplan.accesslog.entry import Entry, Outcome
from safetyplan.actors import MAY_NAME, AccountId, CaseId, Purpose, Role
from safetyplan.errors import Refused, Tampered
from safetyplan.fields import COMPARTMENTS, Compartment, Field
from safetyplan.sealing.casekeys import field_key, new_case_key
from safetyplan.sealing.envelope import FieldKey
from safetyplan.store import cases, people
from safetyplan.store.engine import StoredRow
from safetyplan.vault import grants
from safetyplan.vault.access import Access
from safetyplan.vault.recipients import Kind

Place = tuple[Compartment, int]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who can open a compartment. ``role`` for accounts, the group's kind for groups."""

    kind: Kind
    id: str
    role: str
    unit: str | None = None
    expires_at: int | None = None


@dataclass(eq=False, repr=False)
class Visit(Access):
    """See ``Vault.visit``. ``case`` is the case; ``case_row`` its row, MAC checked."""

    case: CaseId = CaseId("")
    purpose: Purpose = Purpose.OVERVIEW
    case_row: StoredRow | None = None
    _found: bool = False
    _generations: dict[Place, StoredRow] = field(default_factory=dict)
    _newest: dict[Compartment, int] = field(default_factory=dict)
    _grants: dict[Place, StoredRow] = field(default_factory=dict)
    _case_keys: dict[Place, bytes] = field(default_factory=dict)
    _field_keys: dict[Place, FieldKey] = field(default_factory=dict)

    # -- in and out ------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Raises Refused unless role, case and at least one live grant of the actor let them in."""
        row = cases.case(self.tx, self.case)
        self._found = row is not None
        if row is None or self.actor is None or self.keyring is None:
            raise Refused("no such case")
        self.case_row = self.authority(cases.CASE, row)
        if self.actor.role not in MAY_NAME[self.purpose] or self.keyring.account != self.actor.account:
            raise Refused("not a purpose for this role")
        if self.actor.role is Role.RESIDENT and self.actor.own_case != self.case:
            raise Refused("not their own case")
        self._read_grants()
        if not self._grants:
            raise Refused("no grant")
        self._read_generations()

    def _read_grants(self) -> None:
        """The actor's own, MACs checked: with a planted one nobody comes in, not even to see that there is a case."""
        held = cases.grants_held(self.tx, self.case, self._who())
        live = [self.authority(cases.GRANT, row) for row in grants.live(held, self.now)]
        self._grants = {(row.compartment, row.generation): row for row in live}

    def _read_generations(self) -> None:
        for row in cases.generations(self.tx, self.case):
            self._generations[row.compartment, row.generation] = row
            self._newest[row.compartment] = max(row.generation, self._newest.get(row.compartment, 0))

    def entry(
        self, outcome: Outcome | None = None, *, case: CaseId | None = None, purpose: Purpose | None = None
    ) -> Entry:
        # What was typed as a case is never stored: only a case that exists is named.
        self.action = self.action or ("case.changed" if self._writes and outcome is None else "case.opened")
        return super().entry(outcome, case=self.case if self._found else None, purpose=purpose or self.purpose)

    # -- keys ------------------------------------------------------------------------------------------

    def _place(self, field: Field) -> str:
        return self.case if field.scope in COMPARTMENTS else super()._place(field)

    def _key(self, field: Field, generation: int | None) -> FieldKey:
        if field.scope not in COMPARTMENTS:
            return super()._key(field, generation)
        place = (field.scope, generation or self._sealing_generation(field.scope))
        if place not in self._field_keys:
            self._field_keys[place] = field_key(self.case_key(*place), self.case, *place)
        return self._field_keys[place]

    def _sealing_generation(self, compartment: Compartment) -> int:
        """The newest generation; a new one is minted first where somebody's grant was taken away."""
        newest = self._newest.get(compartment, 0)
        if newest == 0:
            raise Refused("no such compartment")
        if self._generations[compartment, newest].rotation_due:
            return self._mint_after(compartment, newest)
        return newest

    def end(self) -> None:
        super().end()
        self._case_keys, self._field_keys = {}, {}

    def case_key(self, compartment: Compartment, generation: int) -> bytes:
        """Raises Refused without a live grant, Tampered if the key is not the generation's."""
        self._alive()
        place = (compartment, generation)
        if place in self._case_keys:
            return self._case_keys[place]
        grant, row = self._grants.get(place), self._generations.get(place)
        if grant is None or self.keyring is None:
            raise Refused("no grant for this compartment")
        if row is None:
            raise Tampered("case_key_grant", grant.id)
        carried = self.keyring.case_keys.get((self.case, compartment, generation))
        key = carried or grants.open_grant(self, grant, self.keyring.private)
        grants.committed(self.authority(cases.GENERATION, row), key)
        if (compartment, generation - 1) in self._grants:
            grants.succeeds(row, self.case_key(compartment, generation - 1))
        self._case_keys[place] = key
        return key

    def _mint_after(self, compartment: Compartment, old: int) -> int:
        """A new generation for everybody who still holds the old one; the old one stays for what it sealed."""
        before = self.case_key(compartment, old)
        row = self.authority(cases.GENERATION, self._generations[compartment, old])
        live = grants.live(cases.grants(self.tx, self.case, compartment, old), self.now)
        checked = [self.authority(cases.GRANT, grant) for grant in live]
        holders = [(Kind(grant.recipient_kind), str(grant.recipient_id), grant.expires_at) for grant in checked]
        self.put(cases.GENERATION, **(row._asdict() | {"rotation_due": 0}))
        self.mint(compartment, old + 1, holders, before=before)
        self._kill_codes()
        self._read_grants()
        return old + 1

    def _kill_codes(self) -> None:
        """A code on paper carries the keys of its day: with a newer one about, whoever used it could not read on."""
        resident = people.resident_of(self.tx, self.case)
        for code in people.enrolments_of(self.tx, resident.id) if resident else ():
            self.delete(people.ENROLMENT, code.id)

    def mint(
        self,
        compartment: Compartment,
        generation: int,
        holders: list[tuple[Kind, str, int | None]],
        *,
        before: bytes | None = None,
    ) -> None:
        """A fresh case key, its commitment, and a grant for each holder."""
        key = new_case_key()
        grants.add_generation(
            self,
            case=self.case,
            compartment=compartment,
            generation=generation,
            key=key,
            before=before,
            created_by=self._who(),
        )
        for kind, recipient, expires_at in holders:
            self._issue(compartment, generation, key, kind, recipient, expires_at)
        self._case_keys[compartment, generation] = key
        self._read_generations()

    def _issue(
        self,
        compartment: Compartment,
        generation: int,
        key: bytes,
        kind: Kind,
        recipient: str,
        expires: int | None,
    ) -> None:
        grants.issue(
            self,
            case=self.case,
            compartment=compartment,
            generation=generation,
            key=key,
            kind=kind,
            recipient=recipient,
            granted_by=self._who(),
            expires_at=expires,
        )

    def _who(self) -> AccountId:
        if self.actor is None:
            raise Refused("nobody")
        return self.actor.account

    # -- letting others in -----------------------------------------------------------------------------

    def grant(self, compartment: Compartment, kind: Kind, recipient: str, expires_at: int | None = None) -> int:
        """Seal every generation of the compartment that the actor holds to the recipient; how many were new."""
        made = 0
        for place in sorted(self._generations):
            if place[0] != compartment or place not in (self._grants | self._case_keys):
                continue
            there = cases.grants(self.tx, self.case, *place)
            if any((g.recipient_kind, g.recipient_id) == (kind, recipient) for g in there):
                continue
            self._issue(*place, self.case_key(*place), kind, recipient, expires_at)
            made += 1
        return made

    def keys_for(self, compartments: tuple[Compartment, ...]) -> bytes:
        """The case's keys, packed to be carried in an enrolment code; raises Refused for one not held."""
        places = [place for place in sorted(self._generations) if place[0] in compartments]
        return grants.packed({(self.case, *place): self.case_key(*place) for place in places})

    def readers(self, compartment: Compartment) -> list[Reader]:
        """Who can open the compartment as it is sealed now: accounts first, then groups, then recovery."""
        newest = self._newest.get(compartment, 0)
        rows = grants.live(cases.grants(self.tx, self.case, compartment, newest), self.now)
        held = [self.authority(cases.GRANT, row) for row in rows]
        accounts = people.accounts_by_id(self.tx, _recipients(held, Kind.ACCOUNT))
        groups = people.groups_of_keys(self.tx, _recipients(held, Kind.GROUP))
        for table, known in ((people.ACCOUNT, accounts), (people.GROUP, groups)):
            for row in known.values():
                self.authority(table, row)
        found = [_reader(grant, accounts, groups) for grant in held]
        return sorted(found, key=lambda reader: list(Kind).index(reader.kind))


def _recipients(held: list[StoredRow], kind: Kind) -> list[str]:
    return [grant.recipient_id for grant in held if grant.recipient_kind == kind]


def _reader(grant: StoredRow, accounts: dict[str, StoredRow], groups: dict[str, StoredRow]) -> Reader:
    kind, recipient = Kind(grant.recipient_kind), grant.recipient_id
    role, unit = "", None
    if kind is Kind.ACCOUNT and recipient in accounts:
        role, unit = accounts[recipient].role, accounts[recipient].unit_id
    elif kind is Kind.GROUP and recipient in groups:
        role, unit = groups[recipient].kind, groups[recipient].unit_id
    return Reader(kind, recipient, role, unit, grant.expires_at)
