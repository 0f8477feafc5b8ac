"""What people typed, made plain. Autoescape is the defence; this only takes out what no page should carry.

bleach 6.4 is its announced last release: nothing else may depend on it, and nh3 fits behind this function.
"""

import re
import unicodedata
from html import unescape

import bleach

# Control characters but newline and tab, and the invisible marks that turn the direction of what follows.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")


def plain(text: str) -> str:
    """Text without markup and unseen characters: NFC, newlines as \\n, no space at the ends."""
    seen = _UNSEEN.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")))
    return unescape(bleach.clean(seen, tags=set(), attributes={}, strip=True)).strip()
