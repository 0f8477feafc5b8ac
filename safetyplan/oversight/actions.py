"""What an officer, a resident and a case's staff do with the log: read it, check it, take a proof away."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo

from safetyplan.actors import Actor, CaseId, Role
from safetyplan.errors import N_, LogUnavailable, NotAccepted, Refused, Tampered
from safetyplan.oversight import names
from safetyplan.oversight.model import (
    DAY,
    MOST_ON_A_PAGE,
    RECENT,
    WEEKS,
    Checked,
    Filter,
    Line,
    LogPage,
    Looked,
    Met,
    Person,
    State,
    WhoLooked,
    by_day,
    by_week,
)
from safetyplan.oversight.things import things
from safetyplan.store import cases
from safetyplan.vault import TAMPERED, Finding, FindingKind, Logged, LogReader, Outcome, Proof, Report, Vault, Watch

PAGE = 50
PAGE_OF_A_CASE = 200
MOST_IN_WEEKS = 5_000
"""Entries that the picture by week counts at most."""

MOST_MET = 20
MOST_FAILED = 1_000
"""Failed entries that are looked through for what the service met, of which there should be none."""

VERIFIED = "accesslog.verified"
NOT_OURS = frozenset(
    {FindingKind.TAIL_CUT, FindingKind.HEADS_MISSING, FindingKind.HEAD_DIFFERS, FindingKind.CHECKPOINT_DIFFERS}
)
TOO_LONG = N_(
    "The log is too long to check from this page. Ask whoever runs the service to run: safetyplan accesslog verify"
)


# -- the officer -------------------------------------------------------------------------------------------


def log(vault: Vault, actor: Actor, *, watch: Watch, wanted: Filter, before: int | None = None) -> LogPage:
    """A page of the log, newest first, and its state. Reading is an entry.

    Raises NotAccepted for a person or case that does not exist, Tampered naming an entry that was changed,
    LogUnavailable if the reading cannot be written down (then see ``state``).
    """
    look = watch.look()
    with vault.read_log(actor) as reader:
        page = reader.page(
            before=before,
            limit=PAGE,
            person=names.account_of(reader, wanted.person) if wanted.person else None,
            case=names.case_of(reader, wanted.case) if wanted.case else None,
            action=wanted.action or None,
            outcome=wanted.outcome,
            since=wanted.since,
            until=wanted.until,
        )
        known = names.ForOfficer(reader, page.entries)
        lines = [_line(known, logged) for logged in page.entries]
        checked = _checked(reader, watch)
        now = reader.now
        met = _met(reader, checked)
    state = State(
        now,
        look.size,
        look.signed,
        look.signed_at,
        look.unsigned_since,
        look.findings,
        checked,
        met=met,
        began=look.began,
    )
    return LogPage(lines, page.before, state)


def state(vault: Vault, actor: Actor, *, watch: Watch, altered: int | None = None) -> State:
    """What can be said where the log itself cannot be read any more: nothing protected, and no entry is possible.

    ``altered``: the entry at which reading stopped.
    """
    if actor.role is not Role.OFFICER:
        raise Refused("only an officer")
    look, now = watch.look(), vault.house.clock()
    met = [] if altered is None else [Finding(FindingKind.ENTRY_ALTERED, f"entry {altered} was changed", seq=altered)]
    findings = (*met, *look.findings)
    return State(now, look.size, look.signed, look.signed_at, look.unsigned_since, findings, None, readable=False)


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Everything that one entry says, with its place in the tree."""

    logged: Logged
    who: Person | None
    case: str | None
    proof: Proof


def entry(vault: Vault, actor: Actor, *, watch: Watch, seq: int) -> EntryPage:
    """Raises Refused if there is no such entry."""
    with vault.read_log(actor) as reader:
        found = reader.page(before=seq + 1, limit=1).entries
        if not found or found[0].seq != seq:
            raise Refused("no such entry")
        known = names.ForOfficer(reader, found)
        return EntryPage(found[0], known.person(found[0]), known.case(found[0]), watch.proof(reader, found[0]))


