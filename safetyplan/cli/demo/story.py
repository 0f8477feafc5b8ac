"""What happens in the demo, told through the same actions that the pages use. No row is written any other way."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from typing import Any

import yaml

from safetyplan.actors import AccountId, Actor, CaseId, RecordId, Role, UnitId, new_id
from safetyplan.cases import actions as cases
from safetyplan.cases.model import Jurisdiction, Protection, Slip
from safetyplan.cli.demo.clock import MovableClock
from safetyplan.cli.demo.people import Known
from safetyplan.errors import LogUnavailable, Refused
from safetyplan.guides import actions as guides
from safetyplan.guides import engine
from safetyplan.oversight import actions as oversight
from safetyplan.people import enrolment, groups, sessions, units
from safetyplan.people.keys import Hashing
from safetyplan.plans import actions as plans
from safetyplan.plans.model import SectionName, Wording, accept_wording
from safetyplan.threat import actions as threat
from safetyplan.threat import incidents, reviewing
from safetyplan.threat.factors import Seen
from safetyplan.threat.model import Level
from safetyplan.threat.review import Grave, Likely, Mark, Measure, Review, Scenario
from safetyplan.threat.statements import Incident, OwnView
from safetyplan.vault import House, Revealed, Vault, Watch

Told = dict[str, Any]
"""A piece of a story file, as YAML gives it."""


@dataclass(frozen=True, slots=True)
class Person:
    known: Known
    actor: Actor
    vault: Vault


@dataclass(slots=True)
class Story:
    """The house as it fills: ``events`` are told in the order of their days."""

    house: House
    clock: MovableClock
    hashing: Hashing
    units: dict[str, UnitId] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    events: list[tuple[int, Callable[[], None]]] = field(default_factory=list)

    def tell(self) -> list[Known]:
        """Everything, in order; who is in the house at the end."""
        house = _read("house")
        self._staff(house)
        for name in house["residents"]:
            Chapter(self, name, _read(name)).plan_events()
        for ago, event in sorted(self.events, key=lambda each: -each[0]):
            self.clock.to(ago)
            event()
        self.clock.end()
        with self.house.store.transaction() as tx:
            sessions.sweep(tx, self.clock())
        return [person.known for person in self.people.values()]

    def check(self, watch: Watch) -> None:
        """The officer checks the whole log, which also signs it. Raises if anything is wrong with the story."""
        officer = self.people["officer"]
        report = oversight.check(officer.vault, officer.actor, watch=watch)
        if not report.ok:
            raise LogUnavailable(report.findings[0].sentence)

    def on(self, ago: int, event: Callable[[], None]) -> None:
        self.events.append((ago, event))

    def enrol(self, key: str, user_name: str, code: str, *, role: Role, unit: str | None, about: str) -> None:
        made = enrolment.enrol(Vault(self.house), code=code, hashing=self.hashing)
        known = Known(user_name, made.phrase, made.totp_secret, role, unit, about)
        self.people[key] = Person(known, made.session.actor, Vault(self.house, made.session.keyring))

    def _staff(self, house: Told) -> None:
        for key, told in house["staff"].items():
            self.on(told["ago"], partial(self._hire, house, key, told))
            if told["role"] == Role.ADMINISTRATOR:
                for unit, about in house["units"].items():
                    self.on(about["ago"], partial(self._open_unit, unit, about["name"]))
        # As at the lead's next sign-in: colleagues who enrolled meanwhile get their copies of the unit's keys.
        self.on(44, lambda: groups.settle_quietly(self.people["lead"].vault, self.people["lead"].actor))

    def _hire(self, house: Told, key: str, told: Told) -> None:
        role, unit = Role(told["role"]), told.get("unit")
        by = self.people.get("administrator")
        vault, actor = (by.vault, by.actor) if by else (Vault(self.house), None)
        slip = enrolment.invite(vault, actor, role=role, unit=self.units[unit] if unit else None, name=told["name"])
        where = house["units"][unit]["name"] if unit else None
        self.enrol(key, slip.user_name, slip.code, role=role, unit=where, about=told["name"])

    def _open_unit(self, unit: str, name: str) -> None:
        administrator = self.people["administrator"]
        self.units[unit] = units.add(administrator.vault, administrator.actor, name=name)


@dataclass(slots=True)
class Chapter:
    """One resident's part. ``case`` and ``slip`` are there once she has been taken in."""

    story: Story
    name: str
    told: Told
    case: CaseId = CaseId("")
    slip: Slip | None = None
    views: int = 0

    def plan_events(self) -> None:
        told, on = self.told, self.story.on
        on(told["taken_in"]["ago"], self._take_in)
        on(told["enrolled"]["ago"], self._enrol)
        for each in told.get("let_in", ()):
            on(each["ago"], partial(self._let_in, each["who"]))
        for each in told["plan"]:
            Thread(self, each).plan_events()
        for kind, act in (
            ("confirmed", self._confirm),
            ("look_again", self._look_again),
            ("own_views", self._say),
            ("incidents", self._note),
            ("visits", self._visit),
            ("refused", self._refused),
            ("guides", self._ask),
        ):
            for each in told[kind]:
                on(each["ago"], partial(act, each))
        for each in told["reviews"]:
            Assessment(self, each).plan_events()

    def who(self, told: Told, key: str = "by_staff") -> tuple[Vault, Actor, CaseId | None]:
        """Whoever acts, and the case they have to name: staff do, a resident has only her own."""
        staff = told.get(key)
        person = self.story.people[staff or self.name]
        return person.vault, person.actor, self.case if staff else None

    def date(self, ago: int) -> str:
        return self.story.clock.day(ago).isoformat()

    def _take_in(self) -> None:
        lead, told = self.story.people["lead"], self.told["taken_in"]
        self.case = CaseId(new_id())
        self.slip = cases.take_in(
            lead.vault,
            lead.actor,
            case=self.case,
            jurisdiction=Jurisdiction(told["jurisdiction"]),
            protection=Protection(told["protection"]),
            staff=[self._account(key) for key in told["staff"]],
        )

    def _enrol(self) -> None:
        if self.slip is not None:
            slip, unit, about = self.slip, self.story.people["lead"].known.unit, self.told["about"]
            self.story.enrol(self.name, slip.user_name, slip.code, role=Role.RESIDENT, unit=unit, about=about)

    def _let_in(self, key: str) -> None:
        lead = self.story.people["lead"]
        cases.let_in(lead.vault, lead.actor, case=self.case, account=self._account(key))

    def _account(self, key: str) -> AccountId:
        return self.story.people[key].actor.account

    def _confirm(self, told: Told) -> None:
        vault, actor, case = self.who(told)
        plans.confirm_section(vault, actor, section=SectionName(told["section"]), case=case)

    def _look_again(self, told: Told) -> None:
        vault, actor, case = self.who(told)
        section = SectionName(told["section"])
        seen = plans.see_section(vault, actor, section=section, case=case).view.kept.revision
        review_on = self.story.clock.day(told["ago"] - told["in"])
        plans.set_review(vault, actor, section=section, review_on=review_on, seen=seen, case=case)

    def _say(self, told: Told) -> None:
        vault, actor, _ = self.who(told)
        view = OwnView(Level(told["level"]), Revealed(told["words"]))
        threat.say_own_view(vault, actor, view=view, seen=self.views)
        self.views += 1

    def _note(self, told: Told) -> None:
        vault, actor, case = self.who(told)
        happened = Incident(
            incidents.side_of(actor),
            Revealed(told["what"]),
            on=Revealed(self.date(told["day"])),
            at=Revealed(told.get("at", "")),
            roughly=Revealed(told.get("roughly", "")),
        )
        incidents.note_incident(vault, actor, case=case, incident=RecordId(new_id()), seen=0, told=happened)

    def _visit(self, told: Told) -> None:
        vault, actor, _ = self.who(told, "by")
        plans.see_plan(vault, actor, case=self.case)
        threat.overview(vault, actor, case=self.case)

    def _refused(self, told: Told) -> None:
        """Somebody without a grant tries the door. It stays shut, and the log says so."""
        vault, actor, _ = self.who(told, "by")
        with suppress(Refused):
            plans.see_plan(vault, actor, case=self.case)

    def _ask(self, told: Told) -> None:
        """Answer a guide as far as the story has answers, and take what she chose into the plan."""
        vault, actor, _ = self.who(told)
        guide = next(each for each in engine.load().guides if each.id == told["guide"])
        step = guides.begin(vault, actor, guide=guide, carry=False)
        while isinstance(step, engine.Asked) and step.question.id in told["answers"]:
            question = step.question.id
            step = guides.answer(vault, actor, guide=guide, question=question, choice=told["answers"][question])
        for chosen in told["add"]:
            guides.add_to_plan(vault, actor, guide=guide, chosen=chosen, language=told["language"])


