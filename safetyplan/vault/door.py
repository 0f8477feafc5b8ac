"""The door itself: each way in is a block; leaving it commits rows and entry together."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from safetyplan.accesslog.entry import Entry, Outcome
from safetyplan.accesslog.log import Page
from safetyplan.actors import AccountId, Actor, CaseId, Purpose, Role
from safetyplan.errors import LogUnavailable, Refused, SafetyplanError, Tampered
from safetyplan.fields import Compartment
from safetyplan.store import cases
from safetyplan.store.engine import Tx
from safetyplan.vault import grants
from safetyplan.vault.access import Access
from safetyplan.vault.house import CaseKeys, House, Keyring
from safetyplan.vault.recipients import Kind
from safetyplan.vault.visit import Visit

Holders = dict[Compartment, list[tuple[Kind, str]]]
"""compartment → to whom its first key is sealed."""


class Note(Access):
    """An entry without a case. Set ``outcome`` to record a refusal that is no error."""


class LogReader(Access):
    """Reads the log for somebody who may; what they may see was decided when the block was entered."""

    own: CaseId | None = None

    def page(
        self,
        *,
        before: int | None = None,
        limit: int = 50,
        case: str | None = None,
        person: str | None = None,
        action: str | None = None,
        outcome: Outcome | None = None,
        since: int | None = None,
        until: int | None = None,
    ) -> Page:
        """Newest first, below ``before``; ``since`` and ``until`` in ms UTC. Raises Tampered, naming the entry."""
        return self.house.log.read(
            self.tx.dbapi,
            before=before,
            limit=limit,
            case=self.own or case,
            actor=person,
            action=action,
            outcome=outcome,
            since=since,
            until=until,
        )

    def size(self) -> int:
        return self.house.log.head(self.tx.dbapi).size


@dataclass(frozen=True, slots=True)
class Vault:
    """The only way to protected text. Built a request, with the session's unlocked keys or with none."""

    house: House
    keyring: Keyring | None = None

    def with_keyring(self, keyring: Keyring | None) -> "Vault":
        return Vault(self.house, keyring)

    @contextmanager
    def visit(self, actor: Actor, purpose: Purpose, case: CaseId) -> Iterator[Visit]:
        """One case, one entry. Raises Refused without a live grant; see the room's docstring."""
        with self.visits(actor, purpose, [case]) as visits:
            yield visits[0]

    @contextmanager
    def visits(
        self, actor: Actor, purpose: Purpose, case_ids: Sequence[CaseId], *, leave_out_shut: bool = False
    ) -> Iterator[list[Visit]]:
        """Several cases in one transaction; an entry for each that was opened or changed.

        With ``leave_out_shut`` a case that does not open, or was tampered with, is an entry and is left out, so that
        one of them does not shut a whole list.
        """
        made: list[Visit] = []
        with self._traced(made), self.house.store.transaction() as tx:
            now = self.house.clock()
            for case in case_ids:
                visit = Visit(self.house, tx, now, actor, self.keyring, case=case, purpose=purpose)
                made.append(visit)
                try:
                    visit.enter()
                except Tampered as error:
                    if not leave_out_shut:
                        raise
                    visit.alarm(error)
                except Refused:
                    if not leave_out_shut:
                        raise
                    visit.outcome = Outcome.REFUSED
            yield [visit for visit in made if visit.outcome is Outcome.DONE]
            self._commit(tx, [visit.entry() for visit in made if visit.touched or visit.outcome is Outcome.REFUSED])

    @contextmanager
    def open_case(self, actor: Actor, *, case: CaseId, reference: str, holders: Holders) -> Iterator[Visit]:
        """Take somebody in: the case, its first keys and grants, and a visit to it, in one transaction.

        Only a lead, only in the lead's own unit. Raises Refused.
        """
        made: list[Visit] = []
        with self._traced(made), self.house.store.transaction() as tx:
            now = self.house.clock()
            visit = Visit(self.house, tx, now, actor, self.keyring, case=case, purpose=Purpose.TAKE_IN)
            made.append(visit)
            if actor.role is not Role.LEAD or actor.unit is None:
                raise Refused("only a lead takes in")
            visit.action = "case.taken_in"
            visit.add(
                cases.CASE,
                id=case,
                reference=reference,
                unit_id=actor.unit,
                state="open",
                opened_at=now,
                opened_by=actor.account,
            )
            for compartment, recipients in holders.items():
                visit.mint(compartment, 1, [(kind, recipient, None) for kind, recipient in recipients])
            visit.enter()
            yield visit
            self._commit(tx, [visit.entry()])

    @contextmanager
    def note(self, actor: Actor | None, action: str, *, subject: AccountId | None = None) -> Iterator[Note]:
        """An entry without a case: sign-ins, accounts, groups. Always written, also when nothing was touched."""
        made: list[Note] = []
        with self._traced(made), self.house.store.transaction() as tx:
            note = Note(self.house, tx, self.house.clock(), actor, self.keyring, action=action, subject=subject)
            made.append(note)
            yield note
            self._commit(tx, [note.entry()])

    @contextmanager
    def read_log(self, actor: Actor, *, case: CaseId | None = None) -> Iterator[LogReader]:
        """Officers read everything; others the entries of one case: a resident's own, or one they hold a grant in."""
        made: list[Access] = []
        with self._traced(made), self.house.store.transaction() as tx:
            now = self.house.clock()
            reader = LogReader(self.house, tx, now, actor, self.keyring, action="accesslog.read")
            if case is not None:
                gate = Visit(self.house, tx, now, actor, self.keyring, case=case, purpose=Purpose.SEE_WHO_LOOKED)
                gate.action = reader.action
                made.append(gate)  # a refusal names the case, so that whose case it is sees it
                gate.enter()
                reader.own = case
            made[:] = [reader]
            if case is None and actor.role is not Role.OFFICER:
                raise Refused("only an officer reads the whole log")
            yield reader
            self._commit(tx, [reader.entry(case=case)])

    def case_keys(self, access: Access, case: CaseId) -> CaseKeys:
        """Every key of a case that the keyring's account holds, for a resident's session."""
        if self.keyring is None:
            raise Refused("nobody is signed in")
        return grants.keys_of(access, self.keyring, case)

    def refuse(self, actor: Actor | None, action: str, *, subject: AccountId | None = None) -> None:
        """Write down a refusal that happened before any block was entered."""
        with self.note(actor, action, subject=subject) as note:
            note.outcome = Outcome.REFUSED

    # -- how a block ends ------------------------------------------------------------------------------

    def _commit(self, tx: Tx, entries: list[Entry]) -> None:
        if not entries:
            return
        log = self.house.log
        log.append(tx.dbapi, entries)
        head = log.head(tx.dbapi)
        tx.on_commit(lambda: log.note(head))

    @contextmanager
    def _traced(self, made: Sequence[Access]) -> Iterator[None]:
        """Whatever was opened, or refused, leaves an entry even when the block's own transaction is rolled back."""
        try:
            yield
        except Refused:
            # Also of several visits that had opened something before the last one was refused.
            self._leave_trace([each for each in made if each.touched or each is made[-1]], Outcome.REFUSED)
            raise
        except Tampered as error:
            for each in made[-1:]:
                each.alarm(error)
            self._leave_trace([each for each in made if each.touched], Outcome.FAILED)
            raise
        except SafetyplanError as error:
            if not isinstance(error, LogUnavailable):
                self._leave_trace([each for each in made if each.touched], Outcome.FAILED)
            raise
        except SQLAlchemyError as error:
            self._leave_trace([each for each in made if each.touched], Outcome.FAILED)
            raise LogUnavailable("the database did not take it") from error
        except BaseException:
            self._leave_trace([each for each in made if each.touched], Outcome.BROKEN_OFF)
            raise
        finally:
            for each in made:
                each.end()

    def _leave_trace(self, made: Sequence[Access], outcome: Outcome) -> None:
        entries = [each.entry(outcome) for each in made]
        if not entries:
            return
        try:
            with self.house.store.transaction() as tx:
                self._commit(tx, entries)
        except SQLAlchemyError as error:
            raise LogUnavailable("the refusal could not be written") from error
