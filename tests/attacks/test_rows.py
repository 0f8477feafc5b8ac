"""Attacks on rows: moved, put back, planted, deleted, changed, flipped. Each is named by verification, and what can
be seen when it is used is refused then."""

import pytest

from safetyplan.accesslog.findings import Kind
from safetyplan.actors import Purpose, new_id
from safetyplan.cases import grants
from safetyplan.errors import Refused, Tampered
from safetyplan.fields import PLAN
from safetyplan.vault import Kind as Recipient
from safetyplan.vault import reveal
from tests.attacks.conftest import Scene


def body_of(scene: Scene, case: object) -> bytes:
    return scene.sql("SELECT body FROM case_particulars WHERE case_id = ?", case)[0][0]


def test_untouched_house_has_no_findings(scene: Scene) -> None:
    assert scene.findings() == []


def test_moved_ciphertext(scene: Scene) -> None:
    hers, others = scene.resident.actor.own_case, scene.other.actor.own_case
    scene.sql("UPDATE case_particulars SET body = ? WHERE case_id = ?", body_of(scene, others), hers)
    with pytest.raises(Tampered):
        scene.read(scene.lead, scene.resident)
    assert Kind.ROW_CHANGED in scene.kinds()


def test_ciphertext_moved_to_another_revision(scene: Scene) -> None:
    scene.write(scene.resident, scene.resident, "her second word", 2)
    scene.sql(
        "UPDATE case_particulars SET body = (SELECT body FROM case_particulars WHERE case_id = ? AND revision = 1)"
        " WHERE case_id = ? AND revision = 2",
        scene.resident.actor.own_case,
        scene.resident.actor.own_case,
    )
    with pytest.raises(Tampered):
        scene.read(scene.resident, scene.resident)


def test_old_row_put_back(scene: Scene) -> None:
    row = scene.sql("SELECT id, rotation_due, mac FROM case_generation WHERE compartment = 'plan' LIMIT 1")[0]
    case = scene.sql("SELECT case_id FROM case_generation WHERE id = ?", row[0])[0][0]
    with scene.lead.vault.visit(scene.lead.actor, Purpose.GRANT_ACCESS, case) as visit:
        visit.grant(PLAN, Recipient.ACCOUNT, scene.stranger.actor.account)
    with scene.lead.vault.visit(scene.lead.actor, Purpose.GRANT_ACCESS, case) as visit:
        grants.take_away(visit, scene.stranger.actor.account)
    scene.sql("UPDATE case_generation SET rotation_due = ?, mac = ? WHERE id = ?", row[1], row[2], row[0])
    found = [finding for finding in scene.findings() if finding.row == row[0]]
    assert [finding.kind for finding in found] == [Kind.ROW_RESTORED]


def test_row_planted(scene: Scene) -> None:
    planted = new_id()
    scene.sql(
        "INSERT INTO case_particulars (id, case_id, revision, body, created_at, created_by) VALUES (?, ?, 2, ?, 1, ?)",
        planted,
        scene.resident.actor.own_case,
        body_of(scene, scene.resident.actor.own_case),
        scene.lead.actor.account,
    )
    assert (Kind.ROW_PLANTED, planted) in {(finding.kind, finding.row) for finding in scene.findings()}
    with pytest.raises(Tampered):  # bound to revision 1
        scene.read(scene.resident, scene.resident)


def test_row_deleted(scene: Scene) -> None:
    gone = scene.sql("SELECT id FROM case_particulars WHERE case_id = ?", scene.resident.actor.own_case)[0][0]
    scene.sql("DELETE FROM case_particulars WHERE id = ?", gone)
    assert (Kind.ROW_MISSING, gone) in {(finding.kind, finding.row) for finding in scene.findings()}


def test_clear_column_changed(scene: Scene) -> None:
    scene.sql(
        "UPDATE case_particulars SET created_by = ? WHERE case_id = ?",
        scene.stranger.actor.account,
        scene.resident.actor.own_case,
    )
    assert reveal(scene.read(scene.resident, scene.resident)) == "her first word"
    assert Kind.ROW_CHANGED in scene.kinds()


@pytest.mark.parametrize("place", [0, 1, 6, 20, -1])
def test_bit_flipped(scene: Scene, place: int) -> None:
    body = bytearray(body_of(scene, scene.resident.actor.own_case))
    body[place] ^= 1
    scene.sql("UPDATE case_particulars SET body = ? WHERE case_id = ?", bytes(body), scene.resident.actor.own_case)
    with pytest.raises((Tampered, Refused)):
        scene.read(scene.resident, scene.resident)
    assert Kind.ROW_CHANGED in scene.kinds()
