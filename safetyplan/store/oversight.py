"""What the log's readers look up: accounts, units and cases behind the ids in entries. No table of its own."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select

from safetyplan.store.cases import CASE
from safetyplan.store.engine import StoredRow, Tx
from safetyplan.store.people import ACCOUNT, UNIT

Rows = Sequence[StoredRow]


def accounts(tx: Tx, ids: Iterable[str]) -> Rows:
    return tx.all(select(ACCOUNT).where(ACCOUNT.c.id.in_(sorted(ids))))


def accounts_beginning(tx: Tx, beginning: str) -> Rows:
    """Accounts whose id begins so; at most two, since one more than one is too many."""
    return tx.all(select(ACCOUNT).where(ACCOUNT.c.id.startswith(beginning, autoescape=True)).limit(2))


def units(tx: Tx, ids: Iterable[str]) -> Rows:
    return tx.all(select(UNIT).where(UNIT.c.id.in_(sorted(ids))))


def cases(tx: Tx, ids: Iterable[str]) -> Rows:
    return tx.all(select(CASE).where(CASE.c.id.in_(sorted(ids))))


def case_by_reference(tx: Tx, reference: str) -> StoredRow | None:
    """The case with that reference, however its letters were typed."""
    return tx.one(select(CASE).where(func.upper(CASE.c.reference) == reference.upper()))
