"""The pages over HTTP: cookies, forms, headers, and what they do not say."""

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from safetyplan.actors import Role
from safetyplan.app import create_app
from safetyplan.people import accounts, devices, enrolment, sessions
from safetyplan.web.people import people as blueprint
from safetyplan.web.sessions import COOKIE, DEVICE_COOKIE
from tests.people.folk import CHEAP, Folk, Known

BASE = "https://localhost:8000"
PUBLIC = ["/", "/lost", "/start", "/code", "/code/paper", "/start/phrase", "/start/own", "/start/check"]


class Browser:
    """Follows no redirect by itself; sends what a browser would."""

    def __init__(self, app: Flask, language: str = "en") -> None:
        self.client: FlaskClient = app.test_client()
        self.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        self.last: Any = None

    def get(self, address: str) -> str:
        self.last = self.client.get(address, base_url=BASE)
        return str(self.last.get_data(as_text=True))

    def post(self, address: str, page: str | None = None, **form: str) -> Any:
        token = token_of(self.get(page or address))
        referer = {"Referer": BASE + (page or address), "Sec-Fetch-Site": "same-origin", "User-Agent": "Windows"}
        self.last = self.client.post(address, data={**form, "csrf_token": token}, headers=referer, base_url=BASE)
        return self.last

    def cookie(self, name: str = COOKIE) -> str | None:
        found = self.client.get_cookie(name, domain="localhost")
        return found.value if found else None

    def set(self) -> dict[str, Any]:
        """The cookies that the last answer set, with their attributes."""
        cookies: dict[str, Any] = {}
        for line in self.last.headers.getlist("Set-Cookie"):
            cookies |= dict(SimpleCookie(line))
        return cookies


def token_of(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    return found.group(1) if found else ""


@pytest.fixture
def app(folk: Folk) -> Iterator[Flask]:
    made = create_app(folk.home.settings, folk.house)
    made.testing = True
    made.extensions["safetyplan.hashing"] = CHEAP
    yield made


@pytest.fixture
def browser_of(app: Flask) -> Any:
    return lambda: Browser(app)


def signed_in(folk: Folk, app: Flask, person: Known, **more: str) -> Browser:
    browser = Browser(app)
    folk.clock.advance(seconds=30)
    browser.post("/", name=person.user_name, phrase=person.phrase)
    browser.post("/code", code=folk.code(person), **more)
    assert browser.last.status_code == 303, browser.last.get_data(as_text=True)
    return browser


# -- the way in --------------------------------------------------------------------------------------------


def test_signing_in_changes_the_cookie_at_every_step_and_always_redirects(folk: Folk, app: Flask) -> None:
    person, browser = folk.staff(), Browser(app)
    folk.clock.advance(seconds=30)
    browser.get("/")
    seen = [browser.cookie()]
    assert browser.post("/", name=person.user_name, phrase=person.phrase).status_code == 303
    assert browser.last.headers["Location"] == "/code"
    seen.append(browser.cookie())
    assert browser.post("/code", code=folk.code(person)).headers["Location"] == "/go"
    seen.append(browser.cookie())
    assert None not in seen and len(set(seen)) == 3
    browser.get("/go")
    assert browser.last.headers["Location"] == "/s/"
    assert not any(person.phrase in line for line in browser.last.headers.values())


def test_the_cookie_is_bound_to_host_and_https(folk: Folk, app: Flask) -> None:
    browser = signed_in(folk, app, folk.staff(), own_device="1")
    cookies = browser.set()
    assert set(cookies) == {COOKIE, DEVICE_COOKIE}
    for name, morsel in cookies.items():
        assert name.startswith("__Host-") and morsel["secure"] and morsel["httponly"]
        assert (morsel["samesite"], morsel["path"], morsel["domain"]) == ("Strict", "/", "")
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", morsel.value)
    assert cookies[COOKIE]["max-age"] == "" and cookies[DEVICE_COOKIE]["max-age"] == str(180 * 86_400)


def test_no_other_cookie_signs_anybody_in(folk: Folk, app: Flask) -> None:
    """Neither Flask-Login's remember cookie nor an unsigned token of the right shape."""
    person, browser = folk.staff(), Browser(app)
    for name in ("remember_token", "__Host-none", "session"):
        browser.client.set_cookie(name, f"{person.session.cookie}|x", domain="localhost", secure=True)
    browser.client.set_cookie(COOKIE, "A" * 43, domain="localhost", secure=True)
    browser.get("/me/sessions")
    assert browser.last.headers["Location"] == "/"


def test_a_half_session_opens_no_page(folk: Folk, app: Flask) -> None:
    person, browser = folk.staff(), Browser(app)
    browser.post("/", name=person.user_name, phrase=person.phrase)
    for address in ("/s/", "/me/sessions", "/go"):
        browser.get(address)
        assert (browser.last.status_code, browser.last.headers["Location"]) == (303, "/")


def test_wrong_input_is_said_beside_what_was_typed_but_for_the_phrase(folk: Folk, app: Flask) -> None:
    browser = Browser(app)
    answer = browser.post("/", name="Mango Radio 417", phrase="mycket hemliga ord")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Mango Radio 417" in html and "hemliga" not in html


def test_too_many_tries_say_when_to_come_back(folk: Folk, app: Flask) -> None:
    browser = Browser(app)
    for _ in range(10):
        assert browser.post("/", name="somebody", phrase="x").status_code == 422
    answer = browser.post("/", name="somebody", phrase="x")
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) <= 900
    html = answer.get_data(as_text=True)
    assert "somebody" in html
    assert "works right now" in html and 'href="/lost"' in html.split('name="phrase"')[0], (
        "before the form that must wait"
    )
    assert "works right now" not in browser.get("/")