def check(
    vault: Vault,
    actor: Actor | None,
    *,
    watch: Watch,
    most: int | None = MOST_ON_A_PAGE,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Check everything, and write down how it went; where nothing is wrong, sign the log too.

    From the command line there is no actor and no limit.

    Raises NotAccepted for a log of more than ``most`` entries. A result that cannot be written is still handed back.
    """
    if actor is not None and actor.role is not Role.OFFICER:
        raise Refused("only an officer")
    if most is not None and watch.size() > most:
        raise NotAccepted({"": TOO_LONG})
    report = watch.verify(progress)
    if write_down(vault, actor, watch=watch, report=report) and report.ok:
        with suppress(LogUnavailable):  # the check stands all the same, and the state goes on saying what is unsigned
            watch.checkpoint()
    return report


def write_down(vault: Vault, actor: Actor | None, *, watch: Watch, report: Report) -> bool:
    """An entry for a verification's result. False where the log refuses it, or where this is not the log that was
    noted and signed: an entry would go on with somebody else's log, and note its head in the place of ours."""
    if any(finding.kind in NOT_OURS for finding in report.findings):
        return False
    try:
        with vault.note(actor, VERIFIED) as note:
            watch.write_down(note, report)
    except LogUnavailable:
        return False
    return True


def _line(known: names.ForOfficer, logged: Logged) -> Line:
    said = logged.entry
    return Line(
        seq=logged.seq,
        at=said.at,
        action=said.action,
        outcome=said.outcome,
        purpose=said.purpose,
        who=known.person(logged),
        case=known.case(logged),
        opened=len(said.objects),
        written=len(said.writes),
    )


def _checked(reader: LogReader, watch: Watch) -> Checked | None:
    """The last whole check of the last weeks, if its entry has its place in the tree."""
    found = _recent(reader, 1, action=VERIFIED)
    if not found or not watch.proof(reader, found[0]).holds:
        return None
    said = found[0].entry
    if said.reason is None or not said.objects:
        return None
    extent, *places = said.objects
    named = tuple((each.table, each.id) for each in places)
    return Checked(found[0].seq, said.at, int(extent.id), said.reason.code, named)


def _recent(
    reader: LogReader, limit: int, *, action: str | None = None, outcome: Outcome | None = None
) -> Sequence[Logged]:
    """The newest such entries of the last weeks. Where their place cannot be sought, since the search meets an altered
    entry, the whole log is gone through."""
    since = max(0, reader.now - RECENT)
    try:
        found = reader.page(action=action, outcome=outcome, since=since, limit=limit).entries
    except Tampered:
        found = reader.page(action=action, outcome=outcome, limit=limit).entries
    return [each for each in found if each.entry.at >= since]


def _met(reader: LogReader, checked: Checked | None) -> tuple[Met, ...]:
    """What the service met since the last whole check that found nothing, or in the last weeks."""
    since = checked.size if checked and checked.whole else 0
    found = [
        Met(each.seq, each.entry.at)
        for each in _recent(reader, MOST_FAILED, outcome=Outcome.FAILED)
        if each.seq >= since and each.entry.reason is not None and each.entry.reason.code == TAMPERED
    ]
    return tuple(found[:MOST_MET])


# -- a case's own people -----------------------------------------------------------------------------------


def looked(vault: Vault, actor: Actor, *, case: CaseId, zone: tzinfo, before: int | None = None) -> WhoLooked:
    """Who has looked at a case, when and why, for the resident and whoever holds a grant. Reading is an entry."""
    with vault.read_log(actor, case=case) as reader:
        page = reader.page(before=before, limit=PAGE_OF_A_CASE)
        recent = page.entries
        if before is None and page.before is not None:
            since = reader.now - WEEKS * 7 * DAY
            recent = reader.page(since=max(0, since), limit=MOST_IN_WEEKS).entries
        known = names.ForCase(reader, actor, page.entries)
        days = by_day([_looked(known, logged) for logged in page.entries], zone)
        weeks = by_week([_looked(known, logged) for logged in recent], reader.now, zone) if before is None else []
        row = cases.case(reader.tx, case)
        return WhoLooked(row.reference if row else "", days, weeks, page.before)


def mine(vault: Vault, actor: Actor, *, zone: tzinfo, before: int | None = None) -> WhoLooked:
    """As ``looked``, for a resident's own case."""
    if actor.own_case is None:
        raise Refused("nobody's case")
    return looked(vault, actor, case=actor.own_case, zone=zone, before=before)


def _looked(known: names.ForCase, logged: Logged) -> Looked:
    said = logged.entry
    changed = things(write.table for write in said.writes)
    opened = tuple(each for each in things(touched.table for touched in said.objects) if each not in changed)
    return Looked(
        seq=logged.seq,
        at=said.at,
        who=known.visitor(logged),
        action=said.action,
        purpose=said.purpose,
        outcome=said.outcome,
        opened=() if said.outcome is Outcome.REFUSED else opened,
        changed=changed,
    )
