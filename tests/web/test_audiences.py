"""Deny by default: who may call what, and that a strange id opens nothing for anybody."""

import re

import pytest
from flask import Flask

from safetyplan.actors import Role, new_id
from safetyplan.errors import SettingsWrong
from safetyplan.web.audience import audience_of, guard
from tests.web.conftest import Site

ROLES = ["resident", "staff", "lead", "officer", "administrator"]


def addresses(site: Site, case: str, account: str) -> list[tuple[str, str, str]]:
    """(method, address, endpoint) of everything there is; ids filled in."""
    known = {"case_id": case, "account_id": account, "name": "app.css"}
    found = set()
    for rule in site.app.url_map.iter_rules():
        fill = lambda part: known.get(part[2]) or ("1" if part[1] == "int:" else new_id())  # noqa: E731
        address = re.sub(r"<(\w+:)?(\w+)>", fill, rule.rule)
        found |= {(method, address, rule.endpoint) for method in (rule.methods or set()) & {"GET", "POST"}}
    return sorted(found)


def test_an_endpoint_without_an_audience_stops_the_start() -> None:
    app = Flask("bare", static_folder=None)
    app.add_url_rule("/open", "open", lambda: "")
    with pytest.raises(SettingsWrong, match="open"):
        guard(app)


@pytest.mark.parametrize("who", [*ROLES, "nobody"])
def test_every_endpoint_keeps_to_its_audience(site: Site, who: str) -> None:
    case = site.people["resident"].actor.own_case
    assert case
    wrong = []
    for method, address, endpoint in addresses(site, case, site.people["staff"].actor.account):
        allowed = audience_of(site.app, endpoint)
        if allowed is None or (who in ROLES and Role(who) in allowed):
            continue
        call = site.get if method == "GET" else site.post
        status = call(who, address).status_code
        if status != (303 if who == "nobody" else 404):
            wrong.append((method, address, status))
    assert wrong == []


@pytest.mark.parametrize("who", ["stranger", "other", "officer", "administrator", "staff", "lead", "resident"])
def test_a_strangers_ids_open_nothing(site: Site, who: str) -> None:
    """Every endpoint with an id, for every role: another unit's case, another resident's records, made-up ids."""
    foreign = site.home.resident(site.home.person(Role.LEAD, "Far"))  # a lead's case that nobody here was let into
    case = foreign.actor.own_case
    assert case
    wrong = []
    for method, address, endpoint in addresses(site, case, site.people["stranger"].actor.account):
        if not re.search(r"[a-z2-7]{26}", address):
            continue
        call = site.get if method == "GET" else site.post
        status = call(who, address).status_code
        if status not in (404, 422):
            wrong.append((method, address, endpoint, status))
    assert wrong == []


def test_a_refusal_looks_like_a_missing_page(site: Site) -> None:
    case = site.people["resident"].actor.own_case
    refused = site.get("stranger", f"/s/c/{case}/").get_data(as_text=True)
    missing = site.get("stranger", f"/s/c/{new_id()}/").get_data(as_text=True)
    reference = re.compile(r"[0-9A-F]{4}-[0-9A-F]{4}")
    same = [re.sub(r"/s/c/[a-z2-7]+/|" + reference.pattern, "", html) for html in (refused, missing)]
    assert same[0] == same[1]
