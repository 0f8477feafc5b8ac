"""The real server in processes of its own: hardened, patient, and silent about who called."""

import os
import re
import signal
import socket
import ssl
import threading
import time
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from safetyplan.founding import found, now_ms, open_house, watch
from safetyplan.settings import Settings
from tests.cli.conftest import Run, Server, Start, free_port, new_certificate, serving, wait_for


@pytest.fixture
def server(start: Start, house: Settings) -> Server:
    port = free_port()
    return start("serve", port=port, **serving(house, port))


def _begun(server: Server, words: bytes) -> socket.socket:
    half = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    half.sendall(words.replace(b"PORT", b"%d" % server.port))
    return half


def _answer(half: socket.socket) -> bytes:
    found = b""
    while part := half.recv(65536):
        found += part
    return found


def test_it_answers_and_says_nothing_of_itself(shared: Server) -> None:
    answer = shared.get("/?secret-word", **{"User-Agent": "secret-agent"})
    assert (answer.status, answer.headers["Server"]) == (200, "web")
    wait_for(lambda: "GET 200" in shared.output(), shared)
    for word in ("127.0.0.1 ", "secret", "gunicorn", "ip="):
        assert word not in shared.output()


def test_two_workers_and_a_new_one_for_one_that_dies(server: Server) -> None:
    wait_for(lambda: len(server.workers()) == 2, server)
    first = server.workers()[0]
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: len(server.workers()) == 2 and first not in server.workers(), server)
    assert server.get().status == 200


def test_nothing_of_the_house_is_open_across_the_fork(server: Server, house: Settings) -> None:
    def opened(pid: int) -> set[str]:
        links = [Path(os.readlink(each)) for each in Path(f"/proc/{pid}/fd").iterdir() if each.exists()]
        return {path.name for path in links if house.data in path.parents}

    wait_for(lambda: all("safetyplan.db" in opened(pid) for pid in server.workers()), server)
    assert opened(server.process.pid) == set()


def test_workers_write_one_whole_log(server: Server, house: Settings) -> None:
    writers = [threading.Thread(target=_sign_in_wrongly, args=(server,)) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert server.stop() == 0
    report = watch(house, open_house(house)).verify(lambda done, total: None)
    assert report.ok
    assert report.size > 2


def _sign_in_wrongly(server: Server) -> None:
    page = server.get()
    cookie = page.headers["Set-Cookie"].split(";")[0]
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.body.decode())  # type: ignore[attr-defined]
    assert token
    form = urlencode({"csrf_token": token[1], "name": f"nobody-{threading.get_ident()}", "phrase": "x y z"}).encode()
    where = f"http://localhost:{server.port}"
    head = f"POST / HTTP/1.1\r\nHost: localhost:{server.port}\r\nOrigin: {where}\r\nReferer: {where}/\r\n"
    head += f"Cookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n"
    with _begun(server, f"{head}Connection: close\r\n\r\n".encode() + form) as sent:
        assert _answer(sent).split()[1] in (b"422", b"429", b"200", b"303")


@pytest.mark.parametrize(
    "words",
    [
        b"GET / HTTP/1.1\r\nHost: localhost:PORT\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost:PORT\r\nContent-Length: 100\r\n\r\nname=",
        b"",
    ],
)
def test_half_sent_requests_keep_nobody_out_and_are_ended(shared: Server, words: bytes) -> None:
    half_sent = [_begun(shared, words) for _ in range(40)]
    begun = time.monotonic()
    assert shared.get().status == 200
    assert time.monotonic() - begun < 8
    if words.startswith(b"GET"):
        assert _answer(half_sent[0]) == b""
        assert time.monotonic() - begun < 25
    for half in half_sent:
        half.close()


