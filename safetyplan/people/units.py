"""Units of the house. An administrator makes them; their names are sealed under the directory key."""

from safetyplan.actors import Actor, Role, UnitId
from safetyplan.errors import Refused
from safetyplan.people import accounts
from safetyplan.vault import Vault


def add(vault: Vault, actor: Actor | None, *, name: str, unit: UnitId | None = None) -> UnitId:
    """By an administrator, or from the command line (no actor). ``unit``: an id minted when the form was shown.

    Raises NotAccepted for a name that is missing, endless or taken, MadeAlready for a form that was sent twice.
    """
    with vault.note(actor, "unit.created") as note:
        if actor is not None and actor.role is not Role.ADMINISTRATOR:
            raise Refused("an administrator's")
        return accounts.add_unit(note, name, unit=unit)
