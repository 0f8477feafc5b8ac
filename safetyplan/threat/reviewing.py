"""The verbs of a review: begin, keep as draft, propose, read, settle, take back.

Proposing, settling and taking back go one way each, whatever the direction: the same rows opened, the same rows
written, the same action name. A test compares the entries and the rows of a raise with those of a proposal to lower.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from safetyplan.actors import Actor, CaseId, Purpose, RecordId, new_id
from safetyplan.errors import N_, NotAccepted, Refused, Stale
from safetyplan.fields import Field
from safetyplan.store import threat as table
from safetyplan.store.engine import StoredRow
from safetyplan.threat.model import Act, Shared, Standing, due_text
from safetyplan.threat.names import Names, names_of
from safetyplan.threat.opening import (
    Said,
    newest_said,
    reference_of,
    review_in,
    said,
    shared_in,
    standing_in,
)
from safetyplan.threat.review import (
    EMPTY,
    LONGEST,
    Decision,
    Kind,
    Review,
    Written,
    check,
    check_draft,
)
from safetyplan.vault import Revealed, Vault, Visit

DRAFTED = "review.drafted"
PROPOSED = "review.proposed"
SETTLED = "review.settled"


@dataclass(frozen=True, slots=True)
class Basis:
    """What the author had in front of them: newest revisions of the standing, of their draft, of her own view."""

    level: int = 0
    draft: int = 0
    her: int = 0


@dataclass(frozen=True, slots=True)
class Begun:
    """A form to write in, and what its author should have before them."""

    review: RecordId
    reference: str
    basis: Basis
    content: Review
    standing: Standing
    her: Said | None
    now: int
    carried_over: bool = False


def begin(vault: Vault, actor: Actor, *, case: CaseId, review: RecordId | None = None) -> Begun:
    """A new review, filled with what the one in force said; or one's own draft, as it was left."""
    with vault.visit(actor, Purpose.REVIEW_THREAT, case) as visit:
        if review is not None:
            draft, content = _own_draft(visit, actor, review)
            return _begun(visit, review, draft, content)
        row = table.newest_level(visit.tx, case)
        in_force = standing_in(visit, row).review
        content = _carried_over(_proposal(visit, in_force).review) if in_force else Review()
        return _begun(visit, RecordId(new_id()), 0, content, carried_over=in_force is not None)


def resume(
    vault: Vault, actor: Actor, *, case: CaseId, review: RecordId, content: Review, basis: Basis | None
) -> Begun:
    """The form again as it was typed. Without a basis: against what stands now.

    What was typed after the review had been proposed elsewhere goes on as a new one.
    """
    with vault.visit(actor, Purpose.REVIEW_THREAT, case) as visit:
        last = table.review(visit.tx, case, review)[-1:]
        draft = _draft_revision(visit, actor, last[0]) if last else 0
        now = _begun(visit, RecordId(new_id()) if draft is None else review, draft or 0, content)
        return now if basis is None else replace(now, basis=basis)


def _begun(visit: Visit, review: RecordId, draft: int, content: Review, *, carried_over: bool = False) -> Begun:
    newest, her = table.newest_level(visit.tx, visit.case), newest_said(visit)
    return Begun(
        review=review,
        reference=reference_of(visit),
        basis=Basis(newest.revision if newest else 0, draft, her.revision if her else 0),
        content=content,
        standing=standing_in(visit, newest),
        her=her,
        now=visit.now,
        carried_over=carried_over,
    )


def save_draft(vault: Vault, actor: Actor, *, case: CaseId, review: RecordId, seen: int, content: Review) -> None:
    """Keep what is written so far. Raises NotAccepted, Stale, Refused for somebody else's draft."""
    with vault.visit(actor, Purpose.REVIEW_THREAT, case) as visit:
        visit.action = DRAFTED
        check_draft(content)
        _follows(visit, actor, review, seen)
        _write(visit, actor, review, seen + 1, Written(Kind.DRAFT, actor.account, content).to_body())


def propose(vault: Vault, actor: Actor, *, case: CaseId, review: RecordId, basis: Basis, content: Review) -> None:
    """Raising, staying and the first assessment take effect now; lowering waits for a second person.

    Raises NotAccepted; Stale if level, draft or her own view have changed since the form was opened; Refused for
    somebody else's draft. The same form sent twice is one review.
    """
    with vault.visit(actor, Purpose.REVIEW_THREAT, case) as visit:
        visit.action = PROPOSED
        if _sent_before(visit, actor, review, content):
            return
        _follows(visit, actor, review, basis.draft)
        newest = table.newest_level(visit.tx, case)
        before, shared = standing_in(visit, newest), shared_in(visit, newest)
        her = newest_said(visit)
        if (newest.revision if newest else 0, her.revision if her else 0) != (basis.level, basis.her):
            raise Stale("something new was said or settled meanwhile")
        level, next_review = check(content, her.view.level if her else None, visit.now)
        after = before.propose(
            review=review,
            author=actor.account,
            level=level,
            next_review=next_review,
            at=visit.now,
            heard=basis.her,
        )
        words = content.shared if after.review == review else shared.words
        content = replace(content, her_view=basis.her or None)
        body = Written(Kind.PROPOSAL, actor.account, content).to_body()
        _write(visit, actor, review, basis.draft + 1, body)
        _stand(visit, actor, review, basis.level + 1, after, words)


