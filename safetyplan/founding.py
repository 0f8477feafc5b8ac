"""Founding a house and opening it: store, log, secrets. Used by the composition root, the CLI and nobody else.

A house is founded whole or not at all: whatever goes wrong before the block of ``new_house`` is left, the files and
folders made so far are taken back, and what cannot be taken back is named.
"""

import os
import secrets as random
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from safetyplan.accesslog.checkpoints import Signer
from safetyplan.accesslog.heads import HeadNotes
from safetyplan.accesslog.log import AccessLog
from safetyplan.accesslog.schema import ddl
from safetyplan.accesslog.stamps import Stamps
from safetyplan.actors import new_id
from safetyplan.errors import SafetyplanError, SettingsWrong
from safetyplan.sealing import authority, shares
from safetyplan.sealing.derive import derive
from safetyplan.sealing.keypairs import key_pair_from_seed
from safetyplan.sealing.secrets import NAMES, FileRoot, ServerSecrets, new_secret
from safetyplan.settings import Settings
from safetyplan.store import people
from safetyplan.store.engine import Store
from safetyplan.store.migrations import grant_privileges, is_current, is_empty, role_of, standing, upgrade
from safetyplan.vault import House, Vault, Watch
from safetyplan.vault.house import Clock

HARMLESS = frozenset({".gitignore", "bench.json", "checkpoints", "demo", "heads", "keys"})
"""What may lie in a folder that a new house takes over and closes to others."""


@dataclass(frozen=True, slots=True)
class Founded:
    """A new house, and the three recovery shares that are shown once and kept nowhere."""

    house: House
    shares: list[str] = field(repr=False)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


# -- a new house -------------------------------------------------------------------------------------------


def found(settings: Settings, clock: Clock = now_ms) -> Founded:
    """A new house: folders, root key, database, server secrets, recovery key. Never over anything that exists."""
    with new_house(settings, clock) as founded:
        return founded


@contextmanager
def new_house(settings: Settings, clock: Clock = now_ms) -> Iterator[Founded]:
    """As ``found``; if the block raises, the house is taken back too. Raises SettingsWrong naming what exists."""
    _refuse_what_exists(settings)
    made = _Made(settings)
    try:
        yield _found(settings, clock, made)
    except BaseException as error:
        left = made.take_back()
        if left:
            why = str(error) if isinstance(error, SafetyplanError) else type(error).__name__
            raise SettingsWrong(f"No house was founded ({why}), but this is left: {left}. Remove it.") from error
        raise


def _found(settings: Settings, clock: Clock, made: "_Made") -> Founded:
    for folder in (settings.data, settings.keys_folder, settings.heads_folder, settings.checkpoints_folder):
        made.folder(folder)
    root = FileRoot.create(settings.root_key)  # exclusive: of two who found here at once, one goes on
    made.files.append(settings.root_key)
    made.emptied += [settings.heads_folder, settings.checkpoints_folder]
    file = database_file(settings)
    if file is not None:
        made.database(file, settings.lock_path)
    migrate(settings)
    known = ServerSecrets([new_secret(name) for name in NAMES])
    made.house = house = _house(settings, _store(settings), known, clock)
    seed = random.token_bytes(32)
    with Vault(house).note(None, "house.founded") as note:
        for name in NAMES:
            secret = known.current(name)
            note.add(
                people.SERVER_SECRET,
                id=new_id(),
                name=name,
                version=secret.version,
                wrapped=root.wrap(name, secret.version, secret.key),
                created_at=note.now,
            )
        public = key_pair_from_seed(seed).public
        note.add(people.RECOVERY_KEY, id=new_id(), version=1, public=public, created_at=note.now)
    sign_checkpoint(settings, house)
    return Founded(house, shares.split(seed))


