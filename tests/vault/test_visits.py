"""The door: what an entry says, what a refusal leaves, what a visit that breaks off leaves, and that it ends."""

import pickle

import pytest

from safetyplan.accesslog.entry import Entry, Outcome
from safetyplan.actors import CaseId, Purpose, Role, new_id
from safetyplan.cases import grants, particulars
from safetyplan.cases.model import Jurisdiction, Particulars, Protection
from safetyplan.errors import LogUnavailable, Refused, Stale
from safetyplan.fields import IDENTITY, PLAN, PRIVATE, RECORD, Field
from safetyplan.people import accounts, enrolment
from safetyplan.store import cases, people
from safetyplan.vault import Kind, Revealed, reveal
from tests.builders import Person, TestHouse

WORDS = Particulars(Jurisdiction.DENMARK, Protection.SAERLIG_ADRESSEBESKYTTELSE)


def case_of(person: Person) -> CaseId:
    assert person.actor.own_case
    return person.actor.own_case


def entries(home: TestHouse, count: int = 50) -> list[Entry]:
    with home.house.store.snapshot() as tx:
        return [logged.entry for logged in home.house.log.read(tx.dbapi, limit=count).entries]


def write(person: Person, case: CaseId, seen: int, purpose: Purpose = Purpose.KEEP_OWN_PLAN) -> None:
    with person.vault.visit(person.actor, purpose, case) as visit:
        particulars.write(visit, WORDS, seen=seen)


def test_a_visit_is_one_entry_that_names_every_object(home: TestHouse) -> None:
    lead = home.person(Role.LEAD)
    resident = home.resident(lead)
    write(resident, case_of(resident), 0)
    with lead.vault.visit(lead.actor, Purpose.SUPPORT_PLAN, case_of(resident)) as visit:
        assert particulars.read(visit) == WORDS
    newest = entries(home)[0]
    assert newest.actor and newest.actor.account == lead.actor.account
    assert (newest.case, newest.purpose, newest.outcome) == (case_of(resident), "support_plan", Outcome.DONE)
    assert [tuple(touched) for touched in newest.objects] == [("case_particulars", case_of(resident), 1)]


def test_a_visit_that_opens_nothing_leaves_no_entry(home: TestHouse) -> None:
    lead = home.person(Role.LEAD)
    resident = home.resident(lead)
    before = len(entries(home))
    with lead.vault.visit(lead.actor, Purpose.OVERVIEW, case_of(resident)):
        pass
    assert len(entries(home)) == before


def test_a_refusal_is_an_entry_and_what_was_typed_is_not_in_it(home: TestHouse) -> None:
    lead, stranger = home.person(Role.LEAD), home.person(Role.STAFF)
    resident = home.resident(lead)
    for case, named in ((case_of(resident), case_of(resident)), (CaseId("karin svensson 1980"), None)):
        with (
            pytest.raises(Refused),
            stranger.vault.visit(stranger.actor, Purpose.SUPPORT_PLAN, case),
        ):
            pass
        newest = entries(home)[0]
        assert (newest.outcome, newest.case, newest.objects) == (Outcome.REFUSED, named, ())


def test_what_was_opened_before_a_visit_broke_off_stays_in_the_log(home: TestHouse) -> None:
    lead = home.person(Role.LEAD)
    resident = home.resident(lead)
    write(resident, case_of(resident), 0)
    with (
        pytest.raises(ZeroDivisionError),
        lead.vault.visit(lead.actor, Purpose.SUPPORT_PLAN, case_of(resident)) as visit,
    ):
        particulars.read(visit)
        particulars.write(visit, WORDS, seen=1)
        raise ZeroDivisionError
    newest = entries(home)[0]
    assert newest.outcome is Outcome.BROKEN_OFF
    assert [touched.table for touched in newest.objects] == ["case_particulars"]
    assert newest.writes == ()
    with home.house.store.snapshot() as tx:
        row = cases.particulars(tx, case_of(resident))
    assert row and row.revision == 1


