"""Attacks from the network: somebody with a browser, crafted input, a page of their own or an account of their own."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from werkzeug.test import Client

from safetyplan.actors import Role, new_id
from safetyplan.app import MOST_BYTES, create_app
from safetyplan.cli.gate import Gate
from safetyplan.settings import Settings
from safetyplan.web.notices import NOTICES
from safetyplan.web.sessions import COOKIE, DEVICE_COOKIE
from tests.browser.pages import addresses
from tests.builders import FakeClock, build_house
from tests.web.conftest import BASE as _BASE
from tests.web.conftest import Site, token_of

BASE: dict[str, Any] = dict(_BASE)
ORIGIN = "https://localhost:8000"
ROLES: dict[str, Role | None] = {
    "resident": Role.RESIDENT,
    "staff": Role.STAFF,
    "lead": Role.LEAD,
    "officer": Role.OFFICER,
    "administrator": Role.ADMINISTRATOR,
    "nobody": None,
}
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
PAYLOAD = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)><svg/onload=alert(3)>{{7919*7}}javascript:alert(4)"
WORD = "Sammetsvinbär"
TYPED = f"{WORD} {PAYLOAD}"


class Reader(HTMLParser):
    """A page as a browser reads it: its title, its words, whatever could run, wherever it points."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.titles: list[str] = []
        self.words: list[str] = []
        self.running: list[str] = []
        self.pointing: list[str] = []
        self._in: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in = [*self._in, tag] if tag in ("title", "script", "style") else self._in
        known = {name: value or "" for name, value in attrs}
        if tag == "script" and not known.get("src", "").startswith("/static/app.js?"):
            self.running.append(f"script {known}")
        if tag in ("iframe", "object", "embed", "base", "style", "img"):
            self.running.append(tag)
        for name, value in known.items():
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.running.append(f"{tag} {name}")
            if name in ("href", "action", "formaction", "src", "data-to", "xlink:href"):
                self.pointing.append(value)
            if name in ("placeholder", "aria-label", "value"):
                self.words.append(value)

    def handle_endtag(self, tag: str) -> None:
        if self._in and self._in[-1] == tag:
            self._in = self._in[:-1]

    def handle_data(self, data: str) -> None:
        if "title" in self._in:
            self.titles.append(data)
        elif "script" in self._in or "style" in self._in:
            self.running.append(data)
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words)).strip()


@dataclass
class Told:
    """A house in which everything that can be typed was typed by somebody who attacks."""

    site: Site
    known: dict[str, list[str]]
    locations: list[str] = field(default_factory=list)

    def pages(self, who: str) -> list[str]:
        role = "staff" if who == "second" else who
        known = self.known if who == "staff" else self.known | {"threat.draft:review_id": []}  # its author's alone
        return addresses(self.site.app, ROLES[role], known)

    def send(self, who: str, address: str, form: Mapping[str, str], page: str | None = None) -> Any:
        """A form sent as the browser sends it, with the hidden fields of the page it stands on."""
        answer = self.site.post(who, address, {**self.hidden(who, page or address, address), **form})
        if answer.status_code != 200:
            assert answer.status_code == 303, Reader(answer.get_data(as_text=True)).text[:600]
            self.locations.append(answer.headers["Location"])
        return answer

    def hidden(self, who: str, page: str, action: str) -> dict[str, str]:
        html = self.site.get(who, page).get_data(as_text=True)
        form = next((part for part in html.split("<form ")[1:] if f'action="{action}"' in part.split(">")[0]), "")
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form.split("</form>")[0])
        return {name: value for name, value in found if name != "csrf_token"}


def new_site(folder: Path) -> Site:
    home = build_house(folder / "house", FakeClock())
    lead, staff = home.person(Role.LEAD, "Karin"), home.person(Role.STAFF, TYPED[:80])
    people = {
        "lead": lead,
        "staff": staff,
        "second": home.person(Role.STAFF, "Robin"),
        "stranger": home.person(Role.STAFF, "Sasha"),
        "officer": home.person(Role.OFFICER, "Olle"),
        "administrator": home.person(Role.ADMINISTRATOR, "Ada"),
    }
    people["resident"] = home.resident(lead, [staff, people["second"]])
    people["other"] = home.resident(lead)
    app = create_app(home.settings, home.house)
    app.testing = True
    return Site(home, app, people)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = new_site(tmp_path)
    yield made
    made.home.house.store.engine.dispose()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    site = new_site(tmp_path_factory.mktemp("told"))
    made = Told(site, {})
    tell(made)
    yield made
    site.home.house.store.engine.dispose()


