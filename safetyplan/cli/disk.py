"""Why something cannot be written: tried, so that the system's own reason can be said."""

import os
import tempfile
from pathlib import Path

from safetyplan.errors import SettingsWrong
from safetyplan.settings import Settings


def cannot_be_written(path: Path) -> str | None:
    """A sentence with the reason, None if it can. Of a folder that is not there, whether it could be made."""
    while not path.exists() and path != path.parent:
        path = path.parent
    try:
        if path.is_dir():
            with tempfile.TemporaryFile(dir=path, buffering=0) as probe:
                probe.write(bytes(4096))
        else:
            os.close(os.open(path, os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        return f"{path} cannot be written ({error.strerror}). Mend that and try again."
    return None


def house_cannot_be_written(settings: Settings) -> str | None:
    """As above, of what a house writes to: its folders and, with SQLite, the database's files."""
    from safetyplan.founding import database_file

    try:
        file = database_file(settings)
    except SettingsWrong:
        return None  # said where it is raised
    paths = [settings.data, settings.heads_folder]
    if file is not None:
        paths += [file.parent, *(file.with_name(file.name + end) for end in ("", "-wal", "-shm"))]
    return next(filter(None, map(cannot_be_written, paths)), None)
