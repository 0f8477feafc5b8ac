"""What the service's own database role may do on PostgreSQL: everything with rows, and with the log only read and add.

The owner's role migrates and is not known to the running service. The triggers on the log stop the owner's mistakes;
these privileges stop the service itself, and whoever speaks through it.
"""

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from safetyplan.errors import SettingsWrong
from safetyplan.store.engine import Store

LOG = "log_entry"
_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"
_NARROW = {LOG: "SELECT, INSERT", "alembic_version": "SELECT"}
_FORBIDDEN = ("UPDATE", "DELETE", "TRUNCATE")


def role_of(url: str, owner_url: str) -> str:
    """The service's role, out of its database URL. Raises SettingsWrong where it is missing or the owner's own."""
    role, owner = make_url(url).username, make_url(owner_url).username
    if not role:
        raise SettingsWrong("SAFETYPLAN_DATABASE_URL must name the role of the service: postgresql+psycopg://ROLE@…")
    if role == owner:
        raise SettingsWrong(
            f"SAFETYPLAN_DATABASE_URL and SAFETYPLAN_DATABASE_OWNER_URL both name {role}. Give the service a role of"
            " its own that owns nothing, so that it cannot rewrite the access log."
        )
    return role


def grant_privileges(owner: Store, role: str) -> None:
    """Set what ``role`` may do, as the owner and in one transaction; repeating it changes nothing."""
    with owner.transaction() as tx:
        connection = tx.connection
        if not connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).first():
            raise SettingsWrong(f"The database has no role {role}. Create it (LOGIN, nothing more) and try again.")
        quote = connection.dialect.identifier_preparer.quote_identifier
        to = quote(role)
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {quote(_schema(connection))} TO {to}")
        for table in _tables(connection):
            connection.exec_driver_sql(f"REVOKE ALL ON TABLE {quote(table)} FROM {to}")
            connection.exec_driver_sql(f"GRANT {_NARROW.get(table, _RIGHTS)} ON TABLE {quote(table)} TO {to}")


def wrong_privileges(service: Store) -> list[str]:
    """What the service's role may do and must not, or must do and may not; as sentences, empty if all is well."""
    with service.snapshot() as tx:
        connection = tx.connection
        found = [
            f"{table}: {right} is missing"
            for table in _tables(connection)
            for right in _NARROW.get(table, _RIGHTS).split(", ")
            if not _may(connection, table, right)
        ]
        found += [f"{LOG}: {right} is allowed" for right in _FORBIDDEN if _may(connection, LOG, right)]
        role = connection.execute(
            text(
                "SELECT rolsuper, pg_has_role(current_user, relowner, 'MEMBER') AS owns FROM pg_roles, pg_class"
                " WHERE rolname = current_user AND pg_class.oid = to_regclass(:log)"
            ),
            {"log": LOG},
        ).first()
        if role and role.rolsuper:
            found.append("the role is a superuser")
        elif role and role.owns:
            found.append(f"the role owns {LOG}")
        return found


def _schema(connection: Connection) -> str:
    return str(connection.execute(text("SELECT current_schema()")).scalar_one())


def _tables(connection: Connection) -> list[str]:
    query = text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
    return [str(row.tablename) for row in connection.execute(query)]


def _may(connection: Connection, table: str, right: str) -> bool:
    quoted = connection.dialect.identifier_preparer.quote_identifier(table)
    query = text("SELECT has_table_privilege(:table, :right)")
    return bool(connection.execute(query, {"table": quoted, "right": right}).scalar_one())
