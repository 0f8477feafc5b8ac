"""The pages: who gets them, what they keep when something is not accepted, and that nothing on them is a score."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from safetyplan.accesslog.entry import Outcome
from safetyplan.actors import new_id
from safetyplan.threat.factors import Seen
from safetyplan.threat.model import Level
from safetyplan.threat.review import Grave, Likely, Mark, Measure, Scenario
from safetyplan.vault import Revealed
from tests.threat.conftest import Web


def staff_page(web: Web, rest: str = "") -> str:
    return f"/s/c/{web.scene.case}/threat{rest}"


def text(answer: object) -> str:
    return unescape(answer.get_data(as_text=True))  # type: ignore[attr-defined]


def review_form(web: Web, who: str = "anna", **more: str) -> dict[str, str]:
    page = staff_page(web, "/reviews/new")
    return {**web.form(who, page), "level": "high", "reasons": "He asks for her", "do": "propose", **more}


def send_review(web: Web, who: str, form: dict[str, str]) -> object:
    return web.post(who, staff_page(web, "/reviews"), form, staff_page(web, "/reviews/new"))


# -- the journey --------------------------------------------------------------------------------------------


def test_staff_propose_and_a_colleague_settles(web: Web) -> None:
    first = send_review(web, "anna", review_form(web))
    assert first.status_code == 303
    second = send_review(web, "anna", review_form(web, level="low", reasons="Calm for long", shared="It is calm."))
    address = second.headers["Location"].split("?")[0]
    page = text(web.get("berit", address))
    assert "Waits for a second person" in page
    assert "What do you say?" in page
    done = web.post("berit", address + "/settle", {"accept": "yes", "words": ""}, address)
    assert done.status_code == 303
    assert "The review is settled" in text(web.get("berit", done.headers["Location"]))
    assert "It is calm." in text(web.get("resident", "/n/level"))
    assert "It looks calm just now" in text(web.get("resident", "/n/level"))


def test_the_author_sees_no_way_to_settle_and_is_refused_when_trying(web: Web) -> None:
    send_review(web, "anna", review_form(web))
    address = send_review(web, "anna", review_form(web, level="low")).headers["Location"].split("?")[0]
    page = text(web.get("anna", address))
    assert "What do you say?" not in page
    assert "somebody else must settle it" in page
    assert web.post("anna", address + "/settle", {"accept": "yes", "words": "x"}, address).status_code == 404
    assert web.scene.level().level is Level.HIGH
    taken = web.post("anna", address + "/withdraw", {"words": ""}, address)
    assert taken.status_code == 303
    assert not web.scene.level().waiting_for_second


def test_declining_without_words_comes_back_with_the_field(web: Web) -> None:
    send_review(web, "anna", review_form(web))
    address = send_review(web, "anna", review_form(web, level="low")).headers["Location"].split("?")[0]
    for form, words in (({"accept": "no", "words": ""}, "Write why"), ({"words": "kept words"}, "kept words")):
        answer = web.post("berit", address + "/settle", form, address)
        assert answer.status_code == 422
        assert words in text(answer)
    done = web.post("berit", address + "/settle", {"accept": "no", "words": "He was seen"}, address)
    assert done.status_code == 303
    assert "He was seen" in text(web.get("anna", address))


def test_what_is_not_accepted_keeps_every_word(web: Web) -> None:
    form = review_form(
        web,
        level="",
        reasons="",
        people="two brothers",
        gaps="which town",
        **{
            "seen-threats": "before",
            "note-threats": "by telephone",
            "scenarios-3-what": "they follow the bus",
            "scenarios-3-likely": "likely",
            "measures-0-who": "Anna",
            "measures-0-by": "soon",
            "instruments-0-conclusion": "raised",
            "next_review": "31/12",
        },
    )
    answer = send_review(web, "anna", form)
    assert answer.status_code == 422
    page = text(answer)
    for kept in ("two brothers", "which town", "by telephone", "they follow the bus", "soon", "raised", "31/12"):
        assert kept in page
    for field in ("level", "reasons", "next_review", "measures-0-what", "measures-0-by", "instruments-0-name"):
        assert f'href="#f-{field}"' in page
        assert f'id="f-{field}"' in page
    assert re.search(r'name="seen-threats" value="before" checked', page)
    assert '<option value="likely" selected>' in page
    assert web.form("anna", staff_page(web, "/reviews/new"))["review"] != form["review"]
    assert f'name="review" value="{form["review"]}"' in page


def test_a_draft_is_kept_and_grows_by_a_row(web: Web) -> None:
    form = review_form(web, level="", reasons="", do="scenarios", **{"scenarios-0-what": "they follow the bus"})
    answer = send_review(web, "anna", form)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("#scenarios")
    address = answer.headers["Location"].split("?")[0]
    page = text(web.get("anna", address))
    assert "they follow the bus" in page
    assert 'name="scenarios-1-what"' in page
    assert web.get("berit", address).status_code == 404
    hidden = web.form("anna", address)
    done = send_review(web, "anna", {**hidden, "level": "high", "reasons": "so", "do": "propose"})
    assert done.status_code == 303
    assert web.scene.level().level is Level.HIGH


def test_news_while_writing_come_back_with_what_was_typed(web: Web) -> None:
    form = review_form(web, level="low", reasons="typed before the news")
    web.scene.says(Level.ACUTE, "I saw him")
    answer = send_review(web, "anna", form)
    assert answer.status_code == 409
    page = text(answer)
    assert "typed before the news" in page
    assert "I saw him" in page
    hidden = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">', page))
    again = {**form, **{name: hidden[name] for name in ("review", "level_seen", "draft_seen", "her_seen")}}
    assert send_review(web, "anna", again).status_code == 422  # below her own view needs words about it
    assert send_review(web, "anna", {**again, "disagreement": "we talked"}).status_code == 303


def test_the_same_form_twice_is_one_review(web: Web) -> None:
    form = review_form(web)
    places = {send_review(web, "anna", form).headers["Location"] for _ in range(2)}
    assert len(places) == 1
    assert len(web.scene.rows("threat_level")) == 1


# -- the resident -------------------------------------------------------------------------------------------


def test_she_says_how_she_sees_it(web: Web) -> None:
    page = text(web.get("resident", "/n/level/view"))
    assert page.index("Can be read by") < page.index("<textarea")
    empty = web.post("resident", "/n/level/view", {"seen": "0", "level": "", "words": ""}, "/n/level/view")
    assert empty.status_code == 422
    form = {"seen": "0", "level": "high", "words": "I hear steps"}
    assert web.post("resident", "/n/level/view", form, "/n/level/view").status_code == 303
    assert "I hear steps" in text(web.get("resident", "/n/level"))
    assert "I hear steps" in text(web.get("anna", staff_page(web)))
    stale = web.post("resident", "/n/level/view", {**form, "words": "typed elsewhere"}, "/n/level/view")
    assert stale.status_code == 409
    assert "typed elsewhere" in text(stale)
    assert "I hear steps" in text(stale)


def test_a_view_that_nobody_touched_is_not_saved(web: Web) -> None:
    """Opening the form and tapping Save says nothing new: it must not stand there as said today."""
    form = {"seen": "0", "level": "high", "words": "I hear steps"}
    web.post("resident", "/n/level/view", form, "/n/level/view")
    again = web.post("resident", "/n/level/view", form, "/n/level/view")
    assert "done=view-saved" in again.headers["Location"]  # a double tap: the first was saved
    untouched = web.post("resident", "/n/level/view", {**form, "seen": "1"}, "/n/level/view")
    assert "done=view-same" in untouched.headers["Location"]
    page = text(web.get("resident", untouched.headers["Location"]))
    assert "Nothing was changed" in page
    assert "Your staff can read it now" not in page
    assert len(web.scene.rows("own_view")) == 1


def test_her_page_shows_nothing_of_the_review_and_no_words_of_events_unasked(web: Web) -> None:
    send_review(web, "anna", review_form(web, people="two brothers", shared="We are careful just now."))
    incident = new_id()
    form = {"seen": "0", "what": "a stone at the window", "on": "", "at": "", "roughly": "at night"}
    event = staff_page(web, f"/events/{incident}")
    assert web.post("anna", event, form, staff_page(web, "/events/new")).status_code == 303
    page = text(web.get("resident", "/n/level"))
    assert "We are careful just now." in page
    for hidden in ("two brothers", "He asks for her", "a stone at the window", "Anna", "High"):
        assert hidden not in page
    opened = text(web.get("resident", f"/n/events/{incident}"))
    assert "a stone at the window" in opened
    assert "Anna" not in opened
    assert "<textarea" not in opened


def test_an_event_is_noted_kept_and_changed(web: Web) -> None:
    event = f"/n/events/{new_id()}"
    bad = {"seen": "0", "what": "", "on": "2031-01-01", "at": "25:70", "roughly": "one evening"}
    answer = web.post("resident", event, bad, "/n/events/new")
    assert answer.status_code == 422
    for kept in ("2031-01-01", "25:70", "one evening", 'href="#f-what"', 'href="#f-on"', 'href="#f-at"'):
        assert kept in text(answer)
    good = {"seen": "0", "what": "a silent call", "on": "", "at": "", "roughly": "one evening"}
    assert web.post("resident", event, good, "/n/events/new").status_code == 303
    changed = {**good, "seen": "1", "what": "two silent calls"}
    assert web.post("resident", event, changed, event).status_code == 303
    page = text(web.get("resident", event))
    assert "two silent calls" in page
    assert "a silent call" in page
    late = web.post("resident", event, {**good, "seen": "1", "what": "typed late"}, event)
    assert late.status_code == 409
    assert "typed late" in text(late)
    assert "two silent calls" in text(web.get("anna", staff_page(web)))


# -- who gets them ------------------------------------------------------------------------------------------


def test_every_page_is_missing_for_whoever_has_no_grant_or_another_role(web: Web) -> None:
    scene = web.scene
    review = scene.propose(scene.anna, Level.HIGH)
    event = new_id()
    form = {"seen": "0", "what": "a call", "on": "", "at": "", "roughly": ""}
    web.post("resident", f"/n/events/{event}", form, "/n/events/new")
    pages = [
        staff_page(web, rest)
        for rest in (
            "",
            "/reviews/new",
            f"/reviews/{review}",
            f"/reviews/{review}/draft",
            "/events/new",
            f"/events/{event}",
        )
    ]
    posts = [
        staff_page(web, rest)
        for rest in ("/reviews", f"/reviews/{review}/settle", f"/reviews/{review}/withdraw", f"/events/{event}")
    ]
    hidden = {"review": new_id(), "level_seen": "1", "draft_seen": "0", "her_seen": "0", "seen": "1", "what": "x"}
    everything = {**hidden, "level": "low", "reasons": "x", "do": "propose", "accept": "yes", "words": "x"}
    for who, own in (("stranger", "/s/"), ("resident", "/n/level/view")):
        for page in pages:
            assert web.get(who, page).status_code == 404, (who, page)
        for post in posts:
            assert web.post(who, post, everything, own if who == "resident" else "/start").status_code == 404, (
                who,
                post,
            )
    for who in ("anna", "lead"):
        for page in ("/n/level", "/n/level/view", "/n/events/new", f"/n/events/{event}"):
            assert web.get(who, page).status_code == 404
    assert scene.level().level is Level.HIGH


def test_who_may_not_is_refused_before_the_form_is_read(web: Web) -> None:
    """An empty form from somebody without a grant: not found, and the log knows."""
    before = len(web.scene.entries())
    assert web.post("stranger", staff_page(web, "/reviews"), {}, "/start").status_code == 404
    refused = web.scene.entries()[before:]
    assert [(entry.actor.account, entry.outcome) for entry in refused if entry.actor] == [
        (web.scene.stranger.actor.account, Outcome.REFUSED)
    ]


def test_a_review_that_did_not_arrive_whole_comes_back(web: Web) -> None:
    answer = send_review(web, "anna", {"reasons": "typed at length", "review": "nonsense", "do": "propose"})
    assert answer.status_code == 422
    assert "typed at length" in text(answer)
    assert "did not arrive whole" in text(answer)
    assert web.scene.rows("threat_review") == []


def test_somebody_elses_ids_are_missing_too(web: Web) -> None:
    scene = web.scene
    other = scene.home.resident(scene.lead, [scene.anna])
    mine = scene.case
    scene.propose(scene.anna, Level.HIGH)
    event = new_id()
    form = {"seen": "0", "what": "a call", "on": "", "at": "", "roughly": ""}
    web.post("resident", f"/n/events/{event}", form, "/n/events/new")
    review = scene.rows("threat_review")[0].review_id
    for place in (f"/reviews/{review}", f"/events/{event}"):
        assert web.get("anna", f"/s/c/{mine}/threat{place}").status_code == 200
        assert web.get("anna", f"/s/c/{other.actor.own_case}/threat{place}").status_code == 404
    for odd in ("nothing", "%00", "'", new_id()):
        assert web.get("anna", f"/s/c/{mine}/threat/reviews/{odd}").status_code == 404
        assert web.get("anna", f"/s/c/{mine}/threat/events/{odd}").status_code == 404
        assert web.get("anna", f"/s/c/{odd}/threat").status_code == 404
        assert web.get("resident", f"/n/events/{odd}").status_code == 404


# -- no score -----------------------------------------------------------------------------------------------


class Words(HTMLParser):
    """The words of a page's main part, without times and the picture's date."""

    def __init__(self) -> None:
        super().__init__()
        self.main = self.skipped = 0
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.main += tag == "main"
        date = tag == "text" and "chart-date" in (dict(attrs).get("class") or "")
        self.skipped += tag == "time" or date or (tag == "text" and self.skipped > 0)

    def handle_endtag(self, tag: str) -> None:
        self.main -= tag == "main"
        self.skipped -= tag == "time" or (tag == "text" and self.skipped > 0)

    def handle_data(self, data: str) -> None:
        if self.main and not self.skipped:
            self.words.append(data)


def digits_on(page: str) -> list[str]:
    reader = Words()
    reader.feed(page)
    return [words.strip() for words in reader.words if re.search(r"\d", words)]


@pytest.mark.parametrize("marked", [0, 1, 12])
def test_no_page_shows_a_number_that_could_be_a_score(web: Web, marked: int) -> None:
    """Whatever is marked, and however much: no digit but in times, in the case's reference and in what was typed."""
    from safetyplan.threat.factors import BY_CODE

    scene = web.scene
    scene.says(Level.HIGH, "afraid")
    scene.propose(
        scene.anna,
        Level.HIGH,
        marks=tuple(Mark(code, Seen.NOW, Revealed("seen")) for code in list(BY_CODE)[:marked]),
        scenarios=(Scenario(Revealed("they come"), Likely.LIKELY, Grave.HARM),) * marked,
        measures=(Measure(Revealed("ring"), Revealed("Anna")),) * marked,
        disagreement=Revealed("none"),
    )
    review = scene.propose(scene.anna, Level.LOW, disagreement=Revealed("we talked"))
    pages = [("anna", staff_page(web, rest)) for rest in ("", "/reviews/new", f"/reviews/{review}")]
    pages += [("berit", staff_page(web, f"/reviews/{review}"))]
    pages += [("resident", place) for place in ("/n/level", "/n/level/view", "/n/events/new")]
    for who, address in pages:
        found = [words for words in digits_on(text(web.get(who, address))) if not words.startswith("R-")]
        assert found == [], address


