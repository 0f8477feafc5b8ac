"""Nouns and rules of this room: states, kinds, times, what a pass phrase must be. Pure."""

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum

from safetyplan.actors import Role
from safetyplan.errors import N_, NotAccepted, SafetyplanError, Stale
from safetyplan.people import guessable

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

ENROLMENT_LIFE = 72 * HOUR
SESSION_LIFE = 12 * HOUR
IDLE = {Role.RESIDENT: 10 * MINUTE}
IDLE_OTHERS = 15 * MINUTE
SEEN_EVERY = MINUTE
"""How often a session's row learns that it was used."""


class SignInAgain(SafetyplanError):
    """The half-signed-in state is over, or was never there: begin at the first page."""


class WaitForNext(SafetyplanError):
    """A right code, but one that was used already, on this device or another."""


class MadeAlready(Stale):
    """The same form was sent twice: what it makes is there."""


class State(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    LOCKED = "locked"
    RETIRED = "retired"


MAY_BECOME = {
    State.INVITED: frozenset({State.ACTIVE, State.RETIRED}),
    State.ACTIVE: frozenset({State.LOCKED, State.RETIRED}),
    State.LOCKED: frozenset({State.ACTIVE, State.RETIRED}),
    State.RETIRED: frozenset[State](),
}


class Kind(StrEnum):
    """Kinds of session rows. The kind is bound into the key, so that one never opens as another."""

    HALF = "half"
    FULL = "full"
    ENROL = "enrol"
    RENEW = "renew"


LIFE = {Kind.HALF: 5 * MINUTE, Kind.FULL: SESSION_LIFE, Kind.ENROL: HOUR, Kind.RENEW: HOUR}


class Group(StrEnum):
    EMERGENCY = "emergency"
    LIFE_IN_DANGER = "life_in_danger"
    INTAKE = "intake"
    OVERSIGHT = "oversight"


OF_A_UNIT = frozenset({Group.EMERGENCY, Group.LIFE_IN_DANGER})

MEMBERSHIPS: dict[Role, tuple[Group, ...]] = {
    Role.RESIDENT: (),
    Role.STAFF: (Group.EMERGENCY,),
    Role.LEAD: (Group.EMERGENCY, Group.LIFE_IN_DANGER, Group.INTAKE),
    Role.OFFICER: (Group.OVERSIGHT,),
    Role.ADMINISTRATOR: (),
}


def idle_limit(role: Role) -> int:
    """Milliseconds without a request after which a session is over."""
    return IDLE.get(role, IDLE_OTHERS)


@dataclass(frozen=True, slots=True)
class Whence:
    """Where a try comes from: the network's address, the device's mark if it has one, the browser's words."""

    address: str | None = None
    mark: str | None = field(default=None, repr=False)
    agent: str = field(default="", repr=False)


# -- pass phrases ------------------------------------------------------------------------------------------

SHORTEST_PHRASE = 12
LONGEST_PHRASE = 200
_WEAKEST = 3


def check_own_phrase(phrase: str) -> None:
    """A resident's own pass phrase: 12 characters, zxcvbn ≥ 3 with Swedish and Danish words. Raises NotAccepted."""
    plain = " ".join(unicodedata.normalize("NFKC", phrase).split())
    if len(plain) < SHORTEST_PHRASE:
        raise NotAccepted({"phrase": N_("Use at least 12 characters. Four or five words are easy to remember.")})
    if len(plain) > LONGEST_PHRASE:
        raise NotAccepted({"phrase": N_("Use at most 200 characters.")})
    if guessable.score(plain) < _WEAKEST:
        raise NotAccepted(
            {"phrase": N_("This one is easy to guess. Take words that do not belong together, or use ours.")}
        )


# -- devices -----------------------------------------------------------------------------------------------

_SYSTEMS = (
    ("iPad", "tablet/iPad"),
    ("iPhone", "phone/iPhone"),
    ("Android", "phone/Android"),
    ("Windows", "computer/Windows"),
    ("CrOS", "computer/Chromebook"),
    ("Macintosh", "computer/Mac"),
    ("Linux", "computer/Linux"),
)
UNKNOWN_DEVICE = "unknown/"


def coarse_device(agent: str) -> str:
    """ "kind/system" and nothing finer: enough to tell one's own telephone from a stranger's computer."""
    for mark, coarse in _SYSTEMS:
        if mark in agent:
            if coarse == "phone/Android" and "Mobile" not in agent:
                return "tablet/Android"
            return coarse
    return UNKNOWN_DEVICE


# -- user names --------------------------------------------------------------------------------------------

_GAPS = re.compile(r"[\s._\-\u2010-\u2015]+")


def plain_name(typed: str) -> str:
    """As the house writes it: "Mango Radio 417" is "mango-radio-417"."""
    return _GAPS.sub("-", unicodedata.normalize("NFKC", typed).strip()).strip("-").casefold()