def tell(told: Told) -> None:
    """Type the payload into every field of every form that keeps words."""
    site, typed = told.site, TYPED
    case = str(site.people["resident"].actor.own_case)
    items = []
    for who, base, by in (("resident", "/n/plan", "2027-01-31"), ("staff", f"/s/c/{case}/plan", "")):
        item = told.hidden(who, f"{base}/s/1/add", f"{base}/s/1/add")["item"]
        told.send(who, f"{base}/s/1/add", {"item": item, "text": typed, "who": typed[:80], "by": by})
        told.send(who, f"{base}/i/{item}", {"text": typed + "!", "who": typed[:79], "by": by})
        told.send(who, f"{base}/tap", {"done": item}, base)
        told.send(who, f"{base}/tap", {"right": "1"}, base)
        told.send(who, f"{base}/s/1/date", {"review_on": "2026-12-24"}, f"{base}/s/1")
        items.append(item)
    told.send("resident", f"/n/plan/i/{items[0]}/remove", {}, f"/n/plan/i/{items[0]}")
    told.send("resident", f"/n/plan/i/{items[0]}/back", {}, f"/n/plan/i/{items[0]}")
    told.send("resident", "/n/level/view", {"level": "high", "words": typed})
    events = []
    for who, page in (("resident", "/n/events/new"), ("staff", f"/s/c/{case}/threat/events/new")):
        html = site.get(who, page).get_data(as_text=True)
        address = re.findall(rf'action="({page[:-3]}[a-z2-7]+)"', html)[0]
        told.send(who, address, {"what": typed, "on": "2026-11-01", "at": "10:00", "roughly": typed, "seen": "0"}, page)
        events.append(address.rsplit("/", 1)[1])
    reviews = [propose(told, "staff", case, level) for level in ("acute", "low")]
    drafted = draft(told, case)
    told.send("resident", "/n/questions/1/begin", {"anew": "1"}, "/n/questions/1")
    told.send("administrator", "/a/units", {"unit_name": typed[:80], "new_unit": new_id()}, "/a/")
    person = {"name": typed[:80], "role": "officer", "unit": "", "account": new_id()}
    told.send("administrator", "/a/people", person, "/a/")
    told.known.update(
        {
            "case_id": [case],
            "item_id": items,
            "incident_id": events,
            "review_id": reviews,
            "threat.draft:review_id": [drafted],
            "number": ["1", "7"],
            "guides.show:number": ["1", "2", "3"],
            "guides.ask:number": ["1"],
            "question": ["1", "2"],
            "seq": ["0", "1", "5"],
        }
    )


def review_form(level: str) -> dict[str, str]:
    longs = ("changes", "people", "sources", "gaps", "protective", "reasons", "disagreement", "informed")
    rows = {f"scenarios-0-{name}": TYPED for name in ("what", "signs")}
    rows |= {f"measures-0-{name}": TYPED for name in ("what", "who")} | {"measures-0-by": "2027-01-01"}
    rows |= {f"instruments-0-{name}": TYPED for name in ("name", "by", "conclusion")} | {
        "instruments-0-on": "2026-01-01"
    }
    notes = {"seen-threats": "now", "note-threats": TYPED}
    return dict.fromkeys(longs, TYPED) | rows | notes | {"level": level, "shared": TYPED, "next_review": ""}


def propose(told: Told, who: str, case: str, level: str) -> str:
    base = f"/s/c/{case}/threat/reviews"
    hidden = told.hidden(who, f"{base}/new", base)
    told.send(who, base, hidden | review_form(level) | {"do": "propose"}, f"{base}/new")
    return hidden["review"]


