"""The resident's plan page: logged, sealed and durable, against the same code with sealing and log passed through."""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask.testing import FlaskClient

from safetyplan.accesslog.heads import Head
from safetyplan.actors import Purpose, Role, new_id
from safetyplan.app import create_app
from safetyplan.plans import items
from safetyplan.plans.model import SectionName
from safetyplan.sealing.envelope import FieldKey
from tests.bench.measure import ROUNDS, Figure, figure, seconds
from tests.builders import Person, build_house, signed_in

ITEMS = 12
PAGES = 40
ADDRESS = "/n/plan"
ENCODED = {"Accept-Encoding": "gzip, br"}
BASE = {"base_url": "https://localhost:8000"}


class PassThroughKey:
    """What FieldKey would cost if it did nothing: the header and the text."""

    @staticmethod
    def seal(self: FieldKey, aad: bytes, plaintext: bytes) -> bytes:
        return self._header + bytes(12) + plaintext + bytes(64)

    @staticmethod
    def open(self: FieldKey, aad: bytes, sealed: bytes) -> bytes:
        return sealed[17:-64]


@contextmanager
def unsealed() -> Iterator[None]:
    """Sealing, MACs and commitments do nothing."""
    with (
        patch.object(FieldKey, "seal", PassThroughKey.seal),
        patch.object(FieldKey, "open", PassThroughKey.open),
        patch("safetyplan.sealing.authority.check", lambda *_: None),
        patch("safetyplan.vault.grants.committed", lambda *_: None),
    ):
        yield


@contextmanager
def passed_through() -> Iterator[None]:
    """Neither sealing nor log do anything; everything else is the service's own code."""
    with (
        unsealed(),
        patch("safetyplan.accesslog.log.AccessLog.append", lambda *_: 0),
        patch("safetyplan.accesslog.log.AccessLog.head", lambda *_: Head(0, b"")),
        patch("safetyplan.accesslog.log.AccessLog.note", lambda *_: None),
    ):
        yield


def figures(folder: Path) -> list[Figure]:
    client = _signed_in(folder / "sealed")
    with unsealed():
        bare = _signed_in(folder / "bare")
    with passed_through():
        _show(bare)
    _show(client)
    ratios, ours, theirs = [], [], []
    for _ in range(ROUNDS):
        a = seconds(lambda: _show(client), PAGES)
        with passed_through():
            b = seconds(lambda: _show(bare), PAGES)
        ratios.append(a / b)
        ours.append(a * 1e3)
        theirs.append(b * 1e3)
    how = (
        f"plan page with {ITEMS} sealed items, in process: {statistics.median(ours):.2f} ms ÷ passed through"
        f" {statistics.median(theirs):.2f} ms; {PAGES} pages a round, median of {ROUNDS} rounds in turn"
    )
    return [figure("page_wall_ratio", ratios, "ratio", "<= 1.5", how), *_bytes(client)]


def _show(client: FlaskClient) -> bytes:
    answer = client.get(ADDRESS, **BASE)
    assert answer.status_code == 200 and answer.data.count(b"Item number") == ITEMS, answer.status_code
    return answer.data


def _signed_in(folder: Path) -> FlaskClient:
    home = build_house(folder, clock=None)
    lead = home.person(Role.LEAD, "Kim")
    staff = home.person(Role.STAFF, "Robin")
    resident = home.resident(lead, [staff])
    _fill(resident)
    return signed_in(create_app(home.settings, home.house), resident)


def _fill(resident: Person) -> None:
    names = list(SectionName)
    case = resident.actor.own_case
    assert case
    with resident.vault.visit(resident.actor, Purpose.KEEP_OWN_PLAN, case) as visit:
        for number in range(ITEMS):
            text = f"Item number {number}: call somebody I trust before I go out, say when I am back, take the charger."
            items.add_item(visit, section=names[number % len(names)], text=text, source=new_id())


def _bytes(client: FlaskClient) -> list[Figure]:
    """Over the wire, headers counted: the page with everything it needs, and the page once those are kept."""
    page = client.get(ADDRESS, **BASE)
    html = _size(page)
    named = {part.split("#")[0] for part in page.get_data(as_text=True).split('"') if part.startswith("/static/")}
    fonts = {font for address in named if ".css" in address for font in _fonts(client, address)}
    parts = {address: _size(client.get(address, headers=ENCODED, **BASE)) for address in sorted(named | fonts)}
    first = html + sum(parts.values())
    how = f"page {html:,} + {len(parts)} files {first - html:,} bytes, headers included; files compressed, page not"
    return [
        figure("page_first_bytes", [float(first)], "bytes", "<= 60,000", how),
        figure("page_next_bytes", [float(html)], "bytes", "<= 15,000", "the page alone, headers included"),
    ]


def _fonts(client: FlaskClient, address: str) -> set[str]:
    style = client.get(address, **BASE).get_data(as_text=True)
    names = [piece.split(")")[0].strip("\"'") for piece in style.split("url(")[1:]]
    return {"/static/" + name.split("/static/")[-1] for name in names if ".woff2" in name}


def _size(answer: Any) -> int:
    assert answer.status_code == 200, answer.request.path
    return len(answer.data) + len(str(answer.headers)) + 20
