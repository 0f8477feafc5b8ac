"""Founding a house and opening it: store, log, secrets. Used by the composition root, the CLI and nobody else."""

import os
import secrets as random
import time
from dataclasses import dataclass
from pathlib import Path

from safetyplan.accesslog.heads import HeadNotes
from safetyplan.accesslog.log import AccessLog
from safetyplan.accesslog.schema import ddl
from safetyplan.accesslog.stamps import Stamps
from safetyplan.actors import new_id
from safetyplan.errors import SettingsWrong
from safetyplan.sealing import authority, shares
from safetyplan.sealing.derive import derive
from safetyplan.sealing.keypairs import key_pair_from_seed
from safetyplan.sealing.secrets import NAMES, FileRoot, ServerSecrets, new_secret
from safetyplan.settings import Settings
from safetyplan.store import people
from safetyplan.store.engine import Store
from safetyplan.store.migrations import grant_privileges, is_current, role_of, upgrade
from safetyplan.vault import House, Vault
from safetyplan.vault.house import Clock


@dataclass(frozen=True, slots=True)
class Founded:
    """A new house, and the three recovery shares that are shown once and kept nowhere."""

    house: House
    shares: list[str]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def found(settings: Settings, clock: Clock = now_ms) -> Founded:
    """A new house: folders, root key, database, server secrets, recovery key. Never over anything that exists."""
    _refuse_what_exists(settings)
    for folder in (settings.data, settings.keys_folder, settings.checkpoints_folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    HeadNotes.prepare(settings.heads_folder)
    root = FileRoot.create(settings.root_key)
    migrate(settings)
    known = ServerSecrets([new_secret(name) for name in NAMES])
    house = _house(settings, _store(settings), known, clock)
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
    return Founded(house, shares.split(seed))


def migrate(settings: Settings) -> None:
    """Bring the database to this version's schema, as its owner where there is one, and set what the service may do."""
    owner_url = settings.database_owner_url
    owner = _store(settings, owner_url)
    try:
        role = role_of(settings.url, owner_url) if owner_url and owner.dialect == "postgresql" else None
        upgrade(owner, ddl(owner.dialect))
        if role:
            grant_privileges(owner, role)
    finally:
        owner.engine.dispose()


def open_house(settings: Settings, clock: Clock = now_ms) -> House:
    """The house that stands in the settings. Raises SettingsWrong, Tampered or LogUnavailable rather than start."""
    root = FileRoot.load(settings.root_key)
    if settings.database_url is None and not (settings.data / "safetyplan.db").exists():
        raise SettingsWrong(f"There is no database in {settings.data}. Run `safetyplan init` for a new house.")
    if not settings.heads_folder.is_dir():
        raise SettingsWrong(f"The folder of noted heads, {settings.heads_folder}, is gone. Put it back from its host.")
    store = _store(settings)
    if not is_current(store):
        raise SettingsWrong("The database has another schema than this version. Run `safetyplan migrate`.")
    with store.snapshot() as tx:
        rows = [row._asdict() for row in people.server_secrets(tx)]
        known = ServerSecrets.from_rows(root, rows)
        for row in rows:
            authority.check(known, "server_secret", row)
        house = _house(settings, store, known, clock)
        house.log.check(tx.dbapi)
    return house


def _house(settings: Settings, store: Store, known: ServerSecrets, clock: Clock) -> House:
    keys = {secret.version: derive(secret.key, "log stamp") for secret in known.versions("authority")}
    stamps = Stamps(keys, current=known.current("authority").version)
    return House(store, AccessLog(store.dialect, HeadNotes(settings.heads_folder), stamps), known, clock)


def _store(settings: Settings, url: str | None = None) -> Store:
    return Store(url or settings.url, settings.lock_path)


def _refuse_what_exists(settings: Settings) -> None:
    there: list[Path] = [settings.root_key, settings.heads_folder, settings.checkpoints_folder]
    if settings.database_url is None:
        there.append(settings.data / "safetyplan.db")
    for path in there:
        if path.is_file() or (path.is_dir() and os.listdir(path)):
            raise SettingsWrong(f"{path} exists already. Nothing was changed; choose another folder for a new house.")