def _refuse_what_exists(settings: Settings) -> None:
    there = [settings.root_key, settings.heads_folder, settings.checkpoints_folder, database_file(settings)]
    for path in [path for path in there if path is not None]:
        if path.is_file() or (path.is_dir() and os.listdir(path)):
            raise SettingsWrong(f"{path} exists already. Nothing was changed; choose another folder for a new house.")
    if database_file(settings) is None and not _is_empty(settings):
        raise SettingsWrong("The database holds tables already. Nothing was changed; choose an empty one.")


def _is_empty(settings: Settings) -> bool:
    owner = _store(settings, settings.database_owner_url)
    try:
        return is_empty(owner)
    finally:
        owner.engine.dispose()


@dataclass(slots=True)
class _Made:
    """What a founding has made so far. ``emptied`` are folders that were empty before, whoever made them."""

    settings: Settings
    files: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    emptied: list[Path] = field(default_factory=list)
    house: House | None = None

    def folder(self, path: Path) -> None:
        """A folder for us alone; one that is there is closed to others if nothing of anybody else's lies in it."""
        missing = [each for each in (path, *path.parents) if not each.exists()]
        for each in reversed(missing):
            each.mkdir(mode=0o700)
            self.folders.append(each)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            if path.stat().st_uid != os.geteuid() or set(os.listdir(path)) - HARMLESS:
                raise SettingsWrong(f"Others may look into {path}. Say `chmod 700 {path}`, or choose another folder.")
            path.chmod(0o700)

    def database(self, path: Path, lock: Path) -> None:
        """An empty file, which SQLite takes for an empty database; made by us or not at all."""
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        self.files += [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))]
        if not lock.exists():
            self.files.append(lock)

    def take_back(self) -> str:
        """Undo it all; what could not be undone, as words, or "" if nothing is left."""
        if self.house is not None:
            self.house.store.engine.dispose()
        left = []
        for path in [*self.files, *(each for folder in self.emptied for each in folder.iterdir())]:
            try:
                path.unlink(missing_ok=True)
            except OSError:
                left.append(str(path))
        for folder in reversed(self.folders):
            with suppress(OSError):  # somebody else's file lies there: the folder is theirs now
                folder.rmdir()
        if self.files and database_file(self.settings) is None and self._tables_are_left():
            left.append("the tables in the database (drop it and make it anew)")
        return ", ".join(left)

    def _tables_are_left(self) -> bool:
        try:
            return not _is_empty(self.settings)
        except SQLAlchemyError:  # it went away meanwhile: better said once too often
            return True


# -- a house that stands -----------------------------------------------------------------------------------


def open_house(settings: Settings, clock: Clock = now_ms, *, in_doubt: bool = False) -> House:
    """The house that stands in the settings. Raises SettingsWrong, Tampered or LogUnavailable rather than start.

    ``in_doubt`` is for verification alone, which is there to name what is wrong: it looks at neither heads nor MACs.
    """
    root = require_house(settings)
    if not in_doubt:
        require_closed(settings)
        if not settings.heads_folder.is_dir():
            gone = settings.heads_folder
            raise SettingsWrong(f"The folder of noted heads, {gone}, is gone. Put it back from its host.")
    store = _store(settings)
    if not is_current(store):
        raise SettingsWrong("The database has another schema than this version. Run `safetyplan migrate`.")
    with store.snapshot() as tx:
        rows = [row._asdict() for row in people.server_secrets(tx)]
        known = ServerSecrets.from_rows(root, rows)
        house = _house(settings, store, known, clock)
        if not in_doubt:
            for row in rows:
                authority.check(known, "server_secret", row)
            house.log.check(tx.dbapi)
    return house


def require_house(settings: Settings) -> FileRoot:
    """The root key of the house that stands here. Raises SettingsWrong where there is none."""
    root = FileRoot.load(settings.root_key)
    file = database_file(settings)
    if file is not None and not file.exists():
        raise SettingsWrong(f"There is no database at {file}. Run `safetyplan init` for a new house.")
    return root


