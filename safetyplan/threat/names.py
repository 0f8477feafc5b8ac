"""What staff call each other on the pages of a case. Each name opened is an object of the visit's entry."""

from collections.abc import Iterable, Mapping

from safetyplan.people.directory import name_of
from safetyplan.store import people
from safetyplan.vault import Revealed, Visit

Names = Mapping[str, Revealed]
"""account → name; a resident has none here."""


def names_of(visit: Visit, accounts: Iterable[str | None]) -> Names:
    rows = people.accounts_by_id(visit.tx, {each for each in accounts if each})
    named = {account: name_of(visit, visit.authority(people.ACCOUNT, row)) for account, row in sorted(rows.items())}
    return {account: name for account, name in named.items() if name is not None}
