"""Sections within a visit: when to look at them again, and who said that they are still right."""

from functools import partial

from safetyplan.actors import AccountId, RecordId, new_id
from safetyplan.fields import Field
from safetyplan.plans.items import author
from safetyplan.plans.model import KeptSection, Section, SectionName, newest_named
from safetyplan.store import plans as table
from safetyplan.store.engine import StoredRow
from safetyplan.vault import Visit


def current(visit: Visit) -> dict[SectionName, KeptSection]:
    """Every section as it stands; one that nobody has touched has revision 0 and an id for its first row."""
    rows = table.current_sections(visit.tx, visit.case)
    found = [visit.unless_tampered(partial(opened, visit, row)) for row in rows]
    there = newest_named([kept for kept in found if kept is not None])
    return {name: there.get(name) or _untouched(name) for name in SectionName}


def _untouched(name: SectionName) -> KeptSection:
    return KeptSection(RecordId(new_id()), 0, Section(name), 0, AccountId(""))


def opened(visit: Visit, row: StoredRow) -> KeptSection:
    ref = visit.ref(Field.PLAN_SECTION, row.section_id, row.revision)
    section = Section.from_body(visit.open(ref, row.body))
    return KeptSection(RecordId(row.section_id), row.revision, section, row.created_at, AccountId(row.created_by))


def save(visit: Visit, kept: KeptSection, section: Section) -> None:
    """The next revision. Raises Stale if somebody wrote it first."""
    revision = kept.revision + 1
    visit.add(
        table.PLAN_SECTION,
        id=new_id(),
        section_id=kept.id,
        case_id=visit.case,
        revision=revision,
        body=visit.seal(visit.ref(Field.PLAN_SECTION, kept.id, revision), section.to_body()),
        due=visit.seal(visit.ref(Field.PLAN_SECTION_DUE, kept.id, revision), section.due()),
        created_at=visit.now,
        created_by=author(visit).account,
    )
