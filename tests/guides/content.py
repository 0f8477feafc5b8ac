"""The shipped content, to be changed by a test."""

from importlib.resources import files

from safetyplan.guides.model import Library
from safetyplan.guides.reading import read_library


def shipped() -> dict[str, bytes]:
    folder = files("safetyplan.guides") / "content"
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name.endswith(".yaml")}


def read_with(file: str, old: str, new: str) -> Library:
    """The shipped content with the first ``old`` of one file replaced."""
    content = shipped()
    text = content[file].decode()
    assert old in text
    return read_library(content | {file: text.replace(old, new, 1).encode()})