def draft(told: Told, case: str) -> str:
    base = f"/s/c/{case}/threat/reviews"
    hidden = told.hidden("staff", f"{base}/new", base)
    told.send("staff", base, hidden | review_form("high") | {"do": "draft"}, f"{base}/new")
    return hidden["review"]


# -- form tokens -------------------------------------------------------------------------------------------


def posts(site: Site) -> list[str]:
    """Every address that takes a form, but Leave, which must never wait for a token."""
    found = set()
    for rule in site.app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.endpoint != "leave.leave":
            found.add(re.sub(r"<(int:)?\w+>", lambda part: "1" if part[1] else new_id(), rule.rule))
    return sorted(found)


@pytest.mark.parametrize("who", ROLES)
def test_a_form_without_its_own_token_is_refused_everywhere(told: Told, who: str) -> None:
    site = told.site
    site.get(who, "/start")
    other = token_of(site.get("other", "/start").get_data(as_text=True))
    mine = token_of(site.get(who, "/start").get_data(as_text=True))
    if mine:
        assert other and other != mine
    taken = []
    for address in posts(site):
        for form in ({}, {"csrf_token": ""}, {"csrf_token": other}, {"csrf_token": "x" * 64}):
            client = site.client(who)
            answer = client.post(address, data=form, headers={"Referer": ORIGIN + "/"}, **BASE)
            if answer.status_code != 400:
                taken.append((address, form, answer.status_code))
    assert taken == []


def test_a_right_token_from_another_site_is_refused(site: Site) -> None:
    client = site.client("resident")
    token = token_of(client.get("/n/", **BASE).get_data(as_text=True))
    for referer in ({}, {"Referer": "https://evil.example/"}, {"Referer": "https://localhost:8000.evil.example/"}):
        answer = client.post("/me/sessions/end-others", data={"csrf_token": token}, headers=referer, **BASE)
        assert answer.status_code == 400, referer
    answer = client.post("/me/sessions/end-others", data={"csrf_token": token}, headers={"Referer": ORIGIN}, **BASE)
    assert answer.status_code == 303


def test_the_token_of_before_signing_in_is_not_the_one_of_after(site: Site) -> None:
    before = token_of(site.client("nobody").get("/", **BASE).get_data(as_text=True))
    first, second = (token_of(site.get(who, "/n/").get_data(as_text=True)) for who in ("resident", "other"))
    assert len({before, first, second}) == 3


def test_leave_works_without_a_token_and_not_from_another_site(site: Site) -> None:
    client = site.client("resident")
    theirs = client.post("/leave", headers={"Sec-Fetch-Site": "cross-site"}, **BASE)
    assert (theirs.status_code, theirs.headers.get("Clear-Site-Data")) == (303, None)
    assert site.get("resident", "/n/").status_code == 200
    hers = client.post("/leave", **BASE)
    assert (hers.status_code, hers.headers["Clear-Site-Data"]) == (303, '"cache", "storage"')
    assert site.get("resident", "/n/").status_code == 303


# -- headers -----------------------------------------------------------------------------------------------


def check_headers(answer: Any, *, kept: bool = False) -> None:
    headers = dict(answer.headers)
    assert headers["Content-Security-Policy"] == CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert "camera=()" in headers["Permissions-Policy"] and "geolocation=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == ("public, max-age=31536000, immutable" if kept else "no-store")
    assert not {"Server", "X-Powered-By", "ETag", "Last-Modified", "Access-Control-Allow-Origin"} & set(headers)
    assert all(name.isascii() and value.isascii() and "\n" not in value for name, value in headers.items())


@pytest.mark.parametrize("who", ROLES)
def test_headers_on_every_page(told: Told, who: str) -> None:
    for address in told.pages(who):
        answer = told.site.get(who, address)
        assert answer.status_code in (200, 303), address
        check_headers(answer)


