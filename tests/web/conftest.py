from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from safetyplan.actors import Role
from safetyplan.app import create_app
from tests.builders import Person, TestHouse, build_house, signed_in

BASE: dict[str, Any] = {"base_url": "https://localhost:8000", "environ_base": {"HTTP_ACCEPT_LANGUAGE": "en"}}


@dataclass
class Site:
    """The whole service over SQLite, somebody of every role, and a browser for each."""

    home: TestHouse
    app: Flask
    people: dict[str, Person]
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    def client(self, who: str) -> FlaskClient:
        """Somebody's browser; "nobody" has a fresh one."""
        if who == "nobody":
            return self.app.test_client()
        if who not in self.clients:
            self.clients[who] = signed_in(self.app, self.people[who])
        return self.clients[who]

    def get(self, who: str, address: str, **more: Any) -> Any:
        return self.client(who).get(address, **BASE, **more)

    def post(self, who: str, address: str, form: dict[str, Any] | None = None, *, page: str = "/start") -> Any:
        """Send a form with the token that the browser has got."""
        client = self.client(who)
        token = token_of(client.get(page, **BASE).get_data(as_text=True))
        referer = {"Referer": "https://localhost:8000" + page}
        return client.post(address, data={**(form or {}), "csrf_token": token}, headers=referer, **BASE)


def token_of(html: str) -> str:
    marker = 'name="csrf_token" value="'
    return html.split(marker, 1)[1].split('"', 1)[0] if marker in html else ""


@pytest.fixture
def site(tmp_path: Path, clock: Any) -> Iterator[Site]:
    home = build_house(tmp_path / "house", clock)
    lead, staff = home.person(Role.LEAD, "Karin"), home.person(Role.STAFF, "Robin")
    found = {
        "lead": lead,
        "staff": staff,
        "stranger": home.person(Role.STAFF, "Sasha"),
        "officer": home.person(Role.OFFICER, "Olle"),
        "administrator": home.person(Role.ADMINISTRATOR, "Ada"),
        "resident": home.resident(lead, [staff]),
        "other": home.resident(lead),
    }
    app = create_app(home.settings, home.house)
    app.testing = True
    yield Site(home, app, found)
    home.house.store.engine.dispose()
