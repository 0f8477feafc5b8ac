"""MACs on the rows that give somebody power: a database administrator can write a row, but not this.

version(1) ‖ key version(4, big-endian) ‖ HMAC-SHA256 over the table and every column but "mac".
"""

import hmac
import struct
from collections.abc import Mapping
from functools import lru_cache

from safetyplan.errors import Tampered
from safetyplan.sealing.derive import derive, pack
from safetyplan.sealing.invalid import InvalidSeal
from safetyplan.sealing.secrets import Secret, ServerSecrets

VERSION = 1
_HEADER = struct.Struct(">BI")


def mac(secret: Secret, table: str, row: Mapping[str, object]) -> bytes:
    """`row` with all its columns, "id" among them.

    Raises TypeError on a column that has no one encoding (a float).
    """
    return _HEADER.pack(VERSION, secret.version) + hmac.digest(_key(secret), _bytes(table, row), "sha256")


def check(secrets: ServerSecrets, table: str, row: Mapping[str, object]) -> None:
    """At every use of the row.

    Raises Tampered, also for a missing MAC, a column too many and an unknown key.
    """
    stored, row_id = row.get("mac"), str(row.get("id"))
    if not isinstance(stored, bytes) or len(stored) != _HEADER.size + 32:
        raise Tampered(table, row_id)
    _, number = _HEADER.unpack_from(stored)
    try:
        expected = mac(secrets.version("authority", number), table, row)
    except (InvalidSeal, TypeError):
        raise Tampered(table, row_id) from None
    if not hmac.compare_digest(expected, stored):
        raise Tampered(table, row_id)


# Kept, because rows are checked at every use; the secret it comes from stays in memory just as long.
@lru_cache(maxsize=16)
def _key(secret: Secret) -> bytes:
    if secret.name != "authority":
        raise ValueError("rows are vouched for with the authority secret only")
    return derive(secret.key, "authority", secret.version)


def _bytes(table: str, row: Mapping[str, object]) -> bytes:
    if not isinstance(row.get("id"), str):
        raise TypeError("a row has a text id")
    columns = sorted(column for column in row if column != "mac")
    flat = [value for column in columns for value in (column, row[column])]
    return pack("safetyplan/1 authority", table, len(columns), *flat)
