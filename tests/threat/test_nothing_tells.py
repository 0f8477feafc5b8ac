"""Whoever steals the database or reads the log learns no direction: a raise and a proposal to lower look alike."""

from collections.abc import Callable
from typing import Any

import pytest

from safetyplan.actors import ID_LENGTH
from safetyplan.errors import Refused
from safetyplan.store.threat import LEVEL, REVIEW
from safetyplan.threat import reviewing
from safetyplan.threat.model import Level
from safetyplan.vault import Revealed
from tests.threat.conftest import Scene

TABLES = ("threat_review", "threat_level", "own_view", "incident")


def outside(scene: Scene) -> list[Any]:
    """What shows without a key: rows with the lengths of their sealed columns, and which clear columns agree."""
    seen: list[Any] = []
    for name in TABLES:
        for row in scene.rows(name):
            values = row._asdict()
            lengths = {key: len(value) for key, value in values.items() if isinstance(value, bytes)}
            seen.append((name, values["revision"], sorted(values), sorted(lengths.items())))
    return seen


def logged(scene: Scene) -> list[Any]:
    """What the log says in clear, ids and times aside."""
    return [
        (
            entry.action,
            entry.purpose,
            entry.outcome,
            [(each.table, each.revision) for each in entry.objects],
            [(each.table, each.kind) for each in entry.writes],
            entry.reason,
        )
        for entry in scene.entries()
    ]


Story = Callable[[Scene], None]


def settled(first: Level, second: Level, accept: bool) -> Story:
    def story(scene: Scene) -> None:
        scene.propose(scene.anna, first, shared=Revealed("Words for you"))
        review = scene.propose(scene.anna, second, shared=Revealed("Other words"))
        scene.settle(scene.berit, review, accept)

    return story


def withdrawn(first: Level, second: Level) -> Story:
    def story(scene: Scene) -> None:
        scene.propose(scene.anna, first)
        review = scene.propose(scene.anna, second)
        scene.do(scene.anna, reviewing.withdraw, review=review, words=Revealed("too early"))

    return story


def refused(first: Level, second: Level) -> Story:
    def story(scene: Scene) -> None:
        scene.propose(scene.anna, first)
        review = scene.propose(scene.anna, second)
        with pytest.raises(Refused):
            scene.settle(scene.anna, review)

    return story


STORIES = {
    "accepted": [
        settled(Level.HIGH, Level.LOW, True),
        settled(Level.LOW, Level.ACUTE, True),
        settled(Level.ELEVATED, Level.ELEVATED, True),
        settled(Level.HIGH, Level.ELEVATED, False),
        settled(Level.LOW, Level.HIGH, False),
    ],
    "withdrawn": [withdrawn(Level.ACUTE, Level.LOW), withdrawn(Level.LOW, Level.ACUTE)],
    "refused": [refused(Level.ACUTE, Level.LOW), refused(Level.LOW, Level.ACUTE)],
}


@pytest.mark.parametrize("kind", STORIES)
def test_up_and_down_leave_the_same_rows_and_the_same_entries(scene: Scene, kind: str) -> None:
    pictures, entries = [], []
    for story in STORIES[kind]:
        scene.resident = scene.home.resident(scene.lead, [scene.anna, scene.berit])
        story(scene)
        pictures.append(outside(scene))
        entries.append(logged(scene))
    assert all(picture == pictures[0] for picture in pictures)
    assert all(told == entries[0] for told in entries)


def test_no_level_and_no_direction_is_named_in_any_clear_column_or_entry(scene: Scene) -> None:
    settled(Level.HIGH, Level.LOW, True)(scene)
    scene.propose(scene.lead, Level.ACUTE)
    clear = [str(value) for name in TABLES for row in scene.rows(name) for value in row if not isinstance(value, bytes)]
    told = [str((entry.action, entry.purpose, entry.reason)) for entry in scene.entries()]
    for word in ("low", "elevated", "high", "acute", "raise", "accept", "declin", "withdraw"):
        assert [text for text in (*clear, *told) if word in text.lower() and len(text) != ID_LENGTH] == []


def test_the_due_time_is_sealed_and_always_as_long(scene: Scene) -> None:
    scene.propose(scene.anna, Level.ACUTE)
    scene.propose(scene.anna, Level.ACUTE, next_review=Revealed(""))
    assert len({len(row.due) for row in scene.rows("threat_level")}) == 1


def test_own_views_measure_the_same(scene: Scene) -> None:
    for level, words in (
        (Level.LOW, ""),
        (Level.ACUTE, "He stood outside the shop when I came out with the children."),
    ):
        scene.says(level, words)
    assert len({len(row.body) for row in scene.rows("own_view")}) == 1


def test_who_wrote_it_is_read_from_inside(scene: Scene) -> None:
    """The clear column is for counting: changing it does not turn the author into a second person."""
    scene.propose(scene.anna, Level.HIGH)
    review = scene.propose(scene.anna, Level.LOW)
    with scene.home.house.store.transaction() as tx:
        for each in (REVIEW, LEVEL):
            tx.change(each.update().where(each.c.case_id == scene.case).values(created_by=scene.berit.actor.account))
    with pytest.raises(Refused):
        scene.settle(scene.anna, review)
