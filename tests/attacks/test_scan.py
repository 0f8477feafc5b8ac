"""A thief with the data folder, its logs and its temporary files, looking for words: none of them is there.

The demo is made and served by the real commands. People work in it for a while, also wrongly. Then everything that
lies on disk is searched for what they wrote, their names, their pass phrases and their telephones' secrets.
"""

import base64
import binascii
import gzip
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyotp
import pytest
import yaml

from safetyplan.actors import Purpose, Role, new_id
from safetyplan.cli.demo import _MARK as MARK
from safetyplan.cli.demo.people import Known, read
from safetyplan.fields import IDENTITY, PLAN, PRIVATE, RECORD
from safetyplan.oversight.words import ACTIONS
from safetyplan.vault import Outcome
from tests.attacks.needles import Needles
from tests.builders import build_house
from tests.web.conftest import token_of

Process = subprocess.Popen[bytes]
COMPARTMENTS = (PLAN, RECORD, IDENTITY, PRIVATE)
ROOT = Path(__file__).resolve().parents[2]
TYPED = "Gummistövlarna står bakom växthuset hos Agneta Kvistgaard"
"""What is written, mistyped and searched for while the demo is served."""


@dataclass
class Demo:
    """A demo that has been lived in. ``outside``: temporary folder and logs of its processes."""

    data: Path
    outside: Path
    people: list[Known]
    still_served: dict[str, bytes] = field(default_factory=dict)

    def searched(self) -> dict[str, bytes]:
        found = [each for folder in (self.data, self.outside) for each in sorted(folder.rglob("*"))]
        return {str(each): each.read_bytes() for each in found if each.is_file()}


# -- what is looked for ------------------------------------------------------------------------------------


def strings(told: Any) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict):
        for value in told.values():
            yield from strings(value)
    elif isinstance(told, list):
        for value in told:
            yield from strings(value)


