"""Sessions: opened by a cookie and nothing else, ended by time, by hand, by anything that is not as it was."""

import pytest

from safetyplan.actors import Role
from safetyplan.errors import Refused, Tampered
from safetyplan.people import accounts, sessions, signin
from safetyplan.people.model import ENROLMENT_LIFE, HOUR, LIFE, MINUTE, Kind, SignInAgain
from safetyplan.people.sessions import Session
from safetyplan.sealing.secrets import new_secret
from safetyplan.sealing.sessions import cookie_hash, new_cookie, seal_session
from safetyplan.vault import Keyring, Outcome, reveal
from tests.people.folk import ELSEWHERE, Folk, Known


def alive(folk: Folk, session: Session) -> bool:
    return sessions.load(folk.house, session.cookie) is not None


def row_of(folk: Folk, session: Session) -> str:
    return str(folk.sql("SELECT id FROM session WHERE cookie_hash = ?", cookie_hash(session.cookie))[0][0])


# -- time --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "minutes"), [(Role.RESIDENT, 10), (Role.STAFF, 15), (Role.OFFICER, 15)])
def test_an_idle_session_ends(folk: Folk, role: Role, minutes: int) -> None:
    lead = folk.staff(Role.LEAD)
    person = folk.resident(lead) if role is Role.RESIDENT else folk.staff(role)
    for _ in range(4):
        folk.clock.advance(minutes=minutes - 0.5)
        assert alive(folk, person.session)
    folk.clock.advance(minutes=minutes)
    assert not alive(folk, person.session)


def test_a_busy_session_ends_after_twelve_hours(folk: Folk) -> None:
    person = folk.staff()
    for _ in range(12 * 6 - 1):
        folk.clock.advance(minutes=10)
        assert alive(folk, person.session)
    folk.clock.advance(minutes=10)
    assert not alive(folk, person.session)


def test_a_beginning_moved_by_sql_does_not_make_it_last(folk: Folk) -> None:
    person = folk.staff()
    folk.clock.advance(hours=13)
    folk.sql("UPDATE session SET created_at = ?, seen_at = ?", folk.clock(), folk.clock())
    assert not alive(folk, person.session)


def test_use_is_noted_once_a_minute(folk: Folk) -> None:
    person = folk.staff()

    def seen() -> int:
        return int(folk.sql("SELECT seen_at FROM session")[0][0])

    begun = seen()
    folk.clock.advance(seconds=59)
    assert alive(folk, person.session) and seen() == begun
    folk.clock.advance(seconds=1)
    assert alive(folk, person.session) and seen() == begun + MINUTE


def test_what_is_over_is_swept_away(folk: Folk) -> None:
    person = folk.staff()
    folk.halfway(person)
    folk.clock.advance(hours=1)
    person_two = folk.staff()
    with folk.house.store.transaction() as tx:
        assert sessions.sweep(tx, folk.clock()) >= 2
    assert [row[0] for row in folk.sql("SELECT id FROM session")] == [row_of(folk, person_two.session)]
    folk.clock.advance(hours=24)
    with folk.house.store.transaction() as tx:
        sessions.sweep(tx, folk.clock())
    assert folk.sql("SELECT id FROM session") == folk.sql("SELECT id FROM throttle") == []


# -- by hand -----------------------------------------------------------------------------------------------


def test_session_after_sign_out(folks: Folk) -> None:
    person = folks.staff()
    sessions.end(folks.vault, person.session.cookie)
    assert not alive(folks, person.session)
    ended = folks.entries("session.ended")
    assert [entry.actor and entry.actor.account for entry in ended] == [person.account]
    sessions.end(folks.vault, person.session.cookie)
    sessions.end(folks.vault, None)
    sessions.end(folks.vault, "nonsense")
    assert len(folks.entries("session.ended")) == 1


def test_signing_out_half_way(folk: Folk) -> None:
    person = folk.staff()
    half = folk.halfway(person)
    sessions.end(folk.vault, half)
    assert folk.sql("SELECT id FROM session WHERE kind = 'half'") == []


def test_my_sessions_are_mine_with_a_coarse_device(folks: Folk) -> None:
    person, other = folks.staff(), folks.staff()
    phone, computer = folks.through(person).session, folks.through(person, ELSEWHERE).session
    folks.through(other)
    listed = sessions.mine(folks.of(computer), computer.actor)
    assert [(reveal(each.device), each.this_one) for each in listed] == [
        ("computer/Windows", True),
        ("phone/Android", False),
        ("unknown/", False),
    ]
    assert listed[1].begun_at == phone.begun_at
    assert "Windows" not in repr(listed)


def test_a_device_is_sealed(folk: Folk) -> None:
    person = folk.staff()
    folk.through(person, ELSEWHERE)
    assert all(b"Windows" not in row[0] for row in folk.sql("SELECT device FROM session"))


def test_end_one_and_all_others(folk: Folk) -> None:
    person = folk.staff()
    one, two, three = (folk.through(person).session for _ in range(3))
    half = folk.halfway(person)
    sessions.end_one(folk.of(one), one.actor, session=row_of(folk, two))
    assert (alive(folk, one), alive(folk, two), alive(folk, three)) == (True, False, True)
    assert sessions.end_others(folk.of(one), one.actor) == 3  # three, the one from enrolling, and the half one
    assert (alive(folk, one), alive(folk, three)) == (True, False)
    with pytest.raises(SignInAgain):
        signin.halfway(folk.vault, cookie=half)


def test_nobody_ends_anybody_elses(folk: Folk) -> None:
    person, other = folk.staff(), folk.staff()
    with pytest.raises(Refused):
        sessions.end_one(folk.of(other.session), other.session.actor, session=row_of(folk, person.session))
    assert alive(folk, person.session)
    assert folk.entries("session.ended")[-1].outcome is Outcome.REFUSED


