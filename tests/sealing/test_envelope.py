"""Fields: what was sealed, in its place, or InvalidSeal."""

import os
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safetyplan.sealing import InvalidSeal
from safetyplan.sealing.envelope import FieldKey, associated_data, generation_of, padded_length

KEY = FieldKey(bytes(range(32)), 7)
PLACE: dict[str, Any] = {
    "field": 12,
    "record": "r" * 26,
    "scope": "c" * 26,
    "compartment": "plan",
    "revision": 3,
    "generation": 7,
}
OVERHEAD = 1 + 4 + 12 + 16
names = st.text(max_size=30)
places = st.fixed_dictionaries(
    {
        "field": st.integers(0, 2**32 - 1),
        "record": names,
        "scope": names,
        "compartment": names,
        "revision": st.integers(0, 2**64 - 1),
        "generation": st.integers(0, 2**32 - 1),
    }
)


@given(st.binary(max_size=3000), st.binary(max_size=50))
def test_what_was_sealed_comes_back(plaintext: bytes, aad: bytes) -> None:
    assert plaintext == KEY.open(aad, KEY.seal(aad, plaintext))


@pytest.mark.parametrize("size", [0, 1, 30, 31, 32, 255, 256, 2046, 2047, 2048, 2049, 70_000])
def test_every_ending_survives_the_padding(size: int) -> None:
    for ending in (b"", b"\x80", b"\x00", b"\x80\x00\x00", b"\x00\x80"):
        plaintext = b"x" * size + ending
        assert plaintext == KEY.open(b"", KEY.seal(b"", plaintext))


@given(st.binary(max_size=300), st.data())
def test_any_changed_byte_raises(plaintext: bytes, data: st.DataObject) -> None:
    sealed = bytearray(KEY.seal(b"place", plaintext))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(InvalidSeal):
        KEY.open(b"place", bytes(sealed))


def test_every_single_flipped_bit_raises() -> None:
    sealed = KEY.seal(b"place", b"a short text")
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(InvalidSeal):
            KEY.open(b"place", bytes(changed))


@given(st.binary(max_size=200))
def test_bytes_from_elsewhere_raise(foreign: bytes) -> None:
    with pytest.raises(InvalidSeal):
        KEY.open(b"", foreign)


@pytest.mark.parametrize("nothing", [None, "", 0])
def test_a_column_without_bytes_raises(nothing: Any) -> None:
    for read in (lambda value: KEY.open(b"", value), generation_of):
        with pytest.raises(InvalidSeal):
            read(nothing)


@given(places, places)
def test_two_places_never_share_their_associated_data(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (one == other) == (associated_data(**one) == associated_data(**other))


@given(names, names, names, st.data())
def test_moving_a_border_between_names_changes_the_place(a: str, b: str, c: str, data: st.DataObject) -> None:
    text = a + b + c
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))
    moved = (text[: cuts[0]], text[cuts[0] : cuts[1]], text[cuts[1] :])
    one, other = (
        associated_data(1, record, scope, compartment, 1, 1) for record, scope, compartment in ((a, b, c), moved)
    )
    assert (moved == (a, b, c)) == (one == other)


@pytest.mark.parametrize("component", PLACE)
def test_a_field_opens_in_its_place_only(component: str) -> None:
    sealed = KEY.seal(associated_data(**PLACE), b"words")
    value = PLACE[component]
    with pytest.raises(InvalidSeal):
        KEY.open(associated_data(**{**PLACE, component: value + (1 if isinstance(value, int) else "x")}), sealed)


@pytest.mark.parametrize(
    "change", [{"field": -1}, {"revision": 2**64}, {"generation": 2**32}, {"record": "x" * 70_000}]
)
def test_a_place_that_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        associated_data(**{**PLACE, **change})


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_length_tells_the_bucket_only(one: int, other: int) -> None:
    lengths = [len(KEY.seal(b"", bytes(size))) - OVERHEAD for size in (one, other)]
    assert [padded_length(one + 1), padded_length(other + 1)] == lengths
    assert all(length >= 32 for length in lengths)


@given(st.integers(33, 10**9))
def test_padme(size: int) -> None:
    padded = padded_length(size)
    exponent = size.bit_length() - 1
    kept_bits = exponent.bit_length() + 1
    assert size <= padded <= size * 1.12
    assert padded % (1 << max(0, padded.bit_length() - kept_bits)) == 0
    assert padded == padded_length(padded)


def test_padme_examples() -> None:
    assert [padded_length(n) for n in (1, 32, 33, 65 + 4, 257, 1024, 1025)] == [32, 32, 36, 72, 272, 1024, 1088]


def test_another_key_and_another_generation_raise() -> None:
    for other in (FieldKey(bytes(32), 7), FieldKey(bytes(range(32)), 8)):
        with pytest.raises(InvalidSeal):
            KEY.open(b"", other.seal(b"", b"words"))


def test_generation_is_read_without_the_key() -> None:
    assert generation_of(FieldKey(bytes(32), 2**32 - 1).seal(b"", b"")) == 2**32 - 1
    for wrong in (b"", b"\x01" * 64, b"\x02" + KEY.seal(b"", b"")[1:]):
        with pytest.raises(InvalidSeal):
            generation_of(wrong)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_only_256_bit_keys(size: int) -> None:
    with pytest.raises(ValueError):
        FieldKey(bytes(size), 1)


def test_threads_never_share_a_nonce() -> None:
    sealed: list[bytes] = []

    def seal_many() -> None:
        mine = [KEY.seal(b"", b"") for _ in range(5000)]
        sealed.extend(mine)

    threads = [threading.Thread(target=seal_many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({envelope[5:17] for envelope in sealed}) == 40_000


def test_a_child_process_never_repeats_its_parents_nonces() -> None:
    KEY.seal(b"", b"")  # the stock is filled before the fork
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, b"".join(KEY.seal(b"", b"")[5:17] for _ in range(70)))
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        theirs = pipe.read()
    os.waitpid(child, 0)
    ours = {KEY.seal(b"", b"")[5:17] for _ in range(70)}
    assert len(theirs) == 70 * 12
    assert not ours & {theirs[at : at + 12] for at in range(0, len(theirs), 12)}
