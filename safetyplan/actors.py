"""Who acts, in what role, and why: ids, roles, purposes, the actor.

Ids are 128 random bits in lower-case base32 (26 characters): minted by whoever creates the row, so that a
ciphertext can be bound to its place before the database has seen it. Nothing about a person follows from one.
"""

import re
from base64 import b32encode
from dataclasses import dataclass
from enum import StrEnum
from os import urandom
from typing import NewType

AccountId = NewType("AccountId", str)
CaseId = NewType("CaseId", str)
UnitId = NewType("UnitId", str)
GroupId = NewType("GroupId", str)
RecordId = NewType("RecordId", str)

ID_LENGTH = 26
_ID = re.compile(r"[a-z2-7]{26}")


def new_id() -> str:
    """A fresh id: 128 random bits, 26 characters of a–z and 2–7."""
    return b32encode(urandom(16)).decode("ascii").rstrip("=").lower()


def is_id(value: object) -> bool:
    """Whether it has the shape of an id made here."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


class Role(StrEnum):
    """One account has one role; a change of role is a new enrolment."""

    RESIDENT = "resident"
    STAFF = "staff"
    LEAD = "lead"
    OFFICER = "officer"
    ADMINISTRATOR = "administrator"


CASEWORKERS = frozenset({Role.STAFF, Role.LEAD})
EVERYBODY = frozenset(Role)


class Purpose(StrEnum):
    """Why somebody opens a case: one closed list, written into every entry. Who may name which is ``MAY_NAME``.

    The grant decides who gets in; this table only narrows it.
    """

    KEEP_OWN_PLAN = "keep_own_plan"
    ASK_A_GUIDE = "ask_a_guide"
    SAY_OWN_VIEW = "say_own_view"
    SEE_OWN_DAY = "see_own_day"
    SEE_WHO_LOOKED = "see_who_looked"
    OVERVIEW = "overview"
    SUPPORT_PLAN = "support_plan"
    REVIEW_THREAT = "review_threat"
    SETTLE_LEVEL = "settle_level"
    REPORT_INCIDENT = "report_incident"
    TAKE_IN = "take_in"
    GRANT_ACCESS = "grant_access"
    ENROL = "enrol"


_RESIDENT = frozenset({Role.RESIDENT})
MAY_NAME: dict[Purpose, frozenset[Role]] = {
    Purpose.KEEP_OWN_PLAN: _RESIDENT,
    Purpose.ASK_A_GUIDE: _RESIDENT,
    Purpose.SAY_OWN_VIEW: _RESIDENT,
    Purpose.SEE_OWN_DAY: _RESIDENT,
    Purpose.SEE_WHO_LOOKED: _RESIDENT | CASEWORKERS,
    Purpose.OVERVIEW: CASEWORKERS,
    Purpose.SUPPORT_PLAN: CASEWORKERS,
    Purpose.REVIEW_THREAT: CASEWORKERS,
    Purpose.SETTLE_LEVEL: CASEWORKERS,
    Purpose.REPORT_INCIDENT: _RESIDENT | CASEWORKERS,
    Purpose.TAKE_IN: frozenset({Role.LEAD}),
    Purpose.GRANT_ACCESS: frozenset({Role.LEAD}),
    Purpose.ENROL: _RESIDENT | CASEWORKERS,
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person. Carries no key: keys live in the vault's keyring only.

    ``session`` is a short reference for the log, not the cookie. ``network`` is a reference keyed anew each
    day, never set for residents: it would say where they are.
    """

    account: AccountId
    role: Role
    unit: UnitId | None
    session: str
    own_case: CaseId | None = None
    network: str | None = None
