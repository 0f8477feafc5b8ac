"""What the other tests lean on holds: fresh databases, an application role without rights, a silent browser."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.conftest import FakeClock
from tests.databases import DIALECTS, Database, Databases


def test_the_clock_stands_still_until_it_is_told() -> None:
    clock = FakeClock(1000)
    assert clock() == clock() == 1000
    clock.advance(5, seconds=1, minutes=1)
    assert clock() == 62_005


def test_a_fresh_database_is_empty(database: Database) -> None:
    connection = database.raw()
    connection.execute("CREATE TABLE here (id TEXT)")
    connection.close()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_prepared_databases_are_copies(databases: Databases, dialect: str) -> None:
    prepared = []

    def prepare(database: Database) -> None:
        prepared.append(database)
        connection = database.raw()
        connection.execute("CREATE TABLE here (id TEXT)")
        connection.execute("INSERT INTO here VALUES ('a')")
        connection.commit()
        connection.close()

    one, two = databases.fresh(dialect, prepare), databases.fresh(dialect, prepare)
    connection = one.raw()
    connection.execute("DELETE FROM here")
    connection.commit()
    connection.close()
    connection = two.raw()
    assert [tuple(row) for row in connection.execute("SELECT id FROM here").fetchall()] == [("a",)]
    connection.close()
    assert len(prepared) == 1
    databases.drop(one)
    databases.drop(two)


def test_the_application_role_owns_nothing(postgres_database: Database) -> None:
    with postgres_database.raw() as owner:
        owner.execute("CREATE TABLE here (id TEXT)")
    for statement in ("CREATE TABLE mine (id TEXT)", "SELECT * FROM here", "DROP TABLE here"):
        with postgres_database.raw(owner=False) as application, pytest.raises(psycopg.Error):
            application.execute(statement)


PAGE = b"""<!doctype html><html lang="en"><head><title>Notes</title></head>
<body><main><h1>Hello</h1>%s</main></body></html>"""


def _site(body: bytes) -> Callable[..., Any]:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        headers = [("Content-Type", "text/html; charset=utf-8")]
        headers.append(("Content-Security-Policy", "default-src 'none'; require-trusted-types-for 'script'"))
        known = environ["PATH_INFO"] == "/"
        start_response("200 OK" if known else "404 Not Found", headers)
        return [PAGE % body]

    return app


def test_axe_sees_a_picture_without_words(serve: Any, page: Any, axe: Any) -> None:
    page.goto(serve(_site(b"<p>Fine.</p>")))
    assert axe(page) == []
    page.goto(serve(_site(b'<input type="text">')))
    assert axe(page) == ["label: input"]


def test_a_page_that_is_missing_is_no_noise(serve: Any, page: Any) -> None:
    assert page.goto(serve(_site(b"")) + "/nowhere").status == 404
