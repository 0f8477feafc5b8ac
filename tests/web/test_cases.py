"""My cases, one case, taking in, the slip, letting in and taking out, through the pages."""

import re

from tests.web.conftest import Site


def take_in(site: Site, **form: str) -> tuple[int, str]:
    page = site.get("lead", "/s/new").get_data(as_text=True)
    case = re.search(r'name="case" value="([a-z2-7]{26})"', page)
    assert case
    answer = site.post("lead", "/s/new", {"case": case[1], **form})
    return answer.status_code, answer.get_data(as_text=True)


def test_a_lead_takes_somebody_in_only_when_the_house_is_ready(site: Site) -> None:
    status, page = take_in(site, jurisdiction="se", protection="sekretessmarkering")
    assert status == 422  # nobody has made the group keys yet: no officer has signed in
    assert "officer" in page


def test_what_was_chosen_is_kept_and_the_problem_said(site: Site) -> None:
    status, page = take_in(site, jurisdiction="dk", protection="skyddad_folkbokforing")
    assert status == 422
    assert re.search(r'value="dk"[^>]*checked', page)
    assert "other country" in page


def test_a_case_page_says_who_can_open_it(site: Site) -> None:
    case = site.people["resident"].actor.own_case
    page = site.get("lead", f"/s/c/{case}/").get_data(as_text=True)
    assert "Robin" in page and "Sasha" in page
    assert page.count("Take away access") == 1
    assert "Take away access" not in site.get("staff", f"/s/c/{case}/").get_data(as_text=True)


def test_letting_in_and_taking_out(site: Site) -> None:
    case, stranger = site.people["resident"].actor.own_case, site.people["stranger"].actor.account
    assert site.get("stranger", f"/s/c/{case}/").status_code == 404
    assert site.post("lead", f"/s/c/{case}/access/{stranger}").status_code == 303
    assert site.get("stranger", f"/s/c/{case}/").status_code == 200
    assert site.post("lead", f"/s/c/{case}/access/{stranger}/end").status_code == 303
    assert site.get("stranger", f"/s/c/{case}/").status_code == 303  # their sign-in has ended with it
    me = site.people["lead"].actor.account
    assert site.post("lead", f"/s/c/{case}/access/{me}/end").status_code == 422


def test_staff_cannot_let_anybody_in(site: Site) -> None:
    case, stranger = site.people["resident"].actor.own_case, site.people["stranger"].actor.account
    assert site.post("staff", f"/s/c/{case}/access/{stranger}").status_code == 404


def test_a_change_of_protection_is_seen_by_whoever_saves_second(site: Site) -> None:
    case = site.people["resident"].actor.own_case
    form = {"jurisdiction": "se", "protection": "sekretessmarkering", "revision": "0"}
    assert site.post("lead", f"/s/c/{case}/particulars", form).status_code == 303
    assert site.post("lead", f"/s/c/{case}/particulars", form).status_code == 409
