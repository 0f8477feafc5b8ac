"""Enrolment: a code on paper becomes a person, all at once or not at all."""

import pytest

from safetyplan.actors import Purpose, Role
from safetyplan.errors import LogUnavailable, NotAccepted, Refused, Stale, Tampered
from safetyplan.fields import PLAN, PRIVATE, Field
from safetyplan.people import enrolment, sessions, totp
from safetyplan.people.drafts import Stage
from safetyplan.people.model import HOUR, SignInAgain, State
from safetyplan.sealing.codes import new_enrolment_code
from safetyplan.store import people
from safetyplan.vault import Outcome
from tests.people.folk import CHEAP, HERE, Folk, at_once


def to_the_last_page(folk: Folk, code: str) -> str:
    """Every page but the last; the cookie."""
    cookie = enrolment.begin(folk.vault, code=code, whence=HERE)
    enrolment.written_down(folk.vault, cookie=cookie)
    draft = enrolment.draft(folk.vault, cookie=cookie)
    enrolment.check_phrase(folk.vault, cookie=cookie, phrase=draft.phrase)
    enrolment.confirm_phone(folk.vault, cookie=cookie, code=totp.code_at(draft.totp, totp.step_of(folk.clock())))
    enrolment.sheet_kept(folk.vault, cookie=cookie)
    return cookie


def finish(folk: Folk, cookie: str) -> sessions.Session | None:
    return enrolment.finish(folk.vault, cookie=cookie, hashing=CHEAP, whence=HERE)


def state(folk: Folk, account: str) -> str:
    return str(folk.sql("SELECT state FROM account WHERE id = ?", account)[0][0])


def test_an_invited_person_becomes_active_and_is_signed_in(folks: Folk) -> None:
    slip = folks.slip()
    assert state(folks, slip.account) == State.INVITED
    session = finish(folks, to_the_last_page(folks, slip.code))
    assert session is not None
    assert state(folks, slip.account) == State.ACTIVE
    assert (session.actor.account, session.actor.role, session.actor.unit) == (slip.account, Role.STAFF, folks.unit)
    assert sessions.load(folks.house, session.cookie)
    assert len(folks.sql("SELECT id FROM factor_code WHERE account_id = ?", slip.account)) == 10
    assert folks.sql("SELECT id FROM enrolment") == []
    assert [entry.action for entry in folks.entries()][-4:-1] == [
        "account.invited",
        "account.enrolment_begun",
        "account.enrolled",
    ]


def test_nothing_a_person_writes_down_stands_in_the_database(folk: Folk) -> None:
    person = folk.staff(name="Kim Katastrof")
    enrolled = person.enrolled
    stored = b"".join(path.read_bytes() for path in folk.home.settings.data.rglob("*") if path.is_file())
    secrets = [person.user_name, enrolled.phrase, enrolled.totp_secret, enrolled.key_code, *enrolled.factor_codes]
    secrets += [each.replace("-", "") for each in secrets] + ["Kim Katastrof", enrolled.session.cookie]
    assert [each for each in secrets if each.encode() in stored] == []


def test_code_used_twice(folks: Folk) -> None:
    slip = folks.slip()
    enrolment.enrol(folks.vault, code=slip.code, hashing=CHEAP)
    with pytest.raises(NotAccepted):
        enrolment.begin(folks.vault, code=slip.code, whence=HERE)
    assert folks.entries("account.enrolment_begun")[-1].outcome is Outcome.REFUSED


def test_two_racing_uses_of_one_code(folks: Folk) -> None:
    slip = folks.slip()
    cookies = [to_the_last_page(folks, slip.code) for _ in range(3)]
    results = at_once(*[lambda cookie=cookie: finish(folks, cookie) for cookie in cookies])
    won = [each for each in results if isinstance(each, sessions.Session)]
    assert len(won) == 1, results
    assert all(isinstance(each, NotAccepted) for each in results if each not in won), results
    assert len(folks.sql("SELECT id FROM account_key")) == 1
    assert len(folks.sql("SELECT id FROM factor_code")) == 10
    refused = [entry for entry in folks.entries("account.enrolled") if entry.outcome is Outcome.REFUSED]
    assert len(refused) == 2


