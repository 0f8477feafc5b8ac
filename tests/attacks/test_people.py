"""Attacks on accounts and sessions, driven through the pages; by somebody who may write any row, or who has a dump."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from safetyplan import fields
from safetyplan.accesslog.checkpoints import CheckpointFolder
from safetyplan.accesslog.findings import Kind as Found
from safetyplan.accesslog.verify import verify
from safetyplan.actors import Role, new_id
from safetyplan.app import create_app
from safetyplan.founding import signers
from safetyplan.people import accounts, enrolment, throttle
from safetyplan.people.model import MINUTE, State
from safetyplan.sealing.invalid import InvalidSeal
from safetyplan.sealing.keypairs import new_key_pair
from safetyplan.sealing.passphrases import LockedKey, unlock
from safetyplan.sealing.secrets import Secret
from safetyplan.sealing.sessions import cookie_hash
from safetyplan.store.rows import digests
from safetyplan.web.sessions import COOKIE, DEVICE_COOKIE
from tests.builders import build_house
from tests.people.folk import Folk, Known, at_once
from tests.web.conftest import token_of

BASE: dict[str, Any] = {"base_url": "https://localhost:8000"}


@dataclass
class Town:
    """A house, everybody enrolled the real way, and the pages to come in by."""

    folk: Folk
    app: Flask

    def browser(self) -> FlaskClient:
        return self.app.test_client()

    def send(
        self, client: FlaskClient, address: str, form: dict[str, str], *, page: str = "/start", **more: Any
    ) -> Any:
        token = token_of(client.get(page, **BASE).get_data(as_text=True))
        headers = {"Referer": BASE["base_url"] + page}
        return client.post(address, data={**form, "csrf_token": token}, headers=headers, **BASE, **more)

    def first(self, client: FlaskClient, who: Known, phrase: str | None = None, **more: Any) -> Any:
        form = {"name": who.user_name, "phrase": who.phrase if phrase is None else phrase}
        return self.send(client, "/", form, **more)

    def sign_in(self, who: Known, **form: str) -> FlaskClient:
        self.folk.clock.advance(seconds=30)
        client = self.browser()
        assert self.first(client, who).headers["Location"] == "/code"
        done = self.send(client, "/code", {"code": self.folk.code(who), **form})
        assert done.headers["Location"] == "/go"
        return client

    def findings(self) -> set[Found]:
        """What ``accesslog verify`` says."""
        home = self.folk.home
        assert home.house.log.heads is not None
        keys = [signer.key for signer in signers(home.settings, home.house)]
        with home.house.store.snapshot() as tx:
            report = verify(
                home.house.log,
                tx.dbapi,
                lambda: digests(tx, fields.HOT),
                home.house.log.heads,
                CheckpointFolder(home.settings.checkpoints_folder),
                keys,
            )
        return {finding.kind for finding in report.findings}


@pytest.fixture
def town(tmp_path: Path, clock: Callable[[], int]) -> Iterator[Town]:
    home = build_house(tmp_path / "house", clock)
    app = create_app(home.settings, home.house)
    app.testing = True
    yield Town(Folk(home), app)
    home.house.store.engine.dispose()


def cookie_of(client: FlaskClient, name: str = COOKIE) -> str:
    cookie = client.get_cookie(name, domain="localhost")
    assert cookie is not None
    return cookie.value


def give(client: FlaskClient, value: str, name: str = COOKIE) -> FlaskClient:
    client.set_cookie(name, value, domain="localhost", secure=True)
    return client


def status(client: FlaskClient, address: str) -> int:
    return int(client.get(address, **BASE).status_code)


# -- rows planted and changed ------------------------------------------------------------------------------


def test_planted_session(town: Town) -> None:
    """A row under the hash of the attacker's own cookie, with somebody else's sealed payload in it."""
    folk = town.folk
    town.sign_in(folk.staff(Role.LEAD))
    cookie = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
    columns = "kind, account_tag, sealed, device, created_at, seen_at"
    folk.sql(
        f"INSERT INTO session (id, cookie_hash, {columns})"
        f" SELECT ?, ?, {columns} FROM session WHERE kind = 'full' LIMIT 1",
        new_id(),
        cookie_hash(cookie),
    )
    assert status(give(town.browser(), cookie), "/s/") == 303
    folk.sql("DELETE FROM session WHERE cookie_hash = ?", cookie_hash(cookie))
    one = "(SELECT id FROM session WHERE kind = 'full' LIMIT 1)"
    folk.sql(f"UPDATE session SET cookie_hash = ? WHERE id = {one}", cookie_hash(cookie))
    assert status(give(town.browser(), cookie), "/s/") == 303


def test_own_session_turned_into_somebody_elses(town: Town) -> None:
    """Two rows of one's own and of the victim, with everything but the cookie exchanged."""
    folk = town.folk
    lead, staff = folk.staff(Role.LEAD), folk.staff()
    town.sign_in(lead)
    attacker = town.sign_in(staff)
    mine = cookie_hash(cookie_of(attacker))
    (victim,) = folk.sql("SELECT id, account_tag, sealed FROM session WHERE cookie_hash <> ? LIMIT 1", mine)
    folk.sql("DELETE FROM session WHERE id = ?", victim[0])
    folk.sql("UPDATE session SET id = ?, account_tag = ?, sealed = ? WHERE cookie_hash = ?", *victim, mine)
    assert status(attacker, "/s/new") == 303


