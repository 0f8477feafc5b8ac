"""Revisions of plan items and of plan sections: a save adds a row, nothing is overwritten.

Which section an item belongs to stands inside its sealed body: that somebody has written something under "children"
must not show. A section has a row only when it was confirmed or given a date, with its name sealed too.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    UniqueConstraint,
    func,
    select,
    tuple_,
)

from safetyplan.store.cases import CASE
from safetyplan.store.engine import StoredRow, Tx, metadata

PLAN_ITEM = Table(
    "plan_item",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("item_id", String(26), nullable=False),
    Column("case_id", ForeignKey("case_file.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(26), nullable=False),
    UniqueConstraint("item_id", "revision"),
    Index("plan_item_case", "case_id", "item_id", "revision"),
)

PLAN_SECTION = Table(
    "plan_section",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("section_id", String(26), nullable=False),
    Column("case_id", ForeignKey("case_file.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("due", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(26), nullable=False),
    UniqueConstraint("section_id", "revision"),
    Index("plan_section_case", "case_id", "section_id", "revision"),
)

Rows = Sequence[StoredRow]


def hold(tx: Tx, case_id: str) -> None:
    """Let writers to one plan queue (PostgreSQL; SQLite's writers queue anyway), so that each sees the newest
    revision. Foreign keys to the case stay free: this is FOR NO KEY UPDATE."""
    tx.one(select(CASE.c.id).where(CASE.c.id == case_id).with_for_update(key_share=True))


def current_items(tx: Tx, case_id: str) -> Rows:
    """The newest revision of every item of the case, in the order in which the items were first written."""
    return tx.all(_current(PLAN_ITEM, "item_id", case_id))


def newest_item(tx: Tx, case_id: str, item_id: str) -> StoredRow | None:
    mine = select(PLAN_ITEM).where(PLAN_ITEM.c.case_id == case_id, PLAN_ITEM.c.item_id == item_id)
    return tx.one(mine.order_by(PLAN_ITEM.c.revision.desc()).limit(1))


def items_at(tx: Tx, case_id: str, places: Iterable[tuple[str, int]]) -> Rows:
    """These (item, revision) of the case, those that there are."""
    at = tuple_(PLAN_ITEM.c.item_id, PLAN_ITEM.c.revision).in_(list(places))
    return tx.all(select(PLAN_ITEM).where(PLAN_ITEM.c.case_id == case_id, at))


def item_history(tx: Tx, case_id: str, items: Iterable[str], limit: int) -> Rows:
    """Revisions of these items, newest first."""
    mine = select(PLAN_ITEM).where(PLAN_ITEM.c.case_id == case_id, PLAN_ITEM.c.item_id.in_(list(items)))
    order = PLAN_ITEM.c.created_at.desc(), PLAN_ITEM.c.item_id, PLAN_ITEM.c.revision.desc()
    return tx.all(mine.order_by(*order).limit(limit))


def current_sections(tx: Tx, case_id: str) -> Rows:
    """The newest revision of every section of the case that has one."""
    return tx.all(_current(PLAN_SECTION, "section_id", case_id))


def section_history(tx: Tx, case_id: str, section_id: str, limit: int) -> Rows:
    """Revisions of one section, newest first."""
    mine = select(PLAN_SECTION).where(PLAN_SECTION.c.case_id == case_id)
    mine = mine.where(PLAN_SECTION.c.section_id == section_id)
    return tx.all(mine.order_by(PLAN_SECTION.c.revision.desc()).limit(limit))


def _current(table: Table, noun: str, case_id: str) -> Select[Any]:
    """One row a noun: its newest revision, with ``began`` (when the noun's first revision was written)."""
    key: ColumnElement[Any] = table.c[noun]
    spans = (
        select(key, func.max(table.c.revision).label("newest"), func.min(table.c.created_at).label("began"))
        .where(table.c.case_id == case_id)
        .group_by(key)
        .subquery()
    )
    newest = (table.c[noun] == spans.c[noun]) & (table.c.revision == spans.c.newest)
    mine = select(table, spans.c.began).join(spans, newest).where(table.c.case_id == case_id)
    return mine.order_by(spans.c.began, table.c[noun])