def test_headers_on_every_error_and_file(told: Told) -> None:
    site = told.site
    client = site.client("resident")
    answers = {
        "missing": (404, site.get("resident", "/nothing")),
        "refused": (404, site.get("resident", "/a/")),
        "method": (405, client.put("/n/plan", **BASE)),
        "token": (400, client.post("/language", data={}, **BASE)),
        "too much": (413, client.post("/language", data={"back": "x" * (MOST_BYTES + 1)}, **BASE)),
        "not accepted": (422, site.post("resident", "/", {"name": "x", "phrase": "y"}, page="/start")),
        "redirect": (303, site.get("nobody", "/n/")),
        "missing file": (404, site.get("nobody", "/static/none.css")),
        "robots": (200, site.get("nobody", "/robots.txt")),
        "options": (200, client.open("/n/plan", method="OPTIONS", **BASE)),
        "proof": (200, site.get("officer", "/o/e/0/proof")),
    }
    for name, (status, answer) in answers.items():
        assert answer.status_code == status, name
        check_headers(answer)
    html = site.get("nobody", "/").get_data(as_text=True)
    files = set(re.findall(r'(/static/[^"#]+)', html))
    assert len(files) >= 4
    for address in files:
        answer = site.get("nobody", address)
        assert answer.status_code == 200
        check_headers(answer, kept=True)


def test_browsers_are_told_never_to_come_without_https(tmp_path: Path) -> None:
    home = build_house(tmp_path / "house", FakeClock())
    settings = Settings(data=home.settings.data, public_url="https://notes.example")
    client = create_app(settings, home.house).test_client()
    for address in ("/", "/nothing", "/static/app.css", "/w"):
        sent = client.get(address, base_url="https://notes.example").headers["Strict-Transport-Security"]
        assert sent == "max-age=63072000; includeSubDomains"
    home.house.store.engine.dispose()