def test_an_officer_ends_somebodys_sessions_and_locks_them_out(folk: Folk) -> None:
    officer, lead = folk.staff(Role.OFFICER), folk.staff(Role.LEAD)
    person = folk.staff()
    vault, actor = folk.of(officer.session), officer.session.actor
    assert accounts.end_sessions(vault, actor, account=person.account) == 1
    assert not alive(folk, person.session)
    again = folk.through(person).session
    accounts.lock(vault, actor, account=person.account)
    assert not alive(folk, again)
    with pytest.raises(Refused):
        accounts.lock(folk.of(lead.session), lead.session.actor, account=officer.account)
    assert alive(folk, officer.session)


# -- attacks -----------------------------------------------------------------------------------------------


def test_planted_session(folk: Folk) -> None:
    """A row for a cookie of the attacker's own, sealed with everything but the house's salt."""
    person = folk.staff()
    cookie, row_id = new_cookie(), "p" * 26
    sealed = seal_session(cookie, new_secret("session_salt"), Kind.FULL, row_id, b"{}")
    (tag,) = folk.sql("SELECT account_tag FROM session")[0]
    now = folk.clock()
    folk.sql(
        "INSERT INTO session (id, cookie_hash, kind, account_tag, sealed, created_at, seen_at) VALUES (?,?,?,?,?,?,?)",
        *(row_id, cookie_hash(cookie), "full", tag, sealed, now, now),
    )
    assert sessions.load(folk.house, cookie) is None
    assert alive(folk, person.session)


def test_planted_session_shows_among_hers(folk: Folk) -> None:
    """And whoever looks at her list of sign-ins is told that something is wrong."""
    person = folk.staff()
    folk.sql("UPDATE session SET device = ?", b"\x01\0\0\0\x01" + bytes(60))
    with pytest.raises(Tampered):
        sessions.mine(folk.of(person.session), person.session.actor)


def test_somebody_elses_session_under_a_cookie_of_ones_own(folk: Folk) -> None:
    person, attacker = folk.staff(), folk.staff()
    (sealed,) = folk.sql("SELECT sealed FROM session WHERE id = ?", row_of(folk, person.session))[0]
    folk.sql("UPDATE session SET sealed = ? WHERE id = ?", sealed, row_of(folk, attacker.session))
    assert not alive(folk, attacker.session)


def test_a_session_moved_to_another_row(folk: Folk) -> None:
    person = folk.staff()
    folk.sql("UPDATE session SET id = ?", "m" * 26)
    assert not alive(folk, person.session)


def test_a_session_hidden_from_its_owner(folk: Folk) -> None:
    """With another tag it would not be found when everything of hers is ended; so it does not open either."""
    person, other = folk.staff(), folk.staff()
    (tag,) = folk.sql("SELECT account_tag FROM session WHERE id = ?", row_of(folk, other.session))[0]
    folk.sql("UPDATE session SET account_tag = ? WHERE id = ?", tag, row_of(folk, person.session))
    assert not alive(folk, person.session)


@pytest.mark.parametrize(
    "change",
    ["role = 'lead'", "unit_id = NULL", "own_case = 'cccccccccccccccccccccccccc'", "mac = zeroblob(37)"],
)
def test_role_changed_by_sql(folk: Folk, change: str) -> None:
    """The session dies with its account's row, and the log says so, once."""
    person = folk.staff()
    folk.sql(f"UPDATE account SET {change} WHERE id = ?", person.account)
    assert not alive(folk, person.session)
    assert not alive(folk, person.session)
    (ended,) = folk.entries("session.ended")
    assert (ended.outcome, ended.reason and ended.reason.code) == (Outcome.FAILED, "tampered")
    assert [touched.id for touched in ended.objects] == [person.account]


def test_revived_account(folk: Folk) -> None:
    person = folk.staff()
    accounts.lock(folk.vault, None, account=person.account)
    folk.sql("UPDATE account SET state = 'active' WHERE id = ?", person.account)
    with pytest.raises(Tampered):
        folk.halfway(person)


def test_an_account_that_is_gone(folk: Folk) -> None:
    person = folk.staff()
    folk.sql("PRAGMA foreign_keys = OFF")
    folk.sql("DELETE FROM account WHERE id = ?", person.account)
    assert not alive(folk, person.session)


# -- what a session holds ----------------------------------------------------------------------------------


def test_a_resident_carries_her_own_case_keys_and_staff_none(folk: Folk) -> None:
    lead = folk.staff(Role.LEAD)
    resident = folk.resident(lead)
    loaded, staff = sessions.load(folk.house, resident.session.cookie), sessions.load(folk.house, lead.session.cookie)
    assert loaded is not None and staff is not None
    assert sorted(place[1] for place in loaded.keyring.case_keys) == ["identity", "plan", "private"]
    assert loaded.keyring == resident.session.keyring
    assert dict(staff.keyring.case_keys) == {}


def test_nothing_secret_is_printed(folk: Folk) -> None:
    person: Known = folk.staff()
    shown = repr(person) + repr(sessions.load(folk.house, person.session.cookie))
    for secret in (person.session.cookie, person.phrase, person.enrolled.totp_secret, person.enrolled.key_code):
        assert secret not in shown
    assert isinstance(person.session.keyring, Keyring) and "private" not in repr(person.session.keyring)


def test_lifetimes_are_those_of_the_security_model() -> None:
    assert LIFE[Kind.HALF] == 5 * MINUTE and LIFE[Kind.FULL] == 12 * HOUR and ENROLMENT_LIFE == 72 * HOUR
