"""A resident's answers to guides: one row a case, replaced at every answer.

Which guides she has opened, and how many, stands inside the sealed body: a row a guide would show both.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table, select

from safetyplan.store.engine import StoredRow, Tx, metadata

GUIDE_ANSWER = Table(
    "guide_answer",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("case_id", ForeignKey("case_file.id"), nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(26), nullable=False),
)


def answers(tx: Tx, case_id: str) -> StoredRow | None:
    return tx.one(select(GUIDE_ANSWER).where(GUIDE_ANSWER.c.case_id == case_id))
