"""Every place where protected text leaves the vault's wrapping stands in reveal_sites.txt, so that a new one is seen
in review. After reading it, write the list anew: `python -m tests.contracts.test_reveals`."""

import ast
import re
from pathlib import Path

from tests.contracts.sources import modules, short, templates

LIST = Path(__file__).with_name("reveal_sites.txt")
FILTER = re.compile(r"\{[{%][^{}]*?\|\s*reveal\b[^{}]*?[}%]\}")


def sites() -> list[str]:
    """One line a place: the file, and how it reveals."""
    found = [
        f"{short(path)}  {' '.join(match[0].split())}" for path, text in templates() for match in FILTER.finditer(text)
    ]
    for _name, path, tree in modules():
        found += [
            f"{short(path)}  {ast.unparse(node)}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "reveal"
        ]
    return sorted(found)


def test_every_exit_of_protected_text_is_listed() -> None:
    assert LIST.read_text(encoding="utf-8").splitlines() == sites()


def test_nothing_is_revealed_into_an_address_or_an_attribute_of_one() -> None:
    """A word in an address ends up in histories and in logs."""
    pattern = re.compile(r"(href|src|action|formaction)\s*=\s*\"[^\"]*\|\s*reveal|url_for\([^)]*\|\s*reveal")
    assert [short(path) for path, text in templates() if pattern.search(text)] == []


if __name__ == "__main__":
    LIST.write_text("".join(f"{line}\n" for line in sites()), encoding="utf-8")
