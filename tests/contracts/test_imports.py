"""The table of the house: who may import whom. import-linter reads it from pyproject.toml; the rest is here."""

import ast
import importlib.util
import inspect
import subprocess
import sys
from importlib import import_module

from tests.contracts.sources import ROOT, modules

FEATURES = {"people", "cases", "plans", "guides", "threat", "transition", "contact", "reports", "oversight"}


def _imported_names() -> list[tuple[str, str, str]]:
    """(importing module, imported module, name) of every `from safetyplan… import name`."""
    return [
        (name, node.module, alias.name)
        for name, _path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("safetyplan")
        for alias in node.names
    ]


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_imports_go_downwards_and_through_the_doors() -> None:
    linted = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
        + ["--no-logo", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_a_feature_borrows_no_verb_of_another_feature() -> None:
    """A verb takes the vault and the actor. What rooms share is a function of the room that owns the noun."""
    borrowed = []
    for importer, imported, name in _imported_names():
        if _room(importer) in FEATURES and _room(imported) in FEATURES and _room(importer) != _room(imported):
            thing = getattr(import_module(imported), name, None)
            if inspect.isfunction(thing) and list(inspect.signature(thing).parameters)[:2] == ["vault", "actor"]:
                borrowed.append(f"{importer} imports {imported}.{name}")
    assert borrowed == []


def test_only_perform_holds_the_vault_in_web() -> None:
    holders = {
        importer
        for importer, imported, name in _imported_names()
        if _room(importer) == "web" and _room(imported) == "vault" and name == "Vault"
    }
    assert holders <= {"safetyplan.web.perform"}


def test_bleach_has_one_owner() -> None:
    """6.4 is its last release: what replaces it is changed in one place."""
    users = {
        name
        for name, _path, tree in modules()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "bleach" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "bleach")
    }
    assert len(users) <= 1, users


def test_every_module_imports_on_its_own() -> None:
    """No import depends on another having come first."""
    rooms = sorted({".".join(name.split(".")[:2]) for name, _path, _tree in modules()})
    rooms = [room for room in rooms if importlib.util.find_spec(room) and not room.endswith("__main__")]
    code = "import importlib, sys\nfor name in sys.argv[1:]:\n    importlib.import_module(name)"
    for room in rooms:
        subprocess.run([sys.executable, "-c", code, room], cwd=ROOT, check=True)
