"""Protected text that has been opened: it prints as ``<protected>`` until somebody says ``reveal``."""

from typing import final


@final
class Revealed:
    """Opened text. Compares and measures like text, prints like a closed door."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "<protected>"

    __str__ = __repr__
    __html__ = __repr__

    def __format__(self, spec: str) -> str:
        return "<protected>"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __len__(self) -> int:
        return len(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Revealed) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> str:
        raise TypeError("protected text is not pickled")


def reveal(protected: Revealed) -> str:
    """The text itself. The only exit: one search for this name lists every place where text leaves."""
    return protected._text