@pytest.mark.parametrize(
    "words",
    [
        b"POST / HTTP/1.1\r\nHost: localhost:PORT\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost:PORT\r\n bad: header\r\n\r\n",
        b"GET /" + b"a" * 3000 + b" HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost:PORT\r\n" + b"X: y\r\n" * 60 + b"\r\n",
        b"secret-nonsense\r\n\r\n",
    ],
)
def test_what_is_malformed_is_refused_and_not_repeated(shared: Server, words: bytes) -> None:
    with _begun(shared, words) as sent:
        head, _, body = _answer(sent).partition(b"\r\n\r\n")
    assert 400 <= int(head.split()[1]) < 500
    assert b"text/plain" in head
    assert b"Server: web" in head
    assert b"Content-Length: %d\r\n" % len(body) in head
    assert body.count(b"\n") == 1
    for word in (b"<", b"gunicorn", b"python", b"secret", b"aaa", b"limit", b"header"):
        assert word not in body.lower()
    assert "secret" not in shared.output()
    assert "127.0.0.1" not in shared.output()
    assert shared.get().status == 200


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (b"GET /" + b"a" * 3000 + b" HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\nHost: localhost:PORT\r\nX: " + b"y" * 5000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/9.9\r\nHost: localhost:PORT\r\n\r\n", b"400"),
    ],
)
def test_what_is_too_long_has_its_own_status(shared: Server, words: bytes, status: bytes) -> None:
    with _begun(shared, words) as sent:
        assert _answer(sent).split()[1] == status


def test_another_name_is_not_answered(shared: Server) -> None:
    assert shared.get(Host="evil.example").status == 421


def test_sigterm_answers_what_was_begun(server: Server) -> None:
    length = b"GET / HTTP/1.1\r\nHost: localhost:PORT\r\nConnection: close\r\n"
    half = _begun(server, length)
    time.sleep(0.3)
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    half.sendall(b"\r\n")
    assert _answer(half).split()[1] == b"200"
    assert server.process.wait(timeout=30) == 0


def test_a_taken_port_is_one_sentence(run: Run, shared: Server, house: Settings) -> None:
    done = run("serve", **serving(house, shared.port))
    assert done.exit_code == 2
    assert "Another program listens" in done.output


def test_looser_key_rights_are_refused(run: Run, house: Settings) -> None:
    for rights in (0o640, 0o604, 0o644):
        house.root_key.chmod(rights)
        done = run("serve", **serving(house, free_port()))
        assert done.exit_code == 2
        assert "chmod 600" in done.output
    house.root_key.chmod(0o600)


@pytest.mark.parametrize(("minutes", "said"), [(0, False), (-60, False), (3, False), (60, True)])
def test_a_clock_that_runs_behind_is_said_at_the_start(
    run: Run, data_folder: Path, monkeypatch: pytest.MonkeyPatch, minutes: int, said: bool
) -> None:
    settings = Settings(data=data_folder)
    found(settings, lambda: now_ms() + minutes * 60_000).house.store.engine.dispose()
    monkeypatch.setattr("safetyplan.cli.server.serve_forever", lambda settings: None)
    done = run("serve", **serving(settings, free_port()))
    assert done.exit_code == 0, done.output
    assert ("THE CLOCK IS WRONG" in done.output) is said
    assert ("60 minutes behind" in done.output or "59 minutes behind" in done.output) is said
    if said:
        assert "timedatectl" in done.output
        assert "minutes behind" in run("doctor", "--data", data_folder).output


@pytest.mark.parametrize("gone", ["heads", "safetyplan.db"])
def test_it_opens_before_it_binds(run: Run, house: Settings, gone: str) -> None:
    (house.data / gone).rename(house.data / "away")
    done = run("serve", **serving(house, free_port()))
    assert done.exit_code == 2
    assert gone in done.output


def test_tls_of_its_own(start: Start, house: Settings, tmp_path: Path) -> None:
    port, (certificate, key) = free_port(), new_certificate(tmp_path)
    tls = {"SAFETYPLAN_TLS_CERTIFICATE": str(certificate), "SAFETYPLAN_TLS_KEY": str(key)}
    public = {"SAFETYPLAN_PUBLIC_URL": f"https://localhost:{port}"}
    server = start("serve", port=port, **serving(house, port) | public | tls)
    trusted = ssl.create_default_context(cafile=str(certificate))
    connection = HTTPSConnection("localhost", port, context=trusted, timeout=15)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert answer.status == 200
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    connection.close()
    with _begun(server, b"GET / HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n") as plain:
        assert b" 200 " not in plain.recv(1000)
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    with pytest.deprecated_call():
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", port)) as raw:
        old.wrap_socket(raw)
