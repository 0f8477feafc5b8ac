"""No column that is neither sealed nor on the list of clear ones, and no name on the lists that is not a column."""

from safetyplan.fields import ACCOUNT, CLEAR, COMPARTMENTS, DIRECTORY, HOT, KEY_MATERIAL, OPERATIONS, Field
from safetyplan.store.tables import TABLES

SEALED = {(field.table, field.column) for field in Field}
KEYS = {(table, column) for table, columns in KEY_MATERIAL.items() for column in columns}
LISTED_CLEAR = {(table, column) for table, columns in CLEAR.items() for column in columns}
COLUMNS = {(table.name, column.name) for table in TABLES for column in table.columns}
LOG = {("log_entry", column) for column in ("seq", "body", "nodes", "actor", "case_id")}


def test_every_column_is_sealed_or_listed() -> None:
    assert COLUMNS | LOG == SEALED | KEYS | LISTED_CLEAR


def test_no_column_is_on_two_lists() -> None:
    assert not SEALED & LISTED_CLEAR
    assert not KEYS & LISTED_CLEAR
    assert not SEALED & KEYS


def test_field_numbers_are_unique_and_scopes_known() -> None:
    numbers = [field.number for field in Field]
    assert len(numbers) == len(set(numbers))
    assert {field.scope for field in Field} <= {*COMPARTMENTS, OPERATIONS, DIRECTORY, ACCOUNT}


def test_every_clear_column_says_why() -> None:
    assert all(reason.strip() for columns in CLEAR.values() for reason in columns.values())


def test_hot_tables_exist_and_are_few() -> None:
    assert {table.name for table in TABLES} > HOT
    assert len(HOT) <= 4


def test_sealed_columns_hold_bytes() -> None:
    types = {(table.name, column.name): column.type.python_type for table in TABLES for column in table.columns}
    assert {types[place] for place in SEALED | KEYS} == {bytes}
