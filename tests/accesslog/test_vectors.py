"""Frozen logs, good and bad, each with its outcome. They never change: today's log must verify in five years."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from safetyplan.accesslog.checkpoints import CheckpointFolder, VerifierKey
from safetyplan.accesslog.entry import decode, encode
from safetyplan.accesslog.heads import Head, HeadNotes
from safetyplan.accesslog.log import AccessLog
from safetyplan.accesslog.schema import ddl
from safetyplan.accesslog.stamps import Stamps
from safetyplan.accesslog.verify import verify

FROZEN = json.loads((Path(__file__).parent.parent / "vectors/accesslog/logs.json").read_text(encoding="utf-8"))


def load(case: dict[str, Any], folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / "log.sqlite", isolation_level=None)
    table, *_ = ddl("sqlite")
    connection.execute(table)
    for seq, body, nodes, actor, of in case["log"]:
        row = (seq, body.encode(), bytes.fromhex(nodes), actor, of)
        connection.execute("INSERT INTO log_entry (seq, body, nodes, actor, case_id) VALUES (?, ?, ?, ?, ?)", row)
    HeadNotes.prepare(folder / "heads")
    for host, (size, root) in case["heads"].items():
        HeadNotes(folder / "heads", host).note(Head(size, bytes.fromhex(root)))
    CheckpointFolder.prepare(folder / "checkpoints")
    for name, note in case["checkpoints"].items():
        (folder / "checkpoints" / name).write_text(note, encoding="utf-8")
    return connection


@pytest.mark.parametrize("case", FROZEN["cases"], ids=lambda case: case["name"])
def test_a_frozen_log_has_its_outcome(case: dict[str, Any], tmp_path: Path) -> None:
    connection = load(case, tmp_path)
    log = AccessLog("sqlite", stamps=Stamps({1: bytes.fromhex(FROZEN["stamp_key"])}, 1))
    rows = [(table, row, bytes.fromhex(digest)) for table, row, digest in case["rows"]]
    connection.execute("BEGIN")
    report = verify(
        log,
        connection,
        lambda: rows,
        HeadNotes(tmp_path / "heads", "reader"),
        CheckpointFolder(tmp_path / "checkpoints"),
        [VerifierKey.parse(FROZEN["verifier_key"])],
    )
    found = [[f.kind.value, f.seq, f.table, f.row] for f in report.findings]
    connection.close()
    assert found == case["findings"]
    assert (report.size, report.root.hex()) == (case["size"], case["root"])


def test_frozen_bodies_are_still_the_one_encoding() -> None:
    for _, body, *_ in FROZEN["cases"][0]["log"]:
        assert encode(decode(body.encode())) == [body.encode()]
