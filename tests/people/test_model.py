"""The pure parts: names, words, codes, devices."""

from base64 import b32encode
from importlib.resources import files
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safetyplan.actors import Role
from safetyplan.errors import NotAccepted
from safetyplan.people import totp
from safetyplan.people.model import IDLE_OTHERS, MINUTE, check_own_phrase, coarse_device, idle_limit, plain_name
from safetyplan.people.names import WORDS, new_user_name
from safetyplan.people.phrases import HARSH, new_phrase, same
from safetyplan.sealing.codes import passphrase_words

NOW = 1_795_510_800_000


def test_user_names_say_nothing_and_are_many() -> None:
    assert len(set(WORDS)) == len(WORDS) > 240
    assert all(word.isascii() and word.islower() and 3 <= len(word) <= 9 for word in WORDS)
    drawn = {new_user_name() for _ in range(2000)}
    assert len(drawn) > 1990
    assert all(plain_name(name) == name for name in drawn)


@pytest.mark.parametrize("typed", ["Mango Radio 417", " mango–radio–417 ", "MANGO_RADIO.417", "mango - radio - 417"])
def test_a_user_name_is_read_as_people_write_it(typed: str) -> None:
    assert plain_name(typed) == "mango-radio-417"


def test_generated_words_do_not_hurt() -> None:
    assert set(passphrase_words()) >= HARSH
    drawn = {word for _ in range(300) for word in new_phrase().split()}
    assert not drawn & HARSH
    assert len(new_phrase().split()) == 5


@pytest.mark.parametrize("weak", ["", "short one", "password1234", "aaaaaaaaaaaaaaaa", "qwertyuiopasdf", "a" * 201])
def test_a_weak_phrase_of_her_own_is_refused(weak: str) -> None:
    with pytest.raises(NotAccepted) as refused:
        check_own_phrase(weak)
    assert set(refused.value.problems) == {"phrase"}
    assert weak == "" or weak not in str(refused.value.problems)


LOCAL = """
lösenord1234 losenord1234 l0senord1234 Lösenord1234! sommaren2024 Sommaren2024! hejsanhejsan1 kodeord1234 adgangskode1
sommeren2024 kobenhavn2023 koebenhavn2023 jag_älskar_dig jeg-elsker-dig älskling2019 brøndby1964 qwertyuiopå1
"""


@pytest.mark.parametrize("weak", LOCAL.split())
def test_what_swedes_and_danes_write_is_easy_to_guess(weak: str) -> None:
    for spelt in (weak, weak.replace("_", " ").replace("-", " ")):
        with pytest.raises(NotAccepted):
            check_own_phrase(spelt)


def test_five_words_at_random_are_good_whatever_the_language() -> None:
    for name in ("words_sv.txt", "words_da.txt"):
        lines = files("safetyplan.people").joinpath(name).read_text("utf-8").splitlines()
        words = [line for line in lines if not line.startswith("#") and len(line) > 3]
        assert len(words) > 6_000 and any("creativecommons.org/licenses/by-sa/4.0" in line for line in lines[:5])
        draw = Random(4)
        for _ in range(20):
            check_own_phrase(" ".join(draw.sample(words, 5)))
            check_own_phrase("".join(draw.sample(words, 5)))


@pytest.mark.parametrize(
    "good", ["gröna stolar dansar sent", "بيت أزرق فوق الجبل البعيد", "x" * 3 + " korrekt hast batteri"]
)
def test_a_good_phrase_of_her_own_is_taken(good: str) -> None:
    check_own_phrase(good)


def test_phrases_are_the_same_from_every_keyboard() -> None:
    assert same("Gröna  stolar", "gro\u0308na stolar ")
    assert not same("gröna stolar", "gröna stola")


def test_codes_are_those_of_rfc_6238() -> None:
    secret = b32encode(b"12345678901234567890").decode()
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        assert totp.match(secret, code, seconds * 1000) == seconds // 30


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_either_way(steps: int, accepted: bool) -> None:
    secret, here = totp.new_secret(), totp.step_of(NOW)
    assert totp.match(secret, totp.code_at(secret, here + steps), NOW) == (here + steps if accepted else None)


@pytest.mark.parametrize("typed", ["123 456", "123-456", " 123456 ", "١٢٣ ٤٥٦", "۱۲۳۴۵۶"])
def test_digits_of_every_keyboard(typed: str) -> None:
    assert totp.normalise(typed) == "123456"


@given(st.text(max_size=12))
def test_anything_else_is_no_code(typed: str) -> None:
    plain = totp.normalise(typed)
    assert plain == "" or (len(plain) == 6 and plain.isascii() and plain.isdigit())


def test_a_wrong_clock_is_told() -> None:
    secret, here = totp.new_secret(), totp.step_of(NOW)
    assert totp.minutes_wrong(secret, totp.code_at(secret, here + 10), NOW) == 5
    assert totp.minutes_wrong(secret, totp.code_at(secret, here + 100), NOW) is None


def test_the_qr_code_says_nothing_about_anybody() -> None:
    address = totp.uri("B" * 32, "Anteckningar")
    assert address == f"otpauth://totp/Anteckningar:Anteckningar?secret={'B' * 32}&issuer=Anteckningar"
    matrix = totp.qr_matrix(address)
    assert len(matrix) == len(matrix[0]) and {cell for row in matrix for cell in row} == {0, 1}


@pytest.mark.parametrize(
    ("agent", "coarse"),
    [
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit Chrome/130 Mobile Safari", "phone/Android"),
        ("Mozilla/5.0 (Linux; Android 15; SM-X710) AppleWebKit Chrome/130 Safari", "tablet/Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)", "phone/iPhone"),
        ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X)", "tablet/iPad"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "computer/Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0)", "computer/Mac"),
        ("Mozilla/5.0 (X11; CrOS x86_64)", "computer/Chromebook"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "computer/Linux"),
        ("", "unknown/"),
        ("<script>", "unknown/"),
    ],
)
def test_devices_are_named_coarsely(agent: str, coarse: str) -> None:
    assert coarse_device(agent) == coarse


def test_residents_are_signed_out_sooner() -> None:
    assert idle_limit(Role.RESIDENT) == 10 * MINUTE
    assert all(idle_limit(role) == IDLE_OTHERS == 15 * MINUTE for role in Role if role is not Role.RESIDENT)
