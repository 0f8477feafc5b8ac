"""What a person does with a plan. ``case`` is None for a resident's own plan; staff name the case."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

from safetyplan.actors import Actor, CaseId, Purpose, RecordId
from safetyplan.errors import N_, NotAccepted, Stale
from safetyplan.plans import history, items, model, sections
from safetyplan.plans.differences import Parts, difference, together
from safetyplan.plans.history import History
from safetyplan.plans.model import Item, KeptItem, KeptSection, SectionName, Wording
from safetyplan.plans.readers import Person, Readers, people_named, who_can_read
from safetyplan.store import plans as table
from safetyplan.vault import Vault, Visit


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands round every page of a plan: the case's reference, and who can read what is written here."""

    reference: str
    readers: Readers


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section as it stands. ``removed``: what was taken away and can be brought back."""

    name: SectionName
    kept: KeptSection
    items: tuple[KeptItem, ...]
    removed: tuple[KeptItem, ...]
    stale: bool


@dataclass(frozen=True, slots=True)
class PlanView:
    """``broken``: something was tampered with and is left out."""

    frame: Frame
    sections: tuple[SectionView, ...]
    broken: bool


@dataclass(frozen=True, slots=True)
class SectionPage:
    """One section by itself; ``confirmed_by`` said last that it is still right."""

    frame: Frame
    view: SectionView
    confirmed_by: Person | None
    today: date
    broken: bool


@dataclass(frozen=True, slots=True)
class ItemPage:
    frame: Frame
    kept: KeptItem
    by: Person


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two people wrote at once: what is typed here, what was saved meanwhile, and both as one to start from."""

    frame: Frame
    mine: Wording
    theirs: KeptItem
    by: Person
    difference: Parts
    both: Wording


@contextmanager
def _visit(vault: Vault, actor: Actor, case: CaseId | None) -> Iterator[Visit]:
    """No case named: the plan of whoever is signed in. The vault refuses a role for which the purpose is not meant."""
    if case is None:
        with vault.visit(actor, Purpose.KEEP_OWN_PLAN, actor.own_case or CaseId("")) as visit:
            yield visit
    else:
        with vault.visit(actor, Purpose.SUPPORT_PLAN, case) as visit:
            yield visit


@contextmanager
def _writing(vault: Vault, actor: Actor, case: CaseId | None) -> Iterator[Visit]:
    with _visit(vault, actor, case) as visit:
        table.hold(visit.tx, visit.case)
        yield visit


# -- looking ---------------------------------------------------------------------------------------------------


def see_plan(vault: Vault, actor: Actor, *, case: CaseId | None = None) -> PlanView:
    with _visit(vault, actor, case) as visit:
        return PlanView(_frame(visit), tuple(_views(visit).values()), visit.alarms > 0)


def see_section(vault: Vault, actor: Actor, *, section: SectionName, case: CaseId | None = None) -> SectionPage:
    with _visit(vault, actor, case) as visit:
        view = _views(visit)[section]
        by = view.kept.by if view.kept.section.confirmed_at == view.kept.at else None
        person = people_named(visit, {by})[by] if by else None
        return SectionPage(_frame(visit), view, person, model.day_of(visit.now), visit.alarms > 0)


def see_frame(vault: Vault, actor: Actor, *, case: CaseId | None = None) -> Frame:
    """For a page to write on: who will be able to read it."""
    with _visit(vault, actor, case) as visit:
        return _frame(visit)


def see_item(vault: Vault, actor: Actor, *, item_id: RecordId, case: CaseId | None = None) -> ItemPage:
    with _visit(vault, actor, case) as visit:
        kept = items.newest(visit, item_id)
        return ItemPage(_frame(visit), kept, people_named(visit, {kept.by})[kept.by])


def see_item_history(
    vault: Vault, actor: Actor, *, item_id: RecordId, page: int = 1, case: CaseId | None = None
) -> History:
    with _visit(vault, actor, case) as visit:
        kept = items.newest(visit, item_id)
        return history.of_items(visit, kept.item.section, [item_id], page)


def see_section_history(
    vault: Vault, actor: Actor, *, section: SectionName, page: int = 1, case: CaseId | None = None
) -> History:
    with _visit(vault, actor, case) as visit:
        return history.of_section(visit, section, page)