def test_one_browser_that_sends_the_last_page_twice(folks: Folk) -> None:
    cookie = to_the_last_page(folks, folks.slip().code)
    results = at_once(lambda: finish(folks, cookie), lambda: finish(folks, cookie))
    assert sum(isinstance(each, sessions.Session) for each in results) == 1, results


def test_newer_code_kills_the_older_one(folk: Folk) -> None:
    slip = folk.slip()
    again = enrolment.invite_again(folk.vault, None, account=slip.account)
    assert again.user_name != slip.user_name
    with pytest.raises(NotAccepted):
        enrolment.begin(folk.vault, code=slip.code, whence=HERE)
    assert enrolment.begin(folk.vault, code=again.code, whence=HERE)


def test_an_older_code_dies_also_half_way(folk: Folk) -> None:
    slip = folk.slip()
    cookie = to_the_last_page(folk, slip.code)
    enrolment.invite_again(folk.vault, None, account=slip.account)
    with pytest.raises(NotAccepted):
        finish(folk, cookie)
    assert state(folk, slip.account) == State.INVITED


def test_a_code_lasts_three_days(folk: Folk) -> None:
    slip = folk.slip()
    folk.clock.advance(hours=71.9)
    cookie = to_the_last_page(folk, slip.code)
    folk.clock.advance(hours=0.2)
    with pytest.raises(NotAccepted):
        enrolment.begin(folk.vault, code=slip.code, whence=HERE)
    with pytest.raises(NotAccepted):
        finish(folk, cookie)


def test_wrong_used_and_old_codes_are_answered_alike_and_a_slip_of_the_pen_is_told(folk: Folk) -> None:
    used, old, wrong = folk.slip(), folk.slip(), folk.slip().code
    enrolment.enrol(folk.vault, code=used.code, hashing=CHEAP)
    enrolment.invite_again(folk.vault, None, account=old.account)
    said = set()
    for code in (used.code, old.code, _another(wrong)):
        with pytest.raises(NotAccepted) as refused:
            enrolment.begin(folk.vault, code=code, whence=HERE)
        said.add(str(refused.value.problems))
    assert len(said) == 1
    before = len(folk.entries())
    swapped = "Z" if wrong[0] != "Z" else "Y"
    with pytest.raises(NotAccepted) as slipped:
        enrolment.begin(folk.vault, code=swapped + wrong[1:], whence=HERE)
    assert str(slipped.value.problems) not in said
    assert len(folk.entries()) == before


def _another(code: str) -> str:
    made = new_enrolment_code()
    assert made != code
    return made


def test_half_finished_enrolment_leaves_nothing(folk: Folk) -> None:
    """Whatever page she stops at: no row but the one that dies by itself, and the code works again."""
    slip = folk.slip()
    before = folk.everything("session", "log_entry")
    cookie = enrolment.begin(folk.vault, code=slip.code, whence=HERE)
    draft = enrolment.draft(folk.vault, cookie=cookie)
    steps = [
        lambda: enrolment.written_down(folk.vault, cookie=cookie),
        lambda: enrolment.show_again(folk.vault, cookie=cookie),
        lambda: enrolment.written_down(folk.vault, cookie=cookie),
        lambda: enrolment.check_phrase(folk.vault, cookie=cookie, phrase=draft.phrase),
        lambda: enrolment.confirm_phone(
            folk.vault, cookie=cookie, code=totp.code_at(draft.totp, totp.step_of(folk.clock()))
        ),
        lambda: enrolment.sheet_kept(folk.vault, cookie=cookie),
    ]
    for step in steps:
        step()
        assert folk.everything("session", "log_entry") == before
    assert enrolment.draft(folk.vault, cookie=cookie).stage is Stage.CODE_SHEET
    folk.clock.advance(hours=1)
    with pytest.raises(SignInAgain):
        finish(folk, cookie)
    with folk.house.store.transaction() as tx:
        sessions.sweep(tx, folk.clock())
    assert folk.sql("SELECT id FROM session") == []
    assert enrolment.enrol(folk.vault, code=slip.code, hashing=CHEAP)


