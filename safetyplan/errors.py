"""What we raise on purpose. Messages never contain a resident's words; they may name a table and a row id."""


class SafetyplanError(Exception):
    """Root of everything raised on purpose."""


class Refused(SafetyplanError):
    """No grant, no key, no audience. Answered with the same page as "missing", so that it tells nothing."""


class NotAccepted(SafetyplanError):
    """Bad input. ``problems`` maps a field's name ("" for the whole form) to a sentence marked with ``N_``."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(", ".join(sorted(problems)))
        self.problems = problems


class Stale(SafetyplanError):
    """Somebody saved first, or the same thing was sent twice."""


class Tampered(SafetyplanError):
    """A row or a sealed field is not what was written there."""

    def __init__(self, table: str, row_id: str) -> None:
        super().__init__(f"{table} {row_id}")
        self.table, self.row_id = table, row_id


class LogUnavailable(SafetyplanError):
    """The access log cannot be written or is not the one this host knows; therefore nothing is disclosed."""


class Throttled(SafetyplanError):
    """Too many tries; ``retry_after_s`` is in seconds."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"retry after {retry_after_s} s")
        self.retry_after_s = retry_after_s


class SettingsWrong(SafetyplanError):
    """A setting, a key file or a folder is not as it must be. The message says what to do."""


def N_(text: str) -> str:
    """Mark ``text`` for the catalogues without translating it here (the web translates)."""
    return text
