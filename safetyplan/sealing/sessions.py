"""A session's row opens only with the cookie in the browser and the session salt in the server, together."""

import base64
import hashlib
import secrets

from safetyplan.sealing.derive import derive, pack
from safetyplan.sealing.envelope import FieldKey
from safetyplan.sealing.invalid import InvalidSeal
from safetyplan.sealing.secrets import Secret


def new_cookie() -> str:
    """32 random bytes as 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def cookie_hash(cookie: str) -> bytes:
    """SHA-256 of the 32 bytes, to find the row. Raises InvalidSeal for a cookie that is none of ours."""
    return hashlib.sha256(_raw(cookie)).digest()


def seal_session(cookie: str, salt: Secret, kind: str, row_id: str, payload: bytes) -> bytes:
    """`kind` keeps the half-signed-in state from ever opening as a session.

    The salt's version is the generation.
    """
    return _key(cookie, salt, kind).seal(pack("session", row_id), payload)


def open_session(cookie: str, salt: Secret, kind: str, row_id: str, sealed: bytes) -> bytes:
    """Raises InvalidSeal.

    Find the salt with `generation_of(sealed)`; a salt that is gone ends its sessions.
    """
    return _key(cookie, salt, kind).open(pack("session", row_id), sealed)


def _key(cookie: str, salt: Secret, kind: str) -> FieldKey:
    return FieldKey(derive(_raw(cookie), "session", kind, salt=salt.key), salt.version)


def _raw(cookie: str) -> bytes:
    try:
        raw = base64.b64decode(cookie.encode("ascii") + b"=", altchars=b"-_", validate=True)
    except ValueError:
        raise InvalidSeal("not a session cookie") from None
    # One encoding: the last character has two bits to spare.
    if len(raw) != 32 or base64.urlsafe_b64encode(raw).decode().rstrip("=") != cookie:
        raise InvalidSeal("not a session cookie")
    return raw
