"""Groups: a key made at the first sign-in, a copy for every member, none for anybody who was smuggled in."""

import pytest

from safetyplan.actors import Role, UnitId
from safetyplan.errors import Refused, Stale, Tampered
from safetyplan.people import accounts, enrolment, groups, keys
from safetyplan.people.model import Group
from safetyplan.sealing.keypairs import new_key_pair, public_of
from safetyplan.store import people
from safetyplan.vault import Outcome
from safetyplan.vault.recipients import group_recipient
from tests.people.folk import CHEAP, Folk, Known, at_once


def holders(folk: Folk, kind: Group) -> set[str]:
    """Accounts with a copy of the group's key; "recovery" for the organisation's."""
    joined = (
        "group_key_copy JOIN group_key ON group_key.id = group_key_id JOIN access_group ON access_group.id = group_id"
    )
    rows = folk.sql(f"SELECT recipient_kind, recipient_id FROM {joined} WHERE access_group.kind = ?", kind)
    return {"recovery" if row[0] == "recovery" else row[1] for row in rows}


def opened(folk: Folk, person: Known, kind: Group) -> bytes:
    """The group's private key, as a member opens it."""
    with folk.of(person.session).note(person.session.actor, "group.opened") as note:
        for copy in groups.own_copies(note.tx, person.account):
            key = people.group_key_by_id(note.tx, copy.group_key_id)
            group = key and people.group_by_id(note.tx, key.group_id)
            if key and group and group.kind == kind:
                private = groups.private_key(note, person.session.keyring, copy)
                assert public_of(private) == key.public
                return private
    raise AssertionError("no copy")


def test_roles_belong_to_their_groups(folks: Folk) -> None:
    lead, officer = folks.staff(Role.LEAD), folks.staff(Role.OFFICER)
    staff, admin = folks.staff(Role.STAFF), folks.staff(Role.ADMINISTRATOR)
    folks.through(lead)
    assert holders(folks, Group.EMERGENCY) == {lead.account, staff.account, "recovery"}
    assert holders(folks, Group.LIFE_IN_DANGER) == {lead.account, "recovery"}
    assert holders(folks, Group.INTAKE) == {lead.account, "recovery"}
    assert holders(folks, Group.OVERSIGHT) == {officer.account, "recovery"}
    assert admin.account not in {row[0] for row in folks.sql("SELECT account_id FROM group_member")}
    assert opened(folks, lead, Group.EMERGENCY) == opened(folks, staff, Group.EMERGENCY)
    with folks.vault.note(None, "looked") as note:
        assert group_recipient(note, Group.OVERSIGHT, None)


def test_who_enrols_later_waits_for_the_next_holder(folk: Folk) -> None:
    first = folk.staff()
    assert holders(folk, Group.EMERGENCY) == {first.account, "recovery"}
    second = folk.staff()
    assert second.account not in holders(folk, Group.EMERGENCY)
    folk.through(second)
    assert second.account not in holders(folk, Group.EMERGENCY), "only a holder can give it on"
    folk.through(first)
    assert second.account in holders(folk, Group.EMERGENCY)
    before = len(folk.entries("group.settled"))
    folk.through(first)
    assert len(folk.entries("group.settled")) == before, "nothing to do, nothing to say"


def test_units_are_kept_apart_and_intake_is_one(folk: Folk) -> None:
    with folk.vault.note(None, "unit.created") as note:
        other = accounts.add_unit(note, "Unit two")
    assert groups.group_id(Group.EMERGENCY, folk.unit) != groups.group_id(Group.EMERGENCY, other)
    assert groups.group_id(Group.INTAKE, folk.unit) == groups.group_id(Group.INTAKE, other)
    assert groups.group_id(Group.OVERSIGHT, None) == groups.group_id(Group.OVERSIGHT, UnitId("x"))
    assert len({groups.group_id(kind, folk.unit) for kind in Group}) == len(Group)


def test_two_first_members_at_once_make_one_key(folks: Folk) -> None:
    slips = [folks.slip(Role.LEAD), folks.slip(Role.LEAD)]
    results = at_once(*[lambda s=s: enrolment.enrol(folks.vault, code=s.code, hashing=CHEAP) for s in slips])
    assert all(isinstance(each, enrolment.Enrolled) for each in results), results
    assert len(folks.sql("SELECT id FROM group_key")) == 3