def compare(
    vault: Vault, actor: Actor, *, item_id: RecordId, seen: int, wording: Wording, case: CaseId | None = None
) -> Comparison:
    """What is typed, beside what was saved after revision ``seen``."""
    with _visit(vault, actor, case) as visit:
        theirs = items.newest(visit, item_id)
        base = items.at_revision(visit, item_id, max(seen, 1)).item.wording
        other = theirs.item.wording
        both = Wording(
            text=together(base.text, wording.text, other.text),
            who=other.who if wording.who == base.who else wording.who,
            by=other.by if wording.by == base.by else wording.by,
        )
        return Comparison(
            frame=_frame(visit),
            mine=wording,
            theirs=theirs,
            by=people_named(visit, {theirs.by})[theirs.by],
            difference=difference(other.text, wording.text),
            both=both,
        )


def _frame(visit: Visit) -> Frame:
    return Frame(visit.case_row.reference if visit.case_row else "", who_can_read(visit))


def _views(visit: Visit) -> dict[SectionName, SectionView]:
    today = model.day_of(visit.now)
    kept = sections.current(visit)
    return {
        name: SectionView(
            name=name,
            kept=kept[name],
            items=tuple(each for each in some if not each.item.removed),
            removed=tuple(each for each in some if each.item.removed),
            stale=kept[name].section.stale(today),
        )
        for name, some in model.by_section(items.current(visit)).items()
    }


# -- writing ---------------------------------------------------------------------------------------------------


def add_item(
    vault: Vault,
    actor: Actor,
    *,
    item_id: RecordId,
    section: SectionName,
    wording: Wording,
    case: CaseId | None = None,
) -> None:
    """The form brings the new item's id. Sent twice it is one item; raises Stale if the words differ by then."""
    with _writing(vault, actor, case) as visit:
        row = table.newest_item(visit.tx, visit.case, item_id)
        if row is None:
            items.save(visit, item_id, 1, Item(section, wording))
        else:
            _reword(visit, items.opened(visit, row), 1, wording)


def change_item(
    vault: Vault, actor: Actor, *, item_id: RecordId, seen: int, wording: Wording, case: CaseId | None = None
) -> KeptItem:
    """New words for an item that was ``seen`` at that revision; the item as it was.

    Raises Stale if somebody saved other words since.
    """
    with _writing(vault, actor, case) as visit:
        kept = items.newest(visit, item_id)
        _reword(visit, kept, seen, wording)
        return kept


def _reword(visit: Visit, kept: KeptItem, seen: int, wording: Wording) -> None:
    base = kept if seen == kept.revision else items.at_revision(visit, kept.id, seen)
    _save(visit, kept, model.worded(kept.item, base.item, wording))


def mark_item(vault: Vault, actor: Actor, *, item_id: RecordId, done: bool, case: CaseId | None = None) -> KeptItem:
    """Done, or not done after all; the item as it was."""
    with _writing(vault, actor, case) as visit:
        kept = items.newest(visit, item_id)
        _save(visit, kept, model.marked(kept.item, done))
        return kept


def remove_item(
    vault: Vault, actor: Actor, *, item_id: RecordId, removed: bool = True, case: CaseId | None = None
) -> KeptItem:
    """Take an item away, or bring it back; the item as it was."""
    with _writing(vault, actor, case) as visit:
        kept = items.newest(visit, item_id)
        _save(visit, kept, model.taken_away(kept.item, removed))
        return kept


def _save(visit: Visit, kept: KeptItem, item: Item | None) -> None:
    if item is not None:
        items.save(visit, kept.id, kept.revision + 1, item)


def confirm_section(vault: Vault, actor: Actor, *, section: SectionName, case: CaseId | None = None) -> None:
    """Still right. Says so once a moment: a second tap within the same minute adds nothing."""
    with _writing(vault, actor, case) as visit:
        kept = sections.current(visit)[section]
        last = kept.section.confirmed_at
        if last is not None and kept.by == actor.account and visit.now - last < 60_000:
            return
        sections.save(visit, kept, kept.section.confirmed(visit.now, actor.role))


def set_review(
    vault: Vault,
    actor: Actor,
    *,
    section: SectionName,
    review_on: date | None,
    seen: int,
    case: CaseId | None = None,
) -> None:
    """When to look at the section again. Raises Stale if somebody chose another day since revision ``seen``."""
    with _writing(vault, actor, case) as visit:
        if review_on is not None and review_on < model.day_of(visit.now):
            raise NotAccepted({"review_on": N_("That day has passed. Choose today or a later day.")})
        kept = sections.current(visit)[section]
        if kept.section.review_on == review_on:
            return
        if kept.revision != seen:
            raise Stale("another day was chosen meanwhile")
        sections.save(visit, kept, replace(kept.section, review_on=review_on))