def test_a_code_used_before_says_wait(folk: Folk, app: Flask) -> None:
    person = folk.staff()
    signed_in(folk, app, person)
    browser = Browser(app)
    browser.post("/", name=person.user_name, phrase=person.phrase)
    answer = browser.post("/code", code=folk.code(person))
    assert answer.status_code == 422 and "half a minute" in answer.get_data(as_text=True)


def test_five_minutes_later_she_begins_again(folk: Folk, app: Flask) -> None:
    person, browser = folk.staff(), Browser(app)
    browser.post("/", name=person.user_name, phrase=person.phrase)
    folk.clock.advance(minutes=5)
    browser.get("/code")
    assert browser.last.headers["Location"] == "/?done=begin-again"
    browser.get("/start/phone")
    assert browser.last.headers["Location"] == "/start?done=begin-again"


def test_a_form_from_another_browser_is_refused(folk: Folk, app: Flask) -> None:
    person, browser, other = folk.staff(), Browser(app), Browser(app)
    stolen = token_of(other.get("/"))
    form = {"name": person.user_name, "phrase": person.phrase, "csrf_token": stolen}
    browser.get("/")
    for headers in ({"Referer": BASE + "/"}, {}):
        answer = browser.client.post("/", data=form, headers=headers, base_url=BASE)
        assert answer.status_code == 400
    assert folk.entries("session.halfway") == []


def test_the_form_token_changes_with_the_cookie(folk: Folk, app: Flask) -> None:
    person, browser = folk.staff(), Browser(app)
    before = token_of(browser.get("/"))
    browser.post("/", name=person.user_name, phrase=person.phrase)
    answer = browser.client.post(
        "/code", data={"code": "123456", "csrf_token": before}, headers={"Referer": BASE + "/code"}, base_url=BASE
    )
    assert answer.status_code == 400


# -- lost things -------------------------------------------------------------------------------------------


def test_lost_phrase_over_the_pages(folk: Folk, app: Flask) -> None:
    person, browser = folk.staff(), Browser(app)
    folk.clock.advance(seconds=30)
    browser.post("/lost", name=person.user_name, code=person.enrolled.key_code)
    assert "/code/paper" not in browser.get("/code")
    browser.get("/code/paper")
    assert browser.last.headers["Location"] == "/code"
    browser.post("/code", code=folk.code(person))
    assert browser.last.headers["Location"] == "/start/phrase"
    phrase = words_of(browser.get("/start/phrase"))
    browser.post("/start/phrase", done="1")
    browser.post("/start/check", phrase=phrase)
    assert browser.last.headers["Location"] == "/start/key-sheet"
    assert browser.post("/start/key-sheet", done="1").headers["Location"] == "/go"
    browser.get("/s/")
    assert browser.last.status_code == 200
    again = Browser(app)
    assert again.post("/", name=person.user_name, phrase=phrase).status_code == 303
    assert again.post("/", name=person.user_name, phrase=person.phrase).status_code == 422


def test_a_code_from_paper_over_the_pages(folk: Folk, app: Flask) -> None:
    person, browser = folk.staff(), Browser(app)
    browser.post("/", name=person.user_name, phrase=person.phrase)
    assert browser.post("/code/paper", code="AAA").status_code == 422
    assert browser.post("/code/paper", code=person.enrolled.factor_codes[2]).headers["Location"] == "/go"


def words_of(html: str) -> str:
    found = re.search(r'<bdi class="code" translate="no">([^<]+)</bdi>', html)
    assert found
    return found.group(1)


