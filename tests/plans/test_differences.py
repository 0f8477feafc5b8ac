"""Differences give both texts back, to the letter; and what two people wrote goes together without loss."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safetyplan.plans.differences import PartKind, Parts, changes, difference, together
from safetyplan.plans.model import Item, SectionName, accept_wording
from safetyplan.vault import Revealed, reveal

WORDS = st.lists(
    st.sampled_from(["I", "ring", "Karin", "her", "at", "work", " ", "\n", ". ", "…", "åäö", "I", "x"]), max_size=40
).map(lambda parts: "".join(parts))
TEXTS = WORDS | st.text(max_size=60)


def shown(parts: Parts) -> list[tuple[str, str]]:
    return [(str(part.kind), reveal(part.text)) for part in parts]


def test_words_are_compared_not_letters() -> None:
    parts = difference(Revealed("I ring my sister today."), Revealed("I ring my contact person today."))
    assert shown(parts) == [("same", "I ring my "), ("gone", "sister"), ("new", "contact person"), ("same", " today.")]


def test_more_at_the_end_leaves_the_beginning_alone() -> None:
    parts = difference(Revealed("Ring Karin"), Revealed("Ring Karin at work"))
    assert shown(parts) == [("same", "Ring Karin"), ("new", " at work")]


def test_no_difference_has_no_parts() -> None:
    assert difference(Revealed("Ring Karin"), Revealed("Ring Karin")) == ()


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_out_of_their_difference(before: str, after: str) -> None:
    parts = difference(Revealed(before), Revealed(after))
    if before == after:
        assert parts == ()
        return
    assert before == "".join(reveal(part.text) for part in parts if part.kind is not PartKind.NEW)
    assert after == "".join(reveal(part.text) for part in parts if part.kind is not PartKind.GONE)
    assert all(len(part.text) for part in parts)


@pytest.mark.parametrize("text", ["a b c d e f g h " * 125, "a.b," * 500, "x\ny\n" * 500, "x" * 1999 + "y"])
def test_the_longest_texts_are_compared_at_once(text: str) -> None:
    other = text[::-1]
    began = time.perf_counter()
    parts = difference(Revealed(text), Revealed(other))
    assert time.perf_counter() - began < 1
    assert other == "".join(reveal(part.text) for part in parts if part.kind is not PartKind.GONE)


def test_changes_to_different_words_go_together() -> None:
    both = together(
        Revealed("I ring Karin when I am afraid."),
        Revealed("I ring Karin or Lena when I am afraid."),
        Revealed("I ring Karin when I am afraid. Always."),
    )
    assert reveal(both) == "I ring Karin or Lena when I am afraid. Always."


def test_changes_to_the_same_words_stand_one_under_the_other() -> None:
    both = together(Revealed("I ring Karin."), Revealed("I ring Lena."), Revealed("I ring Sara."))
    assert reveal(both) == "I ring Sara.\n\nI ring Lena."


@given(TEXTS, TEXTS, TEXTS)
def test_nothing_new_is_lost_when_two_texts_go_together(base: str, mine: str, theirs: str) -> None:
    both = reveal(together(Revealed(base), Revealed(mine), Revealed(theirs)))
    if base == mine:
        assert theirs == both
    elif theirs in (base, mine):
        assert mine == both
    else:
        for after in (mine, theirs):
            for part in difference(Revealed(base), Revealed(after)):
                assert part.kind is not PartKind.NEW or reveal(part.text) in both


# -- what a revision changed -----------------------------------------------------------------------------------

ITEM = Item(SectionName.WORK, accept_wording("Talk to my manager"))


def item(text: str = "Talk to my manager", who: str = "", by: str = "", *, gone: bool = False) -> Item:
    """``gone``: done, and taken away."""
    return Item(SectionName.WORK, accept_wording(text, who, by), done=gone, removed=gone)


def test_the_first_revision_is_an_addition() -> None:
    assert changes(None, ITEM).added


def test_only_what_was_changed_is_told() -> None:
    told = changes(ITEM, item("Talk to the union"))
    assert shown(told.text) == [("same", "Talk to "), ("gone", "my manager"), ("new", "the union")]
    assert (told.who, told.by, told.done, told.removed) == ((), False, None, None)


def test_every_kind_of_change_is_told() -> None:
    told = changes(ITEM, item(who="Karin", by="2027-01-31", gone=True))
    assert (
        told.text,
        shown(told.who),
        told.by,
        told.done,
        told.removed,
    ) == ((), [("new", "Karin")], True, True, True)
    assert date(2027, 1, 31) == item(by="2027-01-31").wording.by
    back = changes(item(gone=True), ITEM)
    assert (back.done, back.removed) == (False, False)
