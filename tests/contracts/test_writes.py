"""Rows change through the vault, which tells the log. Any other INSERT, UPDATE or DELETE is found here."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module

from sqlalchemy import Table

from safetyplan.fields import HOT
from tests.contracts.sources import modules

# The store makes the statements, the vault decides on them, the log appends its own entries.
WRITERS = ("safetyplan.store", "safetyplan.vault", "safetyplan.accesslog")
STATEMENTS = {"insert", "update", "delete", "text"}
CHANGES = {"add", "put", "delete", "change"}
SQL = re.compile(r"^\s*(INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|REPLACE\s+INTO|TRUNCATE)\b")


def _elsewhere() -> Iterator[tuple[str, ast.Module]]:
    for name, _path, tree in modules():
        if not any(name == room or name.startswith(room + ".") for room in WRITERS):
            yield name, tree


def test_nobody_else_writes_sql() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, tree in _elsewhere()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
    ]
    assert found == []


def test_nobody_else_makes_statements() -> None:
    found = []
    for name, tree in _elsewhere():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
                found += [f"{name}:{node.lineno} {a.name}" for a in node.names if a.name in STATEMENTS]
            if isinstance(node, ast.Call) and _makes_a_statement(name, node):
                found.append(f"{name}:{node.lineno} {ast.unparse(node.func)}")
    assert found == []


def test_a_transaction_is_written_to_only_for_hot_tables() -> None:
    """Outside the vault, `tx.add(TABLE, …)` and its kin are for the tables that the log does not cover."""
    found = []
    for name, tree in _elsewhere():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _writes_to_tx(node) and not _is_hot(name, node):
                found.append(f"{name}:{node.lineno} {ast.unparse(node)[:80]}")
    assert found == []


def _makes_a_statement(module: str, call: ast.Call) -> bool:
    """TABLE.insert(), plans.TABLE.delete()"""
    function = call.func
    if not (isinstance(function, ast.Attribute) and function.attr in STATEMENTS):
        return False
    return isinstance(_named(module, function.value), Table)


def _writes_to_tx(node: ast.Call) -> bool:
    if not (isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES):
        return False
    owner = node.func.value
    return getattr(owner, "attr", getattr(owner, "id", "")) == "tx"


def _is_hot(module: str, call: ast.Call) -> bool:
    table = _named(module, call.args[0]) if call.args else None
    return isinstance(table, Table) and table.name in HOT


def _named(module: str, expression: ast.expr) -> object:
    """What a dotted name in a module stands for; None for anything that is not such a name."""
    scope: object = import_module(module)
    for part in ast.unparse(expression).split("."):
        scope = getattr(scope, part, None)
    return scope
