"""What ``doctor`` looks at. Each check reads only, says what it found, and how to mend what is wrong."""

import os
import shutil
import sqlite3
import stat
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from safetyplan import founding
from safetyplan.accesslog.checkpoints import CheckpointFolder, InvalidCheckpoint
from safetyplan.accesslog.heads import HeadNotes
from safetyplan.cli.address import wrong_with_address
from safetyplan.cli.disk import cannot_be_written
from safetyplan.errors import SettingsWrong
from safetyplan.sealing.hashing import Cost, stretch
from safetyplan.sealing.secrets import FileRoot
from safetyplan.settings import PREFIX, Settings, unknown_variables
from safetyplan.store.engine import Store
from safetyplan.store.migrations import newest, role_of, standing, wrong_privileges

_GIB = 1024**3
_LEAST_FREE = _GIB // 2
_OLDEST_CHECKPOINT_H = 48
_SLOWEST_S = 3.0
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Check:
    what: str
    ok: bool
    says: str
    mend: str = ""


def environment() -> Check:
    unknown = unknown_variables()
    mend = f"Correct or unset {'it' if len(unknown) == 1 else 'them'}; a misspelt setting is never used."
    return Check(
        "variables", not unknown, f"unknown: {', '.join(unknown)}" if unknown else f"all {PREFIX}… known", mend
    )


def versions(_settings: Settings) -> Check:
    python, sqlite = sys.version_info[:3], sqlite3.sqlite_version_info
    says = f"Python {'.'.join(map(str, python))}, SQLite {sqlite3.sqlite_version}"
    return Check(
        "versions", python >= (3, 11) and sqlite >= (3, 37), says, "Install Python 3.11 and SQLite 3.37 or later."
    )


def root_key(settings: Settings) -> Check:
    FileRoot.load(settings.root_key)
    return Check("root key", True, f"{settings.root_key}, for its owner only")


def folders(settings: Settings) -> Check:
    named = (settings.data, settings.keys_folder, settings.heads_folder)
    missing = [path for path in named if not path.is_dir()]
    if missing:
        return Check("folders", False, f"{missing[0]} is missing", "Put it back, or run `safetyplan init`.")
    founding.require_closed(settings)
    written = (settings.data, settings.heads_folder, settings.checkpoints_folder)
    for path in [path for path in written if path.is_dir()]:
        wrong = None if os.access(path, os.W_OK) else cannot_be_written(path)
        if wrong:
            raise SettingsWrong(wrong)
    loose = [str(path) for path in named if _is_loose(path)]
    mend = f"Say `chmod 700 {' '.join(loose)}`, and `chown` to the user of the service."
    return Check("folders", not loose, f"open to others: {', '.join(loose)}" if loose else "closed to others", mend)


def database(settings: Settings) -> Check:
    file = founding.database_file(settings)
    if file is not None and not file.exists():
        return Check("database", False, f"{file} is missing", "Restore a backup, or run `safetyplan init`.")
    store = Store(settings.url, settings.lock_path)
    stands, wanted = standing(store), newest()
    if file is not None and _is_loose(file):
        return Check("database", False, f"{file} is open to others", f"Say `chmod 600 {file}*`.")
    mend = "Stop the service, make a backup, run `safetyplan migrate`."
    return Check("database", stands == wanted, f"{store.dialect}, schema {stands}, this version has {wanted}", mend)


def privileges(settings: Settings) -> Check:
    founding.database_file(settings)  # raises where a URL is none
    store = Store(settings.url, settings.lock_path)
    if store.dialect == "sqlite":
        return Check("privileges", True, "SQLite knows none; the log's triggers stand in, see below")
    if settings.database_owner_url:
        role_of(settings.url, settings.database_owner_url)
    wrong = wrong_privileges(store)
    mend = "Give the service a role that owns nothing, set SAFETYPLAN_DATABASE_OWNER_URL, run `safetyplan migrate`."
    return Check("privileges", not wrong, "; ".join(wrong[:3]) or "the log can only be read and added to", mend)


def log(settings: Settings) -> Check:
    house = founding.open_house(settings)
    with house.store.snapshot() as tx:
        size = house.log.head(tx.dbapi).size
    hosts = len(HeadNotes(settings.heads_folder).all())
    return Check("access log", True, f"{size} entries, continues the heads of {hosts} host{'s' * (hosts != 1)}")


