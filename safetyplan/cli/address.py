"""Where the house may be reached, and that nobody's words travel in clear.

Plain HTTP is for this machine only. Outside it the public address is https, and somebody makes it so: the service with
a certificate of its own, or a proxy whose address is written down and whom alone the service then answers.
"""

import ssl
import stat
from ipaddress import ip_address
from pathlib import Path

from safetyplan.settings import Settings


def host_and_port(bind: str) -> tuple[str, int]:
    """ "[::1]:8000" is ("::1", 8000)."""
    host, _, port = bind.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port)


def is_loopback(host: str) -> bool:
    """Only what is certain without asking anybody: names other than localhost are not."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def wrong_with_address(settings: Settings) -> str | None:
    """Why the service must not listen as it is set up, with the mend; None if it may."""
    host, port = host_and_port(settings.bind)
    https = settings.public_url.startswith("https://")
    if not 0 < port < 65536:
        return f"SAFETYPLAN_BIND names port {port}. Choose one from 1 to 65535."
    if not https and not is_loopback(host):
        return (
            f"{settings.bind} can be reached from outside, and plain HTTP would show every word on the way. Bind to"
            " 127.0.0.1, or set SAFETYPLAN_PUBLIC_URL to an https address."
        )
    if https and settings.tls_certificate is None and not settings.proxies:
        return (
            f"{settings.public_url} promises HTTPS, but nothing here makes it so. Set SAFETYPLAN_TLS_CERTIFICATE and"
            " SAFETYPLAN_TLS_KEY, or SAFETYPLAN_TRUSTED_PROXIES to the address of the proxy in front."
        )
    if not https and (settings.tls_certificate or settings.proxies):
        return "A certificate or a proxy is set, but SAFETYPLAN_PUBLIC_URL is plain HTTP. Set it to the https address."
    return _wrong_with_files(settings)


def _wrong_with_files(settings: Settings) -> str | None:
    for path in (settings.tls_certificate, settings.tls_key):
        if path is not None and not path.is_file():
            return f"There is no file {path}. Put the certificate and its key there, or correct the settings."
    key = settings.tls_key
    if key is not None and stat.S_IMODE(key.stat().st_mode) & 0o007:
        return f"Anybody on this machine may read {key}. Say `chmod o= {key}`."
    return _wrong_with_pair(settings.tls_certificate, key)


def _wrong_with_pair(certificate: Path | None, key: Path | None) -> str | None:
    if certificate is None or key is None:
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError):  # an SSLError is an OSError
        names = "SAFETYPLAN_TLS_CERTIFICATE and SAFETYPLAN_TLS_KEY"
        return f"{names} are no pair in PEM without a password: {certificate}, {key}. Put the right files there."
    return None


def _no_password() -> str:
    """Asked for where the key has one: nobody sits at the terminal of a service."""
    return ""
