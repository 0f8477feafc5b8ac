"""The hot list: sessions, accepted TOTP steps, counters. Every statement that changes them stands here.

They change at every request, and lie outside the log's equality (``fields.HOT``). Each change is one conditional
statement whose row count decides who won: nothing is read first and written afterwards.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite

from safetyplan.store.engine import StoredRow, Tx
from safetyplan.store.people import SESSION, THROTTLE, TOTP_STEP


def session(tx: Tx, cookie_hash: bytes) -> StoredRow | None:
    return tx.one(select(SESSION).where(SESSION.c.cookie_hash == cookie_hash))


def sessions_of(tx: Tx, tags: Iterable[bytes], kind: str) -> Sequence[StoredRow]:
    """Newest first. ``tags``: the account's tag under each version of the session salt."""
    found = select(SESSION).where(SESSION.c.account_tag.in_(list(tags)), SESSION.c.kind == kind)
    return tx.all(found.order_by(SESSION.c.created_at.desc(), SESSION.c.id))


def add_session(
    tx: Tx, *, row_id: str, cookie_hash: bytes, kind: str, tag: bytes, sealed: bytes, device: bytes | None, now: int
) -> None:
    row = {"id": row_id, "cookie_hash": cookie_hash, "kind": kind, "account_tag": tag, "sealed": sealed}
    tx.add(SESSION, {**row, "device": device, "created_at": now, "seen_at": now})


def reseal_session(tx: Tx, row_id: str, before: bytes, sealed: bytes) -> bool:
    """False if the row is gone, or was changed by another request since ``before`` was read."""
    here = SESSION.update().where(SESSION.c.id == row_id, SESSION.c.sealed == before)
    return tx.change(here.values(sealed=sealed)) == 1


def session_seen(tx: Tx, row_id: str, now: int, every: int) -> bool:
    """Note the use of a session, at most once in ``every`` ms."""
    here = SESSION.update().where(SESSION.c.id == row_id, SESSION.c.seen_at <= now - every)
    return tx.change(here.values(seen_at=now)) == 1


def end_session(tx: Tx, row_id: str) -> bool:
    """True for exactly one of those who end it."""
    return tx.delete(SESSION, row_id)


def end_sessions(tx: Tx, tags: Iterable[bytes], *, but: str | None = None) -> int:
    """End every session of an account, whatever its kind, but one."""
    return tx.change(SESSION.delete().where(SESSION.c.account_tag.in_(list(tags)), SESSION.c.id != (but or "")))


def sweep_sessions(tx: Tx, *, kind: str, created_before: int, seen_before: int) -> int:
    over = or_(SESSION.c.created_at <= created_before, SESSION.c.seen_at <= seen_before)
    return tx.change(SESSION.delete().where(SESSION.c.kind == kind, over))


def advance_step(tx: Tx, account_id: str, step: int) -> bool:
    """Accept a TOTP step if it is greater than the last one. One statement, so that of two at once one wins."""
    new = _insert(tx)(TOTP_STEP).values(id=account_id, step=step)
    changed = new.on_conflict_do_update(index_elements=["id"], set_={"step": step}, where=TOTP_STEP.c.step < step)
    return tx.connection.execute(changed.returning(TOTP_STEP.c.id)).first() is not None


def tries(tx: Tx, names: Iterable[str]) -> dict[str, int]:
    """Tries counted so far, by the counter's name; without those that have none yet."""
    wanted = list(names)
    rows = tx.all(select(THROTTLE.c.id, THROTTLE.c.count.label("tries")).where(THROTTLE.c.id.in_(wanted)))
    return {row.id: int(row.tries) for row in rows}


def count_try(tx: Tx, name: str, until: int) -> int:
    """Tries in this window, this one included."""
    new = _insert(tx)(THROTTLE).values(id=name, count=1, expires_at=until)
    tx.change(new.on_conflict_do_update(index_elements=["id"], set_={"count": THROTTLE.c.count + 1}))
    row = tx.one(select(THROTTLE.c.count.label("tries")).where(THROTTLE.c.id == name))
    return int(row.tries) if row else 1


def uncount_try(tx: Tx, name: str) -> None:
    here = THROTTLE.update().where(THROTTLE.c.id == name, THROTTLE.c.count > 0)
    tx.change(here.values(count=THROTTLE.c.count - 1))


def sweep_throttle(tx: Tx, now: int) -> int:
    return tx.change(THROTTLE.delete().where(THROTTLE.c.expires_at <= now))


def _insert(tx: Tx):  # type: ignore[no-untyped-def]  # the two dialects' insert() share no type
    return postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
