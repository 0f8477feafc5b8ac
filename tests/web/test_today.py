"""Where a resident arrives: what is counted as still to do, and somebody to talk to."""

import re
from dataclasses import replace
from html import unescape

from safetyplan.actors import RecordId, new_id
from safetyplan.plans import actions
from safetyplan.plans.model import SectionName, accept_wording
from tests.web.conftest import Site


def today(site: Site) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(site.get("resident", "/n/").get_data(as_text=True))).split())


def write(site: Site, section: SectionName, who: str = "", by: str = "") -> None:
    her = site.people["resident"]
    wording = accept_wording("some words", who, by)
    actions.add_item(her.vault, her.actor, item_id=RecordId(new_id()), section=section, wording=wording, case=None)


def test_only_tasks_count_as_not_done_yet(site: Site) -> None:
    for name in (SectionName.CONTACTS, SectionName.SIGNS, SectionName.CODE_WORD):
        write(site, name, "my sister")
    assert "not done yet" not in today(site)
    write(site, SectionName.HOME)
    write(site, SectionName.CONTACTS, by="2031-01-01")
    assert "2 things not done yet" in today(site)


def test_somebody_to_talk_to_is_a_door_where_the_house_has_a_telephone(site: Site) -> None:
    doors = re.compile(r'<ul class="doors">.*?</ul>', re.S)
    without = doors.search(site.get("resident", "/n/").get_data(as_text=True))
    assert without and "Talk to someone" not in without[0]
    kept = site.app.extensions["safetyplan.options"]
    site.app.extensions["safetyplan.options"] = replace(kept, talk="+46401234567")
    found = doors.search(site.get("resident", "/n/").get_data(as_text=True))
    assert found
    assert re.findall(r'<a href="([^"]*)"', found[0])[1] == "tel:+46401234567"
    assert "Talk to someone" in found[0]