def test_planted_account(town: Town) -> None:
    """A lead's row that answers to the attacker's own name and phrase."""
    folk = town.folk
    attacker = folk.staff()
    planted, old = new_id(), attacker.account
    columns = "name_hash, pepper_version, unit_id, state, own_case, name, language, created_at, mac"
    (row,) = folk.sql(f"SELECT {columns} FROM account WHERE id = ?", old)
    folk.sql("UPDATE account SET name_hash = ? WHERE id = ?", b"0" * 32, old)
    marks = ", ".join("?" for _ in row)
    folk.sql(f"INSERT INTO account (id, role, {columns}) VALUES (?, 'lead', {marks})", planted, *row)
    folk.sql("UPDATE account_key SET account_id = ? WHERE account_id = ?", planted, old)
    client = town.browser()
    assert town.first(client, attacker).status_code == 503
    assert status(client, "/code") == 303
    assert {Found.ROW_PLANTED, Found.ROW_CHANGED} <= town.findings()


@pytest.mark.parametrize("state", [State.LOCKED, State.RETIRED])
def test_revived_account(town: Town, state: State) -> None:
    folk = town.folk
    person = folk.staff(Role.LEAD)
    client = town.sign_in(person)
    with folk.vault.note(None, "account.locked", subject=person.account) as note:
        accounts.become(note, person.account, state)
    assert status(client, "/s/") == 303  # the sign-in is over too
    assert town.first(town.browser(), person).status_code == 422
    folk.sql("UPDATE account SET state = 'active' WHERE id = ?", person.account)
    assert status(client, "/s/") != 200
    folk.clock.advance(seconds=60)
    client = town.browser()
    assert town.first(client, person).status_code == 503
    assert status(client, "/s/") == 303
    assert Found.ROW_CHANGED in town.findings()


@pytest.mark.parametrize("role", [Role.LEAD, Role.OFFICER, Role.ADMINISTRATOR])
def test_role_changed_by_sql(town: Town, role: Role) -> None:
    folk = town.folk
    person = folk.staff()
    client = town.sign_in(person)
    assert status(client, "/s/") == 200
    folk.sql("UPDATE account SET role = ? WHERE id = ?", role, person.account)
    assert {status(client, address) for address in ("/s/new", "/o/", "/a/", "/s/")} <= {303, 503}
    assert town.first(town.browser(), person).status_code == 503
    assert Found.ROW_CHANGED in town.findings()


def test_swapped_public_key_of_a_group(town: Town) -> None:
    """From now on every new case would be sealed to the attacker as well."""
    folk = town.folk
    folk.staff(Role.OFFICER)
    client = town.sign_in(folk.staff(Role.LEAD))
    form = {"case": new_id(), "jurisdiction": "se", "protection": "sekretessmarkering"}
    assert town.send(client, "/s/new", form).status_code == 200
    folk.sql("UPDATE group_key SET public = ?", new_key_pair().public)
    grants = folk.sql("SELECT count(*) FROM case_key_grant")
    refused = town.send(client, "/s/new", form | {"case": new_id()})
    assert refused.status_code == 503
    assert folk.sql("SELECT count(*) FROM case_key_grant") == grants
    assert Found.ROW_CHANGED in town.findings()


def test_planted_member_of_a_group(town: Town) -> None:
    """Somebody put into the group that opens every new case in an emergency gets no key to it."""
    folk = town.folk
    folk.staff(Role.OFFICER)
    lead, stranger = folk.staff(Role.LEAD), folk.staff(Role.ADMINISTRATOR)
    (group,) = folk.sql("SELECT id FROM access_group WHERE kind LIKE '%life%' LIMIT 1")[0]
    folk.sql(
        "INSERT INTO group_member (id, group_id, account_id, added_by, created_at, mac) VALUES (?, ?, ?, ?, 1, ?)",
        new_id(),
        group,
        stranger.account,
        lead.account,
        bytes(37),
    )
    town.sign_in(lead)
    town.sign_in(stranger)
    assert folk.sql("SELECT count(*) FROM group_key_copy WHERE recipient_id = ?", stranger.account) == [(0,)]
    assert Found.ROW_PLANTED in town.findings()