def test_colour_and_shape_come_from_the_word_alone(web: Web) -> None:
    """Two reviews of one level that differ in every mark look the same where the level stands."""
    from safetyplan.threat.factors import BY_CODE

    scene, tags = web.scene, []
    for marks in ((), tuple(Mark(code, Seen.NOW) for code in BY_CODE)):
        review = scene.propose(scene.anna, Level.ELEVATED, marks=marks)
        tags.append(re.findall(r'<span class="tag[^>]*>', text(web.get("anna", staff_page(web, f"/reviews/{review}")))))
    assert tags[0] == tags[1]


@pytest.mark.parametrize("level", list(Level)[1:])
def test_every_level_has_a_word_and_a_shape_of_its_own(web: Web, level: Level) -> None:
    web.scene.propose(web.scene.anna, level)
    page = text(web.get("anna", staff_page(web)))
    kind = {"low": "low", "elevated": "medium", "high": "high", "acute": "acute"}[level]
    assert re.search(rf'<span class="tag tag-{kind}"><svg[^>]*><use href="[^"]*#level-{kind}"/></svg>\w+</span>', page)


def test_not_assessed_says_what_it_counts_as(web: Web) -> None:
    page = text(web.get("anna", staff_page(web)))
    assert "Not assessed, counts as high" in page
    assert "chart-unknown" in page


def test_the_picture_holds_classes_only_and_a_title_and_the_same_in_a_table(web: Web) -> None:
    scene = web.scene
    scene.propose(scene.anna, Level.HIGH)
    scene.propose(scene.anna, Level.LOW)
    page = text(web.get("anna", staff_page(web)))
    picture = page[page.index("<svg viewBox") : page.index("</svg>", page.index("<svg viewBox"))]
    assert "<title" in picture
    assert "<desc" in picture
    assert "chart-pending" in picture
    assert not re.search(r"style=|fill=|stroke=|<script", picture)
    assert "Lower level proposed" in page
    assert "First assessed" in page
