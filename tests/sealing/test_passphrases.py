"""Locks, codes and pass phrases. Argon2 runs at 8 KiB here, except where its cost is what is tested."""

import threading
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safetyplan.errors import Throttled
from safetyplan.sealing import InvalidSeal, MistypedCode, WrongPassphrase, codes, hashing, passphrases
from safetyplan.sealing.secrets import Secret, new_secret

CHEAP = passphrases.Cost(8, 1, 1)
PEPPER = Secret("pepper", 1, bytes(range(32)))
PRIVATE = b"\x01" + bytes(range(96))
LOCKED = passphrases.lock(PRIVATE, "five words on a line", PEPPER, "a", cost=CHEAP)
CODE = passphrases.new_key_code()
LOCKED_WITH_CODE = passphrases.lock_with_code(PRIVATE, CODE, PEPPER, "a")


def test_argon2id_costs_64_mib_unless_a_test_says_otherwise() -> None:
    locked = passphrases.lock(PRIVATE, "phrase", PEPPER, "a")
    assert (locked.memory_kib, locked.iterations, locked.lanes) == (64 * 1024, 3, 1)
    assert passphrases.unlock(locked, "phrase", PEPPER, "a") == PRIVATE


def test_the_phrase_opens_and_no_other_does() -> None:
    assert passphrases.unlock(LOCKED, "  Five WORDS\ton a line", PEPPER, "a") == PRIVATE
    for wrong in ("five words on a lin", "", " "):
        with pytest.raises(WrongPassphrase):
            passphrases.unlock(LOCKED, wrong, PEPPER, "a")
    with pytest.raises(ValueError):
        passphrases.lock(PRIVATE, "  ", PEPPER, "a", cost=CHEAP)


@pytest.mark.parametrize(
    "locked",
    [
        replace(LOCKED, salt=bytes(16)),
        replace(LOCKED, memory_kib=16),
        replace(LOCKED, iterations=2),
        replace(LOCKED, lanes=2),
        replace(LOCKED, memory_kib=0),
        replace(LOCKED, pepper_version=2),
        replace(LOCKED, sealed=LOCKED_WITH_CODE.sealed),
        replace(LOCKED, sealed=LOCKED.sealed[:-1]),
    ],
)
def test_a_changed_row_is_told_apart_from_a_wrong_phrase(locked: passphrases.LockedKey) -> None:
    with pytest.raises(InvalidSeal) as raised:
        passphrases.unlock(locked, "five words on a line", PEPPER, "a")
    assert not isinstance(raised.value, WrongPassphrase)


@given(st.integers(0, len(LOCKED.sealed) - 1), st.integers(1, 255))
def test_any_changed_byte_of_a_lock_raises(at: int, change: int) -> None:
    sealed = bytearray(LOCKED.sealed)
    sealed[at] ^= change
    with pytest.raises(InvalidSeal):
        passphrases.unlock(replace(LOCKED, sealed=bytes(sealed)), "five words on a line", PEPPER, "a")


def test_a_lock_belongs_to_its_account_and_its_pepper() -> None:
    for pepper, account in ((PEPPER, "b"), (new_secret("pepper"), "a"), (new_secret("pepper", 2), "a")):
        with pytest.raises(InvalidSeal):
            passphrases.unlock(LOCKED, "five words on a line", pepper, account)


def test_the_pepper_changes_with_nobody_signed_in() -> None:
    fresh = new_secret("pepper", 2)
    moved = passphrases.relock_pepper(LOCKED, PEPPER, fresh, "a")
    assert passphrases.unlock(moved, "five words on a line", fresh, "a") == PRIVATE
    by_code = passphrases.relock_pepper(LOCKED_WITH_CODE, PEPPER, fresh, "a")
    assert passphrases.unlock_with_code(by_code, CODE, fresh, "a") == PRIVATE
    with pytest.raises(InvalidSeal):
        passphrases.unlock(moved, "five words on a line", PEPPER, "a")
    with pytest.raises(InvalidSeal):
        passphrases.relock_pepper(LOCKED, fresh, PEPPER, "a")


def test_a_key_code_opens_however_it_is_written() -> None:
    for written in (CODE, CODE.lower().replace("-", " "), CODE.replace("0", "o").replace("1", "l")):
        assert passphrases.unlock_with_code(LOCKED_WITH_CODE, written, PEPPER, "a") == PRIVATE
    with pytest.raises(WrongPassphrase) as raised:
        passphrases.unlock_with_code(LOCKED_WITH_CODE, passphrases.new_key_code(), PEPPER, "a")
    assert not isinstance(raised.value, MistypedCode)
    for attempt in (passphrases.unlock, passphrases.unlock_with_code):
        with pytest.raises(InvalidSeal):
            attempt(LOCKED if attempt is passphrases.unlock_with_code else LOCKED_WITH_CODE, CODE, PEPPER, "a")


