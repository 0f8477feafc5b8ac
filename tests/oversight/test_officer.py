"""The officer's pages: who did what, never what stands in a case; and one honest sentence on the log's state."""

import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace

import pytest

from safetyplan.accesslog.checkpoints import verify
from safetyplan.accesslog.tree import leaf_hash, verify_inclusion
from safetyplan.actors import Purpose, Role
from safetyplan.errors import NotAccepted, Refused, Stale, Tampered
from safetyplan.fields import Field
from safetyplan.oversight import actions
from safetyplan.oversight.model import MOST_ON_A_PAGE, State, pseudonym
from safetyplan.store import plans
from tests.oversight.conftest import BASE, WORDS, Home

Attack = Callable[..., None]


def sign(person: object) -> str:
    actor = person.actor  # type: ignore[attr-defined]
    return pseudonym(actor.account, actor.role)


def entries(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'href="/o/e/(\d+)"', page)]


def test_the_log_shows_pseudonyms_roles_and_units_and_no_name(home: Home) -> None:
    item = home.write_an_item(home.resident)
    home.look(home.staff, item)
    page = home.page(home.officer, "/o/")
    assert sign(home.staff) in page and "Unit one" in page and "Opened a case" in page
    assert "Karin" not in page and "Lena" not in page
    assert entries(page) == sorted(entries(page), reverse=True)


def test_a_residents_words_are_on_no_page_of_an_officer(home: Home) -> None:
    item = home.write_an_item(home.resident)
    home.look(home.staff, item)
    size = home.watch.size()
    browser = home.client(home.officer)
    pages = ["/o/", f"/o/?case={home.reference}", *(f"/o/e/{seq}" for seq in range(size))]
    for address in pages:
        answer = browser.get(address, base_url=BASE)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert WORDS not in text and "Karin" not in text and "Lena" not in text


def test_an_officer_opens_no_case(home: Home) -> None:
    assert home.get(home.officer, f"/s/c/{home.resident.actor.own_case}/looked").status_code == 404
    assert home.get(home.officer, "/n/looked").status_code == 404


@pytest.mark.parametrize("who", ["lead", "staff", "resident"])
def test_nobody_else_reads_the_log(sqlite_home: Home, who: str) -> None:
    browser = sqlite_home.client(getattr(sqlite_home, who))
    for address in ("/o/", "/o/e/1", "/o/e/1/proof"):
        assert browser.get(address, base_url=BASE).status_code == 404
    assert browser.post("/o/check", base_url=BASE).status_code == 404


def test_reading_is_an_entry(home: Home) -> None:
    browser = home.client(home.officer)
    size = home.watch.size()
    browser.get("/o/", base_url=BASE)
    browser.get("/o/e/2", base_url=BASE)
    assert home.watch.size() == size + 2
    assert "Read the access log" in browser.get("/o/", base_url=BASE).get_data(as_text=True)


def test_filters(home: Home) -> None:
    item = home.write_an_item(home.resident)
    home.look(home.staff, item)
    looked_at = home.watch.size() - 1
    home.clock.advance(days=40)
    home.look(home.lead, item)
    later = home.watch.size() - 1
    browser = home.client(home.officer)

    def found(query: str) -> list[int]:
        answer = browser.get(f"/o/?{query}", base_url=BASE)
        assert answer.status_code == 200
        return entries(answer.get_data(as_text=True))

    assert found(f"person={sign(home.staff)}") == [looked_at]
    assert found(f"person={home.staff.actor.account}") == [looked_at]
    assert found(f"person={sign(home.staff).lower().replace('-', ' ')}") == [looked_at]
    assert found(f"case={home.reference}")[:2] == [later, looked_at]
    assert found("action=house.founded") == [0]
    assert found("outcome=refused") == []
    assert found(f"since=2026-12-01&case={home.reference}") == [later]
    assert found(f"until=2026-12-01&case={home.reference}")[0] == looked_at
    assert found(f"person={sign(home.staff)}&outcome=done&until=2026-11-01") == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("person=S-AAA-AAA", "Nobody here has this sign"),
        ("person=Karin", "Nobody here has this sign"),
        ("case=NOT-ONE", "There is no case with this reference"),
        ("since=2026-02-30", "This is not a date"),
        ("since=2026-02-03&until=2026-02-01", "The second day is before the first"),
        ("before=x", "Please write a number"),
    ],
)
def test_what_cannot_be_searched_for_is_said_at_its_field(sqlite_home: Home, query: str, words: str) -> None:
    answer = sqlite_home.get(sqlite_home.officer, f"/o/?{query}")
    text = answer.get_data(as_text=True)
    assert (answer.status_code, words in text) == (422, True)
    assert query.split("=")[1].split("&")[0] in text


