"""A house and the people of it, all enrolled the real way. Only the cost of hashing is small."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from safetyplan.accesslog.entry import Entry, decode
from safetyplan.actors import AccountId, CaseId, Role, UnitId, new_id
from safetyplan.fields import IDENTITY, PLAN, RECORD
from safetyplan.people import accounts, enrolment, signin, totp
from safetyplan.people.enrolment import Code, Enrolled, Slip
from safetyplan.people.model import Whence
from safetyplan.people.sessions import Session
from safetyplan.people.signin import Renewing, SignedIn
from safetyplan.sealing.passphrases import Cost
from safetyplan.vault import House, Kind, Vault
from tests.builders import TestHouse
from tests.databases import Database

CHEAP = Cost(memory_kib=64, iterations=1)
HERE = Whence("192.0.2.7", None, "Mozilla/5.0 (Linux; Android 15) Mobile")
ELSEWHERE = Whence("198.51.100.9", None, "Mozilla/5.0 (Windows NT 10.0)")


@dataclass
class Known:
    """Somebody enrolled, and everything they have on paper and in their telephone."""

    account: AccountId
    user_name: str
    enrolled: Enrolled

    @property
    def phrase(self) -> str:
        return self.enrolled.phrase

    @property
    def session(self) -> Session:
        return self.enrolled.session


@dataclass
class Folk:
    home: TestHouse
    database: Database | None = None

    @property
    def house(self) -> House:
        return self.home.house

    @property
    def vault(self) -> Vault:
        return self.home.vault

    @property
    def unit(self) -> UnitId:
        return self.home.unit

    @property
    def clock(self) -> Any:
        return self.home.clock

    # -- people

    def slip(self, role: Role = Role.STAFF, name: str = "Kim") -> Slip:
        return enrolment.invite(
            self.vault, None, role=role, unit=self.unit if role in accounts.HAS_UNIT else None, name=name
        )

    def staff(self, role: Role = Role.STAFF, name: str = "Kim") -> Known:
        slip = self.slip(role, name)
        return Known(slip.account, slip.user_name, enrolment.enrol(self.vault, code=slip.code, hashing=CHEAP))

    def resident_slip(self, lead: Known) -> tuple[accounts.NewAccount, Code, CaseId]:
        case, vault = CaseId(new_id()), self.of(lead.session)
        holders = {c: [(Kind.ACCOUNT, str(lead.account))] for c in (PLAN, RECORD, IDENTITY)}
        with vault.open_case(lead.session.actor, case=case, reference=f"R-{case[:6]}", holders=holders) as visit:
            made = accounts.add(visit, Role.RESIDENT, unit=self.unit, case=case)
            return made, enrolment.make_code(visit, made.account, carried=visit.keys_for((PLAN, IDENTITY))), case

    def resident(self, lead: Known, phrase: str | None = None) -> Known:
        made, code, _ = self.resident_slip(lead)
        enrolled = enrolment.enrol(self.vault, code=code.code, hashing=CHEAP, phrase=phrase)
        return Known(made.account, made.user_name, enrolled)

    # -- signing in

    def of(self, session: Session) -> Vault:
        return self.vault.with_keyring(session.keyring)

    def code(self, person: Known, steps: int = 0) -> str:
        return totp.code_at(person.enrolled.totp_secret, totp.step_of(self.clock()) + steps)

    def halfway(self, person: Known, whence: Whence = HERE, phrase: str | None = None) -> str:
        words = person.phrase if phrase is None else phrase
        return signin.first_step(self.vault, name=person.user_name, phrase=words, whence=whence, hashing=CHEAP)

    def through(self, person: Known, whence: Whence = HERE, *, own_device: bool = False) -> SignedIn:
        """Both steps, with a code that was not used yet."""
        self.clock.advance(seconds=30)
        done = signin.second_step(
            self.vault,
            cookie=self.halfway(person, whence),
            code=self.code(person),
            whence=whence,
            own_device=own_device,
        )
        assert isinstance(done, SignedIn)
        return done

    def with_key_code(self, person: Known) -> Renewing:
        self.clock.advance(seconds=30)
        half = signin.first_step_on_paper(self.vault, name=person.user_name, code=person.enrolled.key_code, whence=HERE)
        done = signin.second_step(self.vault, cookie=half, code=self.code(person), whence=HERE)
        assert isinstance(done, Renewing)
        return done

    # -- looking from outside

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What somebody with the whole database may do. ``?`` stands for a value."""
        if self.database is None:
            with closing(sqlite3.connect(self.home.settings.data / "safetyplan.db")) as raw:
                rows = raw.execute(statement, values).fetchall()
                raw.commit()
                return rows
        with closing(self.database.raw()) as raw:
            cursor = raw.execute(
                statement if isinstance(raw, sqlite3.Connection) else statement.replace("?", "%s"), values
            )
            found = cursor.fetchall() if cursor.description else []
            raw.commit()
            return found

    def break_table(self, table: str) -> Callable[[], None]:
        """From now on no row can be added to the table or deleted from it; returns the repair."""
        if self.database is None or self.database.dialect == "sqlite":
            fail = "BEGIN SELECT raise(ABORT, 'disk'); END"
            breaks = [f"CREATE TRIGGER broken_{verb} BEFORE {verb} ON {table} {fail}" for verb in ("INSERT", "DELETE")]
            mends = ["DROP TRIGGER broken_INSERT", "DROP TRIGGER broken_DELETE"]
        else:
            body = "LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'disk'; END$$"
            breaks = [
                f"CREATE FUNCTION broken() RETURNS trigger {body}",
                f"CREATE TRIGGER broken BEFORE INSERT OR DELETE ON {table} EXECUTE FUNCTION broken()",
            ]
            mends = [f"DROP TRIGGER broken ON {table}", "DROP FUNCTION broken()"]
        for statement in breaks:
            self.sql(statement)

        def mend() -> None:
            for statement in mends:
                self.sql(statement)

        return mend

    def everything(self, *but: str) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table of this room, but those named."""
        tables = ("account", "account_key", "totp", "totp_step", "factor_code", "enrolment", "session", "access_group")
        tables += ("group_member", "group_key", "group_key_copy", "case_key_grant", "case_generation", "log_entry")
        return {name: sorted(self.sql(f"SELECT * FROM {name}"), key=repr) for name in tables if name not in but}

    def entries(self, action: str | None = None) -> list[Entry]:
        found = [decode(bytes(body)) for (body,) in self.sql("SELECT body FROM log_entry ORDER BY seq")]
        return [entry for entry in found if action in (None, entry.action)]


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run them in threads that start together; each one's result or exception."""
    gate, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[number] = call()
        except Exception as error:  # noqa: BLE001 (it is the result)
            results[number] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