@pytest.mark.parametrize("table", ["account_key", "factor_code", "totp", "enrolment", "session", "log_entry"])
def test_storage_failing_in_the_middle_leaves_nothing_half_done(folks: Folk, table: str) -> None:
    slip = folks.slip()
    cookie = to_the_last_page(folks, slip.code)
    before = folks.everything("log_entry")
    mend = folks.break_table(table)
    with pytest.raises((LogUnavailable, Stale)):
        finish(folks, cookie)
    assert folks.everything("log_entry") == before
    mend()
    assert finish(folks, cookie)
    assert state(folks, slip.account) == State.ACTIVE


def test_storage_failing_for_a_residents_grants(folks: Folk) -> None:
    folks.staff(Role.OFFICER)
    lead = folks.staff(Role.LEAD)
    made, code, _ = folks.resident_slip(lead)
    cookie = to_the_last_page(folks, code.code)
    before = folks.everything("log_entry")
    mend = folks.break_table("case_key_grant")
    with pytest.raises((LogUnavailable, Stale)):
        finish(folks, cookie)
    assert folks.everything("log_entry") == before
    mend()
    assert finish(folks, cookie)
    assert state(folks, made.account) == State.ACTIVE


def test_a_resident_opens_her_case_and_her_private_part(folks: Folk) -> None:
    lead = folks.staff(Role.LEAD)
    resident = folks.resident(lead, phrase="gröna stolar dansar sent")
    actor, case = resident.session.actor, resident.session.actor.own_case
    assert case is not None and actor.network is None
    vault = folks.of(resident.session)
    with vault.visit(actor, Purpose.KEEP_OWN_PLAN, case) as visit:
        ref = visit.ref(Field.PLAN_ITEM, "a" * 26, 1)
        assert visit.open(ref, visit.seal(ref, "hers"))
        assert [reader.id for reader in visit.readers(PRIVATE)] == [resident.account]
        assert resident.account in {reader.id for reader in visit.readers(PLAN)}
    with pytest.raises(Refused), folks.of(lead.session).visit(lead.session.actor, Purpose.SUPPORT_PLAN, case) as visit:
        visit.case_key(PRIVATE, 1)


def test_her_own_phrase_must_be_good_and_staff_have_none(folk: Folk) -> None:
    lead = folk.staff(Role.LEAD)
    _, code, _ = folk.resident_slip(lead)
    cookie = enrolment.begin(folk.vault, code=code.code, whence=HERE)
    with pytest.raises(NotAccepted):
        enrolment.choose_own(folk.vault, cookie=cookie, phrase="password1234")
    enrolment.choose_own(folk.vault, cookie=cookie, phrase="gröna stolar dansar sent")
    with pytest.raises(NotAccepted):
        enrolment.check_phrase(folk.vault, cookie=cookie, phrase="gröna stolar dansar")
    enrolment.show_again(folk.vault, cookie=cookie)
    again = enrolment.draft(folk.vault, cookie=cookie)
    assert again.stage is Stage.PHRASE and not again.own and again.phrase != "gröna stolar dansar sent"
    staff = enrolment.begin(folk.vault, code=folk.slip().code, whence=HERE)
    with pytest.raises(Refused):
        enrolment.choose_own(folk.vault, cookie=staff, phrase="gröna stolar dansar sent")


def test_pages_cannot_be_skipped(folk: Folk) -> None:
    cookie = enrolment.begin(folk.vault, code=folk.slip().code, whence=HERE)
    draft = enrolment.draft(folk.vault, cookie=cookie)
    enrolment.sheet_kept(folk.vault, cookie=cookie)
    enrolment.check_phrase(folk.vault, cookie=cookie, phrase=draft.phrase)
    enrolment.confirm_phone(folk.vault, cookie=cookie, code=totp.code_at(draft.totp, totp.step_of(folk.clock())))
    assert enrolment.draft(folk.vault, cookie=cookie).stage is Stage.PHRASE
    assert finish(folk, cookie) is None


