"""Case keys, key pairs and what is sealed to them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safetyplan.sealing import InvalidSeal, casekeys, derive, keypairs

KEY = bytes(range(32))
PAIR = keypairs.key_pair_from_seed(bytes(32))
GRANT: dict[str, Any] = {
    "grant": "g",
    "purpose": "case key",
    "case": "c",
    "compartment": "plan",
    "generation": 1,
    "granted_by": "l",
    "expires_at": None,
    "recipient_kind": "account",
    "recipient": "a",
    "public": PAIR.public,
}
values = st.lists(st.none() | st.text(max_size=5) | st.integers() | st.binary(max_size=5), max_size=5)


@given(values, values)
def test_packing_has_one_encoding(one: list[object], other: list[object]) -> None:
    assert (one == other) == (derive.pack(*one) == derive.pack(*other))


def test_packing_tells_kinds_apart_and_refuses_what_has_no_one_encoding() -> None:
    assert len({derive.pack(value) for value in ("1", 1, b"1", None, "")}) == 5
    assert derive.pack(True, False) == derive.pack(1, 0)
    with pytest.raises(TypeError):
        derive.pack(1.0)


@pytest.mark.parametrize("other", [("d", "plan", 1), ("c", "record", 1), ("c", "plan", 2)])
def test_each_case_compartment_and_generation_has_its_own_keys(other: tuple[str, str, int]) -> None:
    sealed = casekeys.field_key(KEY, "c", "plan", 1).seal(b"", b"words")
    with pytest.raises(InvalidSeal):
        casekeys.field_key(KEY, *other).open(b"", b"\x01\x00\x00\x00" + other[2].to_bytes() + sealed[5:])
    assert casekeys.commitment(KEY, "c", "plan", 1) != casekeys.commitment(KEY, *other)


def test_the_commitment_names_one_key() -> None:
    committed = casekeys.commitment(KEY, "c", "plan", 1)
    casekeys.check_commitment(KEY, "c", "plan", 1, committed)
    for key, expected in ((casekeys.new_case_key(), committed), (KEY, bytes(32)), (KEY, b"")):
        with pytest.raises(InvalidSeal):
            casekeys.check_commitment(key, "c", "plan", 1, expected)


def test_the_next_generation_follows_from_the_one_before() -> None:
    committed = casekeys.commitment(casekeys.new_case_key(), "c", "plan", 2)
    link = casekeys.succession(KEY, "c", "plan", 2, committed)
    casekeys.check_succession(KEY, "c", "plan", 2, committed, link)
    for generation, other in ((3, committed), (2, bytes(32))):
        with pytest.raises(InvalidSeal):
            casekeys.check_succession(KEY, "c", "plan", generation, other, link)
    with pytest.raises(InvalidSeal):
        casekeys.check_succession(casekeys.new_case_key(), "c", "plan", 2, committed, link)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_case_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(InvalidSeal):
        casekeys.field_key(bytes(size), "c", "plan", 1)


def test_an_accounts_own_fields() -> None:
    sealed = casekeys.account_field_key(PAIR.private, "a").seal(b"", b"totp")
    assert casekeys.account_field_key(PAIR.private, "a").open(b"", sealed) == b"totp"
    with pytest.raises(InvalidSeal):
        casekeys.account_field_key(PAIR.private, "b").open(b"", sealed)


def test_a_new_pair_opens_what_is_sealed_to_it() -> None:
    pair = keypairs.new_key_pair()
    assert (len(pair.private), len(pair.public)) == (97, 1217)
    assert pair.public == keypairs.public_of(pair.private)
    assert keypairs.open_with(pair.private, b"info", keypairs.seal_to(pair.public, b"info", KEY)) == KEY


SEALED = keypairs.seal_to(PAIR.public, b"info", KEY)


@settings(max_examples=60)
@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_any_changed_byte_of_a_sealed_key_raises(at: int, change: int) -> None:
    changed = bytearray(SEALED)
    changed[at] ^= change
    with pytest.raises(InvalidSeal):
        keypairs.open_with(PAIR.private, b"info", bytes(changed))


@pytest.mark.parametrize("sealed", [b"", b"\x01", SEALED[:-1], SEALED + b"\x00", None, "text"])
def test_what_is_not_a_sealed_key_raises(sealed: Any) -> None:
    with pytest.raises(InvalidSeal):
        keypairs.open_with(PAIR.private, b"info", sealed)


def test_another_info_or_another_recipient_raises() -> None:
    for private, info in ((PAIR.private, b"other"), (PAIR.private, b""), (keypairs.new_key_pair().private, b"info")):
        with pytest.raises(InvalidSeal):
            keypairs.open_with(private, info, SEALED)


@pytest.mark.parametrize(
    "public", [b"", PAIR.public[:-1], PAIR.public + b"\x00", b"\x02" + PAIR.public[1:], b"\x01" + b"\xff" * 1216]
)
def test_nothing_is_sealed_to_what_is_no_public_key(public: bytes) -> None:
    with pytest.raises(InvalidSeal):
        keypairs.seal_to(public, b"info", KEY)


def test_nothing_is_sealed_to_a_point_of_low_order() -> None:
    with pytest.raises(InvalidSeal):
        keypairs.seal_to(PAIR.public[:1185] + bytes(32), b"info", KEY)


def test_a_seed_of_another_size_is_refused() -> None:
    with pytest.raises(InvalidSeal):
        keypairs.key_pair_from_seed(bytes(31))


@pytest.mark.parametrize("part", GRANT)
def test_a_grant_is_bound_to_every_part(part: str) -> None:
    value = GRANT[part]
    changed = 0 if value is None else value + {int: 1, str: "x", bytes: b"x"}[type(value)]
    info = keypairs.grant_info(**GRANT)
    other = keypairs.grant_info(**{**GRANT, part: changed})
    with pytest.raises(InvalidSeal):
        keypairs.open_with(PAIR.private, other, keypairs.seal_to(PAIR.public, info, KEY))
