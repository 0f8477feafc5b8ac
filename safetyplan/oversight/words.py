"""The words for what stands in the log: closed lists, translated by the web. Nothing here tells a direction."""

from safetyplan.actors import Purpose, Role
from safetyplan.errors import N_
from safetyplan.oversight import things
from safetyplan.vault import FindingKind, Outcome

ROLES = {
    Role.RESIDENT: N_("resident"),
    Role.STAFF: N_("staff"),
    Role.LEAD: N_("unit lead"),
    Role.OFFICER: N_("security officer"),
    Role.ADMINISTRATOR: N_("administrator"),
}

ACTIONS = {
    "case.opened": N_("Opened a case"),
    "case.changed": N_("Changed something in a case"),
    "case.taken_in": N_("Took somebody in"),
    "case.prepared": N_("Prepared to take somebody in"),
    "review.drafted": N_("Wrote on a review"),
    "review.proposed": N_("Proposed a review"),
    "review.settled": N_("Settled a review"),
    "own_view.said": N_("Said how they see it themselves"),
    "incident.noted": N_("Noted something that happened"),
    "session.halfway": N_("Took the first step of signing in"),
    "session.begun": N_("Signed in"),
    "session.ended": N_("A sign-in was ended"),
    "session.listed": N_("Looked at their own sign-ins"),
    "session.refused": N_("Tried to sign in"),
    "device.marked": N_("Called a device their own"),
    "code.used": N_("Used a code from a recovery sheet"),
    "recovery.begun": N_("Began to use a recovery sheet"),
    "recovery.completed": N_("Made a new pass phrase with a recovery sheet"),
    "account.invited": N_("Made an account"),
    "account.withdrawn": N_("Withdrew an invitation"),
    "account.enrolment_begun": N_("Began to set up an account"),
    "account.enrolled": N_("Set up an account"),
    "account.listed": N_("Looked at the list of accounts"),
    "account.locked": N_("Locked an account"),
    "account.unlocked": N_("Unlocked an account"),
    "group.settled": N_("Handed a group its keys"),
    "unit.created": N_("Made a unit"),
    "unit.listed": N_("Looked at the list of units"),
    "unit.read": N_("Looked at who works in a unit"),
    "endpoint.refused": N_("Asked for a page that is not for their role"),
    "house.founded": N_("Founded the house"),
    "accesslog.read": N_("Read the access log"),
    "accesslog.verified": N_("Checked the whole log"),
    "accesslog.signed": N_("Signed the log"),
    "accesslog.exported": N_("Took a copy of the log"),
}
OTHER_ACTION = N_("Did something else")

OUTCOMES = {
    Outcome.DONE: N_("Done"),
    Outcome.REFUSED: N_("Not let in"),
    Outcome.FAILED: N_("Did not work"),
    Outcome.BROKEN_OFF: N_("Broke off"),
}

PURPOSES = {
    Purpose.KEEP_OWN_PLAN: N_("To keep their own plan"),
    Purpose.ASK_A_GUIDE: N_("To ask a question"),
    Purpose.SAY_OWN_VIEW: N_("To say how they see it themselves"),
    Purpose.SEE_OWN_DAY: N_("To see their own day"),
    Purpose.SEE_WHO_LOOKED: N_("To see who has looked"),
    Purpose.OVERVIEW: N_("To see what is due"),
    Purpose.SUPPORT_PLAN: N_("To help with the plan"),
    Purpose.REVIEW_THREAT: N_("To prepare or read the review"),
    Purpose.SETTLE_LEVEL: N_("To settle the review"),
    Purpose.REPORT_INCIDENT: N_("To note something that happened"),
    Purpose.TAKE_IN: N_("To take somebody in"),
    Purpose.GRANT_ACCESS: N_("To decide who can open the case"),
    Purpose.ENROL: N_("To set up the sign-in"),
}

HERS = {
    things.PLAN: N_("your plan"),
    things.ANSWERS: N_("your answers to questions"),
    things.PARTICULARS: N_("your country and protection"),
    things.REVIEW: N_("the review of how things stand"),
    things.OWN_VIEW: N_("how you see it yourself"),
    things.INCIDENT: N_("what has happened"),
    things.ACCESS: N_("who can open what is yours"),
    things.SLIP: N_("your slip for signing in"),
}
"""Things, as a resident reads of them."""

THEIRS = {
    things.PLAN: N_("the plan"),
    things.ANSWERS: N_("the answers to questions"),
    things.PARTICULARS: N_("country and protection"),
    things.REVIEW: N_("the review"),
    things.OWN_VIEW: N_("the resident’s own view"),
    things.INCIDENT: N_("what has happened"),
    things.ACCESS: N_("who can open the case"),
    things.SLIP: N_("the slip for signing in"),
}
"""Things, as the case's staff read of them."""

_KEEP = N_(
    "Change nothing and restore nothing. Call whoever runs the service, and keep a copy of the database as it is."
)
_BACK = N_(
    "Ask whoever runs the service to put it back from where it is kept. A new, empty one would hide what happened."
)

WRONG: dict[str, tuple[str, str]] = {
    FindingKind.ENTRY_ALTERED: (N_("An entry was changed after it was written."), _KEEP),
    FindingKind.ENTRY_MISSING: (N_("Entries are missing."), _KEEP),
    FindingKind.ENTRY_FOREIGN: (N_("There is an entry that this service did not write."), _KEEP),
    FindingKind.NODE_ALTERED: (N_("The seals between entries were changed."), _KEEP),
    FindingKind.INDEX_ALTERED: (N_("The index of the log names another person or case than the entry."), _KEEP),
    FindingKind.TAIL_CUT: (N_("The newest entries are gone."), _KEEP),
    FindingKind.HEADS_MISSING: (N_("The note of how long the log was is gone."), _BACK),
    FindingKind.HEAD_TORN: (N_("The note of how long the log was cannot be read."), _BACK),
    FindingKind.HEAD_DIFFERS: (N_("This is not the log that was noted before."), _KEEP),
    FindingKind.CHECKPOINTS_MISSING: (N_("The signed checkpoints are gone."), _BACK),
    FindingKind.CHECKPOINT_MISSING: (N_("The newest signed checkpoint is gone."), _BACK),
    FindingKind.CHECKPOINT_FORGED: (N_("A checkpoint does not carry our signature."), _BACK),
    FindingKind.CHECKPOINT_DIFFERS: (N_("This is not the log that was signed before."), _KEEP),
    FindingKind.ROW_PLANTED: (N_("Something was put into the database past the service."), _KEEP),
    FindingKind.ROW_MISSING: (N_("Something was deleted from the database past the service."), _KEEP),
    FindingKind.ROW_CHANGED: (N_("Something in the database was changed past the service."), _KEEP),
    FindingKind.ROW_RESTORED: (N_("Something old was put back into the database past the service."), _KEEP),
    FindingKind.SCHEMA_DIFFERS: (
        N_("The database has other tables, columns or triggers than the service gave it."),
        _KEEP,
    ),
    "unwritable": (N_("The log cannot be written now, so nothing in the service can be opened."), _KEEP),
}
"""Kind of finding → what is wrong, and what to do."""
OTHER_WRONG = (N_("Something is not as it should be."), _KEEP)
