"""What a review looks at, in the house's own words.

Generic vocabulary only: nothing here is taken from, or arranged like, a licensed instrument. A factor is marked as
now, before, or not known, with a note. Nothing is counted, weighed or coloured, and "not known" is no comfort: it
is a question still open. Codes are immutable; they stand in sealed reviews.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from safetyplan.errors import N_


class Seen(StrEnum):
    NOW = "now"
    BEFORE = "before"
    NOT_KNOWN = "not_known"


SEEN_WORDS: Final = {
    Seen.NOW: N_("Now"),
    Seen.BEFORE: N_("Before, not now"),
    Seen.NOT_KNOWN: N_("Not known"),
}


@dataclass(frozen=True, slots=True)
class Factor:
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Group:
    code: str
    label: str
    factors: tuple[Factor, ...]


GROUPS: Final = (
    Group(
        "acts",
        N_("What has been said and done"),
        (
            Factor("threats", N_("Threats, spoken, written or through others")),
            Factor("violence", N_("Violence against the resident or somebody close")),
            Factor("escalation", N_("It has become more frequent or more serious")),
            Factor("seeking", N_("Somebody searches, follows or turns up")),
            Factor("contact", N_("Unwanted contact, directly or through others")),
            Factor("damage", N_("Damage to things, animals or the home")),
            Factor("orders", N_("A contact ban or another decision is not respected")),
        ),
    ),
    Group(
        "people",
        N_("Whoever is behind it"),
        (
            Factor("several", N_("More than one person takes part")),
            Factor("passing_on", N_("Others pass on what they hear")),
            Factor("control", N_("A wish to control how the resident lives")),
            Factor("separation", N_("Does not accept that the resident has left")),
            Factor("weapons", N_("Access to weapons")),
            Factor("strain", N_("A crisis, a loss, or use of alcohol or drugs")),
            Factor("at_large", N_("Has come out of custody, or will soon")),
            Factor("learned", N_("Has learned of a step taken or planned")),
        ),
    ),
    Group(
        "being_found",
        N_("How the resident could be found"),
        (
            Factor("address", N_("The address or the area may be known")),
            Factor("devices", N_("Telephone, accounts or things that may show a place")),
            Factor("pictures", N_("Pictures, posts or games online")),
            Factor("papers", N_("Letters, registers or authorities that may give something away")),
            Factor("habits", N_("Places and times that are easy to foresee")),
            Factor("child_contact", N_("A child's contact with the other parent, or school and preschool")),
            Factor("new_people", N_("New people who do not know what must not be told")),
        ),
    ),
    Group(
        "circumstances",
        N_("The resident’s situation"),
        (
            Factor("alone", N_("Few people around")),
            Factor("money", N_("Money, debts, or depending on somebody for money")),
            Factor("custody", N_("A dispute about children, or a court date ahead")),
            Factor("health", N_("Health, pregnancy, or little strength left")),
            Factor("change", N_("A change ahead: a move, work, studies, a new relationship")),
            Factor("protection", N_("The protection of personal data starts, ends or is uncertain")),
            Factor("going_back", N_("Thoughts of going back")),
            Factor("fear", N_("The resident’s own fear has changed")),
        ),
    ),
)

BY_CODE: Final = {factor.code: factor for group in GROUPS for factor in group.factors}