def test_pages_follow_each_other_without_gap_or_repeat(sqlite_home: Home) -> None:
    home = sqlite_home
    for _ in range(120):
        home.house.vault.refuse(home.staff.actor, "endpoint.refused")
    browser = home.client(home.officer)
    size, address, seen = home.watch.size(), "/o/?outcome=refused", []
    while address:
        page = browser.get(address, base_url=BASE).get_data(as_text=True)
        seen += entries(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == 120 and seen == sorted(set(seen), reverse=True) and max(seen) < size


# -- the state ---------------------------------------------------------------------------------------------


def test_the_sentence_tells_of_the_last_whole_check(home: Home) -> None:
    browser = home.client(home.officer)
    page = browser.get("/o/", base_url=BASE).get_data(as_text=True)
    assert "A new log, and nothing wrong with it so far" in page and "has not been checked in full yet" in page
    assert "five weeks" not in page
    size = home.watch.size()
    assert browser.post("/o/check", base_url=BASE).location == "/o/?done=verified"
    page = browser.get("/o/", base_url=BASE).get_data(as_text=True)
    assert "The log is whole" in page and f"Checked in full up to entry {size - 1}" in page
    assert f"Signed up to entry {size}," in page
    assert "Checked the whole log" in page


def test_a_check_does_not_count_for_ever_nor_a_signature(home: Home) -> None:
    home.client(home.officer).post("/o/check", base_url=BASE)
    assert "The log is whole" in home.page(home.officer, "/o/")
    home.clock.advance(days=2)
    assert "The log waits to be signed" in home.page(home.officer, "/o/")
    home.watch.checkpoint()
    assert "The log is whole" in home.page(home.officer, "/o/")
    home.clock.advance(days=36)
    assert "Nothing wrong at first sight" in home.page(home.officer, "/o/")


def test_a_log_that_is_old_enough_wants_a_check(home: Home) -> None:
    home.clock.advance(days=36)
    page = home.page(home.officer, "/o/")
    assert "Nothing wrong at first sight" in page and "Not checked in full in the last five weeks." in page


def test_a_check_that_finds_nothing_signs_the_log(home: Home) -> None:
    browser, size = home.client(home.officer), home.watch.size()
    browser.post("/o/check", base_url=BASE)
    assert sorted(path.stem for path in home.watch.folder.files())[-1] == f"{size + 1:020d}"
    page = browser.get("/o/", base_url=BASE).get_data(as_text=True)
    assert "Signed the log" in page and "The log is whole" in page
    assert home.watch.verify().ok


def test_what_the_service_met_is_said_first_until_a_check_finds_nothing(home: Home, attack: Attack) -> None:
    browser = home.client(home.officer)
    browser.post("/o/check", base_url=BASE)
    item = home.write_an_item(home.resident)
    with home.house.house.store.snapshot() as tx:
        body = bytes(tx.dbapi.execute("SELECT body FROM plan_item").fetchone()[0])
    attack("UPDATE plan_item SET body = ?", body[:-1] + bytes([body[-1] ^ 1]))
    seq = home.watch.size()
    with pytest.raises(Tampered):
        home.look(home.staff, item)
    page = browser.get("/o/", base_url=BASE).get_data(as_text=True)
    assert "The log is whole" not in page and "Something had been changed" in page
    assert "the service met something that had been changed. Check the whole log now." in page
    assert f'href="/o/e/{seq}"' in page.partition("Search the log")[0]
    browser.post("/o/check", base_url=BASE)
    page = browser.get("/o/", base_url=BASE).get_data(as_text=True)
    assert "Something is wrong with the log" in page and "the service met something" in page
    attack("UPDATE plan_item SET body = ?", body)
    browser.post("/o/check", base_url=BASE)
    page = browser.get("/o/", base_url=BASE).get_data(as_text=True)
    assert "The log is whole" in page and "the service met something" not in page


def test_a_conflict_is_no_alarm(home: Home) -> None:
    item, case = home.write_an_item(home.resident), home.resident.actor.own_case
    assert case
    with pytest.raises(Stale), home.staff.vault.visit(home.staff.actor, Purpose.SUPPORT_PLAN, case) as visit:
        visit.delete(plans.PLAN_ITEM, item)
        visit.open(visit.ref(Field.PLAN_ITEM, item, 1), plans.current_items(visit.tx, case)[0].body)
        raise Stale
    page = home.page(home.officer, "/o/?outcome=failed")
    assert len(entries(page)) == 1 and "the service met something" not in page


def test_a_changed_row_is_found_by_the_button_and_stays_said(home: Home, attack: Attack) -> None:
    browser = home.client(home.officer)
    attack("UPDATE account SET state = 'locked' WHERE id = ?", home.stranger.actor.account)
    assert browser.post("/o/check", base_url=BASE).location == "/o/"
    page = browser.get("/o/", base_url=BASE).get_data(as_text=True)
    assert "Something is wrong with the log" in page
    assert "Something in the database was changed past the service." in page
    assert home.stranger.actor.account in page
    assert "Change nothing and restore nothing." in page


def test_an_altered_entry_shuts_the_list_and_is_named(home: Home, attack: Attack) -> None:
    browser = home.client(home.officer)
    attack("UPDATE log_entry SET body = nodes WHERE seq = 3")
    answer = browser.get("/o/", base_url=BASE)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert "An entry was changed after it was written." in page and ">3</bdi>" in page
    assert browser.get("/o/?since=2026-11-01", base_url=BASE).status_code == 503
    older = browser.get("/o/?before=3", base_url=BASE).get_data(as_text=True)
    assert "the service met something" in older and entries(older.partition("Search the log")[2]) == [2, 1, 0]


def test_the_sentence_is_there_when_the_tail_was_cut_and_nothing_can_be_opened(home: Home, attack: Attack) -> None:
    browser = home.client(home.officer)
    size = home.watch.size()
    attack("DELETE FROM log_entry WHERE seq >= ?", size - 2)
    answer = browser.get("/o/", base_url=BASE)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, entries(page)) == (503, [])
    assert "The newest entries are gone." in page


