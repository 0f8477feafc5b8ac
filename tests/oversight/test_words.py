"""Every action that any room writes has words, and so has every kind of finding."""

import ast

from safetyplan.actors import Purpose, Role
from safetyplan.oversight import words
from safetyplan.oversight.things import THINGS
from safetyplan.store.tables import TABLES
from safetyplan.vault import FindingKind, Outcome
from tests.contracts.sources import modules


def actions_written() -> set[str]:
    """What is given to ``note`` and ``refuse`` as an action, or set as one, anywhere in the package."""
    found = set()
    for _name, _path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("note", "refuse"):
                found |= {arg.value for arg in node.args[1:2] if isinstance(arg, ast.Constant)}
            if isinstance(node, ast.Assign) and any(getattr(t, "attr", "") == "action" for t in node.targets):
                found |= {part.value for part in ast.walk(node.value) if isinstance(part, ast.Constant)}
            if isinstance(node, ast.keyword) and node.arg == "action" and isinstance(node.value, ast.Constant):
                found.add(node.value.value)
    return {action for action in found if isinstance(action, str) and "." in action}


def test_every_action_has_words() -> None:
    assert sorted(actions_written() - set(words.ACTIONS)) == []


def test_every_closed_list_has_words() -> None:
    assert set(words.ROLES) == set(Role)
    assert set(words.PURPOSES) == set(Purpose)
    assert set(words.OUTCOMES) == set(Outcome)
    assert set(words.WRONG) >= set(FindingKind) - {FindingKind.EXPORT_BROKEN}
    assert set(words.HERS) == set(words.THEIRS) == set(THINGS.values())


def test_things_are_named_by_tables_that_exist() -> None:
    assert set(THINGS) - {table.name for table in TABLES} == set()
