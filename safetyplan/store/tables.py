"""Every table there is: importing this fills the metadata."""

import importlib
import importlib.util

from safetyplan.store.engine import metadata

_ROOMS = ("people", "cases", "plans", "guides", "threat")
for _room in _ROOMS:
    if importlib.util.find_spec(f"safetyplan.store.{_room}"):
        importlib.import_module(f"safetyplan.store.{_room}")

TABLES = tuple(metadata.sorted_tables)
"""In the order in which foreign keys allow filling them."""
