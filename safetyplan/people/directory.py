"""The house's directory: the names by which staff are known to colleagues and residents."""

from safetyplan.fields import Field
from safetyplan.store.engine import StoredRow
from safetyplan.vault import Access, Revealed


def name_of(access: Access, account: StoredRow) -> Revealed | None:
    """The name on an account's row, whose MAC the caller has checked; None for residents, who have none here.

    The name becomes an object of the entry, as everything that is opened.
    """
    if account.name is None:
        return None
    return access.open(access.ref(Field.STAFF_NAME, account.id, 1), account.name)
