"""After everything people do, the log and the rows still say the same."""

from safetyplan import fields
from safetyplan.accesslog.checkpoints import CheckpointFolder
from safetyplan.accesslog.findings import Finding, Kind
from safetyplan.accesslog.verify import verify
from safetyplan.actors import Role
from safetyplan.founding import sign_checkpoint, signers
from safetyplan.people import accounts, enrolment, sessions, signin
from safetyplan.store.rows import digests
from tests.people.folk import CHEAP, HERE, Folk


def findings(folk: Folk) -> list[Finding]:
    house, settings = folk.house, folk.home.settings
    assert house.log.heads is not None
    sign_checkpoint(settings, house)
    keys = [signer.key for signer in signers(settings, house)]
    folder = CheckpointFolder(settings.checkpoints_folder)
    with house.store.snapshot() as tx:
        rows = lambda: digests(tx, fields.HOT)  # noqa: E731
        return list(verify(house.log, tx.dbapi, rows, house.log.heads, folder, keys).findings)


def test_the_log_agrees_with_every_row_after_a_full_life(folks: Folk) -> None:
    officer, lead = folks.staff(Role.OFFICER), folks.staff(Role.LEAD)
    staff, resident = folks.staff(), folks.resident(lead)
    folks.through(lead)
    folks.through(resident, own_device=True)
    signin.second_step_on_paper(
        folks.vault, cookie=folks.halfway(staff), code=staff.enrolled.factor_codes[0], whence=HERE
    )
    slip = folks.slip()
    enrolment.invite_again(folks.vault, None, account=slip.account)
    cookie = folks.with_key_code(resident).cookie
    enrolment.written_down(folks.vault, cookie=cookie)
    draft = enrolment.draft(folks.vault, cookie=cookie)
    enrolment.check_phrase(folks.vault, cookie=cookie, phrase=draft.phrase)
    assert signin.renew(folks.vault, cookie=cookie, hashing=CHEAP, whence=HERE)
    sessions.mine(folks.of(officer.session), officer.session.actor)
    accounts.lock(folks.of(officer.session), officer.session.actor, account=staff.account)
    assert findings(folks) == []


def test_old_lock_put_back_is_named(folk: Folk) -> None:
    """After a lost phrase the old lock and its MAC are still whole; only the log knows that they are old."""
    person = folk.staff()
    columns = "version, public, salt, sealed, recovery_sealed, recovery_used_at, mac"
    (old,) = folk.sql(f"SELECT {columns} FROM account_key")
    cookie = folk.with_key_code(person).cookie
    enrolment.written_down(folk.vault, cookie=cookie)
    enrolment.check_phrase(folk.vault, cookie=cookie, phrase=enrolment.draft(folk.vault, cookie=cookie).phrase)
    assert signin.renew(folk.vault, cookie=cookie, hashing=CHEAP, whence=HERE)
    assert findings(folk) == []
    changes = ", ".join(f"{name} = ?" for name in columns.split(", "))
    folk.sql(f"UPDATE account_key SET {changes}", *old)
    assert [(found.kind, found.table) for found in findings(folk)] == [(Kind.ROW_RESTORED, "account_key")]