def words_of(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[^\W\d_]{6,}", text)}


@pytest.fixture(scope="module")
def allowed(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """Words that stand in clear in a house in which nobody has written anything: names of tables and columns, the
    closed lists of actions, purposes, outcomes, roles and compartments, and the mark of a demo."""
    home = build_house(tmp_path_factory.mktemp("empty") / "house")
    home.house.store.engine.dispose()
    clear = b"".join(each.read_bytes() for each in home.settings.data.rglob("*") if each.is_file())
    closed = " ".join([*ACTIONS, *Purpose, *Outcome, *Role, *COMPARTMENTS, MARK])
    return frozenset(words_of(clear.decode("utf-8", "replace")) | words_of(closed))


@pytest.fixture(scope="module")
def needles(demo: Demo, allowed: frozenset[str]) -> Needles:
    folder = files("safetyplan.cli.demo")
    house = yaml.safe_load((folder / "house.yaml").read_text(encoding="utf-8"))
    told = [yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8")) for name in house["residents"]]
    sentences = {text for text in strings(told) if " " in text} | {TYPED}
    names = {each["name"] for part in ("units", "staff") for each in house[part].values()}
    words = set[str]().union(*map(words_of, sentences)) | {name.lower() for name in names if len(name) > 4}
    exact = {f'"{name}"' for name in names} | sentences
    for person in demo.people:
        exact |= {person.user_name, person.pass_phrase, person.pass_phrase.replace(" ", ""), person.totp_secret}
        words |= words_of(person.pass_phrase)
    raw = {base64.b32decode(person.totp_secret) for person in demo.people}
    assert len(words) > 300 and len(sentences) > 100 and len(names) >= 8
    return Needles(frozenset(words - allowed), frozenset(each.encode() for each in exact) | raw)


# -- the demo, lived in ------------------------------------------------------------------------------------


class Browser:
    """Somebody at the served demo. Cookies are kept by hand, since no library sends secure ones to plain HTTP."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies = port, {"__Host-l": "sv"}

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, Location, page."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, urlencode(form) if form is not None else None, headers)
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
        page = answer.read().decode()
        connection.close()
        return answer.status, answer.headers.get("Location", ""), page

    def get(self, path: str) -> str:
        return self.ask("GET", path)[2]

    def send(self, path: str, form: dict[str, str], page: str | None = None) -> tuple[int, str, str]:
        html = self.get(page or path)
        own = next((part for part in html.split("<form ")[1:] if f'action="{path}"' in part.split(">")[0]), "")
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', own.split("</form>")[0]))
        return self.ask("POST", path, {"csrf_token": token_of(html), **hidden, **form})

    def sign_in(self, who: Known) -> None:
        assert self.send("/", {"name": who.user_name, "phrase": who.pass_phrase})[1] == "/code"
        assert self.send("/code", {"code": pyotp.TOTP(who.totp_secret).now(), "own_device": "1"})[1] == "/go"


def command(
    *arguments: str, outside: Path, log: Any = subprocess.DEVNULL, **settings: str
) -> "subprocess.Popen[bytes]":
    """The operators' program in a process of its own, with a temporary folder of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {**kept, "TMPDIR": str(outside), "PYTHONDONTWRITEBYTECODE": "1", **settings}
    call = [sys.executable, "-m", "safetyplan.cli", *arguments]
    return subprocess.Popen(call, cwd=ROOT, env=environment, stdout=log, stderr=log)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("scan")
    made = Demo(folder / "demo", folder / "outside", [])
    made.outside.mkdir()
    assert command("demo", "--no-serve", "--data", str(made.data), outside=made.outside).wait(timeout=300) == 0
    made.people = read(made.data / "people.json")
    (made.data / "people.json").unlink()  # the demo's own list of secrets; nothing else needs it
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = {"SAFETYPLAN_BIND": f"127.0.0.1:{port}", "SAFETYPLAN_PUBLIC_URL": f"http://localhost:{port}"}
    with (made.outside / "served.log").open("wb") as log:
        serving = command("serve", "--data", str(made.data), outside=made.outside, log=log, **settings)
        try:
            wait_for(port, serving)
            live(made, Browser(port), Browser(port), Browser(port))
            made.still_served = made.searched()
        finally:
            serving.send_signal(signal.SIGTERM)
            serving.wait(timeout=60)
    yield made


def wait_for(port: int, serving: Process) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert serving.poll() is None and time.monotonic() < deadline, "the demo was not served"
        try:
            Browser(port).get("/")
            return
        except OSError:
            time.sleep(0.1)


def live(demo: Demo, hers: Browser, theirs: Browser, office: Browser) -> None:
    """Write, review, look, and do it wrongly too."""
    resident = next(each for each in demo.people if each.role == "resident")
    assert hers.send("/", {"name": TYPED, "phrase": resident.pass_phrase})[0] == 422
    assert hers.send("/", {"name": resident.user_name, "phrase": TYPED})[0] == 422
    hers.sign_in(resident)
    assert hers.send("/n/plan/s/1/add", {"text": TYPED, "who": "Agneta Kvistgaard", "by": "2031-01-01"})[0] == 303
    assert hers.send("/n/plan/s/1/add", {"text": "", "who": TYPED, "by": TYPED})[0] == 422
    assert hers.send("/n/level/view", {"level": "high", "words": TYPED})[0] == 303
    event = re.findall(r'action="(/n/events/[a-z2-7]{26})"', hers.get("/n/events/new"))[0]
    assert hers.send(event, {"what": TYPED, "roughly": TYPED, "seen": "0"}, "/n/events/new")[0] == 303
    assert hers.ask("POST", "/n/plan/s/1/add", {"text": TYPED})[0] == 400
    assert hers.ask("GET", "/n/Kvistgaard")[0] == 404
    for page in ("/n/", "/n/plan", "/n/plan/print", "/n/looked", "/n/questions/1", "/n/level", "/me/sessions"):
        assert hers.ask("GET", page)[0] == 200
    theirs.sign_in(next(each for each in demo.people if each.role == "staff"))
    case = re.findall(r'href="(/s/c/[a-z2-7]{26}/)"', theirs.get("/s/"))[0]
    new, base = f"{case}threat/reviews/new", f"{case}threat/reviews"
    review = {"level": "high", "reasons": TYPED, "disagreement": TYPED, "shared": TYPED, "gaps": TYPED}
    assert theirs.send(base, {**review, "do": "draft"}, new)[0] == 303
    assert theirs.send(base, {**review, "next_review": TYPED, "do": "propose"}, new)[0] == 422
    assert theirs.send(base, {**review, "do": "propose"}, new)[0] == 303
    assert theirs.send(f"{case}plan/s/2/add", {"text": TYPED, "who": ""})[0] == 303
    office.sign_in(next(each for each in demo.people if each.role == "officer"))
    assert office.ask("GET", "/o/?person=Kvistgaard")[0] == 422
    assert office.send("/o/check", {}, "/o/")[1] == "/o/?done=verified"
    breaks(demo, hers)


def breaks(demo: Demo, hers: Browser) -> None:
    """Something goes wrong inside, with her words in hand: what the log says of it is searched too."""
    with sqlite3.connect(demo.data / "safetyplan.db") as raw:
        newest, body, item = raw.execute(
            "SELECT id, body, item_id FROM plan_item ORDER BY created_at DESC LIMIT 1"
        ).fetchone()
        raw.execute("UPDATE plan_item SET body = zeroblob(90) WHERE id = ?", [newest])
    raw.close()
    assert hers.ask("GET", f"/n/plan/i/{item}")[0] == 503
    assert hers.ask("GET", "/n/plan")[0] == 200
    with sqlite3.connect(demo.data / "safetyplan.db") as raw:
        raw.execute("UPDATE plan_item SET body = ? WHERE id = ?", [body, newest])
    raw.close()
    assert hers.ask("GET", f"/n/plan/i/{item}")[0] == 200


# -- nothing is there --------------------------------------------------------------------------------------


def lying_about(files: dict[str, bytes], needles: Needles) -> list[str]:
    return sorted(f"{Path(name).name}: {each}" for name, data in files.items() for each in needles.found(data))


def test_no_word_lies_on_the_disk_while_it_is_served(demo: Demo, needles: Needles) -> None:
    names = {Path(name).name for name in demo.still_served}
    assert {"safetyplan.db", "safetyplan.db-wal", "safetyplan.db-shm", "root.key", "served.log"} <= names
    assert {Path(name).parent.name for name in demo.still_served} >= {"demo", "keys", "heads", "checkpoints"}
    assert lying_about(demo.still_served, needles) == []


def test_no_word_lies_on_the_disk_afterwards(demo: Demo, needles: Needles) -> None:
    assert lying_about(demo.searched(), needles) == []


def test_the_log_of_the_server_was_really_written(demo: Demo) -> None:
    """Requests without addresses, and the alarms: kind, table and row, and nothing else."""
    told = (demo.outside / "served.log").read_text(encoding="utf-8")
    assert told.count("POST") > 10 and " 303 " in told
    alarms = [line for line in told.splitlines() if "ALARM" in line]
    assert len(alarms) >= 2 and all("tampered" in line.lower() and "plan_item" in line for line in alarms)
    assert not re.search(r"/n/|/s/c|/o/|127\.0\.0\.1 |Mozilla|__Host", told)


# -- the scanner finds what is there -----------------------------------------------------------------------

WORD, SENTENCE, SECRET = "gummistövlarna", "Ö, å så vi går", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def base64_at(shift: int) -> Callable[[bytes], bytes]:
    return lambda raw: base64.b64encode(b"#" * shift + raw + b"##")


SPELT: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda raw: raw,
    "capitals": lambda raw: raw.decode().upper().encode(),
    "utf-16 little": lambda raw: raw.decode().encode("utf-16-le"),
    "utf-16 big": lambda raw: raw.decode().encode("utf-16-be"),
    "utf-16 at an odd place": lambda raw: b"\x01" + raw.decode().encode("utf-16-le"),
    "base64, first": base64_at(0),
    "base64, second": base64_at(1),
    "base64, third": base64_at(2),
    "base64 for addresses": lambda raw: base64.urlsafe_b64encode(b"\xfb\xff" + raw + b"\xff"),
    "hex": lambda raw: raw.hex().encode(),
    "hex in capitals": lambda raw: raw.hex().upper().encode(),
    "hex at an odd place": lambda raw: b"f" + raw.hex().encode(),
    "zlib": zlib.compress,
    "gzip": gzip.compress,
    "base64 of zlib": lambda raw: base64.b64encode(zlib.compress(raw)),
    "zlib of utf-16": lambda raw: zlib.compress(raw.decode().encode("utf-16-le")),
    "hex of utf-16": lambda raw: binascii.hexlify(raw.decode().encode("utf-16-be")),
    "JSON": lambda raw: json.dumps({"t": raw.decode()}).encode(),
    "an address": lambda raw: urlencode({"t": raw.decode()}).encode(),
}


KINDS = [(kind, how) for how in SPELT for kind in ("word", "sentence", "secret")]
KINDS.remove(("sentence", "capitals"))  # sentences are found as they were written


@pytest.mark.parametrize(("kind", "how"), KINDS)
def test_the_scanner_finds_a_planted_needle(kind: str, how: str) -> None:
    needle = {"word": f"och {WORD} är", "sentence": "Ö, å så vi går", "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}[
        kind
    ]
    wanted = Needles(frozenset({WORD}), frozenset({b"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "Ö, å så vi går".encode()}))
    noise = os.urandom(20_000)
    assert wanted.found(noise) == set()
    assert wanted.found(noise + b"\x00" + SPELT[how](needle.encode()) + b"\x00" + noise) != set()


def test_the_scanner_finds_a_row_in_a_database(demo: Demo, needles: Needles, tmp_path: Path) -> None:
    """Also one that was deleted again: its page still holds it."""
    for deleted in (False, True):
        copy = tmp_path / f"{deleted}.db"
        with sqlite3.connect(demo.data / "safetyplan.db") as raw, sqlite3.connect(copy) as there:
            raw.backup(there)
            there.execute("PRAGMA secure_delete = OFF")
            there.execute("CREATE TABLE note (id TEXT, body BLOB)")
            there.execute("INSERT INTO note VALUES (?, ?)", [new_id(), TYPED.encode("utf-16-le")])
            there.commit()
            if deleted:
                there.execute("DELETE FROM note")
        raw.close()
        there.close()
        assert any(WORD in each for each in needles.found(copy.read_bytes()))