def test_what_is_seen_after_the_block_raises(home: TestHouse) -> None:
    lead = home.person(Role.LEAD)
    resident = home.resident(lead)
    write(resident, case_of(resident), 0)
    with resident.vault.visit(resident.actor, Purpose.KEEP_OWN_PLAN, case_of(resident)) as visit:
        row = cases.particulars(visit.tx, visit.case)
        ref = visit.ref(Field.PARTICULARS, visit.case, 1)
    assert row
    with pytest.raises(RuntimeError):
        visit.open(ref, row.body)
    with pytest.raises(RuntimeError):
        visit.case_key(PLAN, 1)


def test_several_cases_are_several_entries_in_one_transaction(home: TestHouse) -> None:
    lead = home.person(Role.LEAD)
    residents = [home.resident(lead) for _ in range(3)]
    for resident in residents:
        write(resident, case_of(resident), 0)
    before = len(entries(home, 200))
    with lead.vault.visits(lead.actor, Purpose.OVERVIEW, [case_of(r) for r in residents]) as visits:
        for visit in visits:
            particulars.read(visit)
    newest = entries(home, 200)
    assert len(newest) == before + 3
    assert {entry.case for entry in newest[:3]} == {case_of(r) for r in residents}


def test_nobody_saved_over_is_lost(home: TestHouse) -> None:
    lead = home.person(Role.LEAD)
    resident = home.resident(lead)
    write(resident, case_of(resident), 0)
    with pytest.raises(Stale):
        write(resident, case_of(resident), 0)


def test_the_log_cannot_be_written_and_so_nothing_is_shown(home: TestHouse) -> None:
    lead = home.person(Role.LEAD)
    resident = home.resident(lead)
    write(resident, case_of(resident), 0)
    for note in home.settings.heads_folder.iterdir():
        note.unlink()
    shown: list[object] = []
    with pytest.raises(LogUnavailable):
        with lead.vault.visit(lead.actor, Purpose.SUPPORT_PLAN, case_of(resident)) as visit:
            opened = particulars.read(visit)
        shown.append(opened)
    assert shown == []


def test_a_resident_opens_her_case_only(home: TestHouse) -> None:
    lead = home.person(Role.LEAD)
    resident, other = home.resident(lead), home.resident(lead)
    with (
        pytest.raises(Refused),
        resident.vault.visit(resident.actor, Purpose.KEEP_OWN_PLAN, case_of(other)),
    ):
        pass


def test_her_private_compartment_is_hers_alone(home: TestHouse) -> None:
    lead = home.person(Role.LEAD)
    resident = home.resident(lead)
    case = case_of(resident)
    with resident.vault.visit(resident.actor, Purpose.KEEP_OWN_PLAN, case) as visit:
        assert [reader.id for reader in visit.readers(PRIVATE)] == [resident.actor.account]
        assert {reader.id for reader in visit.readers(PLAN)} >= {resident.actor.account, lead.actor.account}
        with pytest.raises(Refused):
            visit.case_key(RECORD, 1)
    with lead.vault.visit(lead.actor, Purpose.OVERVIEW, case) as visit, pytest.raises(Refused):
        visit.case_key(PRIVATE, 1)


def test_after_a_grant_is_taken_away_the_next_write_is_under_a_new_key(home: TestHouse) -> None:
    lead, staff = home.person(Role.LEAD), home.person(Role.STAFF)
    resident = home.resident(lead, [staff])
    case = case_of(resident)
    write(resident, case, 0)
    with staff.vault.visit(staff.actor, Purpose.SUPPORT_PLAN, case) as visit:
        old_key = visit.case_key(PLAN, 1)
    with lead.vault.visit(lead.actor, Purpose.GRANT_ACCESS, case) as visit:
        assert grants.take_away(visit, staff.actor.account) == 2
    with pytest.raises(Refused), staff.vault.visit(staff.actor, Purpose.SUPPORT_PLAN, case):
        pass
    write(resident, case, 1)
    with lead.vault.visit(lead.actor, Purpose.SUPPORT_PLAN, case) as visit:
        row = cases.particulars(visit.tx, case)
        assert row and particulars.read(visit) == WORDS
        assert int.from_bytes(row.body[1:5], "big") == 2
        assert visit.case_key(PLAN, 2) != old_key
        assert staff.actor.account not in {reader.id for reader in visit.readers(PLAN)}
        rows = {(r.compartment, r.generation): r.rotation_due for r in cases.generations(visit.tx, case)}
    assert rows[PLAN, 1] == rows[PLAN, 2] == 0
    assert rows[RECORD, 1] == 1  # nobody has written there since
    assert (IDENTITY, 2) not in rows  # they never held it


