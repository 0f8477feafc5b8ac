"""Every page of every role, found from the map of addresses: axe at both widths, no sideways scroll, all languages."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from safetyplan.actors import RecordId, Role, new_id
from safetyplan.guides import actions as guides
from safetyplan.guides import engine
from safetyplan.plans import actions as plans
from safetyplan.plans.model import SectionName, accept_wording
from safetyplan.threat import actions as threat
from safetyplan.threat import incidents, reviewing
from safetyplan.threat.factors import Seen
from safetyplan.threat.model import Level
from safetyplan.threat.review import Mark, Measure, Review, Scenario
from safetyplan.threat.statements import Incident, OwnView, Side
from safetyplan.vault import Revealed
from tests.browser.house import Served, Someone
from tests.browser.pages import Known, addresses
from tests.browser.walker import Walker

LONG = "Donaudampfschiffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
ROLES: dict[str, tuple[Role | None, str]] = {
    "resident": (Role.RESIDENT, ""),
    "staff": (Role.STAFF, "Anna"),
    "lead": (Role.LEAD, "Majken"),
    "officer": (Role.OFFICER, "Torkel"),
    "administrator": (Role.ADMINISTRATOR, "Rut"),
    "nobody": (None, ""),
}


@dataclass
class Lived:
    """A case in which everything has something in it."""

    resident: Someone
    known: Known


@pytest.fixture(scope="session")
def lived(house: Served) -> Lived:
    lead, anna, berit = (house.people[name] for name in ("Majken", "Anna", "Berit"))
    her = house.resident(lead, anna, berit)
    items = [keep(house, her, anna, number) for number in range(2)]
    house.do(her, threat.say_own_view, view=OwnView(Level.HIGH, Revealed(f"Jag är rädd {LONG}")), seen=0)
    events = []
    for who, case in ((her, None), (anna, her.case)):
        event = RecordId(new_id())
        told = Incident(
            Side.RESIDENT if case is None else Side.STAFF, Revealed("Han ringde"), on=Revealed("2026-11-01")
        )
        house.do(who, incidents.note_incident, case=case, incident=event, seen=0, told=told)
        events.append(str(event))
    reviews = [review(house, her, anna, level) for level in (Level.ACUTE, Level.LOW)]
    begun = house.do(anna, reviewing.begin, case=her.case)
    house.do(
        anna,
        reviewing.save_draft,
        case=her.case,
        review=begun.review,
        seen=begun.basis.draft,
        content=Review(level=Level.HIGH, reasons=Revealed("Utkast")),
    )
    answer_first_guide(house, her)
    known = {
        "case_id": [str(her.case)],
        "item_id": items,
        "incident_id": events,
        "review_id": reviews,
        "threat.draft:review_id": [str(begun.review)],
        "number": ["1", "11"],
        "guides.show:number": ["1", "2", "3"],
        "guides.ask:number": ["1"],
        "question": ["1", "2"],
        "seq": ["0", "5", "40"],
    }
    return Lived(her, known)


def keep(house: Served, her: Someone, anna: Someone, number: int) -> str:
    item = RecordId(new_id())
    wording = accept_wording(f"Ring {LONG} om någon frågar", "Samira och jag", "2026-12-24")
    section = [*SectionName][number]
    house.do(her, plans.add_item, item_id=item, section=section, wording=wording)
    again = accept_wording("Ring Samira om någon frågar efter mig", "Samira", "2026-11-24")
    house.do(anna, plans.change_item, item_id=item, seen=1, wording=again, case=her.case)
    house.do(her, plans.mark_item, item_id=item, done=bool(number))
    house.do(her, plans.confirm_section, section=section)
    return str(item)


def review(house: Served, her: Someone, author: Someone, level: Level) -> str:
    begun = house.do(author, reviewing.begin, case=her.case)
    content = Review(
        level=level,
        reasons=Revealed(f"Han vet mer än förut {LONG}"),
        disagreement=Revealed("Hon ser det som mer allvarligt"),
        shared=Revealed("Vi ses varje dag."),
        marks=(Mark("threats", Seen.NOW, Revealed("Två samtal")),),
        scenarios=(Scenario(Revealed("Han följer efter"), signs=Revealed("Bilen")),),
        measures=(Measure(Revealed("Gå två och två"), Revealed("Anna"), Revealed("2026-12-01")),),
    )
    house.do(author, reviewing.propose, case=her.case, review=begun.review, basis=begun.basis, content=content)
    return str(begun.review)


def answer_first_guide(house: Served, her: Someone) -> None:
    guide = engine.load().guides[0]
    step = house.do(her, guides.begin, guide=guide, carry=False)
    while isinstance(step, engine.Asked):
        choice = step.choices[0].id
        step = house.do(her, guides.answer, guide=guide, question=step.question.id, choice=choice)


@pytest.mark.parametrize("who", ROLES)
def test_every_page_is_for_everybody(house: Served, lived: Lived, walker: Callable[..., Walker], who: str) -> None:
    role, name = ROLES[who]
    at = walker("sv")
    if role is not None:
        at.sign_in(house.people[name] if name else lived.resident)
    known = lived.known if who == "staff" else {**lived.known, "threat.draft:review_id": []}
    pages = [*addresses(house.app, role, known), "/no-such-page"]
    assert len(pages) > 2
    for lang in ("sv", "da", "en"):
        at.speak(lang)
        for address in pages:
            answer = at.open(address)
            assert answer.status == (404 if address == "/no-such-page" else 200), address