# -- a dump ------------------------------------------------------------------------------------------------


def test_pass_phrase_guessed_from_a_dump(town: Town) -> None:
    """Everything in the database and the right words, but not keys/: the right words look like all others."""
    folk = town.folk
    person = folk.staff()
    town.sign_in(person)
    (locked,) = folk.sql(
        "SELECT salt, memory_kib, iterations, lanes, pepper_version, sealed FROM account_key WHERE account_id = ?",
        person.account,
    )
    wrapped = [bytes(value) for row in folk.sql("SELECT * FROM server_secret") for value in row if type(value) is bytes]
    guesses = [bytes(32), *(blob[start : start + 32] for blob in wrapped for start in range(len(blob) - 31))]
    wrong = "denatured chief flyable obstruct ethics"
    for pepper in guesses:
        said = set()
        for phrase in (person.phrase, wrong):
            with pytest.raises(InvalidSeal) as refused:
                unlock(LockedKey(*locked), phrase, Secret("pepper", locked[4], pepper), person.account)
            said.add((type(refused.value), str(refused.value)))
        assert len(said) == 1


def test_names_and_words_are_not_hashed_by_anything_in_a_dump(town: Town) -> None:
    folk = town.folk
    person = folk.staff()
    town.sign_in(person)
    dump = b"".join(file.read_bytes() for file in folk.home.settings.data.glob("safetyplan.db*"))
    salt = bytes(folk.sql("SELECT salt FROM account_key WHERE account_id = ?", person.account)[0][0])
    for secret in (person.phrase, person.user_name, person.enrolled.totp_secret, *person.enrolled.factor_codes):
        for spelt in {secret, secret.lower(), secret.replace("-", ""), secret.replace(" ", "")}:
            raw = spelt.encode()
            assert raw not in dump
            for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b"):
                digest = hashlib.new(name, raw).digest()
                assert digest not in dump and digest.hex().encode() not in dump
                assert hmac.digest(salt, raw, name) not in dump


# -- codes and cookies -------------------------------------------------------------------------------------


def test_replayed_totp(town: Town) -> None:
    """A code seen over her shoulder, used again within its half minute; also two at once."""
    folk = town.folk
    person = folk.staff()
    town.sign_in(person)
    seen, again = folk.code(person), town.browser()
    town.first(again, person)
    refused = town.send(again, "/code", {"code": seen})
    assert refused.status_code == 422 and status(again, "/s/") == 303

    folk.clock.advance(seconds=30)
    code, clients = folk.code(person), [town.browser() for _ in range(4)]
    tokens = []
    for client in clients:
        assert town.first(client, person).status_code == 303
        tokens.append(token_of(client.get("/code", **BASE).get_data(as_text=True)))

    def use(client: FlaskClient, token: str) -> int:
        headers = {"Referer": BASE["base_url"] + "/code"}
        return client.post("/code", data={"code": code, "csrf_token": token}, headers=headers, **BASE).status_code

    calls = [lambda pair=pair: use(*pair) for pair in zip(clients, tokens, strict=True)]
    assert sorted(at_once(*calls)) == [303, 422, 422, 422]
    assert sorted(status(client, "/s/") for client in clients) == [200, 303, 303, 303]


@pytest.mark.parametrize("way", ["/out", "/leave", "others", "administrator"])
def test_session_cookie_after_its_end(town: Town, way: str) -> None:
    folk = town.folk
    person = folk.staff()
    client = town.sign_in(person)
    kept = cookie_of(client)
    assert status(give(town.browser(), kept), "/s/") == 200
    if way == "others":
        town.send(town.sign_in(person), "/me/sessions/end-others", {}, page="/s/")
    elif way == "administrator":
        accounts.lock(folk.vault, None, account=person.account)
    else:
        town.send(client, way, {}, page="/s/")
        assert client.get_cookie(COOKIE, domain="localhost") is None
    assert status(give(town.browser(), kept), "/s/") == 303
    assert folk.sql("SELECT count(*) FROM session WHERE cookie_hash = ?", cookie_hash(kept)) == [(0,)]


def test_edit_after_sign_out(town: Town) -> None:
    """A form that was open in another window, sent with the cookie and the token of before."""
    folk = town.folk
    folk.staff(Role.OFFICER)
    resident = folk.resident(folk.staff(Role.LEAD))
    client = town.sign_in(resident)
    page = client.get("/n/plan/s/1/add", **BASE).get_data(as_text=True)
    kept, token = cookie_of(client), token_of(page)
    town.send(client, "/out", {}, page="/n/")
    form = {"item": new_id(), "text": "after the end", "csrf_token": token}
    for browser in (give(town.browser(), kept), client):
        answer = browser.post("/n/plan/s/1/add", data=form, headers={"Referer": BASE["base_url"]}, **BASE)
        assert answer.status_code in (303, 400)
        assert answer.headers.get("Location", "/") == "/"
    assert folk.sql("SELECT count(*) FROM plan_item") == [(0,)]


