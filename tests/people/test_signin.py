"""Signing in: two steps, one winner, the same answer to everybody who is not let in, and nobody kept out."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from safetyplan.actors import Purpose, Role
from safetyplan.errors import LogUnavailable, NotAccepted, Stale, Tampered, Throttled
from safetyplan.fields import Field
from safetyplan.people import accounts, devices, enrolment, sessions, signin, throttle, totp
from safetyplan.people.model import MINUTE, Kind, SignInAgain, State, WaitForNext, Whence
from safetyplan.people.sessions import Session
from safetyplan.people.signin import Renewing, SignedIn
from safetyplan.sealing.codes import new_key_code
from safetyplan.sealing.invalid import InvalidSeal
from safetyplan.sealing.passphrases import LockedKey, unlock
from safetyplan.sealing.secrets import new_secret
from safetyplan.vault import Outcome
from tests.people.folk import CHEAP, ELSEWHERE, HERE, Folk, Known, at_once


def first(folk: Folk, name: str, phrase: str, whence: Whence = HERE) -> str:
    return signin.first_step(folk.vault, name=name, phrase=phrase, whence=whence, hashing=CHEAP)


def second(folk: Folk, cookie: str, code: str, **more: Any) -> SignedIn | Renewing:
    return signin.second_step(folk.vault, cookie=cookie, code=code, whence=HERE, **more)


def on_paper(folk: Folk, cookie: str, code: str) -> SignedIn:
    return signin.second_step_on_paper(folk.vault, cookie=cookie, code=code, whence=HERE)


# -- the way in --------------------------------------------------------------------------------------------


def test_two_steps_let_her_in_and_each_is_an_entry(folks: Folk) -> None:
    person = folks.staff()
    before = len(folks.entries())
    half = folks.halfway(person)
    assert sessions.load(folks.house, half) is None
    assert signin.halfway(folks.vault, cookie=half) == signin.Halfway(on_paper_allowed=True, known_device=False)
    done = second(folks, half, folks.code(person))
    assert isinstance(done, SignedIn) and done.mark is None
    loaded = sessions.load(folks.house, done.session.cookie, address=HERE.address)
    assert loaded is not None and loaded.actor == done.session.actor
    assert loaded.keyring.private == done.session.keyring.private
    assert [entry.action for entry in folks.entries()[before:]] == ["session.halfway", "session.begun"]
    begun = folks.entries()[-1]
    assert begun.actor is not None and begun.actor.account == person.account
    assert begun.session == done.session.actor.session and begun.network == done.session.actor.network


def test_the_phrase_is_read_as_people_write_it(folk: Folk) -> None:
    person = folk.staff()
    assert first(folk, person.user_name.upper().replace("-", " "), "  " + person.phrase.title().replace(" ", "  "))


def test_a_residents_network_is_never_written_down(folk: Folk) -> None:
    resident = folk.resident(folk.staff(Role.LEAD))
    done = folk.through(resident)
    assert done.session.actor.network is None
    assert all(entry.network is None for entry in folk.entries() if entry.actor and entry.actor.role == Role.RESIDENT)


def test_the_half_session_lasts_five_minutes_and_once(folk: Folk) -> None:
    person = folk.staff()
    half = folk.halfway(person)
    folk.clock.advance(minutes=5)
    with pytest.raises(SignInAgain):
        second(folk, half, folk.code(person))
    half = folk.halfway(person)
    assert second(folk, half, folk.code(person))
    folk.clock.advance(seconds=30)
    with pytest.raises(SignInAgain):
        second(folk, half, folk.code(person))


def test_a_full_session_is_no_half_session(folk: Folk) -> None:
    person = folk.staff()
    done = folk.through(person)
    for cookie in (done.session.cookie, "", "x" * 43, None):
        with pytest.raises(SignInAgain):
            signin.halfway(folk.vault, cookie=cookie)


# -- the same answer to everybody --------------------------------------------------------------------------


def argon2_calls(call: Callable[[], object]) -> int:
    """How often Argon2 ran, seen from outside: nothing is patched."""
    count = 0

    def watch(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event == "call" and frame.f_code.co_name == "hash_secret_raw"

    sys.setprofile(watch)
    try:
        call()
    except NotAccepted:
        pass
    finally:
        sys.setprofile(None)
    return count


def test_unknown_wrong_locked_and_invited_are_answered_alike(folk: Folk) -> None:
    person, locked, invited = folk.staff(), folk.staff(), folk.slip()
    accounts.lock(folk.vault, None, account=locked.account)
    tries = [
        ("no-such-name", "some words"),
        ("", ""),
        (person.user_name, "wrong words altogether"),
        (locked.user_name, locked.phrase),
        (invited.user_name, "some words"),
        ("'; DROP TABLE account; --", "\x00\ud800"),
    ]
    said = set()
    for name, phrase in tries:
        assert argon2_calls(lambda name=name, phrase=phrase: first(folk, name, phrase)) == 1
        with pytest.raises(NotAccepted) as refused:
            first(folk, name, phrase)
        said.add(str(refused.value.problems))
    assert len(said) == 1
    refused_entries = folk.entries("session.refused")
    assert len(refused_entries) == 2 * len(tries)
    assert all(entry.outcome is Outcome.REFUSED and entry.actor is None for entry in refused_entries)
    named = [bool(entry.objects) for entry in refused_entries[::2]]
    assert named == [False, False, True, True, True, False]
    assert argon2_calls(lambda: first(folk, person.user_name, person.phrase)) == 1


def test_what_was_typed_as_a_name_is_never_stored(folk: Folk) -> None:
    typed = "hemligheten-i-namnet"
    with pytest.raises(NotAccepted):
        first(folk, typed, typed)
    with pytest.raises(NotAccepted):
        signin.first_step_on_paper(folk.vault, name=typed, code=new_key_code(), whence=HERE)
    stored = b"".join(path.read_bytes() for path in folk.home.settings.data.rglob("*") if path.is_file())
    assert typed.encode() not in stored


def test_endless_input_is_refused_before_anything_else(folk: Folk) -> None:
    person = folk.staff()
    assert argon2_calls(lambda: first(folk, person.user_name, "x" * 100_000)) == 0
    assert argon2_calls(lambda: first(folk, "x" * 100_000, "words")) == 0


# -- codes -------------------------------------------------------------------------------------------------


def test_replayed_totp(folks: Folk) -> None:
    person = folks.staff()
    code = folks.code(person)
    assert second(folks, folks.halfway(person), code)
    half = folks.halfway(person)
    with pytest.raises(WaitForNext):
        second(folks, half, code)
    refused = folks.entries("session.refused")[-1]
    assert refused.reason is not None and refused.reason.code == "code_used_before"
    folks.clock.advance(seconds=30)
    assert second(folks, half, folks.code(person))


def test_replayed_totp_two_at_once(folks: Folk) -> None:
    person = folks.staff()
    halves = [folks.halfway(person) for _ in range(3)]
    code = folks.code(person)
    results = at_once(*[lambda half=half: second(folks, half, code) for half in halves])
    assert sum(isinstance(each, SignedIn) for each in results) == 1, results
    assert sum(isinstance(each, WaitForNext) for each in results) == 2, results


def test_one_half_session_two_right_codes_at_once(folks: Folk) -> None:
    person = folks.staff()
    half = folks.halfway(person)
    results = at_once(
        lambda: second(folks, half, folks.code(person)),
        lambda: on_paper(folks, half, person.enrolled.factor_codes[0]),
        lambda: on_paper(folks, half, person.enrolled.factor_codes[1]),
    )
    assert sum(isinstance(each, SignedIn) for each in results) == 1, results
    used = folks.sql("SELECT id FROM factor_code WHERE used_at IS NOT NULL")
    assert len(used) + folks.sql("SELECT step FROM totp_step")[0][0] - totp.step_of(folks.clock()) <= 1


def test_an_older_code_after_a_newer_one_is_a_replay(folk: Folk) -> None:
    person = folk.staff()
    assert second(folk, folk.halfway(person), folk.code(person, 1))
    with pytest.raises(WaitForNext):
        second(folk, folk.halfway(person), folk.code(person, 0))


def test_a_lost_step_row_opens_nothing_for_long(folk: Folk) -> None:
    """Somebody with the database forgets the last step: a code works again within its 90 seconds, and only then."""
    person = folk.staff()
    code = folk.code(person)
    assert second(folk, folk.halfway(person), code)
    folk.sql("DELETE FROM totp_step")
    folk.clock.advance(seconds=90)
    with pytest.raises(NotAccepted):
        second(folk, folk.halfway(person), code)


def test_five_wrong_codes_in_five_minutes(folk: Folk) -> None:
    person = folk.staff()
    half = folk.halfway(person)
    for _ in range(5):
        with pytest.raises(NotAccepted):
            second(folk, half, wrong(folk, person))
    with pytest.raises(Throttled) as waits:
        second(folk, half, folk.code(person))
    assert 0 < waits.value.retry_after_s <= 300
    assert on_paper(folk, half, person.enrolled.factor_codes[0])
    folk.clock.advance(minutes=5)
    assert second(folk, folk.halfway(person), folk.code(person))


def test_fifty_wrong_codes_a_day(folk: Folk) -> None:
    person = folk.staff()
    folk.clock.set((folk.clock() // (24 * 60 * MINUTE) + 1) * 24 * 60 * MINUTE)
    for _ in range(10):
        half = folk.halfway(person)
        for _ in range(5):
            with pytest.raises(NotAccepted):
                second(folk, half, wrong(folk, person))
        folk.clock.advance(minutes=5)
    with pytest.raises(Throttled):
        second(folk, folk.halfway(person), folk.code(person))
    folk.clock.advance(hours=24)
    assert second(folk, folk.halfway(person), folk.code(person))


def test_wrong_codes_from_a_strangers_device_do_not_count_on_hers(folk: Folk) -> None:
    person = folk.staff()
    mark = folk.through(person, own_device=True).mark
    stranger = folk.halfway(person, ELSEWHERE)
    for _ in range(5):
        with pytest.raises(NotAccepted):
            second(folk, stranger, wrong(folk, person))
    with pytest.raises(Throttled):
        second(folk, stranger, wrong(folk, person))
    folk.clock.advance(seconds=30)
    assert second(folk, folk.halfway(person, Whence(HERE.address, mark)), folk.code(person))


def wrong(folk: Folk, person: Known) -> str:
    right = {folk.code(person, step) for step in range(-1, 2)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in right)


def test_typing_slips_cost_no_try(folk: Folk) -> None:
    person = folk.staff()
    half = folk.halfway(person)
    for _ in range(20):
        with pytest.raises(NotAccepted):
            second(folk, half, "12345")
        with pytest.raises(NotAccepted):
            on_paper(folk, half, "AAA-AAA-AAA-AAA-AAA-AAB")
    assert folk.entries("session.refused") == []
    assert second(folk, half, folk.code(person))


# -- codes from paper --------------------------------------------------------------------------------------


def test_a_factor_code_works_once_and_ends_every_other_session(folks: Folk) -> None:
    person = folks.staff()
    other = folks.through(person).session
    code = person.enrolled.factor_codes[4]
    done = on_paper(folks, folks.halfway(person), code.lower().replace("-", " "))
    assert sessions.load(folks.house, other.cookie) is None
    assert sessions.load(folks.house, done.session.cookie)
    assert folks.entries("code.used")[-1].outcome is Outcome.DONE
    with pytest.raises(NotAccepted):
        on_paper(folks, folks.halfway(person), code)
    assert sessions.load(folks.house, done.session.cookie)


def test_two_racing_uses_of_one_factor_code(folks: Folk) -> None:
    person = folks.staff()
    halves = [folks.halfway(person) for _ in range(3)]
    code = person.enrolled.factor_codes[0]
    results = at_once(*[lambda half=half: on_paper(folks, half, code) for half in halves])
    assert sum(isinstance(each, SignedIn) for each in results) == 1, results
    assert len(folks.sql("SELECT id FROM factor_code WHERE used_at IS NOT NULL")) == 1


def test_a_factor_code_made_fresh_again_by_sql(folk: Folk) -> None:
    person = folk.staff()
    on_paper(folk, folk.halfway(person), person.enrolled.factor_codes[0])
    folk.sql("UPDATE factor_code SET used_at = NULL")
    with pytest.raises(Tampered):
        on_paper(folk, folk.halfway(person), person.enrolled.factor_codes[0])


def test_a_factor_code_is_nobody_elses(folk: Folk) -> None:
    person, other = folk.staff(), folk.staff()
    with pytest.raises(NotAccepted):
        on_paper(folk, folk.halfway(person), other.enrolled.factor_codes[0])


def test_key_code_and_factor_code_never_in_one_sign_in(folk: Folk) -> None:
    person = folk.staff()
    half = signin.first_step_on_paper(folk.vault, name=person.user_name, code=person.enrolled.key_code, whence=HERE)
    assert not signin.halfway(folk.vault, cookie=half).on_paper_allowed
    with pytest.raises(SignInAgain):
        on_paper(folk, half, person.enrolled.factor_codes[0])
    assert folk.sql("SELECT id FROM factor_code WHERE used_at IS NOT NULL") == []


def test_a_wrong_key_code_is_answered_like_a_wrong_name(folk: Folk) -> None:
    person, other = folk.staff(), folk.staff()
    said = set()
    for name in (person.user_name, "no-such-name"):
        with pytest.raises(NotAccepted) as refused:
            signin.first_step_on_paper(folk.vault, name=name, code=other.enrolled.key_code, whence=HERE)
        said.add(str(refused.value.problems))
    assert len(said) == 1


# -- the lost phrase ---------------------------------------------------------------------------------------


def renewed(folk: Folk, cookie: str) -> tuple[Session | None, str, str]:
    """New phrase and key code on paper; the session, and both."""
    enrolment.written_down(folk.vault, cookie=cookie)
    draft = enrolment.draft(folk.vault, cookie=cookie)
    enrolment.check_phrase(folk.vault, cookie=cookie, phrase=draft.phrase)
    session = signin.renew(folk.vault, cookie=cookie, hashing=CHEAP, whence=HERE)
    return session, draft.phrase, draft.key_code


def test_a_lost_phrase(folks: Folk) -> None:
    """She reads what she had, with new keys; the old phrase, the old code and every other session are dead."""
    lead = folks.staff(Role.LEAD)
    resident = folks.resident(lead)
    case = resident.session.actor.own_case
    assert case is not None
    with folks.of(resident.session).visit(resident.session.actor, Purpose.KEEP_OWN_PLAN, case) as visit:
        ref = visit.ref(Field.PLAN_ITEM, "a" * 26, 1)
        sealed = visit.seal(ref, "her words")
    before = folks.sql("SELECT public FROM account_key WHERE account_id = ?", resident.account)
    session, phrase, key_code = renewed(folks, folks.with_key_code(resident).cookie)
    assert session is not None
    assert folks.sql("SELECT public FROM account_key WHERE account_id = ?", resident.account) != before
    with folks.of(session).visit(session.actor, Purpose.KEEP_OWN_PLAN, case) as visit:
        assert visit.open(ref, sealed)
    assert sessions.load(folks.house, resident.session.cookie) is None
    with pytest.raises(NotAccepted):
        folks.halfway(resident)
    with pytest.raises(NotAccepted):
        folks.with_key_code(resident)
    folks.clock.advance(seconds=30)
    assert isinstance(second(folks, first(folks, resident.user_name, phrase), folks.code(resident)), SignedIn)
    assert signin.first_step_on_paper(folks.vault, name=resident.user_name, code=key_code, whence=HERE)


def test_the_old_private_key_opens_nothing_that_stands_there(folk: Folk) -> None:
    lead = folk.staff(Role.LEAD)
    resident = folk.resident(lead)
    old, case = folk.of(resident.session), resident.session.actor.own_case
    assert case is not None
    renewed(folk, folk.with_key_code(resident).cookie)
    bare = old.with_keyring(type(resident.session.keyring)(resident.account, resident.session.keyring.private))
    with pytest.raises(Tampered), bare.visit(resident.session.actor, Purpose.KEEP_OWN_PLAN, case) as visit:
        visit.seal(visit.ref(Field.PLAN_ITEM, "a" * 26, 1), "x")


def test_a_lost_phrase_given_up_half_way_changes_nothing(folk: Folk) -> None:
    person = folk.staff()
    before = folk.everything("session", "log_entry", "totp_step")
    folk.with_key_code(person)
    assert folk.everything("session", "log_entry", "totp_step") == before
    folk.clock.advance(hours=2)
    assert folk.halfway(person)
    assert folk.with_key_code(person)


def test_two_racing_renewals(folks: Folk) -> None:
    person = folks.staff(Role.LEAD)
    cookies = [folks.with_key_code(person).cookie for _ in range(2)]
    results = at_once(*[lambda cookie=cookie: renewed(folks, cookie) for cookie in cookies])
    assert sum(isinstance(each, tuple) for each in results) == 1, results
    assert folks.sql("SELECT version FROM account_key WHERE account_id = ?", person.account) == [(2,)]


@pytest.mark.parametrize("table", ["group_key_copy", "session", "log_entry"])
def test_storage_failing_in_the_middle_of_a_renewal(folks: Folk, table: str) -> None:
    person = folks.staff(Role.LEAD)
    cookie = folks.with_key_code(person).cookie
    before = folks.everything("log_entry")
    mend = folks.break_table(table)
    with pytest.raises((LogUnavailable, Stale)):
        renewed(folks, cookie)
    mend()
    assert folks.everything("log_entry", "session") == {k: v for k, v in before.items() if k not in ("session",)}
    assert signin.renew(folks.vault, cookie=cookie, hashing=CHEAP, whence=HERE)


# -- nobody is kept out ------------------------------------------------------------------------------------


def test_lock_out_attempt(folk: Folk) -> None:
    """10,000 wrong tries from many networks: she gets in with her own device, and with her key code from any other."""
    person = folk.staff()
    mark = folk.through(person, own_device=True).mark
    assert mark is not None
    hashed = 0
    for number in range(10_000):
        whence = Whence(f"203.0.{number % 250}.{number // 250}")
        try:
            first(folk, person.user_name, "wrong words", whence)
        except NotAccepted:
            hashed += 1
        except Throttled:
            pass
    assert hashed <= throttle.ACCOUNT_FROM_STRANGERS.tries
    with pytest.raises(Throttled):
        first(folk, person.user_name, person.phrase, ELSEWHERE)
    assert first(folk, person.user_name, person.phrase, Whence("203.0.9.9", mark))
    assert signin.first_step_on_paper(
        folk.vault, name=person.user_name, code=person.enrolled.key_code, whence=ELSEWHERE
    )
    folk.clock.advance(minutes=15)
    assert first(folk, person.user_name, person.phrase, ELSEWHERE)


def test_one_network_does_not_use_up_what_everybody_shares(folk: Folk) -> None:
    person = folk.staff()
    for number in range(500):
        with pytest.raises((NotAccepted, Throttled)):
            first(folk, f"name-{number}", "wrong words", ELSEWHERE)
    assert first(folk, person.user_name, person.phrase, HERE)
    assert len(folk.entries("session.refused")) == throttle.NETWORK.tries + 1


def test_throttled_tries_are_one_entry_a_window(folk: Folk) -> None:
    person = folk.staff()
    folk.clock.set((folk.clock() // (15 * MINUTE) + 1) * 15 * MINUTE)
    for _ in range(30):
        with pytest.raises((NotAccepted, Throttled)):
            first(folk, person.user_name, "wrong words")
    reasons = [entry.reason.code for entry in folk.entries("session.refused") if entry.reason]
    assert reasons == ["throttled"]
    assert len(folk.entries("session.refused")) == throttle.ACCOUNT_FROM_NETWORK.tries + 1


def test_right_tries_do_not_count(folk: Folk) -> None:
    person = folk.staff()
    for _ in range(3 * throttle.ACCOUNT_FROM_NETWORK.tries):
        assert folk.through(person)


def test_the_right_words_alone_count(folk: Folk) -> None:
    """Whoever has only the words cannot begin without end: each beginning costs a hashing and an entry."""
    person = folk.staff()
    for _ in range(throttle.ACCOUNT_FROM_NETWORK.tries):
        assert folk.halfway(person)
    with pytest.raises(Throttled):
        folk.halfway(person)


def test_the_counters_name_nobody_and_change_every_day(folk: Folk) -> None:
    def counters() -> set[str]:
        with pytest.raises(NotAccepted):
            first(folk, "name", "words")
        return {row[0] for row in folk.sql("SELECT id FROM throttle")}

    def network() -> str:
        return throttle.network_reference(folk.house.secrets, folk.clock(), HERE.address)

    today, here = counters(), network()
    folk.clock.advance(days=1)
    assert len(today) == 4 and len(counters() - today) == 4
    assert network() != here


def test_networks_are_told_apart_as_homes_are(folk: Folk) -> None:
    def reference(address: str | None) -> str:
        return throttle.network_reference(folk.house.secrets, folk.clock(), address)

    assert reference("2001:db8:1:2::1") == reference("2001:db8:1:2:ffff::9") != reference("2001:db8:1:3::1")
    assert reference("::ffff:192.0.2.7") == reference("192.0.2.7") != reference("192.0.2.8")
    assert reference(None) == reference("nonsense")


def test_a_mark_is_one_accounts_only_and_cannot_be_made_up(folk: Folk) -> None:
    person, other = folk.staff(), folk.staff()
    mark = folk.through(person, own_device=True).mark
    secrets = folk.house.secrets
    assert devices.is_known(secrets, person.account, mark)
    assert not devices.is_known(secrets, other.account, mark)
    for forged in (None, "", "x", "A" * 43, (mark or "")[:-2] + "AA", "é" * 43):
        assert not devices.is_known(secrets, person.account, forged)


def test_counters_that_cannot_be_written_let_nobody_try(folks: Folk) -> None:
    person = folks.staff()
    mend = folks.break_table("throttle")
    with pytest.raises((LogUnavailable, Stale)):
        folks.halfway(person)
    mend()
    assert folks.halfway(person)


def test_a_try_without_a_free_hashing_place_does_not_count(folk: Folk) -> None:
    person = folk.staff()
    with throttle.WAITING.room(False), throttle.WAITING.room(False), throttle.WAITING.room(False):
        for _ in range(2 * throttle.ACCOUNT_FROM_NETWORK.tries):
            with pytest.raises(Throttled):
                folk.halfway(person)
    assert folk.halfway(person)


# -- what cannot be written down does not happen -----------------------------------------------------------


@pytest.mark.parametrize("table", ["log_entry", "session"])
def test_a_sign_in_that_cannot_be_written_down_does_not_happen(folks: Folk, table: str) -> None:
    person = folks.staff()
    half = folks.halfway(person)
    before = folks.everything("log_entry")
    mend = folks.break_table(table)
    with pytest.raises((LogUnavailable, Stale)):
        second(folks, half, folks.code(person))
    with pytest.raises((LogUnavailable, Stale)):
        folks.halfway(person)
    with pytest.raises((LogUnavailable, Stale)):
        on_paper(folks, half, person.enrolled.factor_codes[0])
    assert folks.everything("log_entry") == before
    mend()
    assert second(folks, half, folks.code(person))


def test_an_account_locked_between_the_steps(folk: Folk) -> None:
    person = folk.staff()
    half = folk.halfway(person)
    accounts.lock(folk.vault, None, account=person.account)
    with pytest.raises(SignInAgain):
        second(folk, half, folk.code(person))
    accounts.unlock(folk.vault, None, account=person.account)
    assert folk.sql("SELECT state FROM account WHERE id = ?", person.account) == [(State.ACTIVE,)]
    assert second(folk, folk.halfway(person), folk.code(person))


# -- attacks -----------------------------------------------------------------------------------------------


def test_pass_phrase_guessed_from_a_dump(folk: Folk) -> None:
    """With the database but not the pepper, the right phrase looks like every wrong one."""
    person = folk.staff()
    columns = "salt, memory_kib, iterations, lanes, pepper_version, sealed"
    (row,) = folk.sql(f"SELECT {columns} FROM account_key WHERE account_id = ?", person.account)
    said = set()
    for phrase in (person.phrase, "wrong words"):
        with pytest.raises(InvalidSeal) as wrong_one:
            unlock(LockedKey(*row), phrase, new_secret("pepper"), person.account)
        said.add((type(wrong_one.value), str(wrong_one.value)))
    assert len(said) == 1


def test_account_key_of_an_attackers_own(folk: Folk) -> None:
    """Her row overwritten with the lock and the public key of an account the attacker can open."""
    victim, attacker = folk.staff(), folk.staff()
    columns = ["public", "salt", "sealed", "recovery_sealed", "mac"]
    (row,) = folk.sql(f"SELECT {', '.join(columns)} FROM account_key WHERE account_id = ?", attacker.account)
    settings = ", ".join(f"{name} = ?" for name in columns)
    folk.sql(f"UPDATE account_key SET {settings} WHERE account_id = ?", *row, victim.account)
    with pytest.raises(Tampered):
        first(folk, victim.user_name, attacker.phrase)


def test_cheaper_hashing_written_into_the_row(folk: Folk) -> None:
    person = folk.staff()
    folk.sql("UPDATE account_key SET memory_kib = 8, iterations = 1 WHERE account_id = ?", person.account)
    with pytest.raises(Tampered):
        folk.halfway(person)


def test_totp_secret_of_an_attackers_own(folk: Folk) -> None:
    victim, attacker = folk.staff(), folk.staff()
    (secret,) = folk.sql("SELECT secret FROM totp WHERE account_id = ?", attacker.account)[0]
    folk.sql("UPDATE totp SET secret = ? WHERE account_id = ?", secret, victim.account)
    half = folk.halfway(victim)
    with pytest.raises(Tampered):
        second(folk, half, folk.code(attacker))


def test_the_half_session_kind_is_under_the_seal(folk: Folk) -> None:
    person = folk.staff()
    half = folk.halfway(person)
    folk.sql("UPDATE session SET kind = ? WHERE kind = ?", Kind.FULL, Kind.HALF)
    assert sessions.load(folk.house, half) is None