def require_closed(settings: Settings) -> None:
    """Nobody else may put a file in the place of ours. Raises SettingsWrong naming where others may write."""
    file = database_file(settings)
    rights = dict.fromkeys([settings.data, settings.keys_folder, settings.heads_folder], "700")
    if file is not None:
        rights |= {file.parent: "700", file: "600"}
    rights[settings.checkpoints_folder] = "go-w"  # outsiders may read them
    for path, right in rights.items():
        if not path.exists():
            continue
        found = path.stat()
        if found.st_uid not in (0, os.geteuid()):
            raise SettingsWrong(f"{path} belongs to another user. Say `chown` to the user who runs safetyplan.")
        if stat.S_IMODE(found.st_mode) & 0o022:
            raise SettingsWrong(
                f"Others may write to {path}. Say `chmod {right} {path}`, then `safetyplan accesslog verify`."
            )


def migrate(settings: Settings) -> str | None:
    """Bring the database to this version's schema, as its owner where there is one, and set what the service may do.

    The revision at which it stood before.
    """
    owner_url = settings.database_owner_url
    owner = _store(settings, owner_url)
    try:
        role = role_of(settings.url, owner_url) if owner_url and owner.dialect == "postgresql" else None
        before = standing(owner)
        upgrade(owner, ddl(owner.dialect))
        if role:
            grant_privileges(owner, role)
        return before
    finally:
        owner.engine.dispose()


def signers(settings: Settings, house: House) -> list[Signer]:
    """Who signs this house's checkpoints, newest key first; the older ones' public halves still verify."""
    secrets = house.secrets.versions("log_signing")
    return [Signer(settings.origin, derive(secret.key, "checkpoint signature")) for secret in secrets]


def sign_checkpoint(settings: Settings, house: House) -> None:
    """Sign the log's head now, into the checkpoints folder. Raises LogUnavailable if it does not continue the last."""
    watch(settings, house).checkpoint()


def clock_behind_ms(settings: Settings, house: House) -> int:
    """How far the clock stands behind the newest entry or the newest write; 0 where it does not."""
    seen = settings.lock_path.stat().st_mtime_ns // 1_000_000 if settings.lock_path.exists() else 0
    with house.store.snapshot() as tx:
        page = house.log.read(tx.dbapi, limit=1)
    return max([0, *(at - house.clock() for at in (seen, *(logged.entry.at for logged in page.entries)))])


def watch(settings: Settings, house: House) -> Watch:
    """Who looks after the house's log: state, verification, checkpoints, proofs."""
    return Watch(house, settings.checkpoints_folder, signers(settings, house))


def database_file(settings: Settings) -> Path | None:
    """Where the SQLite database lies; None for a database on a server. Raises SettingsWrong for a URL that is none."""
    url = _url(settings.url, "SAFETYPLAN_DATABASE_URL")
    if settings.database_owner_url:
        _url(settings.database_owner_url, "SAFETYPLAN_DATABASE_OWNER_URL")
    if url.get_backend_name() != "sqlite":
        return None
    if not url.database or url.database == ":memory:":
        raise SettingsWrong("SAFETYPLAN_DATABASE_URL names no file. A house needs one: sqlite:////folder/safetyplan.db")
    return Path(url.database)


def _url(given: str, name: str) -> URL:
    try:
        return make_url(given)
    except (ArgumentError, ValueError):  # the second for a port that is no number
        example = "postgresql+psycopg://ROLE@HOST/NAME"
        raise SettingsWrong(f"{name} is no database URL. Example: {example}") from None


def _house(settings: Settings, store: Store, known: ServerSecrets, clock: Clock) -> House:
    keys = {secret.version: derive(secret.key, "log stamp") for secret in known.versions("authority")}
    stamps = Stamps(keys, current=known.current("authority").version)
    return House(store, AccessLog(store.dialect, HeadNotes(settings.heads_folder), stamps), known, clock)


def _store(settings: Settings, url: str | None = None) -> Store:
    return Store(url or settings.url, settings.lock_path)
