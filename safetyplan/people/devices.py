"""The mark of a device that somebody called their own: stateless, and silent about whose it is."""

import base64
import hmac
import secrets as random

from safetyplan.sealing.derive import derive, pack
from safetyplan.sealing.secrets import Secret, ServerSecrets

_SIZE = 16


def new_mark(secrets: ServerSecrets, account: str) -> str:
    """16 random bytes ‖ 16 bytes of MAC over account and random, base64url. Dies with the session salt."""
    drawn = random.token_bytes(_SIZE)
    return base64.urlsafe_b64encode(drawn + _mac(secrets.current("session_salt"), account, drawn)).decode().rstrip("=")


def is_known(secrets: ServerSecrets, account: str, mark: str | None) -> bool:
    """Whether the mark was made here, for this account."""
    try:
        raw = base64.b64decode((mark or "").encode("ascii") + b"=", altchars=b"-_", validate=True)
    except ValueError:
        return False
    drawn, given = raw[:_SIZE], raw[_SIZE:]
    salts = secrets.versions("session_salt")
    return len(raw) == 2 * _SIZE and any(hmac.compare_digest(_mac(salt, account, drawn), given) for salt in salts)


def _mac(salt: Secret, account: str, drawn: bytes) -> bytes:
    return hmac.digest(derive(salt.key, "device"), pack(account, drawn), "sha256")[:_SIZE]
