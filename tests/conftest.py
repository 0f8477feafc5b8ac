"""Fixtures for every room. Databases, ciphers and browsers are real; the clock is the only fake."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings

from tests.databases import DIALECTS, Database, Databases

settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("dev"), derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

BROWSER_FIXTURES = {"browser", "new_page", "page"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & BROWSER_FIXTURES:
            item.add_marker("browser")
        if names & {"postgres_database", "postgres_url"} or _on_postgresql(item):
            item.add_marker("postgres")


def _on_postgresql(item: pytest.Item) -> bool:
    callspec = getattr(item, "callspec", None)
    return callspec is not None and "postgresql" in callspec.params.values()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own SAFETYPLAN_DATA must never be what a test opens, or empties."""
    for name in [name for name in os.environ if name.startswith("SAFETYPLAN_")]:
        monkeypatch.delenv(name)


# --- time, folders


class FakeClock:
    """Milliseconds UTC; stands still until it is told."""

    START = 1_795_510_800_000  # 24 November 2026, 09:00 UTC

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def set(self, now: int) -> None:
        self.now = now

    def advance(self, ms: int = 0, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> int:
        self.now += ms + round(1000 * (seconds + 60 * (minutes + 60 * (hours + 24 * days))))
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """An empty folder for a whole installation."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


# --- databases


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.stop()


@pytest.fixture(params=DIALECTS)
def database(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Database]:
    """A fresh, empty database; the test runs once on each kind."""
    made = databases.fresh(request.param)
    yield made
    databases.drop(made)


@pytest.fixture
def database_url(database: Database) -> str:
    return database.url


@pytest.fixture
def sqlite_database(databases: Databases) -> Iterator[Database]:
    made = databases.fresh("sqlite")
    yield made
    databases.drop(made)


@pytest.fixture
def postgres_database(databases: Databases) -> Iterator[Database]:
    made = databases.fresh("postgresql")
    yield made
    databases.drop(made)


@pytest.fixture(scope="session")
def postgres_url(databases: Databases) -> str:
    """The superuser's door to the server: for looking from outside, never for the application."""
    return databases.server.url()


# --- web, browser


@pytest.fixture
def serve() -> Iterator[Callable[[Any], str]]:
    """`url = serve(app)`: the application in threads on a free port of this machine, until the test ends."""
    from werkzeug.serving import BaseWSGIServer, make_server

    running: list[tuple[BaseWSGIServer, threading.Thread]] = []

    def start(app: Any) -> str:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        running.append((server, thread))
        return f"http://localhost:{server.server_port}"

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


# Without these, Chromium looks up hosts of its own at every start.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=CHROMIUM_FLAGS
        )
        yield launched
        launched.close()


class Witness:
    """Notes what a page says on the console and whom it asks: both must stay silent."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def watch(self, page: Any) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("request", self._request)

    def _console(self, message: Any) -> None:
        # Chromium itself remarks on what Leave clears, and on a document answered with 404, 409 or 422: both wanted.
        if message.text.startswith("Clear-Site-Data header on"):
            return
        about_the_page = message.location.get("url") == message.page.url
        if not (message.text.startswith("Failed to load resource") and about_the_page):
            self.said.append(f"{message.type}: {message.text}")

    def _request(self, request: Any) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https") and address.hostname not in ("localhost", "127.0.0.1"):
            self.said.append(f"asked {address.hostname}")


@pytest.fixture
def new_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """`page = new_page(width=…, height=…, scheme=…, locale=…, script=…)`, each in a fresh profile."""
    contexts = []
    witness = Witness()

    def open_page(
        *, width: int = 360, height: int = 740, scheme: str = "light", locale: str = "sv-SE", script: bool = True
    ) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            locale=locale,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        context.on("page", witness.watch)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert witness.said == []


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """A telephone."""
    return new_page()


@pytest.fixture(scope="session")
def axe() -> Callable[..., list[str]]:
    """`assert axe(page) == []`: WCAG 2.2 AA and axe's best practices, as `rule: selector`."""
    import axe_playwright_python

    script = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def violations(page: Any) -> list[str]:
        # By evaluate, because the content security policy refuses an added script.
        page.evaluate(script)
        result = page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", rules)
        return [
            f"{violation['id']}: {' '.join(map(str, node['target']))}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]

    return violations
