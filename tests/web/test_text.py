"""What was typed is never lost; what nobody can see is taken out; nothing becomes markup."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from safetyplan.web.text import plain

VISIBLE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cf", "Cn", "Co")), max_size=200)


@given(VISIBLE)
def test_nothing_seen_is_lost(text: str) -> None:
    assert plain(text) == unicodedata.normalize("NFC", text).strip()


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    "typed",
    [
        "ring <Karin> at 5 & ask",
        "1 < 2 && 3 > 2",
        "<script>alert(1)</script>",
        "<!-- kept --> &amp; &lt;b&gt;",
        "<b>bold</b> <img src=x onerror=alert(1)>",
    ],
)
def test_markup_stays_the_characters_that_were_typed(typed: str) -> None:
    assert plain(typed) == typed
    assert "<" not in str(escape(plain(typed)))


def test_unseen_characters_go(typed: str = "a\x00b\u202ec\u2066d\x1b[31me\ufeff") -> None:
    assert plain(typed) == "abcd[31me"


def test_lines_are_kept() -> None:
    assert plain(" one\r\ntwo\rthree \n") == "one\ntwo\nthree"
