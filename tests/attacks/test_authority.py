"""Attacks on who may: grants, keys, accounts, roles, planted by somebody who may write any row but holds no key."""

import os

import pytest

from safetyplan.accesslog.findings import Kind as Found
from safetyplan.actors import Purpose, Role, new_id
from safetyplan.errors import Refused, SafetyplanError, Tampered
from safetyplan.fields import PLAN
from safetyplan.sealing.casekeys import new_case_key
from safetyplan.sealing.keypairs import grant_info, new_key_pair, seal_to
from safetyplan.vault import Kind, grants
from tests.attacks.conftest import Scene

COLUMNS = (
    "id, case_id, compartment, generation, recipient_kind, recipient_id, sealed, granted_by, expires_at,"
    " created_at, mac"
)
PLACES = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"


def test_stranger_with_a_role_gets_nothing(scene: Scene) -> None:
    with pytest.raises(Refused):
        scene.read(scene.stranger, scene.resident)


def test_copied_grant_is_not_the_strangers(scene: Scene) -> None:
    row = list(
        scene.sql(
            f"SELECT {COLUMNS} FROM case_key_grant WHERE case_id = ? AND recipient_id = ? AND compartment = 'plan'",
            scene.resident.actor.own_case,
            scene.lead.actor.account,
        )[0]
    )
    row[0], row[5] = new_id(), scene.stranger.actor.account
    scene.sql(f"INSERT INTO case_key_grant ({COLUMNS}) VALUES ({PLACES})", *row)
    with pytest.raises(Tampered):
        scene.read(scene.stranger, scene.resident)
    assert Found.ROW_PLANTED in scene.kinds()


def test_planted_grant_with_a_key_of_the_attackers_own(scene: Scene) -> None:
    """A new key sealed rightly to a staff member would catch what she writes from now on. HPKE proves no sender."""
    grant, case, staff = new_id(), scene.resident.actor.own_case, scene.staff
    info = grant_info(
        grant=grant,
        purpose="case key",
        case=str(case),
        compartment=PLAN,
        generation=2,
        granted_by=scene.lead.actor.account,
        expires_at=None,
        recipient_kind="account",
        recipient=staff.actor.account,
        public=staff.pair.public,
    )
    sealed = seal_to(staff.pair.public, info, new_case_key())
    row = (grant, case, PLAN, 2, "account", staff.actor.account, sealed, scene.lead.actor.account, None, 1)
    scene.sql(f"INSERT INTO case_key_grant ({COLUMNS}) VALUES ({PLACES})", *row, os.urandom(37))
    scene.sql(
        "INSERT INTO case_generation (id, case_id, compartment, generation, commitment, link, rotation_due, created_at,"
        " created_by, mac) VALUES (?, ?, 'plan', 2, ?, ?, 0, 1, ?, ?)",
        new_id(),
        case,
        os.urandom(32),
        os.urandom(32),
        scene.lead.actor.account,
        os.urandom(37),
    )
    with pytest.raises(Tampered):
        scene.write(staff, scene.resident, "caught", 2)


def test_swapped_public_key_of_an_account(scene: Scene) -> None:
    scene.sql(
        "UPDATE account_key SET public = ? WHERE account_id = ?", new_key_pair().public, scene.stranger.actor.account
    )
    case = scene.resident.actor.own_case
    assert case
    with (
        pytest.raises(Tampered),
        scene.lead.vault.visit(scene.lead.actor, Purpose.GRANT_ACCESS, case) as visit,
    ):
        visit.grant(PLAN, Kind.ACCOUNT, scene.stranger.actor.account)
    assert Found.ROW_CHANGED in scene.kinds()


def test_swapped_public_key_of_the_recovery(scene: Scene) -> None:
    scene.sql("UPDATE recovery_key SET public = ?", new_key_pair().public)
    (recovery,) = scene.sql("SELECT id FROM recovery_key")[0]
    case = scene.resident.actor.own_case
    assert case
    with (
        pytest.raises(Tampered),
        scene.lead.vault.visit(scene.lead.actor, Purpose.GRANT_ACCESS, case) as visit,
    ):
        visit.grant(PLAN, Kind.RECOVERY, recovery)


def test_expiry_taken_off_a_grant(scene: Scene) -> None:
    case = scene.resident.actor.own_case
    assert case
    with scene.lead.vault.visit(scene.lead.actor, Purpose.GRANT_ACCESS, case) as visit:
        visit.grant(PLAN, Kind.ACCOUNT, scene.stranger.actor.account, expires_at=visit.now + 1000)
    scene.read(scene.stranger, scene.resident)
    scene.home.clock.advance(seconds=2)
    with pytest.raises(Refused):
        scene.read(scene.stranger, scene.resident)
    scene.sql("UPDATE case_key_grant SET expires_at = NULL WHERE recipient_id = ?", scene.stranger.actor.account)
    with pytest.raises(Tampered):
        scene.read(scene.stranger, scene.resident)


def test_role_changed_by_sql(scene: Scene) -> None:
    scene.sql("UPDATE account SET role = 'lead' WHERE id = ?", scene.stranger.actor.account)
    case = scene.resident.actor.own_case
    assert case
    with (
        pytest.raises(SafetyplanError),
        scene.lead.vault.visit(scene.lead.actor, Purpose.GRANT_ACCESS, case) as visit,
    ):
        visit.grant(PLAN, Kind.ACCOUNT, scene.stranger.actor.account)
        visit.readers(PLAN)
    assert Found.ROW_CHANGED in scene.kinds()


def test_purpose_of_another_role_is_refused(scene: Scene) -> None:
    case = scene.resident.actor.own_case
    assert case and scene.staff.actor.role is Role.STAFF
    with (
        pytest.raises(Refused),
        scene.staff.vault.visit(scene.staff.actor, Purpose.GRANT_ACCESS, case),
    ):
        pass


def test_case_moved_to_another_unit(scene: Scene) -> None:
    scene.sql("UPDATE case_file SET state = 'closed' WHERE id = ?", scene.resident.actor.own_case)
    with pytest.raises(Tampered):
        scene.read(scene.lead, scene.resident)


def test_a_generation_slipped_in_with_the_authority_key(scene: Scene) -> None:
    """Somebody who has even the authority key, but no case key, offers a new generation with a key of their own."""
    case, staff = scene.resident.actor.own_case, scene.staff
    assert case
    key = new_case_key()
    with scene.home.vault.note(None, "forged") as note:
        grants.add_generation(note, case=case, compartment=PLAN, generation=2, key=key, before=key, created_by="x")
        for person in (staff, scene.lead, scene.resident):
            grants.issue(
                note,
                case=case,
                compartment=PLAN,
                generation=2,
                key=key,
                kind=Kind.ACCOUNT,
                recipient=person.actor.account,
                granted_by=scene.lead.actor.account,
            )
    for person in (staff, scene.resident):
        with pytest.raises(Tampered):
            scene.write(person, scene.resident, "caught", 2)
