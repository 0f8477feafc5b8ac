"""The demo's people with everything that opens their doors. A demo has no secrets: these lie beside its database."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from safetyplan.actors import Role
from safetyplan.errors import SettingsWrong
from safetyplan.people import totp

_FIELDS = ("user_name", "pass_phrase", "totp_secret", "role", "unit")


@dataclass(frozen=True, slots=True)
class Known:
    user_name: str
    pass_phrase: str
    totp_secret: str
    role: Role
    unit: str | None
    about: str = ""


def write(path: Path, people: list[Known], *, whole: bool = False) -> None:
    """For its owner only; ``whole`` is the demo's own list, which says who is who.

    Raises SettingsWrong rather than write over anything but an older list of ours.
    """
    _refuse_what_is_another(path)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(handle, 0o600)
        rows = [asdict(person) for person in people]
        listed = rows if whole else [{name: row[name] for name in _FIELDS} for row in rows]
        json.dump(listed, file, ensure_ascii=False, indent=2)
        file.write("\n")


def see_that_it_can_be_written(path: Path) -> None:
    """Before anything is made for it. Raises SettingsWrong or OSError; leaves nothing behind."""
    _refuse_what_is_another(path)
    new = not path.exists()
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    if new:
        path.unlink()


def _refuse_what_is_another(path: Path) -> None:
    if path.exists() and path.stat().st_size and _read(path) is None:
        raise SettingsWrong(f"{path} exists and is no list of a demo's people. Choose another file.")


def read(path: Path) -> list[Known]:
    found = _read(path)
    if found is None:
        raise SettingsWrong(f"This demo is not whole: {path} is missing or broken. Remove {path.parent} and try again.")
    return found


def table(people: list[Known], now: int) -> str:
    """Who can sign in, each with the code that shows on their telephone now."""
    step = totp.step_of(now)
    rows: list[tuple[str, ...]] = [("role", "unit", "who", "user name", "pass phrase", "code", "then")]
    for each in people:
        codes = [totp.code_at(each.totp_secret, step + later) for later in (0, 1)]
        rows.append((str(each.role), each.unit or "–", each.about, each.user_name, each.pass_phrase, *codes))
    wide = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, wide, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("─" * width for width in wide), *lines[1:]])


def _read(path: Path) -> list[Known] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, list) or any(set(each) - {"about"} != set(_FIELDS) for each in found):
            return None
        return [Known(**(each | {"role": Role(each["role"])})) for each in found]
    except (OSError, ValueError, TypeError):
        return None
