"""The administrator's page: nobody and nothing is made twice, and a slip that was not used can be withdrawn."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from safetyplan.actors import AccountId, Role, UnitId, new_id
from safetyplan.app import create_app
from safetyplan.errors import NotAccepted, Refused
from safetyplan.people import accounts, enrolment, units
from safetyplan.people.model import MadeAlready, SignInAgain, State, Whence
from tests.people.folk import CHEAP, Folk, at_once
from tests.people.test_pages import Browser, signed_in


@pytest.fixture
def app(folk: Folk) -> Iterator[Flask]:
    made = create_app(folk.home.settings, folk.house)
    made.testing = True
    made.extensions["safetyplan.hashing"] = CHEAP
    yield made


@pytest.fixture
def browser(folk: Folk, app: Flask) -> Browser:
    return signed_in(folk, app, folk.staff(Role.ADMINISTRATOR, "Rut"))


def minted(html: str, field: str) -> str:
    found = re.search(rf'name="{field}" value="([a-z2-7]{{26}})"', html)
    assert found
    return found.group(1)


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def test_the_slip_sent_again_makes_nobody_and_shows_nobody(folk: Folk, browser: Browser) -> None:
    form = {"name": "Stina", "role": "officer", "unit": "", "account": minted(browser.get("/a/"), "account")}
    first = browser.post("/a/people", page="/a/", **form)
    assert first.status_code == 200 and "/start" in text(first)
    before = folk.everything("session", "log_entry")
    again = browser.post("/a/people", page="/a/", **form)
    assert again.status_code == 409 and "shown already" in text(again) and "still here" not in text(again)
    assert folk.everything("session", "log_entry") == before
    assert minted(text(again), "account") != form["account"]


def test_a_form_that_was_not_accepted_keeps_its_id(browser: Browser) -> None:
    account = minted(browser.get("/a/"), "account")
    answer = browser.post("/a/people", page="/a/", name="", role="officer", unit="", account=account)
    assert answer.status_code == 422 and minted(text(answer), "account") == account
    answer = browser.post("/a/people", page="/a/", name="Kim", role="officer", unit="", account="x")
    assert answer.status_code == 422


def test_a_unit_is_made_once_and_its_name_is_one_units(folk: Folk, browser: Browser) -> None:
    unit = minted(browser.get("/a/"), "new_unit")
    for _ in range(2):
        assert browser.post("/a/units", page="/a/", unit_name="Boken", new_unit=unit).status_code == 303
    other = minted(browser.get("/a/"), "new_unit")
    answer = browser.post("/a/units", page="/a/", unit_name=" boken", new_unit=other)
    assert answer.status_code == 422 and "with this name already" in text(answer)
    assert 'id="e-unit_name"' in text(answer), "said at its field"
    assert len(folk.sql("SELECT id FROM unit")) == 2


def test_two_taps_at_once_make_one(folks: Folk) -> None:
    account, unit = AccountId(new_id()), UnitId(new_id())

    def invite() -> object:
        return enrolment.invite(folks.vault, None, role=Role.OFFICER, unit=None, name="Kim", account=account)

    results = at_once(invite, invite)
    assert [type(each) for each in results if isinstance(each, Exception)] == [MadeAlready]
    results = at_once(*[lambda: units.add(folks.vault, None, name="Boken", unit=unit)] * 2)
    assert [type(each) for each in results if isinstance(each, Exception)] == [MadeAlready]


def test_an_invitation_that_was_not_used_is_withdrawn(folk: Folk, browser: Browser) -> None:
    slip = folk.slip(name="Stina")
    assert f"/a/people/{slip.account}/withdraw" in browser.get("/a/")
    answer = browser.post(f"/a/people/{slip.account}/withdraw", page="/a/")
    assert answer.headers["Location"] == "/a/?done=invitation-withdrawn"
    with pytest.raises(NotAccepted):
        enrolment.begin(folk.vault, code=slip.code, whence=Whence())
    assert folk.sql("SELECT state FROM account WHERE id = ?", slip.account) == [(State.RETIRED,)]
    assert not folk.sql("SELECT id FROM enrolment WHERE account_id = ?", slip.account)
    (entry,) = folk.entries("account.withdrawn")
    assert slip.account in [each.id for each in entry.objects]
    html = browser.get("/a/")
    assert f"/a/people/{slip.account}/" not in html, "neither a new slip nor a second withdrawal"
    assert browser.post(f"/a/people/{slip.account}/withdraw", page="/a/").status_code == 422


def test_half_an_enrolment_dies_with_the_invitation(folk: Folk) -> None:
    slip = folk.slip()
    cookie = enrolment.begin(folk.vault, code=slip.code, whence=Whence())
    enrolment.withdraw(folk.vault, None, account=slip.account)
    with pytest.raises(SignInAgain):
        enrolment.draft(folk.vault, cookie=cookie)


def test_nobody_who_is_there_is_withdrawn_and_no_resident_by_an_administrator(folk: Folk) -> None:
    admin, lead = folk.staff(Role.ADMINISTRATOR), folk.staff(Role.LEAD)
    made, _, _ = folk.resident_slip(lead)
    vault, actor = folk.of(admin.session), admin.session.actor
    with pytest.raises(NotAccepted):
        enrolment.withdraw(vault, actor, account=lead.account)
    with pytest.raises(Refused):
        enrolment.withdraw(vault, actor, account=made.account)
    with pytest.raises(Refused):
        enrolment.withdraw(folk.of(lead.session), lead.session.actor, account=folk.slip().account)
    assert {each.state for each in accounts.listed(vault, actor)} == {State.ACTIVE, State.INVITED}
