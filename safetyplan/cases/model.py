"""Nouns and rules of a stay: jurisdiction, protection level, reference, what a line in the list says. Pure."""

import secrets
from dataclasses import dataclass
from enum import StrEnum

import orjson

from safetyplan.actors import AccountId, CaseId
from safetyplan.errors import N_, NotAccepted
from safetyplan.vault import Revealed, reveal


class Jurisdiction(StrEnum):
    SWEDEN = "se"
    DENMARK = "dk"


class Protection(StrEnum):
    """What the authorities have decided. Names as in the glossary, section 1."""

    NONE = "none"
    APPLIED = "applied"
    SEKRETESSMARKERING = "sekretessmarkering"
    SKYDDAD_FOLKBOKFORING = "skyddad_folkbokforing"
    FINGERADE_PERSONUPPGIFTER = "fingerade_personuppgifter"
    NAVNE_OG_ADRESSEBESKYTTELSE = "navne_og_adressebeskyttelse"
    SAERLIG_ADRESSEBESKYTTELSE = "saerlig_adressebeskyttelse"
    UNKNOWN = "unknown"


_EITHER = (Protection.NONE, Protection.APPLIED, Protection.UNKNOWN)
PROTECTIONS: dict[Jurisdiction, tuple[Protection, ...]] = {
    Jurisdiction.SWEDEN: (
        Protection.SEKRETESSMARKERING,
        Protection.SKYDDAD_FOLKBOKFORING,
        Protection.FINGERADE_PERSONUPPGIFTER,
        *_EITHER,
    ),
    Jurisdiction.DENMARK: (
        Protection.NAVNE_OG_ADRESSEBESKYTTELSE,
        Protection.SAERLIG_ADRESSEBESKYTTELSE,
        *_EITHER,
    ),
}


@dataclass(frozen=True, slots=True)
class Particulars:
    """What every feature needs to know of a case. Sealed in ``plan``: the resident may read it too."""

    jurisdiction: Jurisdiction
    protection: Protection

    def to_body(self) -> str:
        return orjson.dumps({"jurisdiction": self.jurisdiction, "protection": self.protection}).decode()

    @classmethod
    def from_body(cls, body: Revealed) -> "Particulars":
        raw = orjson.loads(reveal(body))
        return cls(Jurisdiction(raw["jurisdiction"]), Protection(raw["protection"]))


def particulars_of(jurisdiction: Jurisdiction, protection: Protection) -> Particulars:
    """Raises NotAccepted for a protection that this country does not have."""
    if protection not in PROTECTIONS[jurisdiction]:
        raise NotAccepted({"protection": N_("This protection belongs to the other country. Please choose again.")})
    return Particulars(jurisdiction, protection)


_SYMBOLS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference() -> str:
    """A pseudonym for a case: drawn at random, easy to say on the telephone, free of I, L, O, U, 0 and 1."""
    drawn = "".join(secrets.choice(_SYMBOLS) for _ in range(6))
    return f"{drawn[:3]}-{drawn[3:]}"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the unit, by the name in the house's directory."""

    account: AccountId
    name: Revealed
    lead: bool
    can_open: bool = False


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed for the one who moves in, once. ``user_name`` and ``code`` are in clear nowhere else."""

    case: CaseId
    reference: str
    user_name: str
    code: str
    expires_at: int