def settle(vault: Vault, actor: Actor, *, case: CaseId, review: RecordId, accept: bool, words: Revealed) -> None:
    """The second person's word: a lower level takes effect, what took effect already is confirmed; or neither.

    Raises Refused to the author, whatever they send; NotAccepted where words are missing (declined; or accepted
    below what the resident has said since); Stale if it no longer waits.
    """
    act = Act.ACCEPTED if accept else Act.DECLINED
    with vault.visit(actor, Purpose.SETTLE_LEVEL, case) as visit:
        visit.action = SETTLED
        proposal, seen = _waiting(visit, review)
        if proposal.author == actor.account:
            raise Refused("nobody settles a review of their own")
        if not accept and not words:
            raise NotAccepted({"words": N_("Write why, so that whoever proposed it can go on from there.")})
        if _unheard(proposal.review, newest_said(visit)) and accept and not words:
            raise NotAccepted({"words": N_("The resident has said since then that it is more serious. Write why.")})
        newest = table.newest_level(visit.tx, case)
        before, shared = standing_in(visit, newest), shared_in(visit, newest)
        after = before.settle(review=review, by=actor.account, accept=accept, at=visit.now)
        told = proposal.review.shared if after.review == review else shared.words
        _decide(visit, actor, review, seen + 1, act, words)
        _stand(visit, actor, review, (newest.revision if newest else 0) + 1, after, told)


def withdraw(vault: Vault, actor: Actor, *, case: CaseId, review: RecordId, words: Revealed) -> None:
    """The author takes a review back while it waits. What took effect stays: going down is for two people."""
    with vault.visit(actor, Purpose.SETTLE_LEVEL, case) as visit:
        visit.action = SETTLED
        _, seen = _waiting(visit, review)
        newest = table.newest_level(visit.tx, case)
        before, shared = standing_in(visit, newest), shared_in(visit, newest)
        after = before.withdraw(review=review, by=actor.account)
        _decide(visit, actor, review, seen + 1, Act.WITHDRAWN, words)
        _stand(visit, actor, review, (newest.revision if newest else 0) + 1, after, shared.words)


# -- reading --------------------------------------------------------------------------------------------------


