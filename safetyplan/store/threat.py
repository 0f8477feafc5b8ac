"""The threat level of a case, its reviews, the resident's own view, and incidents. Every row is a revision.

A review is written as drafts (revisions 1 … n), proposed (one more revision) and settled (one more). Each of
proposing and settling adds a row to ``threat_level`` as well: how things stand after it, whether or not anything
changed. So the number of rows and their sizes are the same for a raise and for a proposal to lower.
"""

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    select,
)

from safetyplan.store.engine import StoredRow, Tx, metadata

REVIEW = Table(
    "threat_review",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("case_id", ForeignKey("case_file.id"), nullable=False, index=True),
    Column("review_id", String(26), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(26), nullable=False),
    UniqueConstraint("review_id", "revision"),
)

LEVEL = Table(
    "threat_level",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("case_id", ForeignKey("case_file.id"), nullable=False),
    Column("review_id", String(26), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("shared", LargeBinary, nullable=False),
    Column("due", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(26), nullable=False),
    UniqueConstraint("case_id", "revision"),
)

OWN_VIEW = Table(
    "own_view",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("case_id", ForeignKey("case_file.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(26), nullable=False),
    UniqueConstraint("case_id", "revision"),
)

INCIDENT = Table(
    "incident",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("case_id", ForeignKey("case_file.id"), nullable=False, index=True),
    Column("incident_id", String(26), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(26), nullable=False),
    UniqueConstraint("incident_id", "revision"),
)

Rows = Sequence[StoredRow]


def levels(tx: Tx, case: str) -> Rows:
    """Every revision of how things stand, oldest first."""
    return tx.all(select(LEVEL).where(LEVEL.c.case_id == case).order_by(LEVEL.c.revision))


def newest_level(tx: Tx, case: str) -> StoredRow | None:
    newest = LEVEL.c.revision.desc()
    return tx.one(select(LEVEL).where(LEVEL.c.case_id == case).order_by(newest).limit(1))


def reviews(tx: Tx, case: str) -> Rows:
    """Every revision of every review of the case, oldest review first."""
    kept = select(REVIEW).where(REVIEW.c.case_id == case)
    return tx.all(kept.order_by(REVIEW.c.created_at, REVIEW.c.review_id, REVIEW.c.revision))


def review(tx: Tx, case: str, review_id: str) -> Rows:
    """The revisions of one review, oldest first; none if it is another case's."""
    one = select(REVIEW).where(REVIEW.c.case_id == case, REVIEW.c.review_id == review_id)
    return tx.all(one.order_by(REVIEW.c.revision))


def own_views(tx: Tx, case: str) -> Rows:
    """Her own views, oldest first."""
    return tx.all(select(OWN_VIEW).where(OWN_VIEW.c.case_id == case).order_by(OWN_VIEW.c.revision))


def newest_own_view(tx: Tx, case: str) -> StoredRow | None:
    newest = OWN_VIEW.c.revision.desc()
    return tx.one(select(OWN_VIEW).where(OWN_VIEW.c.case_id == case).order_by(newest).limit(1))


def incidents(tx: Tx, case: str) -> Rows:
    """Every revision of every incident of the case; the revisions of one stand in order."""
    kept = select(INCIDENT).where(INCIDENT.c.case_id == case)
    return tx.all(kept.order_by(INCIDENT.c.incident_id, INCIDENT.c.revision))


def incident(tx: Tx, case: str, incident_id: str) -> Rows:
    """The revisions of one incident, oldest first; none if it is another case's."""
    one = select(INCIDENT).where(INCIDENT.c.case_id == case, INCIDENT.c.incident_id == incident_id)
    return tx.all(one.order_by(INCIDENT.c.revision))
