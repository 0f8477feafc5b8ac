"""The operators' program as an operator runs it: in a process of its own, or quickly through click's runner."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from ipaddress import ip_address
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from safetyplan.cli import main
from safetyplan.founding import found
from safetyplan.settings import Settings

PROGRAM = [sys.executable, "-m", "safetyplan.cli"]
Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """`run("doctor", "--data", folder)`, in an empty working folder; what it does to the process is undone."""
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o022)
    os.umask(before)

    def call(*words: object, typed: str | None = None, **variables: str) -> Result:
        try:
            return CliRunner().invoke(main, [str(word) for word in words], input=typed, env=variables or None)
        finally:
            os.umask(before)

    return call


@pytest.fixture
def house(data_folder: Path) -> Settings:
    """A founded house, with nobody in it."""
    settings = Settings(data=data_folder)
    found(settings).house.store.engine.dispose()
    return settings


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A started `safetyplan serve` or `demo`; its own process group, its own port."""

    process: subprocess.Popen[str]
    port: int
    log: Path

    def get(self, path: str = "/", **headers: str) -> HTTPResponse:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=15)
        connection.request("GET", path, headers={"Host": f"localhost:{self.port}", **headers})
        answer = connection.getresponse()
        answer.body = answer.read()  # type: ignore[attr-defined]
        connection.close()
        return answer

    def workers(self) -> list[int]:
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=30)


Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`server = start("serve", port=…)`: answers when this returns; stopped at the end."""
    with starting(tmp_path) as begin:
        yield begin


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of a module that leave it as it is."""
    folder = tmp_path_factory.mktemp("shared")
    settings, port = Settings(data=folder / "house"), free_port()
    found(settings).house.store.engine.dispose()
    with starting(folder) as begin:
        yield begin("serve", port=port, **serving(settings, port))


@contextmanager
def starting(folder: Path) -> Iterator[Start]:
    running: list[Server] = []

    def begin(*words: object, port: int, **variables: str) -> Server:
        log = folder / f"server{len(running)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*PROGRAM, *map(str, words)], stdout=out, stderr=out, cwd=folder, env=os.environ | variables
            )
        server = Server(process, port, log)
        running.append(server)
        wait_for(lambda: process.poll() is not None or _answers(port), server)
        assert process.poll() is None, server.output()
        return server

    try:
        yield begin
    finally:
        for server in running:
            server.stop()


def wait_for(done: Callable[[], bool], server: Server, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, server.output()
        time.sleep(0.05)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def serving(settings: Settings, port: int, **more: str) -> dict[str, str]:
    """The environment for serving that house on that port."""
    return {
        "SAFETYPLAN_DATA": str(settings.data),
        "SAFETYPLAN_BIND": f"127.0.0.1:{port}",
        "SAFETYPLAN_PUBLIC_URL": f"http://localhost:{port}",
        **more,
    }


def new_certificate(folder: Path) -> tuple[Path, Path]:
    """For localhost, by itself; and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "tls.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].touch(mode=0o600)
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    paths[1].write_bytes(key.private_bytes(*private))
    return paths