class State(StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Reading:
    """A review as it was written, what it met, and what became of it. ``then``: how things stood right after."""

    review: RecordId
    reference: str
    at: int
    written: Written
    state: State
    decision: Decision | None
    decided_at: int | None
    then: Standing | None
    now: Standing
    her: Said | None
    her_newest: Said | None
    names: Names
    yours: bool

    @property
    def lowering(self) -> bool:
        return self.then is not None and self.then.lowering


def read_review(vault: Vault, actor: Actor, *, case: CaseId, review: RecordId) -> Reading:
    with vault.visit(actor, Purpose.REVIEW_THREAT, case) as visit:
        rows = table.review(visit.tx, case, review)
        if not rows:
            raise Refused("no such review")
        decision = review_in(visit, rows[-1])
        row = rows[-2] if isinstance(decision, Decision) else rows[-1]
        written = _written(visit, row)
        stood = table.levels(visit.tx, case)
        mine = next((each for each in stood if each.review_id == review), None)
        now = standing_in(visit, stood[-1] if stood else None)
        heard = said(visit)
        before = [each for each in heard if each.revision == written.review.her_view]
        decided = decision if isinstance(decision, Decision) else None
        return Reading(
            review=review,
            reference=reference_of(visit),
            at=row.created_at,
            written=written,
            state=_state(written, decided, now, review),
            decision=decided,
            decided_at=rows[-1].created_at if decided else None,
            then=standing_in(visit, mine) if mine else None,
            now=now,
            her=before[0] if before else None,
            her_newest=heard[0] if heard else None,
            names=names_of(visit, [written.author, decided.by if decided else None]),
            yours=written.author == actor.account,
        )


def _state(written: Written, decision: Decision | None, now: Standing, review: str) -> State:
    if decision is not None:
        return State(decision.act)
    if written.kind is Kind.DRAFT:
        return State.DRAFT
    return State.WAITING if now.waiting and now.waiting.review == review else State.REPLACED


# -- rows -----------------------------------------------------------------------------------------------------


def _written(visit: Visit, row: StoredRow) -> Written:
    found = review_in(visit, row)
    if isinstance(found, Decision):
        raise Stale("this review has been settled")
    return found


def _proposal(visit: Visit, review: str) -> Written:
    """What was proposed, whatever came after it."""
    found = [review_in(visit, row) for row in table.review(visit.tx, visit.case, review)[-2:]]
    return next(each for each in reversed(found) if isinstance(each, Written))


def _waiting(visit: Visit, review: str) -> tuple[Written, int]:
    """The proposal and its revision; Refused where there is none, Stale where it has been settled."""
    rows = table.review(visit.tx, visit.case, review)
    if not rows:
        raise Refused("no such review")
    written = _written(visit, rows[-1])
    if written.kind is Kind.DRAFT:
        raise Refused("a draft is nobody's to settle")
    return written, int(rows[-1].revision)


def _unheard(review: Review, her: Said | None) -> bool:
    """Since this was proposed, the resident has said that it is more serious."""
    if her is None or review.level is None or her.revision <= (review.her_view or 0):
        return False
    return her.view.higher_than(review.level)


def _own_draft(visit: Visit, actor: Actor, review: str) -> tuple[int, Review]:
    for row in table.review(visit.tx, visit.case, review)[-1:]:
        written = review_in(visit, row)
        if isinstance(written, Written) and written.kind is Kind.DRAFT and written.author == actor.account:
            return int(row.revision), written.review
    raise Refused("not a draft of theirs")


def _draft_revision(visit: Visit, actor: Actor, last: StoredRow) -> int | None:
    """The revision of one's own draft; None once it has been proposed. Refused for somebody else's."""
    found = review_in(visit, last)
    if isinstance(found, Decision) or found.kind is not Kind.DRAFT:
        return None
    if found.author != actor.account:
        raise Refused("somebody else's draft")
    return int(last.revision)


def _follows(visit: Visit, actor: Actor, review: str, seen: int) -> None:
    """It is the actor's own draft, or new, and nothing was written to it since ``seen``."""
    last = table.review(visit.tx, visit.case, review)[-1:]
    if (_draft_revision(visit, actor, last[0]) if last else 0) != seen:
        raise Stale("written or proposed elsewhere meanwhile")


def _sent_before(visit: Visit, actor: Actor, review: str, content: Review) -> bool:
    """The very same form has been taken already."""
    rows = [row for row in table.levels(visit.tx, visit.case) if row.review_id == review]
    if not rows:
        return False
    sent = _proposal(visit, review)
    return sent.author == actor.account and replace(sent.review, her_view=None) == content


def _carried_over(review: Review) -> Review:
    """What may still hold; the level, the reasons and what was said to her are written anew each time."""
    return replace(
        review,
        level=None,
        changes=EMPTY,
        reasons=EMPTY,
        disagreement=EMPTY,
        informed=EMPTY,
        shared=EMPTY,
        next_review=EMPTY,
        her_view=None,
    )


def _decide(visit: Visit, actor: Actor, review: str, revision: int, act: Act, words: Revealed) -> None:
    if len(words) > LONGEST:
        raise NotAccepted({"words": N_("This is longer than there is room for. Shorten it.")})
    _write(visit, actor, review, revision, Decision(act, actor.account, words).to_body())


def _write(visit: Visit, actor: Actor, review: str, revision: int, body: str) -> None:
    row = new_id()
    visit.add(
        table.REVIEW,
        id=row,
        case_id=visit.case,
        review_id=review,
        revision=revision,
        body=visit.seal(visit.ref(Field.THREAT_REVIEW, row, revision), body),
        created_at=visit.now,
        created_by=actor.account,
    )


def _stand(visit: Visit, actor: Actor, review: str, revision: int, standing: Standing, words: Revealed) -> None:
    """How things stand after this act. Written after every act, changed or not, in one size."""
    row = new_id()
    shared = Shared(standing.level, standing.since, standing.next_review, words)
    visit.add(
        table.LEVEL,
        id=row,
        case_id=visit.case,
        review_id=review,
        revision=revision,
        body=visit.seal(visit.ref(Field.THREAT_LEVEL, row, revision), standing.to_body()),
        shared=visit.seal(visit.ref(Field.THREAT_LEVEL_SHARED, row, revision), shared.to_body()),
        due=visit.seal(visit.ref(Field.THREAT_LEVEL_DUE, row, revision), due_text(standing.next_review)),
        created_at=visit.now,
        created_by=actor.account,
    )