@given(st.sampled_from(codes.CodeKind), st.data())
def test_one_wrong_character_is_told_at_once(kind: codes.CodeKind, data: st.DataObject) -> None:
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    bare = data.draw(st.text(alphabet, min_size=kind.value, max_size=kind.value))
    good = [symbol for symbol in alphabet if _is_code(bare + symbol, kind)]
    assert len(good) == 1
    code = bare + good[0]
    at = data.draw(st.integers(0, len(code) - 1))
    wrong = data.draw(st.sampled_from([symbol for symbol in alphabet if symbol != code[at]]))
    assert not _is_code(code[:at] + wrong + code[at + 1 :], kind)


def _is_code(code: str, kind: codes.CodeKind) -> bool:
    try:
        return code == codes.normalise_code(code, kind)
    except MistypedCode:
        return False


def test_codes_are_long_enough_and_of_one_kind() -> None:
    kinds = {
        codes.CodeKind.KEY: (passphrases.new_key_code(), 160),
        codes.CodeKind.ENROLMENT: (passphrases.new_enrolment_code(), 128),
        codes.CodeKind.FACTOR: (passphrases.new_factor_codes(1)[0], 80),
    }
    for kind, (code, bits) in kinds.items():
        assert kind.value * 5 >= bits
        assert sorted({len(group) for group in code.split("-")}) == [3]
        assert code.replace("-", "") == codes.normalise_code(code) == codes.normalise_code(code, kind)
        for other in set(kinds) - {kind}:
            with pytest.raises(MistypedCode):
                codes.normalise_code(code, other)
    assert len(set(passphrases.new_factor_codes())) == 10


@pytest.mark.parametrize("text", ["", "U", "å" * 33, "0" * 32, "0" * 34, "*" * 33])
def test_what_is_no_code_is_mistyped(text: str) -> None:
    with pytest.raises(MistypedCode):
        codes.normalise_code(text)


def test_hashes_of_codes_need_the_pepper_and_tell_nothing_of_each_other() -> None:
    factor, enrolment = passphrases.new_factor_codes(1)[0], passphrases.new_enrolment_code()
    other = new_secret("pepper")
    assert passphrases.factor_code_hash(factor, PEPPER) == passphrases.factor_code_hash(factor.lower(), PEPPER)
    assert passphrases.factor_code_hash(factor, PEPPER) != passphrases.factor_code_hash(factor, other)
    assert passphrases.code_lookup(enrolment, PEPPER) != passphrases.code_lookup(enrolment, other)


def test_an_enrolment_code_carries_keys() -> None:
    code = passphrases.new_enrolment_code()
    sealed = passphrases.seal_under_code(code, PEPPER, b"info", b"case keys")
    assert passphrases.open_under_code(code.lower(), PEPPER, b"info", sealed) == b"case keys"
    with pytest.raises(WrongPassphrase):
        passphrases.open_under_code(passphrases.new_enrolment_code(), PEPPER, b"info", sealed)
    for pepper, info, value in (
        (new_secret("pepper"), b"info", sealed),
        (PEPPER, b"other", sealed),
        (PEPPER, b"info", sealed[:-1]),
    ):
        with pytest.raises(InvalidSeal):
            passphrases.open_under_code(code, pepper, info, value)


def test_generated_phrases() -> None:
    words = codes.passphrase_words()
    assert 7776 == len(words) == len(set(words))
    assert all(word == passphrases.normalise_phrase(word) and " " not in word for word in words)
    phrase = passphrases.new_passphrase()
    assert len(phrase.split(" ")) == 5 and set(phrase.split(" ")) <= set(words)
    assert phrase != passphrases.new_passphrase()
    with pytest.raises(ValueError):
        passphrases.new_passphrase(4)


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(phrase: str) -> None:
    once = passphrases.normalise_phrase(phrase)
    assert once == passphrases.normalise_phrase(once)


def _most_at_once(places: hashing.HashingPlaces, known: list[bool]) -> int:
    inside, most, lock = 0, 0, threading.Lock()

    def work(known_device: bool) -> None:
        nonlocal inside, most
        with places.place(known_device):
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.02)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work, args=(one,)) for one in known]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return most


def test_two_at_once_and_strangers_one() -> None:
    assert _most_at_once(hashing.HashingPlaces(), [True] * 6) == 2
    assert _most_at_once(hashing.HashingPlaces(), [True, False] * 4) == 2
    assert _most_at_once(hashing.HashingPlaces(), [False] * 6) == 1


def test_strangers_waiting_never_keep_her_out() -> None:
    places = hashing.HashingPlaces(patience_s=0.05)
    with places.place(known_device=False):
        with pytest.raises(Throttled), places.place(known_device=False):
            pass
        with places.place(known_device=True):
            pass


def test_unlocking_waits_for_a_place() -> None:
    opened = threading.Event()

    def unlock() -> None:
        passphrases.unlock(LOCKED, "five words on a line", PEPPER, "a", known_device=True)
        opened.set()

    with hashing.PLACES.place(known_device=True), hashing.PLACES.place(known_device=True):
        thread = threading.Thread(target=unlock)
        thread.start()
        assert not opened.wait(0.1)
    assert opened.wait(5)
    thread.join()
