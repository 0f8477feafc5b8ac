"""What people typed, made plain. Text is text here, never markup: ``<Karin>`` stays what she wrote.

Autoescape is the defence on every page. This takes out what no page should carry and nobody can see, and lets bleach
turn whatever a browser could read as markup into the characters that were typed; a property test holds that nothing
seen is lost. bleach 6.4 is its announced last release: nothing else may depend on it, and nh3 fits behind ``plain``.
"""

import re
import unicodedata
from html import unescape

import bleach

# Control characters but newline and tab, and the invisible marks that turn the direction of what follows.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")


def plain(text: str) -> str:
    """The text without unseen characters: NFC, newlines as \\n, no space at the ends."""
    seen = _UNSEEN.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")))
    escaped = bleach.clean(seen.replace("&", "&amp;"), tags=set(), attributes={}, strip=False, strip_comments=False)
    return unescape(escaped).strip()
