"""A house that is served, and the people who come to it with what they have on paper and in their telephones."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pyotp
from flask import Flask
from werkzeug.serving import make_server

from safetyplan.actors import CaseId, Role, UnitId, new_id
from safetyplan.app import create_app
from safetyplan.cases import actions as cases
from safetyplan.cases.model import Jurisdiction, Protection, Slip
from safetyplan.founding import found
from safetyplan.people import enrolment, groups, units
from safetyplan.people.sessions import Session
from safetyplan.settings import Settings
from safetyplan.vault import House, Vault
from tests.builders import FakeClock


@dataclass
class Someone:
    """What a person keeps: a name and words on paper, an authenticator; sometimes the session of their enrolment."""

    user_name: str
    phrase: str
    secret: str
    key_code: str = ""
    factor_codes: tuple[str, ...] = ()
    session: Session | None = None

    @property
    def case(self) -> CaseId:
        assert self.session is not None and self.session.actor.own_case is not None
        return self.session.actor.own_case


@dataclass
class Served:
    """``name`` is what people are called on the pages."""

    house: House
    app: Flask
    url: str
    clock: FakeClock
    unit: UnitId | None = None
    people: dict[str, Someone] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    @property
    def vault(self) -> Vault:
        return Vault(self.house)

    def code(self, who: Someone) -> str:
        """What the telephone shows, half a minute later: each code works once."""
        self.clock.advance(seconds=30)
        return pyotp.TOTP(who.secret).at(self.clock() // 1000)

    def hire(self, role: Role, name: str) -> Someone:
        """Enrolled the real way, with real hashing, without the pages."""
        unit = self.unit if role in (Role.STAFF, Role.LEAD) else None
        slip = enrolment.invite(self.vault, None, role=role, unit=unit, name=name)
        self.people[name] = self._enrolled(slip.user_name, slip.code)
        return self.people[name]

    def take_in(self, lead: Someone, *staff: Someone) -> Slip:
        """By script; only staff known here get in."""
        assert lead.session is not None
        vault = self.vault.with_keyring(lead.session.keyring)
        groups.settle_quietly(vault, lead.session.actor)
        return cases.take_in(
            vault,
            lead.session.actor,
            case=CaseId(new_id()),
            jurisdiction=Jurisdiction.SWEDEN,
            protection=Protection.SEKRETESSMARKERING,
            staff=[each.session.actor.account for each in staff if each.session],
        )

    def resident(self, lead: Someone, *staff: Someone) -> Someone:
        slip = self.take_in(lead, *staff)
        return self._enrolled(slip.user_name, slip.code)

    def do(self, who: Someone, action: Callable[..., Any], **given: Any) -> Any:
        """An action as that person does it, without the pages."""
        assert who.session is not None
        self.clock.advance(seconds=1)
        return action(self.vault.with_keyring(who.session.keyring), who.session.actor, **given)

    def _enrolled(self, user_name: str, code: str) -> Someone:
        made = enrolment.enrol(self.vault, code=code)
        return Someone(user_name, made.phrase, made.totp_secret, made.key_code, made.factor_codes, made.session)


@contextmanager
def served(data: Path) -> Iterator[Served]:
    """An empty house at http://localhost on a free port."""
    clock = FakeClock()
    settings = Settings(data=data)
    house = found(settings, clock).house
    app = create_app(settings, house)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Served(house, app, f"http://localhost:{server.server_port}", clock)
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()
    house.store.engine.dispose()


def with_people(house: Served) -> Served:
    """One unit with a lead and two staff, an officer, an administrator."""
    house.unit = units.add(house.vault, None, name="Rönnen")
    for role, name in (
        (Role.ADMINISTRATOR, "Rut"),
        (Role.OFFICER, "Torkel"),
        (Role.LEAD, "Majken"),
        (Role.STAFF, "Anna"),
        (Role.STAFF, "Berit"),
    ):
        house.hire(role, name)
    return house