def test_a_wrong_clock_is_told_at_enrolment(folk: Folk) -> None:
    cookie = enrolment.begin(folk.vault, code=folk.slip().code, whence=HERE)
    enrolment.written_down(folk.vault, cookie=cookie)
    draft = enrolment.draft(folk.vault, cookie=cookie)
    enrolment.check_phrase(folk.vault, cookie=cookie, phrase=draft.phrase)
    with pytest.raises(NotAccepted, match="code") as wrong:
        enrolment.confirm_phone(
            folk.vault, cookie=cookie, code=totp.code_at(draft.totp, totp.step_of(folk.clock()) + 12)
        )
    assert "clock" in wrong.value.problems["code"]


def test_the_code_that_confirmed_the_telephone_does_not_sign_in(folk: Folk) -> None:
    slip = folk.slip()
    cookie = to_the_last_page(folk, slip.code)
    secret = enrolment.draft(folk.vault, cookie=cookie).totp
    assert finish(folk, cookie)
    (step,) = folk.sql("SELECT step FROM totp_step WHERE id = ?", slip.account)[0]
    assert totp.match(secret, totp.code_at(secret, step), folk.clock()) == step


# -- attacks -----------------------------------------------------------------------------------------------


def test_enrolment_row_made_to_last_longer(folk: Folk) -> None:
    slip = folk.slip()
    folk.sql("UPDATE enrolment SET expires_at = expires_at + ?", 1000 * HOUR)
    folk.clock.advance(hours=100)
    with pytest.raises(Tampered):
        enrolment.begin(folk.vault, code=slip.code, whence=HERE)


def test_planted_enrolment(folk: Folk) -> None:
    """A row copied from one account to another, so that a code of one's own opens somebody else's account."""
    own, victim = folk.slip(), folk.slip()
    folk.sql("DELETE FROM enrolment WHERE account_id = ?", victim.account)
    folk.sql("UPDATE enrolment SET account_id = ? WHERE account_id = ?", victim.account, own.account)
    with pytest.raises(Tampered):
        enrolment.begin(folk.vault, code=own.code, whence=HERE)


def test_planted_account(folk: Folk) -> None:
    """A lead's row made of a staff member's: the role is under the MAC."""
    slip = folk.slip()
    folk.sql("UPDATE account SET role = 'lead' WHERE id = ?", slip.account)
    with pytest.raises(Tampered):
        enrolment.begin(folk.vault, code=slip.code, whence=HERE)


# -- who may -----------------------------------------------------------------------------------------------


def test_only_administrators_invite_and_never_residents(folk: Folk) -> None:
    admin, lead = folk.staff(Role.ADMINISTRATOR), folk.staff(Role.LEAD)
    actor = admin.session.actor
    assert enrolment.invite(folk.of(admin.session), actor, role=Role.STAFF, unit=folk.unit, name="New")
    with pytest.raises(Refused):
        enrolment.invite(folk.of(lead.session), lead.session.actor, role=Role.STAFF, unit=folk.unit, name="New")
    with pytest.raises(Refused):
        enrolment.invite(folk.of(admin.session), actor, role=Role.RESIDENT, unit=folk.unit, name="")
    made, _, _ = folk.resident_slip(lead)
    with pytest.raises(Refused):
        enrolment.invite_again(folk.of(admin.session), actor, account=made.account)


@pytest.mark.parametrize(
    ("role", "unit", "name"), [(Role.STAFF, False, "Kim"), (Role.OFFICER, True, "Kim"), (Role.STAFF, True, " ")]
)
def test_accounts_have_a_fitting_shape(folk: Folk, role: Role, unit: bool, name: str) -> None:
    with pytest.raises(NotAccepted):
        enrolment.invite(folk.vault, None, role=role, unit=folk.unit if unit else None, name=name)


def test_no_second_code_for_somebody_who_is_there(folk: Folk) -> None:
    person = folk.staff()
    with pytest.raises(Refused):
        enrolment.invite_again(folk.vault, None, account=person.account)


def test_an_account_may_not_be_made_twice_under_one_id(folk: Folk) -> None:
    slip = folk.slip()
    with pytest.raises(Stale), folk.vault.note(None, "account.invited") as note:
        row = people.account(note.tx, slip.account)
        assert row is not None
        note.add(people.ACCOUNT, **row._asdict())
