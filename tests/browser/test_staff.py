"""Staff and the threat level: raised at once, lowered by a second person only."""

from collections.abc import Callable

import pytest

from safetyplan.threat import actions as threat
from safetyplan.threat.model import Level
from safetyplan.threat.statements import OwnView
from safetyplan.vault import Revealed
from tests.browser.house import Served
from tests.browser.walker import Walker

Come = Callable[..., Walker]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_level_is_raised_and_lowered(house: Served, walker: Come, script: bool) -> None:
    lead, anna, berit = (house.people[name] for name in ("Majken", "Anna", "Berit"))
    resident = house.resident(lead, anna, berit)
    house.do(resident, threat.say_own_view, view=OwnView(Level.HIGH, Revealed("Jag är rädd om kvällarna")), seen=0)
    hers, theirs = walker("da", script=script, width=1280), walker("sv", script=script)
    hers.sign_in(anna)
    case = f"/s/c/{resident.case}/"
    assert hers.path == "/s/" and hers.page.locator(f'.lines a[href="{case}"]').count() == 1
    hers.click(f'.lines a[href="{case}"]')
    hers.link("Threat level", exact=False)
    assert hers.reads("Not assessed, counts as high") and hers.sees("Jag är rädd om kvällarna")

    propose(hers, "acute", "Han stod utanför skolan i går", shared="Vi håller oss nära dig.")
    assert hers.reads("In force, and waits to be confirmed")
    hers.open(f"{case}threat")
    assert hers.page.locator(".card-first .tag-acute").count() == 1
    phone = walker("sv", script=script)
    phone.sign_in(resident)
    phone.open("/n/level")
    assert phone.reads("Something may happen soon. We stay close to you") and phone.sees("Vi håller oss nära dig.")
    assert not phone.sees("Han stod utanför skolan")

    hers.open(f"{case}threat")
    propose(hers, "elevated", "Han är häktad sedan i måndags", shared="Det är lugnare nu.")
    review = hers.path
    assert hers.reads("You wrote this, so somebody else must settle it.") and not hers.page.locator("#settle").count()
    phone.open("/n/level")
    assert phone.reads("Something may happen soon. We stay close to you") and not phone.sees("Det är lugnare nu.")

    theirs.sign_in(berit)
    assert (
        theirs.page.locator(".line", has=theirs.page.locator(f'a[href="{case}"]'))
        .get_by_text(theirs.say("Waits for you"))
        .is_visible()
    )
    theirs.open(review)
    assert theirs.sees("Han är häktad sedan i måndags")
    theirs.press("Save")
    assert theirs.reads("Choose one.")
    theirs.choose("accept", "yes")
    theirs.fill("words", "Jag har talat med åklagaren")
    theirs.press("Save")
    assert theirs.path == f"{case}threat" and theirs.page.locator(".card-first .tag-medium").count() == 1
    phone.open("/n/level")
    assert phone.reads("There is reason to be a little more careful") and phone.sees("Det är lugnare nu.")
    history(theirs)


def propose(at: Walker, level: str, reasons: str, *, shared: str) -> None:
    at.link("Write a review")
    at.unfold_all()
    at.choose("seen-threats", "now")
    at.fill("note-threats", "Två samtal i veckan")
    at.fill("sources", "Boende själv, polisen")
    at.fill("gaps", "Om han vet var hon bor")
    at.fill("scenarios-0-what", "Han följer efter henne från skolan")
    at.fill("measures-0-what", "Någon av oss går med")
    at.choose("level", level)
    at.press("Propose this level")
    assert at.page.locator("[name=reasons][aria-invalid=true]").count() == 1  # the reasons must be written
    at.unfold_all()
    assert at.page.locator("[name=note-threats]").input_value() == "Två samtal i veckan"
    at.fill("reasons", reasons)
    at.fill("disagreement", "Hon ser det som mer allvarligt än vi")
    at.fill("shared", shared)
    at.press("Propose this level")
    assert at.reads("The review is saved.")


def history(at: Walker) -> None:
    """The picture, and the same in words beneath."""
    picture = at.page.locator("figure svg[role=img]")
    assert picture.locator("path.chart-line").count() >= 3
    assert picture.locator("desc").count() == 1
    rows = at.page.locator("table tbody tr")
    told = " ".join(rows.all_inner_texts())
    for words in ("First assessed", "Lower level proposed", "Lowered by a second person"):
        assert at.say(words) in told
    assert "Anna" in told and "Berit" in told
