"""The log's table, its indexes and the triggers that let it only grow, for the migration that makes it.

The triggers stop mistakes and whoever holds only the service's rights. A database's owner can drop them: that is
what the tree, the stamps, the noted heads and the checkpoints are for.
"""

from typing import Literal

Dialect = Literal["sqlite", "postgresql"]

_INDEXES = [
    "CREATE INDEX log_entry_case ON log_entry (case_id, seq)",
    "CREATE INDEX log_entry_actor ON log_entry (actor, seq)",
]

_SQLITE = [
    # INTEGER, not BIGINT: only then is seq the rowid itself, and an append one walk down one tree.
    "CREATE TABLE log_entry (seq INTEGER PRIMARY KEY NOT NULL, body BLOB NOT NULL, nodes BLOB NOT NULL,"
    " actor TEXT, case_id TEXT)",
    *_INDEXES,
    "CREATE TRIGGER log_entry_no_update BEFORE UPDATE ON log_entry"
    " BEGIN SELECT raise(ABORT, 'the access log only grows'); END",
    "CREATE TRIGGER log_entry_no_delete BEFORE DELETE ON log_entry"
    " BEGIN SELECT raise(ABORT, 'the access log only grows'); END",
    # Runs before REPLACE takes the old row away, whatever recursive_triggers says. FAIL, because ABORT makes SQLite
    # keep a statement journal for every append, which costs a third of it; a single row has nothing to take back.
    "CREATE TRIGGER log_entry_next BEFORE INSERT ON log_entry"
    " WHEN new.seq IS NOT (SELECT coalesce(max(seq), -1) + 1 FROM log_entry)"
    " BEGIN SELECT raise(FAIL, 'the access log has no gaps'); END",
]

_POSTGRESQL = [
    "CREATE TABLE log_entry (seq bigint PRIMARY KEY, body bytea NOT NULL, nodes bytea NOT NULL,"
    " actor text, case_id text)",
    *_INDEXES,
    "CREATE FUNCTION log_entry_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN RAISE EXCEPTION 'the access log only grows'; END $$",
    "CREATE FUNCTION log_entry_has_no_gaps() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN IF new.seq IS DISTINCT FROM (SELECT coalesce(max(seq), -1) + 1 FROM log_entry)"
    " THEN RAISE EXCEPTION 'the access log has no gaps'; END IF; RETURN new; END $$",
    "CREATE TRIGGER log_entry_no_change BEFORE UPDATE OR DELETE ON log_entry"
    " FOR EACH ROW EXECUTE FUNCTION log_entry_only_grows()",
    "CREATE TRIGGER log_entry_no_truncate BEFORE TRUNCATE ON log_entry"
    " FOR EACH STATEMENT EXECUTE FUNCTION log_entry_only_grows()",
    "CREATE TRIGGER log_entry_next BEFORE INSERT ON log_entry FOR EACH ROW EXECUTE FUNCTION log_entry_has_no_gaps()",
    # ALWAYS: also under session_replication_role = replica.
    "ALTER TABLE log_entry ENABLE ALWAYS TRIGGER log_entry_no_change",
    "ALTER TABLE log_entry ENABLE ALWAYS TRIGGER log_entry_no_truncate",
    "ALTER TABLE log_entry ENABLE ALWAYS TRIGGER log_entry_next",
    "REVOKE UPDATE, DELETE, TRUNCATE ON log_entry FROM PUBLIC",
]


def ddl(dialect: Dialect) -> list[str]:
    """The statements that make an empty log, in order; the migration runs them one by one."""
    return list(_SQLITE if dialect == "sqlite" else _POSTGRESQL)