# -- enrolment ---------------------------------------------------------------------------------------------


def test_enrolment_over_the_pages(folk: Folk, app: Flask) -> None:
    slip, browser = folk.slip(), Browser(app)
    assert browser.post("/start", code="AAA-AAA").status_code == 422
    assert browser.post("/start", code=slip.code.lower()).headers["Location"] == "/start/phrase"
    phrase = words_of(browser.get("/start/phrase"))
    browser.get("/start/own")
    assert browser.last.headers["Location"] == "/start/phrase", "staff take ours"
    browser.get("/start/code-sheet")
    assert browser.last.headers["Location"] == "/start/phrase"
    assert browser.post("/start/phrase").status_code == 422
    browser.post("/start/phrase", done="1")
    assert browser.post("/start/check", phrase="wrong").status_code == 422
    browser.post("/start/again", page="/start/check")
    assert words_of(browser.get("/start/phrase")) == phrase
    browser.post("/start/phrase", done="1")
    browser.post("/start/check", phrase=phrase)
    html = browser.get("/start/phone")
    draft = enrolment.draft(folk.vault, cookie=browser.cookie())
    assert "<svg" in html and " ".join(re.findall("....", draft.totp)) in html and "style=" not in html
    person = Known(slip.account, slip.user_name, enrolled_as(draft, folk))
    assert browser.post("/start/phone", code="000000").status_code == 422
    browser.post("/start/phone", code=folk.code(person))
    assert words_of(browser.get("/start/key-sheet")) == draft.key_code
    assert all(code not in browser.get("/start/key-sheet") for code in draft.factor_codes)
    browser.post("/start/key-sheet", done="1")
    sheet = browser.get("/start/code-sheet")
    assert all(code in sheet for code in draft.factor_codes) and draft.key_code not in sheet
    assert browser.post("/start/code-sheet", done="1").headers["Location"] == "/go"
    browser.get("/s/")
    assert browser.last.status_code == 200


def enrolled_as(draft: Any, folk: Folk) -> Any:
    session = folk.staff().session
    return enrolment.Enrolled(draft.phrase, draft.totp, draft.key_code, draft.factor_codes, session)


def test_somebody_else_was_first_with_the_same_code(folk: Folk, app: Flask) -> None:
    slip, browser = folk.slip(), Browser(app)
    browser.post("/start", code=slip.code)
    phrase = words_of(browser.get("/start/phrase"))
    browser.post("/start/phrase", done="1")
    browser.post("/start/check", phrase=phrase)
    draft = enrolment.draft(folk.vault, cookie=browser.cookie())
    person = Known(slip.account, slip.user_name, enrolled_as(draft, folk))
    browser.post("/start/phone", code=folk.code(person))
    browser.post("/start/key-sheet", done="1")
    enrolment.enrol(folk.vault, code=slip.code, hashing=CHEAP)
    answer = browser.post("/start/code-sheet", done="1")
    assert answer.status_code == 422 and "does not work" in answer.get_data(as_text=True)


def test_a_paper_code_that_was_not_accepted_is_still_there(folk: Folk, app: Flask) -> None:
    browser = Browser(app)
    dead = enrolment.invite_again(folk.vault, None, account=folk.slip().account).code
    folk.clock.advance(minutes=60 * 73)
    for code in (dead, "ABCD-EFGH <b>"):
        answer = browser.post("/start", code=code)
        html = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert f'value="{escape(code)}"' in html and "still here" in html
    assert 'value="ABCD' not in browser.get("/start")
    for page, field in (("/", "phrase"), ("/lost", "code")):
        html = browser.post(page, name="mango", **{field: "ABCD-EFGH"}).get_data(as_text=True)
        assert "ABCD" not in html and "still here" not in html, "words and recovery codes are never shown again"


def test_words_of_her_own_can_be_chosen_again(folk: Folk, app: Flask) -> None:
    _, code, _ = folk.resident_slip(folk.staff(Role.LEAD))
    browser = Browser(app)
    browser.post("/start", code=code.code)
    browser.post("/start/own", phrase="gröna stolar dansar semt")
    assert browser.post("/start/check", phrase="gröna stolar dansar sent").status_code == 422
    assert 'name="own"' in browser.get("/start/check")
    assert browser.post("/start/again", page="/start/check", own="1").headers["Location"] == "/start/own"
    browser.post("/start/own", phrase="gröna stolar dansar sent")
    assert browser.post("/start/check", phrase="gröna stolar dansar sent").headers["Location"] == "/start/phone"


