"""Six-digit codes (RFC 6238, 30 seconds, SHA-1 as every authenticator expects), one step either way."""

import hmac
import unicodedata

import pyotp
import segno

STEP_MS = 30_000
DIGITS = 6
WINDOW = 1
_FAR = 40


def new_secret() -> str:
    """160 random bits in base32 (RFC 4226 section 4, R6)."""
    return pyotp.random_base32()


def step_of(now: int) -> int:
    return now // STEP_MS


def code_at(secret: str, step: int) -> str:
    return pyotp.TOTP(secret).generate_otp(step)


def normalise(typed: str) -> str:
    """Six ASCII digits from "123 456" or from Arabic-Indic digits; "" for anything else."""
    digits = [str(unicodedata.decimal(sign, "")) for sign in typed if not sign.isspace() and sign != "-"]
    return "".join(digits) if len(digits) == DIGITS and all(digits) else ""


def match(secret: str, typed: str, now: int, window: int = WINDOW) -> int | None:
    """The newest step within the window that the code belongs to. Every step is compared, always."""
    code, here, found = normalise(typed).encode() or b"-", step_of(now), None
    for step in range(here - window, here + window + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code):
            found = step
    return found


def minutes_wrong(secret: str, typed: str, now: int) -> int | None:
    """How far the other clock is off, up to 20 minutes. Only for a secret that she was shown a moment ago."""
    step = match(secret, typed, now, _FAR)
    return None if step is None else round((step - step_of(now)) / 2)


def uri(secret: str, label: str) -> str:
    """What the QR code says. ``label`` is the house's neutral name; no user name, no address."""
    return pyotp.TOTP(secret).provisioning_uri(name=label, issuer_name=label)


def in_groups(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def qr_matrix(text: str) -> list[list[int]]:
    """Rows of 0 and 1 for the page's QR macro: no style, no script, no picture."""
    return [list(row) for row in segno.make(text, error="m", micro=False).matrix]
