"""What happened to an item or a section, newest first: who, when, and the words that changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from safetyplan.actors import AccountId, RecordId
from safetyplan.plans import items, sections
from safetyplan.plans.differences import Changes, changes
from safetyplan.plans.model import KeptItem, Section, SectionName
from safetyplan.plans.readers import Person, people_named
from safetyplan.store import plans as table
from safetyplan.store.engine import StoredRow
from safetyplan.vault import Visit

PAGE = 25


@dataclass(frozen=True, slots=True)
class ItemEvent:
    """A revision of an item and what it changed."""

    at: int
    by: Person
    kept: KeptItem
    changes: Changes


@dataclass(frozen=True, slots=True)
class SectionEvent:
    """Somebody said that a section is still right (``confirmed``), or chose another day to look at it."""

    at: int
    by: Person
    section: Section
    confirmed: bool


Event = ItemEvent | SectionEvent


@dataclass(frozen=True, slots=True)
class History:
    """One page of it; ``page`` counts from 1."""

    reference: str
    section: SectionName
    events: tuple[Event, ...]
    page: int
    more: bool


def of_items(visit: Visit, section: SectionName, ids: Iterable[RecordId], page: int) -> History:
    return _read(visit, section, list(ids), None, page)


def of_section(visit: Visit, section: SectionName, page: int) -> History:
    """Everything that happened in the section: its items and its dates."""
    ids = [kept.id for kept in items.current(visit) if kept.item.section is section]
    kept = sections.current(visit)[section]
    return _read(visit, section, ids, kept.id if kept.revision else None, page)


def _read(
    visit: Visit, section: SectionName, ids: Sequence[RecordId], section_id: RecordId | None, page: int
) -> History:
    """Rows first, then only what stands on this page is opened."""
    enough = page * PAGE + 1
    rows = list(table.item_history(visit.tx, visit.case, ids, enough)) if ids else []
    if section_id is not None:
        rows += table.section_history(visit.tx, visit.case, section_id, enough)
    rows.sort(key=lambda row: row.created_at, reverse=True)
    shown = rows[(page - 1) * PAGE : page * PAGE]
    known = people_named(visit, {AccountId(row.created_by) for row in shown})
    item_events = iter(_item_events(visit, [row for row in shown if "item_id" in row._fields], known))
    events = (next(item_events) if "item_id" in row._fields else _section_event(visit, row, known) for row in shown)
    reference = visit.case_row.reference if visit.case_row else ""
    return History(reference, section, tuple(events), page, more=len(rows) > page * PAGE)


def _item_events(visit: Visit, rows: Sequence[StoredRow], known: dict[AccountId, Person]) -> list[ItemEvent]:
    kept = [items.opened(visit, row) for row in rows]
    there = {(each.id, each.revision): each for each in kept}
    wanted = {(each.id, each.revision - 1) for each in kept if each.revision > 1} - set(there)
    if wanted:
        there |= {(each.id, each.revision): each for each in items.at_revisions(visit, wanted)}
    made = []
    for each in kept:
        before = there.get((each.id, each.revision - 1))
        made.append(ItemEvent(each.at, known[each.by], each, changes(before.item if before else None, each.item)))
    return made


def _section_event(visit: Visit, row: StoredRow, known: dict[AccountId, Person]) -> SectionEvent:
    kept = sections.opened(visit, row)
    # A confirmation carries the moment of its own row; a date chosen later carries an older one, or none.
    confirmed = kept.section.confirmed_at == kept.at
    return SectionEvent(kept.at, known[kept.by], kept.section, confirmed)
