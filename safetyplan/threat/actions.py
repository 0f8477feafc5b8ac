"""The level on one page, for staff and for the resident; and her own view beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from safetyplan.actors import Actor, CaseId, Purpose, RecordId, new_id
from safetyplan.errors import Refused, Stale
from safetyplan.fields import Field
from safetyplan.store import threat as table
from safetyplan.store.engine import StoredRow
from safetyplan.threat import levels
from safetyplan.threat.history import Happened, Line, Picture, Stood, lines, picture
from safetyplan.threat.levels import CurrentLevel
from safetyplan.threat.model import Standing
from safetyplan.threat.names import Names, names_of
from safetyplan.threat.opening import (
    Said,
    happened_in,
    opened_at,
    own_view_in,
    reference_of,
    said,
    shared_in,
    standing_in,
)
from safetyplan.threat.statements import OwnView
from safetyplan.vault import Revealed, Vault


@dataclass(frozen=True, slots=True)
class Draft:
    review: RecordId
    at: int
    by: str


@dataclass(frozen=True, slots=True)
class Overview:
    """``said`` and ``lines`` stand newest first. ``shared`` is what she reads now."""

    reference: str
    current: CurrentLevel
    standing: Standing
    shared: Revealed
    said: tuple[Said, ...]
    lines: tuple[Line, ...]
    picture: Picture
    happened: tuple[Happened, ...]
    drafts: tuple[Draft, ...]
    names: Names


def overview(vault: Vault, actor: Actor, *, case: CaseId) -> Overview:
    """Everything about the level of one case."""
    with vault.visit(actor, Purpose.REVIEW_THREAT, case) as visit:
        rows = table.levels(visit.tx, case)
        first = Standing.unassessed(opened_at(visit))
        stood = [Stood(int(row.created_at), row.review_id, standing_in(visit, row)) for row in rows]
        standing = stood[-1].standing if stood else first
        happened = happened_in(visit)
        told = lines(first, stood, happened)
        drafts = _drafts(table.reviews(visit.tx, case), {row.review_id for row in rows})
        return Overview(
            reference=reference_of(visit),
            current=levels.for_staff(visit, standing, len(rows)),
            standing=standing,
            shared=shared_in(visit, rows[-1] if rows else None).words,
            said=said(visit),
            lines=tuple(told),
            picture=picture(first, stood, happened, visit.now),
            happened=tuple(happened),
            drafts=drafts,
            names=names_of(visit, [line.by for line in told] + [draft.by for draft in drafts]),
        )


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What a resident sees of it: the level in her words, her own views, what has happened."""

    current: CurrentLevel
    said: tuple[Said, ...]
    happened: tuple[Happened, ...]


def own_page(vault: Vault, actor: Actor) -> OwnPage:
    with vault.visit(actor, Purpose.SEE_OWN_DAY, _own(actor)) as visit:
        return OwnPage(levels.current(visit), said(visit), tuple(happened_in(visit)))


def say_own_view(vault: Vault, actor: Actor, *, view: OwnView, seen: int) -> bool:
    """Keep her view as a new revision. ``seen``: the newest revision when the form was opened (0: none yet).

    False if the form came back as it was opened: then nothing is saved, and nobody is told that she said it today.

    Raises NotAccepted for an empty one, Stale if she has said something else meanwhile, on another device.
    """
    with vault.visit(actor, Purpose.SAY_OWN_VIEW, _own(actor)) as visit:
        visit.action = "own_view.said"
        view.check()
        newest = table.newest_own_view(visit.tx, visit.case)
        if newest is not None and own_view_in(visit, newest) == view:
            return bool(newest.revision != seen)  # sent twice: the first time it was saved
        if (newest.revision if newest else 0) != seen:
            raise Stale("said on another device meanwhile")
        row, revision = new_id(), seen + 1
        visit.add(
            table.OWN_VIEW,
            id=row,
            case_id=visit.case,
            revision=revision,
            body=visit.seal(visit.ref(Field.OWN_VIEW, row, revision), view.to_body()),
            created_at=visit.now,
            created_by=actor.account,
        )
        return True


def _drafts(rows: Sequence[StoredRow], proposed: set[str]) -> tuple[Draft, ...]:
    """Reviews begun and not proposed, newest first; the newest revision of each."""
    begun = {row.review_id: row for row in rows if row.review_id not in proposed}
    drafts = [Draft(RecordId(each), row.created_at, row.created_by) for each, row in begun.items()]
    return tuple(sorted(drafts, key=lambda draft: draft.at, reverse=True))


def _own(actor: Actor) -> CaseId:
    if actor.own_case is None:
        raise Refused("no case")
    return actor.own_case
