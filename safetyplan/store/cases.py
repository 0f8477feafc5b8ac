"""Cases, their key generations and grants, and the few particulars every feature needs."""

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    or_,
    select,
)

from safetyplan.store.engine import StoredRow, Tx, metadata

CASE = Table(
    "case_file",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("reference", String(16), nullable=False, unique=True),
    Column("unit_id", ForeignKey("unit.id"), nullable=False, index=True),
    Column("state", String(8), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("opened_by", String(26), nullable=False),
    Column("mac", LargeBinary, nullable=False),
)

GENERATION = Table(
    "case_generation",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("case_id", ForeignKey("case_file.id"), nullable=False),
    Column("compartment", String(32), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("link", LargeBinary),
    Column("rotation_due", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(26), nullable=False),
    Column("mac", LargeBinary, nullable=False),
    UniqueConstraint("case_id", "compartment", "generation"),
)

GRANT = Table(
    "case_key_grant",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("case_id", ForeignKey("case_file.id"), nullable=False),
    Column("compartment", String(32), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("recipient_kind", String(8), nullable=False),
    Column("recipient_id", String(26), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("granted_by", String(26), nullable=False),
    Column("expires_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    # Named here, since the name made of all its columns is longer than PostgreSQL's 63 characters.
    UniqueConstraint(
        "case_id", "compartment", "generation", "recipient_kind", "recipient_id", name="uq_case_key_grant_recipient"
    ),
    Index("grant_recipient", "recipient_id", "case_id"),
)

PARTICULARS = Table(
    "case_particulars",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("case_id", ForeignKey("case_file.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(26), nullable=False),
    UniqueConstraint("case_id", "revision"),
)

Rows = Sequence[StoredRow]


def case(tx: Tx, case_id: str) -> StoredRow | None:
    return tx.one(select(CASE).where(CASE.c.id == case_id))


def cases_of_unit(tx: Tx, unit_id: str) -> Rows:
    return tx.all(select(CASE).where(CASE.c.unit_id == unit_id).order_by(CASE.c.opened_at))


def generations(tx: Tx, case_id: str) -> Rows:
    ordered = select(GENERATION).order_by(GENERATION.c.compartment, GENERATION.c.generation)
    return tx.all(ordered.where(GENERATION.c.case_id == case_id))


def grants_held(tx: Tx, case_id: str, recipient_id: str) -> Rows:
    return tx.all(select(GRANT).where(GRANT.c.case_id == case_id, GRANT.c.recipient_id == recipient_id))


def grants(tx: Tx, case_id: str, compartment: str, generation: int) -> Rows:
    return tx.all(
        select(GRANT)
        .where(GRANT.c.case_id == case_id, GRANT.c.compartment == compartment, GRANT.c.generation == generation)
        .order_by(GRANT.c.created_at, GRANT.c.id)
    )


def grants_of_case(tx: Tx, case_id: str) -> Rows:
    return tx.all(select(GRANT).where(GRANT.c.case_id == case_id).order_by(GRANT.c.created_at, GRANT.c.id))


def grants_of_account(tx: Tx, account_id: str) -> Rows:
    """Everything that is sealed to the account's key pair."""
    mine = (GRANT.c.recipient_kind == "account", GRANT.c.recipient_id == account_id)
    return tx.all(select(GRANT).where(*mine).order_by(GRANT.c.id))


def cases_granted(tx: Tx, account_id: str, compartment: str, now: int) -> Sequence[str]:
    """Ids of the cases in which the account holds a live grant of the compartment, whatever its generation."""
    held = select(GRANT.c.case_id).where(GRANT.c.recipient_id == account_id, GRANT.c.compartment == compartment)
    held = held.where(or_(GRANT.c.expires_at.is_(None), GRANT.c.expires_at > now))
    return [str(row.case_id) for row in tx.all(held.distinct().order_by(GRANT.c.case_id))]


def particulars(tx: Tx, case_id: str) -> StoredRow | None:
    newest = PARTICULARS.c.revision.desc()
    return tx.one(select(PARTICULARS).where(PARTICULARS.c.case_id == case_id).order_by(newest).limit(1))