@dataclass(slots=True)
class Thread:
    """One item of a plan, and what became of it."""

    chapter: Chapter
    told: Told
    item: RecordId = field(default_factory=lambda: RecordId(new_id()))
    revision: int = 0

    def plan_events(self) -> None:
        on = self.chapter.story.on
        on(self.told["ago"], self._add)
        for each in self.told.get("later", ()):
            on(each["ago"], partial(self._go_on, each))

    def _add(self) -> None:
        vault, actor, case = self.chapter.who(self.told)
        section = SectionName(self.told["section"])
        plans.add_item(vault, actor, item_id=self.item, section=section, wording=self._wording({}), case=case)
        self.revision = 1

    def _go_on(self, told: Told) -> None:
        vault, actor, case = self.chapter.who(told)
        if "done" in told:
            plans.mark_item(vault, actor, item_id=self.item, done=told["done"], case=case)
        elif "removed" in told:
            plans.remove_item(vault, actor, item_id=self.item, removed=told["removed"], case=case)
        else:
            plans.change_item(
                vault, actor, item_id=self.item, seen=self.revision, wording=self._wording(told), case=case
            )
        self.revision += 1

    def _wording(self, changed: Told) -> Wording:
        told = self.told | changed
        by = self.chapter.date(-told["until"]) if "until" in told else ""
        return accept_wording(told["text"], told.get("who", ""), by)


