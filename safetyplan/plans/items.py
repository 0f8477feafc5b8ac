"""Items within a visit: what every verb of the plan, and the guides, do with them."""

from collections.abc import Iterable
from functools import partial

from safetyplan.actors import AccountId, Actor, RecordId, new_id
from safetyplan.errors import Refused
from safetyplan.fields import Field
from safetyplan.plans.model import Item, KeptItem, SectionName, accept_wording
from safetyplan.store import plans as table
from safetyplan.store.engine import StoredRow
from safetyplan.vault import Visit


def add_item(visit: Visit, *, section: str, text: str, source: str | None = None) -> RecordId:
    """Put an item into the visited plan; the item's id.

    With a ``source`` (a guide's name and the point's id), adding the same text again while it still stands in the
    plan gives the item that is there. Raises NotAccepted for text that no item may have.
    """
    table.hold(visit.tx, visit.case)
    item = Item(SectionName(section), accept_wording(text), source=source)
    if source is not None:
        for kept in current(visit):
            if kept.item.source == source and kept.item.wording.text == item.wording.text and not kept.item.removed:
                return kept.id
    item_id = RecordId(new_id())
    save(visit, item_id, 1, item)
    return item_id


def current(visit: Visit) -> list[KeptItem]:
    """Every item of the case as it stands, also those taken away; one query."""
    rows = table.current_items(visit.tx, visit.case)
    found = [visit.unless_tampered(partial(opened, visit, row)) for row in rows]
    return [kept for kept in found if kept is not None]


def newest(visit: Visit, item_id: RecordId) -> KeptItem:
    """Raises Refused where this plan has no such item."""
    row = table.newest_item(visit.tx, visit.case, item_id)
    if row is None:
        raise Refused("no such item")
    return opened(visit, row)


def at_revision(visit: Visit, item_id: RecordId, revision: int) -> KeptItem:
    """Raises Refused where the item has no such revision."""
    found = at_revisions(visit, [(item_id, revision)])
    if not found:
        raise Refused("no such revision")
    return found[0]


def at_revisions(visit: Visit, places: Iterable[tuple[RecordId, int]]) -> list[KeptItem]:
    return [opened(visit, row) for row in table.items_at(visit.tx, visit.case, places)]


def opened(visit: Visit, row: StoredRow) -> KeptItem:
    ref = visit.ref(Field.PLAN_ITEM, row.item_id, row.revision)
    item = Item.from_body(visit.open(ref, row.body))
    return KeptItem(RecordId(row.item_id), row.revision, item, row.created_at, AccountId(row.created_by))


def save(visit: Visit, item_id: RecordId, revision: int, item: Item) -> None:
    """Raises Stale if the item has this revision already."""
    ref = visit.ref(Field.PLAN_ITEM, item_id, revision)
    visit.add(
        table.PLAN_ITEM,
        id=new_id(),
        item_id=item_id,
        case_id=visit.case,
        revision=revision,
        body=visit.seal(ref, item.to_body()),
        created_at=visit.now,
        created_by=author(visit).account,
    )


def author(visit: Visit) -> Actor:
    if visit.actor is None:
        raise Refused("nobody")
    return visit.actor
