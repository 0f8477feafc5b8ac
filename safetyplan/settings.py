"""Settings: parsed once, frozen, loud when wrong. Every value can be given as ``SAFETYPLAN_<NAME>``.

A misspelt name in the environment would be silently ignored by the library; we refuse it by name.
"""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from safetyplan.errors import SettingsWrong

PREFIX = "SAFETYPLAN_"
DEFAULT_DATA = Path("var")
_OUTSIDE = {"SAFETYPLAN_TEST_POSTGRES"}

Language = Literal["sv", "da", "en"]

_MUST_BE = {
    "origin": "3 to 120 letters, digits and . _ ~ / -, such as house.example/log",
    "title": "1 to 40 characters",
    "language": "sv, da or en",
    "leave_to": "a path such as /w, or an https:// address",
    "talk": "a telephone number of 3 to 15 digits, with or without + in front",
    "public_url": "the https:// address without a path; http:// is for this machine only (http://localhost:8000)",
    "bind": "an address and a port, such as 127.0.0.1:8000",
    "workers": "a whole number from 1 to 64",
    "threads": "a whole number from 1 to 64",
    "argon2_memory_kib": "a whole number, 65536 or more",
}
"""What an operator is told of a setting that is wrong; any other takes whatever is given."""


class Settings(BaseSettings):
    """Where things lie and how the house wants to be called. Paths are relative to the working folder."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", secrets_dir=None)

    data: Path = DEFAULT_DATA
    keys: Path | None = None
    database_url: str | None = None
    database_owner_url: str | None = None
    heads: Path | None = None
    checkpoints: Path | None = None
    origin: str = Field(default="safetyplan.invalid/log", pattern=r"^[A-Za-z0-9._~/-]{3,120}$")
    title: str = Field(default="Anteckningar", min_length=1, max_length=40)
    language: Language = "sv"
    leave_to: str = Field(default="/w", pattern=r"^(/|https://)[^\s\\]*$")
    talk: str | None = Field(default=None, pattern=r"^\+?[0-9]{3,15}$")
    public_url: str = Field(default="http://localhost:8000", pattern=r"^https?://[^\s/]+$")
    bind: str = Field(default="127.0.0.1:8000", pattern=r"^[^\s]+:[0-9]{1,5}$")
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: str = ""
    workers: int = Field(default=2, ge=1, le=64)
    threads: int = Field(default=4, ge=1, le=64)
    argon2_memory_kib: int = Field(default=65536, ge=65536)

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("certificate and key belong together")
        return self

    @field_validator("public_url")
    @classmethod
    def _secure(cls, given: str) -> str:
        host = given.split("://", 1)[1].rsplit(":", 1)[0]
        if given.startswith("http://") and host not in ("localhost", "127.0.0.1", "[::1]"):
            raise ValueError(f"must be {_MUST_BE['public_url']}")
        return given

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, given: str) -> str:
        for each in filter(None, (part.strip() for part in given.split(","))):
            try:
                wide = ip_network(each).prefixlen == 0
            except ValueError:
                raise ValueError(f"names {each}, which is no address or network like 10.0.0.0/24") from None
            if wide:
                raise ValueError(f"names {each}, which is everybody; it must be the proxy's own address")
        return given

    @property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Who may stand in front: whose word for a caller's address, and for HTTPS, is taken."""
        return tuple(ip_network(part.strip()) for part in self.trusted_proxies.split(",") if part.strip())

    @property
    def keys_folder(self) -> Path:
        """``keys/`` for the default data folder; any other data folder has its own, so that houses never mix."""
        if self.keys is not None:
            return self.keys
        return Path("keys") if self.data == DEFAULT_DATA else self.data / "keys"

    @property
    def root_key(self) -> Path:
        return self.keys_folder / "root.key"

    @property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'safetyplan.db'}"

    @property
    def lock_path(self) -> Path:
        return self.data / "write.lock"

    @property
    def heads_folder(self) -> Path:
        return self.heads or self.data / "heads"

    @property
    def checkpoints_folder(self) -> Path:
        return self.checkpoints or self.data / "checkpoints"

    @property
    def demo_mark(self) -> Path:
        """Stands in a data folder that is a demo, and only there."""
        return self.data / "DEMO"


def unknown_variables() -> list[str]:
    """SAFETYPLAN_ names in the environment that are no setting: misspelt, they would be ignored silently."""
    known = _known() | _OUTSIDE
    return sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)


def _known() -> set[str]:
    return {PREFIX + name.upper() for name in Settings.model_fields}


def read_settings(**given: object) -> Settings:
    """Settings from the environment, with what the command line gave on top. Raises SettingsWrong, a line for each."""
    unknown = unknown_variables()
    says = [f"{name} is no setting. Known are: {', '.join(sorted(_known()))}." for name in unknown[:1]]
    says += [f"{name} is no setting either." for name in unknown[1:]]
    settings, wrong = whatever_holds(**given)
    if says or wrong:
        raise SettingsWrong("\n".join([*says, *dict.fromkeys(wrong.values())]))
    return settings


def whatever_holds(**given: object) -> tuple[Settings, dict[str, str]]:
    """The settings, each that is wrong at its default; and a sentence for each that is wrong, by its name."""
    values = {name: value for name, value in given.items() if value is not None}
    wrong: dict[str, str] = {}
    while True:
        try:
            return Settings(**values), wrong  # type: ignore[arg-type]
        except ValidationError as error:
            found = _sentences(error)
            if found.keys() <= wrong.keys():  # a default that is wrong is a mistake of ours
                raise
        wrong |= found
        values |= {name: Settings.model_fields[name].default for name in found}


def _sentences(error: ValidationError) -> dict[str, str]:
    says: dict[str, str] = {}
    for each in error.errors():
        if not each["loc"]:
            names = ("tls_certificate", "tls_key")
            both = " and ".join(PREFIX + name.upper() for name in names)
            says |= dict.fromkeys(names, f"{both} belong together. Set both or neither.")
            continue
        name = str(each["loc"][0])
        ours = each.get("ctx", {}).get("error")
        words = str(ours) if isinstance(ours, ValueError) else f"must be {_MUST_BE.get(name, 'a path or an address')}"
        says[name] = f"{PREFIX}{name.upper()} {words}. Change it and start again."
    return says
