"""Server secrets: what the house itself must be able to open, wrapped by a key that lies outside the
database.

No Protocol for root providers yet: it appears with the second one (PKCS#11 or Transit).
"""

import base64
import hmac
import os
import secrets
import stat
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from safetyplan.errors import SettingsWrong, Tampered
from safetyplan.sealing.derive import derive, pack
from safetyplan.sealing.envelope import FieldKey
from safetyplan.sealing.invalid import InvalidSeal

NAMES = ("pepper", "authority", "session_salt", "operations", "directory", "log_signing")
_ROOT_FORMAT = "safetyplan-root-key-1"


@dataclass(frozen=True, slots=True)
class Secret:
    name: str
    version: int
    key: bytes = field(repr=False)


def new_secret(name: str, version: int = 1) -> Secret:
    if name not in NAMES:
        raise ValueError(f"{name!r} is not a server secret")
    return Secret(name, version, secrets.token_bytes(32))


class FileRoot:
    """The root key in a file of its own, 0600, or handed over as a systemd credential."""

    __slots__ = ("_key", "path")

    def __init__(self, path: Path, key: bytes) -> None:
        self.path, self._key = path, key

    def __repr__(self) -> str:
        return f"FileRoot({str(self.path)!r})"

    @classmethod
    def create(cls, path: Path) -> "FileRoot":
        """Never over a file that exists: with the old root key everything under it would be lost."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = secrets.token_bytes(32)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            raise SettingsWrong(
                f"There is a root key at {path} already. Keep it; choose another place for a new one."
            ) from None
        with os.fdopen(handle, "w", encoding="ascii") as file:
            os.fchmod(handle, 0o600)
            file.write(f"{_ROOT_FORMAT} {base64.urlsafe_b64encode(key).decode()}\n")
            file.flush()
            os.fsync(handle)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return cls(path, key)

    @classmethod
    def load(cls, path: Path) -> "FileRoot":
        """Looks at the rights of what it has opened, so that nothing can be put in its place in between."""
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as wrong:
            raise SettingsWrong(
                f"The root key at {path} cannot be read ({wrong.strerror}). Put the key file back (a plain file,"
                " no link), or run `safetyplan init` for a new house."
            ) from None
        try:
            if not rights_are_tight(os.fstat(handle), os.geteuid()):
                raise SettingsWrong(
                    f"The root key at {path} is not a plain file that only the user running safetyplan may read."
                    f" Say `chmod 600 {path}` and `chown` it to that user; if anybody else may have read it, make a"
                    " new one."
                )
            text = os.read(handle, 200)
        finally:
            os.close(handle)
        return cls(path, _root_key(text, path))

    def wrap(self, name: str, version: int, key: bytes) -> bytes:
        return self._wrapping(version).seal(pack("server secret", name, version), key)

    def unwrap(self, name: str, version: int, wrapped: bytes) -> bytes:
        return self._wrapping(version).open(pack("server secret", name, version), wrapped)

    def _wrapping(self, version: int) -> FieldKey:
        return FieldKey(derive(self._key, "root"), version)


def rights_are_tight(file: os.stat_result, user: int) -> bool:
    """Ours and nobody else's. Or a systemd credential.

    Root's, 0440, where the group bits stand for an access list.
    """
    mode = stat.S_IMODE(file.st_mode)
    if not stat.S_ISREG(file.st_mode):
        return False
    if file.st_uid == user:
        return mode & 0o077 == 0
    return (file.st_uid, file.st_gid, mode) == (0, 0, 0o440)


class ServerSecrets:
    """Every version that is still needed; `current` is the highest."""

    __slots__ = ("_by_name",)

    def __init__(self, known: Iterable[Secret]) -> None:
        self._by_name: dict[str, dict[int, Secret]] = {}
        for secret in known:
            self._by_name.setdefault(secret.name, {})[secret.version] = secret

    def __repr__(self) -> str:
        held = ", ".join(f"{name} {max(versions)}" for name, versions in sorted(self._by_name.items()))
        return f"ServerSecrets({held})"

    @classmethod
    def from_rows(cls, root: FileRoot, rows: Iterable[Mapping[str, object]]) -> "ServerSecrets":
        """Rows with id, name, version, wrapped. Their MACs are checked after this, with the authority key
        in them.

        SettingsWrong if no row opens (another house's root key), Tampered if only some do not.
        """
        opened, broken = [], []
        for row in rows:
            name, version, wrapped = row["name"], row["version"], row["wrapped"]
            try:
                if not isinstance(name, str) or not isinstance(version, int) or not isinstance(wrapped, bytes):
                    raise InvalidSeal("not a row of a server secret")
                opened.append(Secret(name, version, root.unwrap(name, version, wrapped)))
            except InvalidSeal:
                broken.append(str(row["id"]))
        if broken and not opened:
            raise SettingsWrong(
                f"The root key at {root.path} does not belong to this database. Put back the key file that does."
            )
        if broken:
            raise Tampered("server_secret", broken[0])
        return cls(opened)

    def current(self, name: str) -> Secret:
        versions = self._by_name.get(name)
        if not versions:
            raise SettingsWrong(f"The database holds no server secret {name!r}. Restore it, or run `safetyplan init`.")
        return versions[max(versions)]

    def version(self, name: str, number: int) -> Secret:
        try:
            return self._by_name[name][number]
        except KeyError:
            raise InvalidSeal(f"no version {number} of the server secret {name!r}") from None

    def versions(self, name: str) -> list[Secret]:
        """Newest first: after a rotation, a hash made under an older pepper is looked up under each."""
        return sorted(self._by_name.get(name, {}).values(), key=lambda secret: -secret.version)


def server_field_key(secret: Secret) -> FieldKey:
    """For fields that the house opens with nobody signed in (operations, directory).

    The generation is the version.
    """
    return FieldKey(derive(secret.key, "server field key", secret.name, secret.version), secret.version)


def name_hash(user_name: str, pepper: Secret) -> bytes:
    """Finds an account by its user name. NFKC, case folded, no spaces at the ends."""
    normal = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", user_name).casefold()).strip()
    return hmac.digest(derive(pepper.key, "user name"), normal.encode("utf-8", "surrogatepass"), "sha256")


def _root_key(text: bytes, path: Path) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text.decode("ascii").removeprefix(_ROOT_FORMAT).strip())
        if len(key) == 32 and text.decode().strip() == f"{_ROOT_FORMAT} {base64.urlsafe_b64encode(key).decode()}":
            return key
    except ValueError:
        pass
    raise SettingsWrong(f"The file at {path} is not a root key. Put back the key file that belongs to this house.")