def test_half_session_used_as_full(town: Town) -> None:
    folk = town.folk
    person = folk.staff()
    half = town.browser()
    assert town.first(half, person).status_code == 303
    for address in ("/s/", "/s/new", "/me/sessions", "/go"):
        answer = half.get(address, **BASE)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/"), address
    assert town.send(half, "/me/sessions/end-others", {}, page="/code").headers["Location"] == "/"
    full = town.sign_in(person)
    assert full.get("/code", **BASE).headers["Location"].startswith("/?done=begin-again")
    folk.sql("UPDATE session SET kind = 'full' WHERE kind = 'half'")
    assert status(half, "/s/") == 303


def test_draft_of_an_enrolment_used_as_a_session(town: Town) -> None:
    client = town.browser()
    begun = town.send(client, "/start", {"code": town.folk.slip(Role.ADMINISTRATOR).code})
    assert begun.headers["Location"] == "/start/phrase"
    assert {status(client, address) for address in ("/a/", "/go", "/code", "/me/sessions")} == {303}
    town.folk.sql("UPDATE session SET kind = 'full'")
    assert {status(client, address) for address in ("/a/", "/go", "/code", "/me/sessions")} == {303}


def test_cookies_that_were_never_given(town: Town) -> None:
    town.sign_in(town.folk.staff())
    for value in ("", "x", "A" * 43, "../" * 20, "é" * 43, "A" * 5000, "None", "0", "' OR 1=1 --"):
        client = town.browser()
        answer = client.get("/s/", headers={"Cookie": f"{COOKIE}={value}; remember_token=1|x; session=x"}, **BASE)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")


# -- kept out ----------------------------------------------------------------------------------------------


def test_lock_out_attempt(town: Town) -> None:
    """Strangers guess from everywhere, through the page; she comes in with the device that she called her own."""
    folk = town.folk
    person = folk.staff()
    hers = town.sign_in(person, own_device="1")
    mark = cookie_of(hers, DEVICE_COOKIE)
    folk.clock.set((folk.clock() // (15 * MINUTE) + 1) * 15 * MINUTE)
    client, answers = town.browser(), []
    token = token_of(client.get("/", **BASE).get_data(as_text=True))
    for number in range(10_000 // 25):
        form = {"name": person.user_name, "phrase": f"wrong {number}", "csrf_token": token}
        place = {"REMOTE_ADDR": f"203.0.{number % 250}.{number // 250}"}
        headers = {"Referer": BASE["base_url"]}
        answers.append(client.post("/", data=form, headers=headers, environ_overrides=place, **BASE).status_code)
    assert answers.count(422) <= throttle.ACCOUNT_FROM_STRANGERS.tries and set(answers) == {422, 429}
    stranger = town.first(town.browser(), person)
    assert stranger.status_code == 429 and int(stranger.headers["Retry-After"]) > 0
    device = give(town.browser(), mark, DEVICE_COOKIE)
    assert town.first(device, person).headers["Location"] == "/code"
    assert town.send(device, "/code", {"code": folk.code(person)}).headers["Location"] == "/go"
    assert status(device, "/s/") == 200
    paper = town.send(town.browser(), "/lost", {"name": person.user_name, "code": person.enrolled.key_code})
    assert paper.headers["Location"] == "/code"


def test_leave_keeps_the_mark_of_her_device(town: Town) -> None:
    """Or whoever makes her leave could keep her out afterwards."""
    client = town.sign_in(town.folk.staff(), own_device="1")
    mark = cookie_of(client, DEVICE_COOKIE)
    answer = client.post("/leave", **BASE)
    assert "cookies" not in answer.headers["Clear-Site-Data"]
    assert cookie_of(client, DEVICE_COOKIE) == mark


def test_known_and_unknown_names_are_answered_alike(town: Town) -> None:
    person, invited = (
        town.folk.staff(),
        enrolment.invite(town.folk.vault, None, role=Role.OFFICER, unit=None, name="Kim"),
    )
    answers = set()
    for name in (person.user_name, invited.user_name, "mango-radio-417", "x", "'; DROP TABLE account; --"):
        answer = town.send(town.browser(), "/", {"name": name, "phrase": "wrong words"})
        html = answer.get_data(as_text=True).split("<main", 1)[1].split("<footer")[0]
        answers.add((answer.status_code, re.sub(r'value="[^"]*"', "", html)))
    assert len(answers) == 1