def test_a_grant_can_be_made_only_by_somebody_who_holds_the_key(home: TestHouse) -> None:
    lead, staff, newcomer = home.person(Role.LEAD), home.person(Role.STAFF), home.person(Role.STAFF)
    resident = home.resident(lead, [staff])
    with (
        pytest.raises(Refused),
        resident.vault.visit(resident.actor, Purpose.KEEP_OWN_PLAN, case_of(resident)) as visit,
    ):
        visit.keys_for((RECORD,))
    with lead.vault.visit(lead.actor, Purpose.GRANT_ACCESS, case_of(resident)) as visit:
        assert visit.grant(PLAN, Kind.ACCOUNT, newcomer.actor.account) == 1
        assert visit.grant(PLAN, Kind.ACCOUNT, newcomer.actor.account) == 0
    case = case_of(resident)
    with newcomer.vault.visit(newcomer.actor, Purpose.SUPPORT_PLAN, case) as visit, pytest.raises(Refused):
        visit.case_key(RECORD, 1)


def test_nothing_prints_what_it_holds(home: TestHouse) -> None:
    lead = home.person(Role.LEAD)
    resident = home.resident(lead)
    word = Revealed("the word")
    assert f"{word} {word!r} {[word]}" == "<protected> <protected> [<protected>]"
    assert reveal(word) == "the word"
    with pytest.raises(TypeError):
        pickle.dumps(word)
    with lead.vault.visit(lead.actor, Purpose.OVERVIEW, case_of(resident)) as visit:
        key = visit.case_key(PLAN, 1)
        assert repr(key) not in repr(vars(visit).keys()) + repr(visit) + repr(lead.vault) + repr(home.house)
    assert new_id() not in repr(lead.vault)


def test_a_refused_look_at_the_log_names_the_case(home: TestHouse) -> None:
    lead, stranger = home.person(Role.LEAD), home.person(Role.STAFF)
    resident = home.resident(lead)
    with pytest.raises(Refused), stranger.vault.read_log(stranger.actor, case=case_of(resident)):
        pass
    newest = entries(home)[0]
    assert (newest.action, newest.outcome, newest.case) == ("accesslog.read", Outcome.REFUSED, case_of(resident))
    with pytest.raises(Refused), lead.vault.read_log(lead.actor):
        pass


def test_a_new_generation_kills_codes_that_carry_the_old_one(home: TestHouse) -> None:
    lead, staff = home.person(Role.LEAD), home.person(Role.STAFF)
    case = CaseId(new_id())
    holders = {PLAN: [(Kind.ACCOUNT, str(each.actor.account)) for each in (lead, staff)]}
    with lead.vault.open_case(lead.actor, case=case, reference="ABC-234", holders=holders) as visit:
        made = accounts.add(visit, Role.RESIDENT, unit=home.unit, case=case)
        enrolment.make_code(visit, made.account, carried=visit.keys_for((PLAN,)))
    with lead.vault.visit(lead.actor, Purpose.GRANT_ACCESS, case) as visit:
        grants.take_away(visit, staff.actor.account)
        assert len(people.enrolments_of(visit.tx, made.account)) == 1
    write(lead, case, 0, Purpose.SUPPORT_PLAN)
    with home.house.store.snapshot() as tx:
        assert list(people.enrolments_of(tx, made.account)) == []


def test_what_several_visits_had_opened_before_one_was_refused_stays_in_the_log(home: TestHouse) -> None:
    lead = home.person(Role.LEAD)
    first, second = home.resident(lead), home.resident(lead)
    write(first, case_of(first), 0)
    with (
        pytest.raises(Refused),
        lead.vault.visits(lead.actor, Purpose.OVERVIEW, [case_of(first), case_of(second)]) as visits,
    ):
        particulars.read(visits[0])
        visits[1].case_key(PRIVATE, 1)
    newest = entries(home)[:2]
    assert {(entry.case, entry.outcome) for entry in newest} == {
        (case_of(first), Outcome.REFUSED),
        (case_of(second), Outcome.REFUSED),
    }
    assert [touched.table for entry in newest for touched in entry.objects] == ["case_particulars"]
