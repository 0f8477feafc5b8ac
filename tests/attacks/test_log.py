"""Attacks on the log itself, by somebody who owns the database and has taken the triggers away."""

import pytest
from sqlalchemy.exc import SQLAlchemyError

from safetyplan.accesslog.findings import Kind
from safetyplan.errors import LogUnavailable
from tests.attacks.conftest import Scene


def last(scene: Scene) -> int:
    return int(scene.sql("SELECT max(seq) FROM log_entry")[0][0])


def named(scene: Scene) -> set[tuple[Kind, int | None]]:
    return {(finding.kind, finding.seq) for finding in scene.findings()}


def test_triggers_stand_in_the_way(scene: Scene) -> None:
    for statement in (
        "UPDATE log_entry SET actor = 'x' WHERE seq = 1",
        "DELETE FROM log_entry WHERE seq = 1",
        "INSERT INTO log_entry (seq, body, nodes) VALUES (1, '', '')",
    ):
        with pytest.raises(Exception, match=r"log|grows|gaps|permission|must be owner"):
            scene.sql(statement)


def test_entry_deleted(scene: Scene) -> None:
    scene.without_triggers()
    scene.sql("DELETE FROM log_entry WHERE seq = 3")
    assert (Kind.ENTRY_MISSING, 3) in named(scene)


def test_entry_altered(scene: Scene) -> None:
    scene.without_triggers()
    (body,) = scene.sql("SELECT body FROM log_entry WHERE seq = 4")[0]
    scene.sql("UPDATE log_entry SET body = ? WHERE seq = 4", bytes(body).replace(b'"done"', b'"dome"'))
    assert any(seq == 4 for _, seq in named(scene))


def test_entries_reordered(scene: Scene) -> None:
    scene.without_triggers()
    (three,), (four,) = (scene.sql("SELECT body FROM log_entry WHERE seq = ?", seq)[0] for seq in (3, 4))
    scene.sql("UPDATE log_entry SET body = ? WHERE seq = 3", bytes(four))
    scene.sql("UPDATE log_entry SET body = ? WHERE seq = 4", bytes(three))
    assert {3, 4} <= {seq for _, seq in named(scene)}


def test_entry_replaced_with_its_tree(scene: Scene) -> None:
    """Everything recomputed by somebody who knows the code but not the stamp key, heads or signing key."""
    scene.without_triggers()
    top = last(scene)
    body, nodes = scene.sql("SELECT body, nodes FROM log_entry WHERE seq = ?", top - 1)[0]
    scene.sql("UPDATE log_entry SET body = ?, nodes = ? WHERE seq = ?", bytes(body), bytes(nodes), top)
    assert any(seq == top for _, seq in named(scene))
    with pytest.raises(LogUnavailable):
        scene.read(scene.resident, scene.resident)


def test_tail_cut_together_with_its_rows(scene: Scene) -> None:
    before = last(scene)
    scene.write(scene.resident, scene.resident, "a later word", 2)
    scene.without_triggers()
    scene.sql("DELETE FROM case_particulars WHERE revision = 2")
    scene.sql("DELETE FROM log_entry WHERE seq > ?", before)
    assert Kind.TAIL_CUT in scene.kinds()
    with pytest.raises(LogUnavailable):
        scene.read(scene.resident, scene.resident)


def test_tail_cut_and_noted_heads_cut_too_is_named_by_the_checkpoint(scene: Scene) -> None:
    before = last(scene)
    scene.write(scene.resident, scene.resident, "a later word", 2)
    scene.sign()
    scene.without_triggers()
    scene.sql("DELETE FROM case_particulars WHERE revision = 2")
    scene.sql("DELETE FROM log_entry WHERE seq > ?", before)
    for note in scene.home.settings.heads_folder.iterdir():
        note.unlink()
    assert {Kind.HEADS_MISSING, Kind.TAIL_CUT} <= scene.kinds()


def test_no_log_no_access(scene: Scene) -> None:
    scene.without_triggers()
    scene.sql("ALTER TABLE log_entry RENAME TO log_gone")
    with pytest.raises((LogUnavailable, SQLAlchemyError)):
        scene.read(scene.resident, scene.resident)
