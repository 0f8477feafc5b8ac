"""What entries touch, as kinds of things: one closed list, so that no table's name reaches a person."""

from collections.abc import Iterable

PLAN = "plan"
ANSWERS = "answers"
PARTICULARS = "particulars"
REVIEW = "review"
OWN_VIEW = "own_view"
INCIDENT = "incident"
ACCESS = "access"
SLIP = "slip"

THINGS = {
    "plan_item": PLAN,
    "plan_section": PLAN,
    "guide_answer": ANSWERS,
    "case_particulars": PARTICULARS,
    "threat_review": REVIEW,
    "threat_level": REVIEW,
    "own_view": OWN_VIEW,
    "incident": INCIDENT,
    "case_key_grant": ACCESS,
    "enrolment": SLIP,
}
"""Table → thing. Tables that are not here say nothing to the person whose case it is (keys, names, the case's row)."""

_ORDER = list(dict.fromkeys(THINGS.values()))


def things(tables: Iterable[str]) -> tuple[str, ...]:
    """Each kind once, in the order of the list."""
    found = {THINGS[table] for table in tables if table in THINGS}
    return tuple(sorted(found, key=_ORDER.index))
