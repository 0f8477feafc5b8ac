"""Accounts and their keys, groups, server secrets, sessions. Authority rows carry a MAC over the whole row."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    UniqueConstraint,
    select,
)

from safetyplan.store.engine import StoredRow, Tx, metadata


def _id(name: str = "id") -> Column[str]:
    return Column(name, String(26), primary_key=True)


UNIT = Table(
    "unit",
    metadata,
    _id(),
    Column("name", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)

ACCOUNT = Table(
    "account",
    metadata,
    _id(),
    Column("name_hash", LargeBinary, nullable=False, unique=True),
    Column("pepper_version", Integer, nullable=False),
    Column("role", String(16), nullable=False),
    Column("unit_id", ForeignKey("unit.id")),
    Column("state", String(16), nullable=False),
    Column("own_case", String(26), index=True),
    Column("language", String(2)),
    Column("name", LargeBinary),
    Column("created_at", BigInteger, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)

ACCOUNT_KEY = Table(
    "account_key",
    metadata,
    _id(),
    Column("account_id", ForeignKey("account.id"), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("public", LargeBinary, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("memory_kib", Integer, nullable=False),
    Column("iterations", Integer, nullable=False),
    Column("lanes", Integer, nullable=False),
    Column("pepper_version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("recovery_pepper_version", Integer, nullable=False),
    Column("recovery_sealed", LargeBinary, nullable=False),
    Column("recovery_used_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)

TOTP = Table(
    "totp",
    metadata,
    _id(),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("secret", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

TOTP_STEP = Table(
    "totp_step",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("step", BigInteger, nullable=False),
)

FACTOR_CODE = Table(
    "factor_code",
    metadata,
    _id(),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("hash", LargeBinary, nullable=False),
    Column("pepper_version", Integer, nullable=False),
    Column("used_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)

ENROLMENT = Table(
    "enrolment",
    metadata,
    _id(),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("lookup", LargeBinary, nullable=False, unique=True),
    Column("pepper_version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("created_by", String(26)),
    Column("created_at", BigInteger, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)

SESSION = Table(
    "session",
    metadata,
    _id(),
    Column("cookie_hash", LargeBinary, nullable=False, unique=True),
    Column("kind", String(8), nullable=False),
    Column("account_tag", LargeBinary, nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("device", LargeBinary),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)

THROTTLE = Table(
    "throttle",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

GROUP = Table(
    "access_group",
    metadata,
    _id(),
    Column("kind", String(16), nullable=False),
    Column("unit_id", ForeignKey("unit.id")),
    Column("created_at", BigInteger, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)

GROUP_MEMBER = Table(
    "group_member",
    metadata,
    _id(),
    Column("group_id", ForeignKey("access_group.id"), nullable=False),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("added_by", String(26)),
    Column("created_at", BigInteger, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    UniqueConstraint("group_id", "account_id"),
)

GROUP_KEY = Table(
    "group_key",
    metadata,
    _id(),
    Column("group_id", ForeignKey("access_group.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("public", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    UniqueConstraint("group_id", "version"),
)

GROUP_KEY_COPY = Table(
    "group_key_copy",
    metadata,
    _id(),
    Column("group_key_id", ForeignKey("group_key.id"), nullable=False),
    Column("recipient_kind", String(8), nullable=False),
    Column("recipient_id", String(26), nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("granted_by", String(26)),
    Column("created_at", BigInteger, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    UniqueConstraint("group_key_id", "recipient_kind", "recipient_id"),
)

RECOVERY_KEY = Table(
    "recovery_key",
    metadata,
    _id(),
    Column("version", Integer, nullable=False, unique=True),
    Column("public", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)

SERVER_SECRET = Table(
    "server_secret",
    metadata,
    _id(),
    Column("name", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    UniqueConstraint("name", "version"),
)


def account(tx: Tx, account_id: str, *, lock: bool = False) -> StoredRow | None:
    """With ``lock`` (also below): nobody else changes the row before this transaction ends."""
    return tx.one(_held(select(ACCOUNT).where(ACCOUNT.c.id == account_id), lock))


def account_by_name(tx: Tx, name_hash: bytes) -> StoredRow | None:
    return tx.one(select(ACCOUNT).where(ACCOUNT.c.name_hash == name_hash))


def resident_of(tx: Tx, case_id: str) -> StoredRow | None:
    return tx.one(select(ACCOUNT).where(ACCOUNT.c.own_case == case_id))


def accounts(tx: Tx, *, unit: str | None = None) -> Sequence[StoredRow]:
    query = select(ACCOUNT).order_by(ACCOUNT.c.created_at, ACCOUNT.c.id)
    return tx.all(query if unit is None else query.where(ACCOUNT.c.unit_id == unit))


def account_key(tx: Tx, account_id: str, *, lock: bool = False) -> StoredRow | None:
    return tx.one(_held(select(ACCOUNT_KEY).where(ACCOUNT_KEY.c.account_id == account_id), lock))


def totp(tx: Tx, account_id: str) -> StoredRow | None:
    return tx.one(select(TOTP).where(TOTP.c.account_id == account_id))


def factor_codes(tx: Tx, account_id: str, *, lock: bool = False) -> Sequence[StoredRow]:
    found = select(FACTOR_CODE).where(FACTOR_CODE.c.account_id == account_id)
    return tx.all(_held(found.order_by(FACTOR_CODE.c.id), lock))


def enrolment(tx: Tx, lookup: bytes) -> StoredRow | None:
    return tx.one(select(ENROLMENT).where(ENROLMENT.c.lookup == lookup))


def enrolment_by_id(tx: Tx, row_id: str, *, lock: bool = False) -> StoredRow | None:
    return tx.one(_held(select(ENROLMENT).where(ENROLMENT.c.id == row_id), lock))


def enrolments_of(tx: Tx, account_id: str) -> Sequence[StoredRow]:
    return tx.all(select(ENROLMENT).where(ENROLMENT.c.account_id == account_id))


def units(tx: Tx) -> Sequence[StoredRow]:
    return tx.all(select(UNIT).order_by(UNIT.c.created_at, UNIT.c.id))


def unit(tx: Tx, unit_id: str) -> StoredRow | None:
    return tx.one(select(UNIT).where(UNIT.c.id == unit_id))


def group(tx: Tx, kind: str, unit_id: str | None) -> StoredRow | None:
    return tx.one(select(GROUP).where(GROUP.c.kind == kind, GROUP.c.unit_id.is_not_distinct_from(unit_id)))


def group_by_id(tx: Tx, group_id: str, *, lock: bool = False) -> StoredRow | None:
    return tx.one(_held(select(GROUP).where(GROUP.c.id == group_id), lock))


def groups_of_keys(tx: Tx, key_ids: Iterable[str]) -> dict[str, StoredRow]:
    """key pair's id → its group's row."""
    keys = select(GROUP_KEY.c.id, GROUP_KEY.c.group_id).where(GROUP_KEY.c.id.in_(list(key_ids)))
    of = {row.id: row.group_id for row in tx.all(keys)}
    groups = {row.id: row for row in tx.all(select(GROUP).where(GROUP.c.id.in_(list(of.values()))))}
    return {key: groups[group] for key, group in of.items() if group in groups}


def accounts_by_id(tx: Tx, ids: Iterable[str]) -> dict[str, StoredRow]:
    return {row.id: row for row in tx.all(select(ACCOUNT).where(ACCOUNT.c.id.in_(list(ids))))}


def groups_of(tx: Tx, account_id: str) -> Sequence[StoredRow]:
    joined = select(GROUP).join(GROUP_MEMBER, GROUP_MEMBER.c.group_id == GROUP.c.id)
    return tx.all(joined.where(GROUP_MEMBER.c.account_id == account_id).order_by(GROUP.c.id))


def members(tx: Tx, group_id: str) -> Sequence[StoredRow]:
    return tx.all(select(GROUP_MEMBER).where(GROUP_MEMBER.c.group_id == group_id).order_by(GROUP_MEMBER.c.created_at))


def group_key(tx: Tx, group_id: str) -> StoredRow | None:
    """The group's newest key pair."""
    newest = GROUP_KEY.c.version.desc()
    return tx.one(select(GROUP_KEY).where(GROUP_KEY.c.group_id == group_id).order_by(newest).limit(1))


