"""Where the service may listen, and whom the gate lets through."""

import io
from pathlib import Path
from typing import Any

import pytest

from safetyplan.cli.address import is_loopback, wrong_with_address
from safetyplan.cli.gate import Gate
from safetyplan.errors import SettingsWrong
from safetyplan.settings import Settings, read_settings
from tests.cli.conftest import Run, new_certificate

HTTPS = "https://plan.example"


@pytest.mark.parametrize(
    ("bind", "public_url", "proxies", "ok"),
    [
        ("127.0.0.1:8000", "http://localhost:8000", "", True),
        ("localhost:8000", "http://localhost:8000", "", True),
        ("[::1]:8000", "http://localhost:8000", "", True),
        ("127.8.8.8:8000", "http://127.0.0.1:8000", "", True),
        ("0.0.0.0:8000", "http://localhost:8000", "", False),
        ("[::]:8000", "http://localhost:8000", "", False),
        ("192.0.2.1:8000", "http://localhost:8000", "", False),
        ("house:8000", "http://localhost:8000", "", False),
        ("127.0.0.1:8000", HTTPS, "", False),
        ("0.0.0.0:8000", HTTPS, "", False),
        ("127.0.0.1:8000", HTTPS, "127.0.0.1", True),
        ("0.0.0.0:8000", HTTPS, "192.0.2.7,10.0.0.0/24", True),
        ("127.0.0.1:8000", "http://localhost:8000", "127.0.0.1", False),
        ("127.0.0.1:70000", "http://localhost:8000", "", False),
    ],
)
def test_where_it_may_listen(bind: str, public_url: str, proxies: str, ok: bool) -> None:
    settings = Settings(bind=bind, public_url=public_url, trusted_proxies=proxies)
    assert (wrong_with_address(settings) is None) is ok


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PUBLIC_URL", "http://plan.example", "https"),
        ("TRUSTED_PROXIES", "proxy.example", "no address"),
        ("TRUSTED_PROXIES", "0.0.0.0/0", "everybody"),
        ("TRUSTED_PROXIES", "10.0.0.1/24", "no address"),
        ("TLS_KEY", "/x", "both"),
    ],
)
def test_settings_that_cannot_be_meant(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(f"SAFETYPLAN_{name}", value)
    with pytest.raises(SettingsWrong, match=says):
        read_settings()


def test_a_certificate_needs_its_files_and_a_closed_key(tmp_path: Path) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "tls.key"
    settings = Settings(bind="0.0.0.0:443", public_url=HTTPS, tls_certificate=certificate, tls_key=key)
    assert "no file" in (wrong_with_address(settings) or "")
    new_certificate(tmp_path)
    assert wrong_with_address(settings) is None
    key.chmod(0o604)
    assert "chmod o=" in (wrong_with_address(settings) or "")


@pytest.mark.parametrize("bind", ["0.0.0.0:8000", "[::]:8000", "192.0.2.1:8000"])
def test_serve_refuses_plain_http_outside(run: Run, house: Settings, bind: str) -> None:
    done = run("serve", "--data", house.data, SAFETYPLAN_BIND=bind)
    assert done.exit_code == 2
    assert "plain HTTP" in done.output


def test_names_are_not_asked_about() -> None:
    assert not is_loopback("localhost.example")


# -- the gate ----------------------------------------------------------------------------------------------


def _through(settings: Settings, body: bytes = b"", **given: str) -> tuple[str, dict[str, Any]]:
    """The status, and what the application saw (nothing if the gate stayed shut)."""
    seen: dict[str, Any] = {}
    told: list[str] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.update(environ)
        start_response("200 OK", [])
        return [environ["wsgi.input"].read()]

    environ: dict[str, Any] = {
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost:8000",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        **given,
    }
    b"".join(Gate(app, settings, 100)(environ, lambda status, headers: told.append(status)))  # type: ignore[arg-type]
    return told[0][:3], seen


LOCAL = Settings()
BEHIND = Settings(public_url=HTTPS, trusted_proxies="127.0.0.1,10.0.0.0/24")
PROXIED = {"HTTP_HOST": "plan.example", "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}


@pytest.mark.parametrize("name", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST:8000"])
def test_our_own_names(name: str) -> None:
    assert _through(LOCAL, HTTP_HOST=name)[0] == "200"


@pytest.mark.parametrize("name", ["", "evil.example", "evil.example:8000", "localhost", "localhost:8001"])
def test_anybody_elses_name(name: str) -> None:
    assert _through(LOCAL, HTTP_HOST=name) == ("421", {})


def test_nobody_is_believed_without_a_proxy() -> None:
    status, seen = _through(LOCAL, HTTP_X_FORWARDED_FOR="203.0.113.9", HTTP_X_FORWARDED_PROTO="https")
    assert (status, seen["REMOTE_ADDR"], seen["wsgi.url_scheme"]) == ("200", "127.0.0.1", "http")
    assert not [name for name in seen if "FORWARDED" in name]


def test_the_proxy_is_believed() -> None:
    status, seen = _through(BEHIND, **PROXIED)
    assert (status, seen["REMOTE_ADDR"], seen["wsgi.url_scheme"]) == ("200", "203.0.113.9", "https")


def test_only_the_last_stranger_in_the_chain_counts() -> None:
    _, seen = _through(BEHIND, **PROXIED | {"HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.9, 10.0.0.4"})
    assert seen["REMOTE_ADDR"] == "203.0.113.9"


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"REMOTE_ADDR": "203.0.113.9"}, "403"),
        ({"REMOTE_ADDR": ""}, "403"),
        ({"HTTP_X_FORWARDED_PROTO": "http"}, "403"),
        ({"HTTP_X_FORWARDED_PROTO": ""}, "403"),
        ({"HTTP_X_FORWARDED_FOR": ""}, "400"),
        ({"HTTP_X_FORWARDED_FOR": "unknown"}, "400"),
        ({"HTTP_HOST": "evil.example"}, "421"),
    ],
)
def test_behind_a_proxy_everything_must_fit(changed: dict[str, str], status: str) -> None:
    assert _through(BEHIND, **PROXIED | changed) == (status, {})


def test_a_body_is_read_whole_before_it_takes_a_place() -> None:
    status, seen = _through(LOCAL, b"a=1", CONTENT_LENGTH="3")
    assert (status, type(seen["wsgi.input"]), seen["wsgi.input"].getvalue()) == ("200", io.BytesIO, b"a=1")


def test_a_body_without_a_length_is_refused() -> None:
    assert _through(LOCAL, b"a=1", HTTP_TRANSFER_ENCODING="chunked")[0] == "411"
