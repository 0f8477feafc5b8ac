"""What can be read off the files: nothing inline, logical properties, contrast, size, no name."""

import re
from pathlib import Path

import pytest

from tests.look.gallery import STATIC, TEMPLATES

SHEETS = [STATIC / "tokens.css", STATIC / "app.css"]
PAGES = sorted(path for path in TEMPLATES.rglob("*.html"))
SENT = ["tokens.css", "app.css", "app.js", "icons.svg", "favicon.svg"]
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))


def name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_nothing_inline(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"\sstyle\s*=|<style|\son[a-z]+\s*=|javascript:|data:", text) == []
    assert re.findall(r"<script(?![^>]*\ssrc=)", text) == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_way_round_escaping_and_no_address_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"\|\s*safe\b|autoescape\s+false", text) == []
    assert re.findall(r"(?:src|href|action)=[\"']?(?:https?:)?//", text) == []


MAY_NAME_THE_COMMAND = {TEMPLATES / "oversight" / one for one in ("log.html", "_state.html", "broken.html")}
"""Only a security officer ever gets these, at work, and must be able to tell the operator what to run."""


@pytest.mark.parametrize(
    "path", [path for path in [*PAGES, *(STATIC / one for one in SENT)] if path not in MAY_NAME_THE_COMMAND], ids=name
)
def test_the_product_is_not_named(path: Path) -> None:
    assert "safetyplan" not in path.read_text(encoding="utf-8").lower()


PHYSICAL = re.compile(
    r"(?<![-.\w])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right|top|bottom)(?:-\w+)?"
    r"|(?:min-|max-)?(?:width|height)|left|right|top|bottom|float\s*:\s*(?:left|right)|text-align\s*:\s*(?:left|right)"
    r"|border-(?:top|bottom)-(?:left|right)-radius)\s*[:;}]"
)


@pytest.mark.parametrize("path", SHEETS, ids=name)
def test_only_logical_properties(path: Path) -> None:
    declarations = re.sub(r"/\*.*?\*/|@media[^{]*|@supports[^{]*", "", path.read_text(encoding="utf-8"), flags=re.S)
    assert PHYSICAL.findall(declarations) == []
    four_sided = re.findall(r"(?:margin|padding|inset):[^;}]+", declarations)
    uneven = [one for one in four_sided if len(sides := one.split(":")[1].split()) == 4 and sides[1] != sides[3]]
    assert uneven == []


@pytest.mark.parametrize("path", SHEETS, ids=name)
def test_the_sheet_asks_only_for_its_own_font(path: Path) -> None:
    wanted = re.findall(r"url\(([^)]*)\)", path.read_text(encoding="utf-8"))
    assert wanted in ([], ["fonts/notes-sans-1.woff2"])
    assert "@import" not in path.read_text(encoding="utf-8")


def test_the_script_writes_no_markup() -> None:
    text = (STATIC / "app.js").read_text(encoding="utf-8")
    assert re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|Storage", text) == []
    assert len(text.encode()) <= 3_000


def test_every_icon_named_is_drawn_and_every_icon_drawn_is_small() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))
    named = {icon for path in PAGES for icon in re.findall(r"icon\('([a-z-]+)'[,)]", path.read_text(encoding="utf-8"))}
    named |= {icon for path in PAGES for icon in re.findall(r"icon_name='([a-z-]+)'", path.read_text(encoding="utf-8"))}
    assert named - drawn == set()
    assert (STATIC / "icons.svg").stat().st_size <= 7_000


def test_the_gallery_shows_every_component() -> None:
    shown = (TEMPLATES / "gallery.html").read_text(encoding="utf-8")
    inner = {"field.html", "icon.html"}
    assert [path.name for path in COMPONENTS if path.name not in inner and f"components/{path.name}" not in shown] == []


# --- contrast (WCAG 2.2, 1.4.6: 7:1 for text; 1.4.11: 3:1 for the edges of what can be touched)


def palette() -> dict[str, dict[str, str]]:
    tokens = (STATIC / "tokens.css").read_text(encoding="utf-8")
    light, dark = tokens.split("@media screen and (prefers-color-scheme:dark)")
    pairs = re.compile(r"--([a-z-]+):(#[0-9a-f]{3,6})\b")
    by_day = dict(pairs.findall(light))
    return {"light": by_day, "dark": by_day | dict(pairs.findall(dark))}


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    linear = []
    for start in (0, 2, 4):
        share = int(digits[start : start + 2], 16) / 255
        linear.append(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


GROUNDS = ("paper", "card", "wash")
TEXT = [(ink, ground) for ground in GROUNDS for ink in ("ink", "soft", "accent", "bad")] + [
    ("ink", "lamp-wash"), ("ink", "bad-wash"), ("ink", "good-wash"), ("ink", "high-wash"),
    ("warn", "lamp-wash"), ("bad", "bad-wash"), ("good", "good-wash"),
    ("high", "high-wash"), ("medium", "medium-wash"), ("low", "low-wash"),
    ("on-accent", "accent"), ("on-accent", "accent-deep"), ("on-leave", "leave"),
]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_seven_to_one(scheme: str) -> None:
    colour = palette()[scheme]
    weak = [(ink, ground, round(contrast(colour[ink], colour[ground]), 2)) for ink, ground in TEXT]
    assert [pair for pair in weak if pair[2] < 7] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_of_fields_have_three_to_one(scheme: str) -> None:
    colour = palette()[scheme]
    assert [ground for ground in GROUNDS if contrast(colour["edge"], colour[ground]) < 3] == []
    assert contrast(colour["leave"], colour["card"]) >= 3
