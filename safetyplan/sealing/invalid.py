"""What this room raises. No message carries a key, a code or a resident's word."""

from safetyplan.errors import SafetyplanError


class InvalidSeal(SafetyplanError):
    """A sealed value, a key or a code is corrupted, foreign or in the wrong place."""


class WrongPassphrase(InvalidSeal):
    """The stored lock is whole, but this pass phrase or code does not open it."""


class MistypedCode(WrongPassphrase):
    """Not a code at all: its length, a character or its check character is wrong. Costs no try."""


class SharesWrong(InvalidSeal):
    """The recovery shares do not give the seed back. The message says which share, and what to do."""