def test_staff_cannot_choose_again_what_they_never_chose(folk: Folk, app: Flask) -> None:
    browser = Browser(app)
    browser.post("/start", code=folk.slip().code)
    browser.post("/start/phrase", done="1")
    assert 'name="own"' not in browser.get("/start/check")
    browser.post("/start/again", page="/start/check", own="1")
    browser.get("/start/own")
    assert browser.last.headers["Location"] == "/start/phrase"


@pytest.mark.parametrize("page", ["/", "/lost", "/start"])
def test_no_keyboard_changes_a_name_or_a_code(app: Flask, page: str) -> None:
    fields = re.findall(r'<input class="input[^>]*>', Browser(app).get(page))
    assert fields
    for field in fields:
        assert all(each in field for each in ('autocapitalize="none"', 'autocorrect="off"', 'spellcheck="false"'))


# -- my sign-ins, out, away --------------------------------------------------------------------------------


def test_my_sign_ins_page(folk: Folk, app: Flask) -> None:
    person = folk.staff()
    browser = signed_in(folk, app, person)
    other = signed_in(folk, app, person)
    html = browser.get("/me/sessions")
    assert "Windows" in html
    ids = re.findall(r'name="session" value="([a-z2-7]{26})"', html)
    assert len(ids) == 2  # the other one, and the one from enrolling; not this one
    browser.post("/me/sessions/end", page="/me/sessions", session=ids[0])
    assert browser.last.headers["Location"].startswith("/me/sessions?done=")
    browser.post("/me/sessions/end-others", page="/me/sessions")
    other.get("/me/sessions")
    assert other.last.headers["Location"] == "/"
    browser.get("/me/sessions")
    assert browser.last.status_code == 200


def test_a_device_is_marked_from_my_sign_ins(folk: Folk, app: Flask) -> None:
    person = folk.staff()
    browser = signed_in(folk, app, person)
    assert "/me/device/mark" in browser.get("/me/sessions") and browser.cookie(DEVICE_COOKIE) is None
    browser.post("/me/device/mark", page="/me/sessions")
    mark = browser.cookie(DEVICE_COOKIE)
    assert devices.is_known(folk.house.secrets, person.account, mark)
    (entry,) = folk.entries("device.marked")
    assert person.account in [each.id for each in entry.objects]
    html = browser.get("/me/sessions")
    assert "/me/device/mark" not in html and "/me/device/forget" in html
    assert not devices.is_known(folk.house.secrets, folk.staff().account, mark)


def test_nobody_ends_a_session_that_is_not_theirs(folk: Folk, app: Flask) -> None:
    victim, person = folk.staff(), folk.staff()
    (row,) = folk.sql("SELECT id FROM session ORDER BY created_at LIMIT 1")[0]
    browser = signed_in(folk, app, person)
    assert browser.post("/me/sessions/end", page="/me/sessions", session=row).status_code == 404
    assert browser.post("/me/sessions/end", page="/me/sessions", session="' OR 1=1").status_code == 404
    assert sessions.load(folk.house, victim.session.cookie)


def test_signing_out(folk: Folk, app: Flask) -> None:
    browser = signed_in(folk, app, folk.staff(), own_device="1")
    cookie = browser.cookie()
    browser.post("/out", page="/me/sessions")
    assert browser.last.headers["Location"] == "/?done=signed-out"
    assert browser.cookie() is None and browser.cookie(DEVICE_COOKIE)
    assert sessions.load(folk.house, cookie) is None


def leave(browser: Browser, **headers: str) -> Any:
    browser.last = browser.client.post("/leave", headers=headers, base_url=BASE)
    return browser.last


