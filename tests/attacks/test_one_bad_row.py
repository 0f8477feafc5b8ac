"""One row that was tampered with must not shut everything else; it is an alarm, an entry, and said on the page."""

from safetyplan.accesslog.entry import Outcome
from safetyplan.actors import Purpose, Role
from safetyplan.cases import actions as case_actions
from safetyplan.cases.today import today
from safetyplan.plans import actions, items
from safetyplan.vault import reveal
from tests.attacks.conftest import Scene


def test_the_rest_of_the_plan_is_still_there(scene: Scene) -> None:
    case = scene.resident.actor.own_case
    assert case
    with scene.resident.vault.visit(scene.resident.actor, Purpose.KEEP_OWN_PLAN, case) as visit:
        bad = items.add_item(visit, section="contacts", text="moved away", source="g/1")
        items.add_item(visit, section="contacts", text="whom to ring", source="g/2")
    scene.sql("UPDATE plan_item SET body = (SELECT body FROM plan_item WHERE item_id <> ?) WHERE item_id = ?", bad, bad)
    view = actions.see_plan(scene.resident.vault, scene.resident.actor)
    assert [reveal(kept.item.wording.text) for kept in view.sections[0].items] == ["whom to ring"]
    assert view.broken
    assert today(scene.resident.vault, scene.resident.actor).broken
    with scene.home.house.store.snapshot() as tx:
        newest = scene.home.house.log.read(tx.dbapi, limit=1).entries[0].entry
    assert (newest.outcome, newest.reason and newest.reason.code) == (Outcome.FAILED, "tampered")
    assert ("plan_item", bad) in {(touched.table, touched.id) for touched in newest.objects}


def test_the_rest_of_the_cases_is_still_there(scene: Scene) -> None:
    scene.sql("UPDATE case_file SET state = 'closed' WHERE id = ?", scene.other.actor.own_case)
    found = case_actions.my_cases(scene.lead.vault, scene.lead.actor)
    assert ([line.case for line in found.lines], found.shut) == ([scene.resident.actor.own_case], 1)


def test_a_planted_grant_does_not_shut_the_list(scene: Scene) -> None:
    columns = (
        "case_id, compartment, generation, recipient_kind, recipient_id, sealed, granted_by, expires_at, created_at"
    )
    scene.sql(
        f"INSERT INTO case_key_grant (id, {columns}, mac) SELECT ?, case_id, compartment, generation, recipient_kind,"
        " ?, sealed, granted_by, expires_at, created_at, mac FROM case_key_grant WHERE case_id = ? AND recipient_id = ?"
        " AND compartment = 'plan'",
        "a" * 26,
        scene.staff.actor.account,
        scene.other.actor.own_case,
        scene.lead.actor.account,
    )
    found = case_actions.my_cases(scene.staff.vault, scene.staff.actor)
    assert scene.staff.actor.role is Role.STAFF
    assert ([line.case for line in found.lines], found.shut) == ([scene.resident.actor.own_case], 1)