def test_missing_and_forged_checkpoints_are_said(home: Home) -> None:
    folder = home.house.settings.checkpoints_folder
    path = sorted(folder.glob("*.checkpoint"))[-1]
    note = path.read_text()
    path.write_text(note.replace("\n1\n", "\n2\n", 1))
    page = home.page(home.officer, "/o/")
    assert "A checkpoint does not carry our signature." in page and "No good signature covers it." in page
    path.unlink()
    assert "The signed checkpoints are gone." in home.page(home.officer, "/o/")
    path.write_text(note)
    assert "A new log, and nothing wrong with it so far" in home.page(home.officer, "/o/")


def test_an_entry_changed_together_with_its_leaf_does_not_fit_its_place(home: Home, attack: Attack) -> None:
    """The page itself reads one entry only: its place in the tree tells."""
    with home.house.house.store.snapshot() as tx:
        row = tx.dbapi.execute("SELECT body, nodes FROM log_entry WHERE seq = 3").fetchone()
    body = bytes(row[0]).replace(b"account.enrolled", b"account.unlocked")
    attack("UPDATE log_entry SET body = ?, nodes = ? WHERE seq = 3", body, leaf_hash(body) + bytes(row[1])[32:])
    assert "does not fit its place in the log" in home.page(home.officer, "/o/e/3")


def test_a_log_too_long_for_a_page_is_checked_by_command(sqlite_home: Home) -> None:
    home = sqlite_home
    size = home.watch.size()
    with pytest.raises(NotAccepted):
        actions.check(home.officer.vault, home.officer.actor, watch=home.watch, most=size - 1)
    assert home.watch.size() == size
    assert actions.check(home.officer.vault, home.officer.actor, watch=home.watch, most=size).ok
    long = State(0, MOST_ON_A_PAGE + 1, 0, None, None, (), None)
    assert not long.by_button and replace(long, size=MOST_ON_A_PAGE).by_button


def test_only_an_officer_checks(sqlite_home: Home) -> None:
    for person in (sqlite_home.lead, sqlite_home.resident):
        with pytest.raises(Refused):
            actions.check(person.vault, person.actor, watch=sqlite_home.watch)
        with pytest.raises(Refused):
            actions.state(person.vault, person.actor, watch=sqlite_home.watch)


# -- proofs ------------------------------------------------------------------------------------------------


def test_a_proof_holds_outside_the_house(home: Home) -> None:
    browser = home.client(home.officer)
    assert browser.get("/o/e/2/proof", base_url=BASE).status_code == 404
    assert "No signature covers this entry yet" in browser.get("/o/e/2", base_url=BASE).get_data(as_text=True)
    home.watch.checkpoint()
    answer = browser.get("/o/e/2/proof", base_url=BASE)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="entry-2.tlog-proof"'
    head, _, note = answer.get_data(as_text=True).partition("\n\n")
    version, index, *steps = head.split("\n")
    assert (version, index) == ("c2sp.org/tlog-proof@v1", "index 2")
    signed = verify(note, home.watch.keys).head
    with home.house.house.store.snapshot() as tx:
        body = bytes(tx.dbapi.execute("SELECT body FROM log_entry WHERE seq = 2").fetchone()[0])
    assert verify_inclusion(signed.size, 2, leaf_hash(body), [b64decode(step) for step in steps], signed.root)


def test_there_is_no_entry_that_is_not_there(sqlite_home: Home) -> None:
    browser = sqlite_home.client(sqlite_home.officer)
    for seq in (sqlite_home.watch.size() + 5, 2**62, 2**70):
        assert browser.get(f"/o/e/{seq}", base_url=BASE).status_code == 404


def test_roles_have_letters() -> None:
    assert {pseudonym("7kq2mp" + "a" * 20, role)[0] for role in Role} == set("RSLOA")
    assert pseudonym("7kq2mp" + "a" * 20, Role.STAFF) == "S-7KQ-2MP"
