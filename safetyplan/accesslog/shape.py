"""Whether the database still has the shape that we gave it: the log's triggers, and our tables and columns only.

Whoever owns the database can drop a trigger, or plant one that writes behind the log's back; both are named. Reads the
database's own catalogue, a few hundred rows, and no entry.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set

from safetyplan.accesslog.findings import Finding, Kind
from safetyplan.accesslog.log import TABLE, Connection
from safetyplan.accesslog.schema import Dialect, ddl

Shape = Mapping[str, Set[str]]
"""Table → columns; the log's own table is known here."""

SCHEMA = "schema"
"""What stands for the table in findings of this kind; their row is the name of what differs."""

_OURS = frozenset({"seq", "body", "nodes", "actor", "case_id"})

_SQLITE_COLUMNS = (
    "SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p"
    " WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
)
_SQLITE_TRIGGERS = "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'"

_POSTGRESQL_COLUMNS = (
    "SELECT c.relname, a.attname FROM pg_class c LEFT JOIN pg_attribute a"
    " ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
)
_POSTGRESQL_TRIGGERS = (
    "SELECT c.relname, t.tgname, t.tgtype, t.tgenabled, p.proname, p.prosrc, t.tgqual IS NULL AND t.tgattr = ''"
    " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
    " WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal"
)
_POSTGRESQL_RULES = "SELECT tablename, rulename FROM pg_rules WHERE schemaname = current_schema()"

# tgtype, from catalog/pg_trigger.h: row 1, before 2, insert 4, delete 8, update 16, truncate 32
_POSTGRESQL_OURS = {
    "log_entry_no_change": (1 + 2 + 8 + 16, "log_entry_only_grows"),
    "log_entry_no_truncate": (2 + 32, "log_entry_only_grows"),
    "log_entry_next": (1 + 2 + 4, "log_entry_has_no_gaps"),
}

Triggers = dict[tuple[str, str], str]
"""(table, name) → what it does, in words of the database's own."""


def differences(connection: Connection, dialect: Dialect, shape: Shape) -> list[Finding]:
    """What is not as the schema has it: tables, columns, triggers (and PostgreSQL's rules), each by its name."""
    found = [_finding(name, sentence) for name, sentence in _columns(connection, dialect, {**shape, TABLE: _OURS})]
    wanted = _triggers_wanted(dialect)
    there = _sqlite_triggers(connection) if dialect == "sqlite" else _postgresql_triggers(connection)
    for table, name in sorted(wanted.keys() | there.keys()):
        if (table, name) not in there:
            found.append(_finding(name, f"trigger {name} of {table} is missing"))
        elif (table, name) not in wanted:
            found.append(_finding(name, f"trigger {name} of {table} is not ours"))
        elif there[table, name] != wanted[table, name]:
            found.append(_finding(name, f"trigger {name} of {table} was changed or switched off"))
    if dialect == "postgresql":
        for table, name in connection.execute(_POSTGRESQL_RULES).fetchall():
            found.append(_finding(name, f"rule {name} of {table} is not ours"))
    return found


def _finding(name: str, sentence: str) -> Finding:
    return Finding(Kind.SCHEMA_DIFFERS, sentence, table=SCHEMA, row=name)


def _columns(connection: Connection, dialect: Dialect, wanted: Shape) -> Iterator[tuple[str, str]]:
    there: dict[str, set[str]] = defaultdict(set)
    sql = _SQLITE_COLUMNS if dialect == "sqlite" else _POSTGRESQL_COLUMNS
    for table, column in connection.execute(sql).fetchall():
        there[table].add(column)
    for table in sorted(wanted.keys() | there.keys()):
        if table not in there:
            yield table, f"table {table} is missing"
        elif table not in wanted:
            yield table, f"table {table} is not ours"
        else:
            for column in sorted(there[table] ^ wanted[table]):
                how = "is missing" if column in wanted[table] else "is not ours"
                yield f"{table}.{column}", f"column {column} of {table} {how}"


def _triggers_wanted(dialect: Dialect) -> Triggers:
    if dialect == "sqlite":
        made = [_plain(each) for each in ddl(dialect) if each.startswith("CREATE TRIGGER")]
        return {(TABLE, each.split(" ")[2]): each for each in made}
    sources = {each.split("(")[0].rpartition(" ")[2]: each.split("$$")[1] for each in ddl(dialect) if "$$" in each}
    return {(TABLE, name): f"{kind} A {of} {sources[of]}" for name, (kind, of) in _POSTGRESQL_OURS.items()}


def _sqlite_triggers(connection: Connection) -> Triggers:
    rows = connection.execute(_SQLITE_TRIGGERS).fetchall()
    return {(table, name): _plain(sql) for table, name, sql in rows}


def _postgresql_triggers(connection: Connection) -> Triggers:
    rows = connection.execute(_POSTGRESQL_TRIGGERS).fetchall()
    return {
        (table, name): f"{kind} {_letter(enabled)} {of} {source}" if always else "only sometimes"
        for table, name, kind, enabled, of, source, always in rows
    }


def _letter(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _plain(sql: str) -> str:
    return " ".join(sql.split())
