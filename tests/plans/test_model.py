"""Rules of the plan, without a database: words are accepted whole, and nobody's are lost when two people write."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from safetyplan.actors import AccountId, RecordId, Role
from safetyplan.errors import NotAccepted, Refused, Stale
from safetyplan.plans import model
from safetyplan.plans.model import Item, KeptItem, Section, SectionName, Wording, accept_wording
from safetyplan.vault import Revealed, reveal

TEXTS = st.text(min_size=1, max_size=200).filter(lambda text: bool(model._tidy(text)))
WORDINGS = st.builds(
    lambda text, who, by: accept_wording(text, who, by.isoformat() if by else ""),
    TEXTS,
    st.text(max_size=40),
    st.none() | st.dates(model.FIRST_DAY, model.LAST_DAY),
)
ITEMS = st.builds(
    Item, st.sampled_from(SectionName), WORDINGS, st.booleans(), st.booleans(), st.none() | st.just("work/tell")
)
SECTIONS = st.builds(
    Section,
    st.sampled_from(SectionName),
    st.none() | st.dates(model.FIRST_DAY, model.LAST_DAY),
    st.none() | st.integers(0, 4_000_000_000_000),
    st.none() | st.sampled_from(Role),
)


def words(text: str, who: str = "", by: str = "") -> Wording:
    return accept_wording(text, who, by)


def test_the_sections_stand_in_their_order() -> None:
    names = "contacts signs what_i_do devices work children home people money papers code_word"
    assert names.split() == [str(name) for name in SectionName]
    assert list(range(1, 12)) == [name.number for name in SectionName]
    assert all(name.heading and name.hint for name in SectionName)


def test_a_section_is_found_by_its_number() -> None:
    assert SectionName.CHILDREN is model.section_numbered(6)
    for number in (0, -1, 12):
        with pytest.raises(Refused):
            model.section_numbered(number)


@given(ITEMS)
def test_an_item_has_one_encoding(item: Item) -> None:
    body = item.to_body()
    assert item == Item.from_body(Revealed(body))
    assert len(body.encode()) % model.STEP == 0


@given(SECTIONS)
def test_a_section_has_one_encoding_of_one_length(section: Section) -> None:
    body = section.to_body()
    assert section == Section.from_body(Revealed(body))
    assert len(body.encode()) == model.STEP


@given(ITEMS)
def test_another_encoding_is_not_read(item: Item) -> None:
    body = json.loads(item.to_body())
    with pytest.raises(ValueError, match="encoding"):
        Item.from_body(Revealed(json.dumps(body, indent=1)))


@given(ITEMS)
def test_neither_done_nor_the_section_shows_in_a_length(item: Item) -> None:
    short = replace(item, wording=words("Ring"))
    lengths = {
        len(replace(short, section=name, done=done, removed=done).to_body())
        for name in SectionName
        for done in (True, False)
    }
    assert len(lengths) == 1


def test_what_is_printed_by_accident_shows_no_words() -> None:
    item = Item(SectionName.CHILDREN, words("Karin fetches them", "Karin"))
    kept = KeptItem(RecordId("i"), 1, item, 0, AccountId("a"))
    assert "Karin" not in f"{kept!r} {kept}"


# -- what is accepted ------------------------------------------------------------------------------------------


@given(st.text(max_size=300))
def test_everything_that_can_be_seen_is_kept(text: str) -> None:
    seen = [c for c in text if c.isprintable() and not c.isspace() and not 0xD800 <= ord(c) <= 0xDFFF]
    if not seen:
        return
    kept = reveal(accept_wording(text).text)
    assert seen == [c for c in kept if c.isprintable() and not c.isspace()]


def test_line_breaks_and_blanks_are_made_one_kind() -> None:
    accepted = words("  first \r\nsecond\x00\rthird\t! \n\n", "  Ka\nrin  ", " 2027-03-31 ")
    assert words("first\nsecond\nthird !", "Ka rin", "2027-03-31") == accepted


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        (("", "", ""), {"text"}),
        ((" \n\t\x01", "", ""), {"text"}),
        (("x" * 2001, "", ""), {"text"}),
        (("x", "y" * 81, ""), {"who"}),
        (("x", "", "31/3 2027"), {"by"}),
        (("x", "", "2027-02-30"), {"by"}),
        (("x", "", "1999-12-31"), {"by"}),
        (("", "y" * 81, "soon"), {"text", "who", "by"}),
    ],
)
def test_every_field_that_needs_mending_is_named(typed: tuple[str, str, str], fields: set[str]) -> None:
    with pytest.raises(NotAccepted) as refused:
        accept_wording(*typed)
    assert fields == set(refused.value.problems)


def test_the_longest_text_is_accepted() -> None:
    assert len(words("å" * 2000).text) == 2000


# -- dates -----------------------------------------------------------------------------------------------------


def at(year: int, month: int, day: int, hour: int = 12) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp() * 1000)


def test_a_day_begins_at_midnight_in_the_house() -> None:
    assert date(2026, 7, 1) == model.day_of(at(2026, 6, 30, 22))
    assert date(2026, 6, 30) == model.day_of(at(2026, 6, 30, 21))


def test_a_section_is_stale_after_its_day_and_not_on_it() -> None:
    section = Section(SectionName.HOME, date(2026, 11, 24))
    assert not section.stale(date(2026, 11, 24))
    assert section.stale(date(2026, 11, 25))
    assert not Section(SectionName.HOME).stale(date(2026, 11, 25))


def test_still_right_moves_a_day_that_has_come_and_keeps_a_later_one() -> None:
    now, today = at(2026, 11, 24), date(2026, 11, 24)
    for day in (None, today, today - timedelta(days=30)):
        confirmed = Section(SectionName.HOME, day).confirmed(now, Role.RESIDENT)
        assert Section(SectionName.HOME, today + model.LOOK_AGAIN, now, Role.RESIDENT) == confirmed
    later = Section(SectionName.HOME, today + timedelta(days=7)).confirmed(now, Role.STAFF)
    assert today + timedelta(days=7) == later.review_on


def test_what_is_due_is_the_beginning_of_the_day() -> None:
    assert str(at(2026, 11, 23, 23)) == Section(SectionName.HOME, date(2026, 11, 24)).due()
    assert Section(SectionName.HOME).due() == ""


# -- two people ------------------------------------------------------------------------------------------------

BASE = Item(SectionName.WORK, words("Talk to my manager"))


def test_new_words_are_saved() -> None:
    mine = words("Talk to my manager on Monday")
    assert replace(BASE, wording=mine) == model.worded(BASE, BASE, mine)


def test_nothing_typed_is_nothing_to_save() -> None:
    assert None is model.worded(BASE, BASE, BASE.wording)
    assert None is model.worded(replace(BASE, wording=words("Something else")), BASE, BASE.wording)
    assert None is model.worded(replace(BASE, removed=True), BASE, BASE.wording)


def test_sent_twice_or_written_alike_is_no_clash() -> None:
    mine = words("Talk to my manager on Monday")
    assert None is model.worded(replace(BASE, wording=mine), BASE, mine)


def test_a_tap_meanwhile_is_no_clash() -> None:
    done = replace(BASE, done=True)
    mine = words("Talked to my manager")
    assert replace(done, wording=mine) == model.worded(done, BASE, mine)


@pytest.mark.parametrize(
    "theirs",
    [
        replace(BASE, wording=words("Talk to the union")),
        replace(BASE, wording=words("Talk to my manager", "Karin")),
        replace(BASE, wording=words("Talk to my manager", "", "2027-01-01")),
        replace(BASE, removed=True),
    ],
)
def test_other_words_meanwhile_are_a_clash(theirs: Item) -> None:
    mine = words("Talk to my manager on Monday")
    with pytest.raises(Stale):
        model.worded(theirs, BASE, mine)
    chosen = model.worded(theirs, theirs, mine)  # after both versions were seen
    assert replace(theirs, wording=mine, removed=False) == chosen


def test_writing_over_what_was_taken_away_brings_it_back() -> None:
    gone = replace(BASE, removed=True)
    assert model.worded(gone, gone, BASE.wording) == BASE


@given(ITEMS, st.booleans())
def test_taps_say_what_they_want(item: Item, wanted: bool) -> None:
    done, removed = model.marked(item, wanted), model.taken_away(item, wanted)
    assert done == (None if item.done == wanted else replace(item, done=wanted))
    assert removed == (None if item.removed == wanted else replace(item, removed=wanted))


@dataclass
class Writer:
    """Somebody with the page open: what they saw, and what they typed."""

    seen: int = 0
    typed: Wording = field(default_factory=lambda: BASE.wording)


class TwoPeople(RuleBasedStateMachine):
    """Two people open, type, save, tap and choose in any order. The store is a list of revisions that only grows."""

    @initialize()
    def begin(self) -> None:
        self.revisions = [BASE]
        self.people = [Writer(), Writer()]
        self.accepted: list[Wording] = [BASE.wording]

    @rule(who=st.integers(0, 1), wording=WORDINGS)
    def open_and_type(self, who: int, wording: Wording) -> None:
        self.people[who] = Writer(len(self.revisions) - 1, wording)

    @rule(who=st.integers(0, 1))
    def save(self, who: int) -> None:
        writer = self.people[who]
        current, base = self.revisions[-1], self.revisions[writer.seen]
        try:
            after = model.worded(current, base, writer.typed)
        except Stale:
            # The page with both versions: what was typed is in it, and the newest revision is now what she saw.
            assert writer.typed not in (base.wording, current.wording) or current.removed or base.removed
            writer.seen = len(self.revisions) - 1
            return
        if after is not None:
            self.revisions.append(after)
        if writer.typed != base.wording:
            self.accepted.append(writer.typed)

    @rule(who=st.integers(0, 1), wanted=st.booleans())
    def tap(self, who: int, wanted: bool) -> None:
        for after in (model.marked(self.revisions[-1], wanted), model.taken_away(self.revisions[-1], wanted)):
            if after is not None:
                self.revisions.append(after)

    @invariant()
    def nothing_accepted_is_lost(self) -> None:
        there = [item.wording for item in self.revisions]
        assert all(wording in there for wording in self.accepted)

    @invariant()
    def nobody_overwrites_words_they_have_not_seen(self) -> None:
        assert all(item.section is SectionName.WORK for item in self.revisions)


TestTwoPeople = TwoPeople.TestCase


@given(st.lists(ITEMS, max_size=30))
def test_every_item_stands_in_its_section(some: list[Item]) -> None:
    kept = [KeptItem(RecordId(str(n)), 1, item, n, AccountId("a")) for n, item in enumerate(some)]
    arranged = model.by_section(kept)
    assert list(SectionName) == list(arranged)
    for name, there in arranged.items():
        assert tuple(each for each in kept if each.item.section is name) == there