def test_two_leads_invited_at_once_found_one_group(folks: Folk) -> None:
    results = at_once(*[lambda: folks.slip(Role.LEAD) for _ in range(2)])
    assert all(isinstance(each, enrolment.Slip | Stale) for each in results), results
    assert len(folks.sql("SELECT id FROM access_group")) == 3


def test_a_locked_member_gets_no_copy(folk: Folk) -> None:
    first, second = folk.staff(), folk.staff()
    accounts.lock(folk.vault, None, account=second.account)
    folk.through(first)
    assert second.account not in holders(folk, Group.EMERGENCY)


def test_a_new_key_pair_keeps_the_copies(folk: Folk) -> None:
    lead = folk.staff(Role.LEAD)
    private = opened(folk, lead, Group.LIFE_IN_DANGER)
    made = keys.new(folk.house, lead.account, phrase="some words", key_code=lead.enrolled.key_code, hashing=CHEAP)
    with folk.of(lead.session).note(None, "recovery.completed") as note:
        ring = keys.replace(note, lead.session.keyring, made, version=1)
        copies = [groups.private_key(note, ring, copy) for copy in groups.own_copies(note.tx, lead.account)]
    assert private in copies and len(copies) == 3
    with pytest.raises(Tampered):
        opened(folk, lead, Group.LIFE_IN_DANGER)


# -- attacks -----------------------------------------------------------------------------------------------


def test_swapped_public_key_of_a_member(folk: Folk) -> None:
    """She gets in; nothing is sealed to the attacker's key; the log says that something is wrong."""
    first, victim = folk.staff(), folk.staff()
    folk.sql("UPDATE account_key SET public = ? WHERE account_id = ?", new_key_pair().public, victim.account)
    before = holders(folk, Group.EMERGENCY)
    assert folk.through(first)
    assert holders(folk, Group.EMERGENCY) == before
    failed = folk.entries("group.settled")[-1]
    assert (failed.outcome, failed.reason and failed.reason.code) == (Outcome.FAILED, "tampered")
    with pytest.raises(Tampered):
        groups.settle(folk.of(first.session), first.session.actor)


def test_swapped_public_key_of_a_group(folk: Folk) -> None:
    first = folk.staff()
    folk.staff()
    folk.sql("UPDATE group_key SET public = ?", new_key_pair().public)
    with pytest.raises(Tampered):
        groups.settle(folk.of(first.session), first.session.actor)


def test_swapped_public_key_of_the_recovery(folk: Folk) -> None:
    slip = folk.slip()
    folk.sql("UPDATE recovery_key SET public = ?", new_key_pair().public)
    enrolment.enrol(folk.vault, code=slip.code, hashing=CHEAP)
    assert folk.sql("SELECT id FROM group_key") == []
    assert folk.entries("group.settled")[-1].outcome is Outcome.FAILED


def test_planted_member(folk: Folk) -> None:
    """An administrator written into a unit's emergency group."""
    first, admin = folk.staff(), folk.staff(Role.ADMINISTRATOR)
    group = groups.group_id(Group.EMERGENCY, folk.unit)
    (mac,) = folk.sql("SELECT mac FROM group_member")[0]
    folk.sql(
        "INSERT INTO group_member (id, group_id, account_id, created_at, mac) VALUES (?, ?, ?, ?, ?)",
        *("g" * 26, group, admin.account, folk.clock(), mac),
    )
    with pytest.raises(Tampered):
        groups.settle(folk.of(first.session), first.session.actor)
    assert admin.account not in holders(folk, Group.EMERGENCY)


def test_a_copy_moved_to_somebody_else(folk: Folk) -> None:
    first, other = folk.staff(), folk.staff()
    folk.sql("UPDATE group_key_copy SET recipient_id = ? WHERE recipient_id = ?", other.account, first.account)
    with pytest.raises(Tampered), folk.of(other.session).note(other.session.actor, "group.opened") as note:
        (copy,) = groups.own_copies(note.tx, other.account)
        groups.private_key(note, other.session.keyring, copy)


def test_nobody_settles_without_keys(folk: Folk) -> None:
    first, _ = folk.staff(), folk.staff()
    with pytest.raises(Refused):
        groups.settle(folk.vault, first.session.actor)
