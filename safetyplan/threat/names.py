"""What staff call each other on the pages of a case. Each name opened is an object of the visit's entry."""

from collections.abc import Iterable, Mapping

from safetyplan.fields import Field
from safetyplan.store import people
from safetyplan.vault import Revealed, Visit

Names = Mapping[str, Revealed]
"""account → name; a resident has none here."""


def names_of(visit: Visit, accounts: Iterable[str | None]) -> Names:
    found: dict[str, Revealed] = {}
    for account in sorted({each for each in accounts if each}):
        row = people.account(visit.tx, account)
        if row is None or visit.authority(people.ACCOUNT, row).name is None:
            continue
        found[account] = visit.open(visit.ref(Field.STAFF_NAME, account, 1), row.name)
    return found