def triggers(settings: Settings) -> Check:
    found = founding.watch(settings, founding.open_house(settings)).schema()
    says = "; ".join(finding.sentence for finding in found[:3])
    mend = "Find out who did that; restore a backup, or make the schema anew and run `safetyplan accesslog verify`."
    return Check("triggers", not found, says or "triggers, tables and columns are ours", mend)


def checkpoint(settings: Settings) -> Check:
    what, folder = "checkpoint", CheckpointFolder(settings.checkpoints_folder)
    house, sign = founding.open_house(settings), "Run `safetyplan accesslog checkpoint`, best every hour by a timer."
    origin = settings.origin
    try:
        last = folder.last() if settings.checkpoints_folder.is_dir() else None
        if last is None:
            return Check(what, False, f"none in {settings.checkpoints_folder}", sign)
        origin = last.origin
        last.signed_by([signer.key for signer in founding.signers(settings, house)])
    except InvalidCheckpoint as error:
        return Check(
            what,
            False,
            f"the last one: {error}",
            f"Run `safetyplan accesslog verify`. Is SAFETYPLAN_ORIGIN still {origin}?",
        )
    with house.store.snapshot() as tx:
        size = house.log.head(tx.dbapi).size
    hours = (time.time() - folder.files()[-1].stat().st_mtime) / 3600
    if size < last.head.size:
        return Check(
            what, False, f"{last.head.size} entries were signed, {size} are left", "Run `safetyplan accesslog verify`."
        )
    says = f"{last.head.size} of {size} entries signed, {hours:.0f} h ago"
    waits = founding.watch(settings, house).look().unsigned_since is not None
    return Check(what, not waits or hours < _OLDEST_CHECKPOINT_H, says, sign)


def clock(settings: Settings) -> Check:
    """Against the newest entry and the newest file: a clock that runs behind would write a log out of order."""
    behind = founding.clock_behind_ms(settings, founding.open_house(settings)) // _MINUTE_MS
    says = f"{behind} minutes behind the newest entry" if behind > 0 else "not behind the log or its files"
    return Check("clock", behind <= 0, says, "Set the clock (timedatectl set-ntp true), then restart the service.")


def address(settings: Settings) -> Check:
    wrong = wrong_with_address(settings)
    return Check("address", wrong is None, wrong or f"{settings.public_url}, bound to {settings.bind}")


def disk(settings: Settings) -> Check:
    if not settings.data.is_dir():
        return Check("disk space", False, f"there is no folder {settings.data}")
    free = shutil.disk_usage(settings.data).free
    says = f"{free / _GIB:.1f} GiB free at {settings.data}"
    return Check(
        "disk space", free >= _LEAST_FREE, says, "Make room: without it no entry is written, and nothing opens."
    )


def argon2(settings: Settings) -> Check:
    begun = time.perf_counter()
    stretch("doctor", bytes(16), Cost(memory_kib=settings.argon2_memory_kib), known_device=True)
    took = time.perf_counter() - begun
    says = f"a pass phrase takes {took * 1000:.0f} ms at {settings.argon2_memory_kib // 1024} MiB"
    return Check("pass phrases", took < _SLOWEST_S, says, "Give the machine a faster or less busy processor.")


def _is_loose(path: Path) -> bool:
    found = path.stat()
    return bool(stat.S_IMODE(found.st_mode) & 0o077) or found.st_uid != os.geteuid()


EACH: tuple[tuple[str, Callable[[Settings], Check]], ...] = (
    ("versions", versions),
    ("root key", root_key),
    ("folders", folders),
    ("database", database),
    ("privileges", privileges),
    ("access log", log),
    ("triggers", triggers),
    ("checkpoint", checkpoint),
    ("clock", clock),
    ("address", address),
    ("disk space", disk),
    ("pass phrases", argon2),
)
"""In this order: what stands above is often why what stands below is wrong."""

RESTS_ON = {
    "checkpoint": frozenset({"origin"}),
    "address": frozenset({"public_url", "bind", "tls_certificate", "tls_key", "trusted_proxies"}),
    "pass phrases": frozenset({"argon2_memory_kib"}),
}
"""What is not looked at while one of these settings is wrong."""