def test_leave_ends_the_session_and_keeps_the_mark(folk: Folk, app: Flask) -> None:
    browser = signed_in(folk, app, folk.staff(), own_device="1")
    cookie = browser.cookie()
    answer = leave(browser, **{"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/w")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert browser.cookie() is None and browser.cookie(DEVICE_COOKIE)
    assert sessions.load(folk.house, cookie) is None
    assert "Sign" not in browser.get("/w") and browser.last.status_code == 200
    assert browser.last.headers.get("Set-Cookie") is None


@pytest.mark.parametrize("moment", ["nobody", "half", "enrolling", "stale", "garbage"])
def test_leave_always_succeeds(folk: Folk, app: Flask, moment: str) -> None:
    person, browser = folk.staff(), Browser(app)
    if moment == "half":
        browser.post("/", name=person.user_name, phrase=person.phrase)
    elif moment == "enrolling":
        browser.post("/start", code=folk.slip().code)
    elif moment == "stale":
        browser = signed_in(folk, app, person)
        folk.clock.advance(days=1)
    elif moment == "garbage":
        browser.client.set_cookie(COOKIE, "A" * 43, domain="localhost", secure=True)
    answer = leave(browser)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/w")
    assert browser.cookie() is None
    assert folk.sql("SELECT id FROM session WHERE kind IN ('half', 'enrol')") == []


def test_leave_succeeds_where_the_database_does_not(folk: Folk, app: Flask) -> None:
    browser = signed_in(folk, app, folk.staff())
    mend = folk.break_table("session")
    answer = leave(browser)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/w")
    assert browser.cookie() is None
    mend()


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_cannot_make_her_leave(folk: Folk, app: Flask, site: str) -> None:
    browser = signed_in(folk, app, folk.staff())
    answer = leave(browser, **{"Sec-Fetch-Site": site})
    assert answer.status_code == 303 and "Clear-Site-Data" not in answer.headers
    browser.get("/me/sessions")
    assert browser.last.status_code == 200


def test_leave_goes_where_the_house_says(folk: Folk) -> None:
    settings = folk.home.settings.model_copy(update={"leave_to": "https://www.example.org/"})
    app = create_app(settings, folk.house)
    assert leave(Browser(app)).headers["Location"] == "https://www.example.org/"


def test_a_page_while_the_database_is_gone_is_an_error_not_a_sign_in(folk: Folk, app: Flask) -> None:
    browser = signed_in(folk, app, folk.staff())
    folk.sql("ALTER TABLE session RENAME TO gone")
    browser.get("/me/sessions")
    assert browser.last.status_code in (500, 503)
    folk.sql("ALTER TABLE gone RENAME TO session")
    browser.get("/me/sessions")
    assert browser.last.status_code == 200


# -- what the pages say ------------------------------------------------------------------------------------

TELLING = {
    "en": r"safe|shelter|plan\b|protect|threat|violen|danger|resident|staff|case\b|house|112",
    "sv": r"säker|skydd|plan\b|hot\b|hotbild|våld|fara\b|boende|personal|ärende|112",
    "da": r"sikker|beskyt|krisecent|plan\b|trussel|vold|fare\b|beboer|personale|\bsag\b|112",
}


def visible(html: str) -> str:
    body = html.split("<body", 1)[1]
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(svg|script).*?</\1>", " ", body)).split())


@pytest.mark.parametrize("language", TELLING)
def test_the_public_pages_do_not_say_what_is_behind_them(folk: Folk, app: Flask, language: str) -> None:
    lead = folk.staff(Role.LEAD)
    _, code, _ = folk.resident_slip(lead)
    pages = {address: Browser(app, language).get(address) for address in ("/", "/lost", "/start", "/w")}
    browser = Browser(app, language)
    browser.post("/start", code=code.code)
    pages |= {address: browser.get(address) for address in ("/start/phrase", "/start/own")}
    words = words_of(pages["/start/phrase"])
    browser.post("/start/phrase", done="1")
    pages["/start/check"] = browser.get("/start/check")
    browser.post("/start/check", phrase=words)
    pages["/start/phone"] = browser.get("/start/phone")
    half = Browser(app, language)
    half.post("/", name=lead.user_name, phrase=lead.phrase)
    pages |= {address: half.get(address) for address in ("/code", "/code/paper")}
    for address, html in pages.items():
        said = re.sub(r"Svenska|Dansk|English", "", visible(html).replace(words, ""))
        assert re.findall(TELLING[language], said, re.IGNORECASE) == [], address
        assert "<title>Anteckningar</title>" in html, address


def test_every_page_before_signing_in_is_open_and_kept_by_nobody(folk: Folk, app: Flask) -> None:
    for address in PUBLIC:
        browser = Browser(app)
        browser.get(address)
        assert browser.last.status_code in (200, 303), address
        assert browser.last.headers["Cache-Control"] == "no-store"
    assert blueprint.name == "people"


def test_no_account_is_told_apart_by_its_answers(folk: Folk, app: Flask) -> None:
    """The same bytes for a name nobody has and for one that is locked, but for the token."""
    person, locked = folk.staff(), folk.staff()
    accounts.lock(folk.vault, None, account=locked.account)
    bodies = set()
    for name in (person.user_name, locked.user_name, "kein-name-123"):
        answer = Browser(app).post("/", name=name, phrase="wrong words")
        text = answer.get_data(as_text=True).replace(name, "NAME")
        bodies.add((answer.status_code, re.sub(r'(name="csrf_token" value=")[^"]+', r"\1", text)))
    assert len(bodies) == 1