def test_cookies_are_for_this_host_only_and_for_no_script(site: Site) -> None:
    def sent(answer: Any) -> dict[str, set[str]]:
        lines = answer.headers.getlist("Set-Cookie")
        parts = [[part.strip() for part in line.split(";")] for line in lines]
        return {part[0].split("=")[0]: {re.sub(r"=\d+$|Expires=.*", "", each) for each in part[1:]} for part in parts}

    strict = {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"}
    client = site.app.test_client()
    assert sent(client.get("/", **BASE)) == {COOKIE: strict}
    token = token_of(client.get("/", **BASE).get_data(as_text=True))
    form = {"csrf_token": token, "lang": "da", "back": "/"}
    chosen = sent(client.post("/language", data=form, headers={"Referer": ORIGIN}, **BASE))
    assert chosen == {"__Host-l": {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age", ""}}
    left = sent(client.post("/leave", **BASE))
    assert set(left) == {COOKIE} and {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= left[COOKIE]
    forgotten = sent(site.post("resident", "/me/device/forget", page="/me/sessions"))
    assert set(forgotten) == {DEVICE_COOKIE}
    assert sent(site.get("resident", "/n/plan")) == {}
    assert sent(site.get("nobody", "/static/app.css")) == {}


# -- redirects, hosts --------------------------------------------------------------------------------------

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nSet-Cookie: a=b",
    " //evil.example",
    "javascript:alert(1)",
    "evil.example",
    "/\u2028/evil.example",
    "/%0d%0aSet-Cookie:%20a=b",
    "/..//evil.example",
    "",
]


@pytest.mark.parametrize("back", ELSEWHERE)
def test_open_redirect_by_language(told: Told, back: str) -> None:
    answer = told.site.post("nobody", "/language", {"lang": "sv", "back": back}, page="/")
    assert answer.status_code in (303, 400)
    if answer.status_code == 303:
        assert urlsplit(urljoin(ORIGIN + "/x", answer.headers["Location"])).netloc == "localhost:8000"
        assert all("a=b" not in line for line in answer.headers.getlist("Set-Cookie"))


def test_open_redirect_by_leave(told: Told) -> None:
    client = told.site.app.test_client()
    for address in ("/leave?next=//evil.example", "/leave?back=https://evil.example", "/leave"):
        form = {"next": "//evil.example", "back": "//evil.example", "to": "//evil.example"}
        answer = client.post(address, data=form, headers={"Referer": "https://evil.example/"}, **BASE)
        assert answer.headers["Location"] == "/w"


HOSTS = ["evil.example", "localhost:8000.evil.example", "evil.example#localhost:8000", "localhost", "", "127.0.0.1:80"]


@pytest.mark.parametrize("host", HOSTS)
def test_another_hosts_name_gets_no_page(told: Told, host: str) -> None:
    gate = Client(Gate(told.site.app, told.site.home.settings, MOST_BYTES))
    answer = gate.get("/", environ_overrides={"HTTP_HOST": host})
    assert (answer.status_code, answer.get_data()) == (421, b"No such house.\n")
    assert "Set-Cookie" not in answer.headers


def test_forwarded_names_are_not_believed(told: Told) -> None:
    gate = Client(Gate(told.site.app, told.site.home.settings, MOST_BYTES))
    forwarded = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "host=evil.example",
        "X-Original-URL": "/a/",
        "X-HTTP-Method-Override": "POST",
    }
    answer = gate.get("/n/", headers=forwarded, base_url="http://localhost:8000")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "evil" not in gate.get("/", headers=forwarded, base_url="http://localhost:8000").get_data(as_text=True)


# -- too much ----------------------------------------------------------------------------------------------


def test_oversized_bodies_are_refused(told: Told) -> None:
    site = told.site
    long = {"text": "x" * (MOST_BYTES + 1)}
    assert site.post("resident", "/n/plan/s/1/add", long, page="/n/").status_code == 413
    client, token = site.client("resident"), token_of(site.get("resident", "/n/").get_data(as_text=True))
    body = {"csrf_token": token, **{f"f{n}": "x" for n in range(600)}}
    answer = client.post(
        "/language", data=body, content_type="multipart/form-data", headers={"Referer": ORIGIN}, **BASE
    )
    assert answer.status_code == 413
    gate = Client(Gate(site.app, site.home.settings, MOST_BYTES))
    chunked = gate.post("/", headers={"Transfer-Encoding": "chunked"}, base_url="http://localhost:8000")
    assert chunked.status_code == 411


@pytest.mark.parametrize("field", ["text", "who"])
def test_a_text_that_is_too_long_comes_back_whole(told: Told, field: str) -> None:
    long = "Ett mycket långt ord " * 1000
    form = told.hidden("resident", "/n/plan/s/2/add", "/n/plan/s/2/add") | {"text": "kort", field: long}
    answer = told.site.post("resident", "/n/plan/s/2/add", form, page="/n/plan/s/2/add")
    assert answer.status_code == 422
    assert long.strip() in answer.get_data(as_text=True)


def test_odd_bodies_are_answered_with_a_page(told: Told) -> None:
    client, token = told.site.client("resident"), token_of(told.site.get("resident", "/n/").get_data(as_text=True))
    headers = {"Referer": ORIGIN, "X-CSRFToken": token}
    for content_type, body in (
        ("application/json", b'{"text": "x"}'),
        ("text/plain", b"text=x"),
        ("application/x-www-form-urlencoded", b"text=%ff%fe%00&item=\x00&who=%ed%a0%80"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("application/x-www-form-urlencoded; charset=utf-7", b"text=+ADw-"),
    ):
        for address in ("/n/plan/s/1/add", "/n/level/view", "/n/plan/tap", "/me/sessions/end"):
            answer = client.post(address, data=body, content_type=content_type, headers=headers, **BASE)
            assert answer.status_code in (303, 400, 404, 409, 413, 422), (content_type, address, answer.status_code)
            check_headers(answer)


# -- words typed by an attacker ----------------------------------------------------------------------------


@pytest.mark.parametrize("who", [*ROLES, "second"])
def test_typed_markup_stays_words(told: Told, who: str) -> None:
    """Every page of every role, after every free-text field has been filled with markup."""
    shown = 0
    for address in told.pages(who):
        html = told.site.get(who, address).get_data(as_text=True)
        read = Reader(html)
        assert read.running == [], address
        assert all(urlsplit(each).scheme in ("", "https", "tel") for each in read.pointing), address
        assert str(7919 * 7) not in html, address
        if WORD in html:
            shown += 1
            assert PAYLOAD[:40] in read.text, address
    least = {"resident": 10, "staff": 15, "second": 14, "lead": 8, "officer": 0, "administrator": 1, "nobody": 0}
    assert shown >= least[who]


def test_typed_markup_in_addresses_and_on_pages_before_signing_in(told: Told) -> None:
    site = told.site
    nobody = site.post("nobody", "/", {"name": TYPED, "phrase": TYPED}, page="/")
    lost = site.post("nobody", "/lost", {"name": TYPED, "code": TYPED}, page="/lost")
    code = site.post("nobody", "/start", {"code": TYPED}, page="/start")
    searched = site.get("officer", "/o/", query_string={"person": TYPED[:40], "case": PAYLOAD[:16], "since": PAYLOAD})
    for answer in (nobody, lost, code, searched):
        assert answer.status_code == 422
        assert Reader(answer.get_data(as_text=True)).running == []
    assert PAYLOAD in Reader(nobody.get_data(as_text=True)).text  # kept as typed
    assert all(TYPED not in part for part in Reader(code.get_data(as_text=True)).words)
    for query in ({"done": PAYLOAD}, {"page": PAYLOAD}, {"before": PAYLOAD}, {PAYLOAD: PAYLOAD}):
        for who, address in (("resident", "/n/plan"), ("resident", "/n/looked"), ("officer", "/o/"), ("nobody", "/")):
            html = site.get(who, address, query_string=query).get_data(as_text=True)
            assert Reader(html).running == [] and PAYLOAD not in html


def test_typed_markup_comes_back_as_words_when_something_is_not_accepted(told: Told) -> None:
    site, case = told.site, told.known["case_id"][0]
    review = review_form("") | told.hidden("staff", f"/s/c/{case}/threat/reviews/new", f"/s/c/{case}/threat/reviews")
    for who, address, form in (
        ("resident", "/n/plan/s/1/add", {"item": new_id(), "text": "", "who": TYPED, "by": PAYLOAD}),
        ("resident", "/n/level/view", {"words": TYPED * 30, "seen": "1"}),
        (
            "resident",
            f"/n/events/{new_id()}",
            {"what": "", "on": PAYLOAD, "at": PAYLOAD, "seen": "0"},
        ),
        ("staff", f"/s/c/{case}/threat/reviews", review | {"next_review": PAYLOAD, "do": "propose"}),
        ("lead", "/s/new", {"case": new_id(), "jurisdiction": PAYLOAD, "protection": PAYLOAD, "staff": PAYLOAD}),
        ("administrator", "/a/people", {"name": TYPED, "role": PAYLOAD, "unit": PAYLOAD}),
        ("administrator", "/a/units", {"unit_name": TYPED * 3}),
    ):
        answer = site.post(who, address, form)
        assert answer.status_code == 422, address
        read = Reader(answer.get_data(as_text=True))
        assert read.running == []
        assert str(7919 * 7) not in read.text


# -- nothing in titles and addresses -----------------------------------------------------------------------


@pytest.mark.parametrize("who", ROLES)
def test_titles_never_change_and_addresses_hold_no_word(told: Told, who: str) -> None:
    ids = re.compile(r"[a-z2-7]{26}")
    for address in told.pages(who):
        answer = told.site.get(who, address)
        if answer.status_code == 303:
            continue
        read = Reader(answer.get_data(as_text=True))
        assert "".join(read.titles) == "Anteckningar" or read.titles[0] == "Anteckningar", address
        for each in read.pointing:
            path = urlsplit(each)
            if path.scheme:
                continue
            left = ids.sub("", path.path)
            assert re.fullmatch(r"[a-z0-9/._-]*", left), each
            assert "vinb" not in each and "script" not in each.replace("/static/", ""), each


def test_locations_hold_ids_and_closed_codes_only(told: Told) -> None:
    assert len(told.locations) > 15
    for location in told.locations:
        parts = urlsplit(location)
        assert not parts.netloc
        assert re.fullmatch(r"(/([a-z]+|[a-z2-7]{26}|\d{1,2}))+/?", parts.path), location
        asked = parse_qs(parts.query)
        assert set(asked) <= {"done"} and set(asked.get("done", [])) <= set(NOTICES), location
        assert re.fullmatch(r"[a-z0-9]*", parts.fragment), location


# -- methods and paths -------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ROLES)
def test_head_and_options_open_no_other_door(told: Told, who: str) -> None:
    site = told.site
    everywhere = {page for other in ROLES for page in told.pages(other)}
    for address in sorted(everywhere):
        client = site.client(who)
        got = site.get(who, address).status_code
        head = client.head(address, **BASE)
        assert (head.status_code, head.get_data()) == (got, b""), address
        options = client.open(address, method="OPTIONS", **BASE)
        assert (options.status_code, options.get_data()) == (200, b"") or options.status_code == got, address


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "GET\x00"])
def test_other_methods_are_not_known(told: Told, method: str) -> None:
    for address in ("/", "/n/plan", "/leave", "/static/app.css"):
        answer = told.site.client("resident").open(address, method=method, **BASE)
        assert answer.status_code == 405, address
        check_headers(answer)


def test_forms_are_not_taken_by_get(told: Told) -> None:
    for address in posts(told.site):
        answer = told.site.get("resident", address, query_string={"done": "1", "right": "1", "text": "x"})
        assert answer.status_code in (200, 303, 404, 405), address


TRICKS = [
    "/static/../app.py",
    "/static/%2e%2e/app.py",
    "/static/..%2fapp.py",
    "/static//etc/passwd",
    "/static/%2fetc%2fpasswd",
    "/static/licences/lucide.txt",
    "/static/fonts/",
    "/static/app.css%00.js",
    "/n/plan/../../a/",
    "/n/%2e%2e/a/",
    "/N/PLAN",
    "/n/plan;a=b",
    "/n/plan%00",
    "/n/plan%20",
    "/n/plan/i/%2e%2e",
    "/n/plan/i/" + "a" * 5000,
    "/n/plan/s/-1",
    "/n/plan/s/99999999999999999999",
    "/n/plan/s/1e1",
    "/n/questions/0",
    "/n/questions/99/1",
    "/n/questions/1/9999",
    "/n/events/%00",
    "/%ff%fe",
    "/.git/config",
    "/.env",
    "/keys/root.key",
    "/favicon.ico",
    "/s/c/%2e%2e/",
]


@pytest.mark.parametrize("path", TRICKS)
def test_path_tricks_find_nothing(told: Told, path: str) -> None:
    for who in ("resident", "staff", "nobody"):
        answer = told.site.client(who).get(path, **BASE)
        assert answer.status_code in (303, 308, 404, 405), path
        assert urlsplit(urljoin(ORIGIN, answer.headers.get("Location", "/"))).netloc == "localhost:8000"
        check_headers(answer)
        html = answer.get_data(as_text=True)
        assert "Traceback" not in html and "root:" not in html


def test_slashes_lead_to_no_other_host(told: Told) -> None:
    for path in ("//evil.example/n/plan", "//n//plan", "/n//plan", "///", "/\\evil.example"):
        answer = told.site.client("resident").get(path, **BASE)
        there = urlsplit(urljoin(ORIGIN + path, answer.headers.get("Location", ORIGIN)))
        assert there.netloc == "localhost:8000", path


# -- error pages -------------------------------------------------------------------------------------------

REFERENCE = re.compile(r"\b[0-9A-F]{4}-[0-9A-F]{4}\b")


def plain(answer: Any, *but: str) -> str:
    """A page without what differs from one request to the next."""
    html: str = answer.get_data(as_text=True)
    for each in (REFERENCE, re.compile(r'name="(csrf_token|back)" value="[^"]*"'), *map(re.compile, but)):
        html = each.sub("", html)
    return html


def test_refused_and_missing_are_the_same_page(told: Told) -> None:
    site, case = told.site, told.known["case_id"][0]
    item, review = told.known["item_id"][0], told.known["review_id"][0]
    pairs = [
        ("stranger", f"/s/c/{case}/", f"/s/c/{new_id()}/"),
        ("stranger", f"/s/c/{case}/plan", f"/s/c/{new_id()}/plan"),
        ("stranger", f"/s/c/{case}/plan/i/{item}", f"/s/c/{new_id()}/plan/i/{item}"),
        ("stranger", f"/s/c/{case}/threat/reviews/{review}", f"/s/c/{case}/threat/reviews/{new_id()}"),
        ("stranger", f"/s/c/{case}/looked", f"/s/c/{new_id()}/looked"),
        ("other", f"/n/plan/i/{item}", f"/n/plan/i/{new_id()}"),
        ("other", f"/n/events/{told.known['incident_id'][0]}", f"/n/events/{new_id()}"),
        ("resident", "/a/", "/no-such-page"),
        ("resident", f"/s/c/{case}/", "/no-such-page"),
        ("staff", "/o/", "/no-such-page"),
        ("second", f"/s/c/{case}/threat/reviews/{told.known['threat.draft:review_id'][0]}/draft", "/no-such-page"),
        ("officer", f"/s/c/{case}/", "/no-such-page"),
        ("administrator", f"/s/c/{case}/plan", "/no-such-page"),
    ]
    for who, refused, missing in pairs:
        first, second = site.get(who, refused), site.get(who, missing)
        assert (first.status_code, second.status_code) == (404, 404), (who, refused)
        assert plain(first) == plain(second), (who, refused)
        names = set(first.headers.keys()) - {"Content-Length"}  # the way back is in the page
        assert {name: first.headers[name] for name in names} == {name: second.headers[name] for name in names}


def test_error_pages_say_what_happened_and_nothing_else(told: Told) -> None:
    site, case, item = told.site, told.known["case_id"][0], told.known["item_id"][0]
    client = site.client("resident")
    english = {"headers": {"Accept-Language": "en"}}
    for status, answer, words in (
        (404, site.get("resident", f"/n/plan/i/{new_id()}", **english), "There is no such page"),
        (404, site.get("resident", f"/s/c/{case}/plan/i/{item}", **english), "There is no such page"),
        (405, client.put("/n/plan", **english, **BASE), "There is no such page"),
        (400, client.post("/language", data={}, **english, **BASE), "This page was open too long"),
        (413, client.post("/language", data={"x": "y" * (MOST_BYTES + 1)}, **english, **BASE), "too much at once"),
    ):
        assert answer.status_code == status
        html = answer.get_data(as_text=True)
        main = Reader(html.split("<main", 1)[1].split("</main>")[0]).text
        assert words in main
        assert len(REFERENCE.findall(main)) == 1
        assert len(main) < 400
        for leak in (case, item, "Traceback", "safetyplan", "werkzeug", "/tmp", "sqlite", WORD):
            assert leak not in main


@pytest.fixture
def broken(site: Site) -> Callable[[str], None]:
    def rename(table: str) -> None:
        import sqlite3

        with sqlite3.connect(site.home.settings.data / "safetyplan.db") as raw:
            raw.execute(f"ALTER TABLE {table} RENAME TO gone")
        site.home.house.store.engine.dispose()

    return rename


def test_what_breaks_inside_says_a_number_and_the_log_says_the_same(
    site: Site, broken: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    case = str(site.people["resident"].actor.own_case)
    site.get("resident", "/n/plan")
    broken("plan_item")
    with caplog.at_level(logging.DEBUG):
        answer = site.post("resident", "/n/plan/s/1/add", {"item": new_id(), "text": TYPED, "who": TYPED[:80]})
    assert answer.status_code in (500, 503)
    check_headers(answer)
    html = answer.get_data(as_text=True)
    (reference,) = set(REFERENCE.findall(html.split("<main", 1)[1].split("</main>")[0]))
    for leak in ("Traceback", "plan_item", "sqlite", "OperationalError", ".py", WORD, case):
        assert leak not in html.split("<main", 1)[1].split("<footer")[0], leak
    ours = [record.getMessage() for record in caplog.records if record.name == "safetyplan"]
    assert any(reference.replace("-", "") in line for line in ours)
    for record in caplog.records:
        assert WORD not in record.getMessage() and case not in record.getMessage()
        assert record.exc_info is None