@dataclass(slots=True)
class Assessment:
    """A review of the level, and the second person's word if it has come."""

    chapter: Chapter
    told: Told
    review: RecordId = RecordId("")

    def plan_events(self) -> None:
        self.chapter.story.on(self.told["ago"], self._propose)
        if "settled" in self.told:
            self.chapter.story.on(self.told["settled"]["ago"], self._settle)

    def _propose(self) -> None:
        vault, actor, _ = self.chapter.who(self.told, "by")
        begun = reviewing.begin(vault, actor, case=self.chapter.case)
        self.review = begun.review
        reviewing.propose(
            vault, actor, case=self.chapter.case, review=begun.review, basis=begun.basis, content=self._content()
        )

    def _settle(self) -> None:
        told = self.told["settled"]
        vault, actor, _ = self.chapter.who(told, "by")
        words = Revealed(told["words"])
        reviewing.settle(vault, actor, case=self.chapter.case, review=self.review, accept=told["accept"], words=words)

    def _content(self) -> Review:
        told = self.told
        return Review(
            level=Level(told["level"]),
            changes=Revealed(told["changes"]),
            people=Revealed(told["people"]),
            sources=Revealed(told["sources"]),
            gaps=Revealed(told["gaps"]),
            protective=Revealed(told["protective"]),
            reasons=Revealed(told["reasons"]),
            disagreement=Revealed(told.get("disagreement", "")),
            informed=Revealed(told["informed"]),
            shared=Revealed(told["shared"]),
            marks=tuple(
                Mark(code, Seen(seen), Revealed(note[0] if note else ""))
                for code, (seen, *note) in told["marks"].items()
            ),
            scenarios=tuple(
                Scenario(Revealed(each["what"]), Likely(each["likely"]), Grave(each["grave"]), Revealed(each["signs"]))
                for each in told["scenarios"]
            ),
            measures=tuple(self._measure(each) for each in told["measures"]),
        )

    def _measure(self, told: Told) -> Measure:
        by = self.chapter.date(self.told["ago"] - told["in"])
        return Measure(Revealed(told["what"]), Revealed(told["who"]), Revealed(by))


def _read(name: str) -> Told:
    read: Told = yaml.safe_load((files("safetyplan.cli.demo") / f"{name}.yaml").read_text(encoding="utf-8"))
    return read