def group_key_by_id(tx: Tx, key_id: str) -> StoredRow | None:
    return tx.one(select(GROUP_KEY).where(GROUP_KEY.c.id == key_id))


def group_key_copies(tx: Tx, group_key_id: str) -> Sequence[StoredRow]:
    return tx.all(select(GROUP_KEY_COPY).where(GROUP_KEY_COPY.c.group_key_id == group_key_id))


def copies_held(tx: Tx, recipient_kind: str, recipient_id: str) -> Sequence[StoredRow]:
    mine = (GROUP_KEY_COPY.c.recipient_kind == recipient_kind, GROUP_KEY_COPY.c.recipient_id == recipient_id)
    return tx.all(select(GROUP_KEY_COPY).where(*mine).order_by(GROUP_KEY_COPY.c.id))


def recovery_key(tx: Tx) -> StoredRow | None:
    """The organisation's newest recovery key (public half)."""
    return tx.one(select(RECOVERY_KEY).order_by(RECOVERY_KEY.c.version.desc()).limit(1))


def recovery_key_by_id(tx: Tx, key_id: str) -> StoredRow | None:
    return tx.one(select(RECOVERY_KEY).where(RECOVERY_KEY.c.id == key_id))


def server_secrets(tx: Tx) -> Sequence[StoredRow]:
    return tx.all(select(SERVER_SECRET).order_by(SERVER_SECRET.c.name, SERVER_SECRET.c.version))


def _held(query: Select[Any], lock: bool) -> Select[Any]:
    """PostgreSQL locks the rows and reads them as last committed; SQLite's one writer needs nothing."""
    return query.with_for_update() if lock else query
