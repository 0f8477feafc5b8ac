"""An export can be checked with nothing but the verifier key."""

import io
from collections.abc import Callable

import pytest

from safetyplan.accesslog.export import check_export, export
from safetyplan.accesslog.tree import Frontier, leaf_hash
from tests.accesslog.conftest import SIGNER, House, looked


def exported(house: House) -> list[bytes]:
    out = io.BytesIO()
    connection = house.snapshot()
    export(house.log, connection, house.checkpoints, out)
    connection.execute("ROLLBACK")
    return out.getvalue().splitlines(keepends=True)


def test_a_whole_export(anywhere: House) -> None:
    anywhere.append(looked(20))
    anywhere.issue()
    lines = exported(anywhere)
    assert len(lines) == 1 + 12 + 2
    report = check_export(lines, [SIGNER.key])
    assert (report.findings, report.size, report.signed) == ([], 12, 12)
    assert report.root == anywhere.log.head(anywhere.connection).root


def test_entries_beyond_the_last_signature_are_said(lived_in: House) -> None:
    lived_in.append(looked(20))
    (finding,) = check_export(exported(lived_in), [SIGNER.key]).findings
    assert (finding.kind, finding.seq) == ("checkpoints_missing", 11)


def test_an_empty_export(house: House) -> None:
    house.issue()
    assert check_export(exported(house), [SIGNER.key]).ok


Change = Callable[[list[bytes]], list[bytes]]


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [],
        lambda lines: lines[1:],
        lambda lines: lines[:-1],
        lambda lines: lines[:5] + lines[6:],
        lambda lines: lines[:5] + [lines[6], lines[5]] + lines[7:],
        lambda lines: [*lines[:5], lines[5].replace(b"item-", b"itam-"), *lines[6:]],
        lambda lines: [*lines[:5], lines[5].rstrip() + b" \n", *lines[6:]],
        lambda lines: [lines[0].replace(b'"size":11', b'"size":10'), *lines[1:]],
        lambda lines: [lines[0].replace(b'"size":11', b'"size":12'), *lines[1:]],
        lambda lines: [lines[0].replace(b"log 1", b"log 2"), *lines[1:]],
        lambda lines: [*lines[:-1], lines[-1].replace(b"safetyplan.example", b"safetyplan.exumple")],
        lambda lines: [*lines, b"{}\n"],
    ],
)
def test_a_changed_export(lived_in: House, change: Change) -> None:
    lines = exported(lived_in)
    assert check_export(lines, [SIGNER.key]).ok
    changed = change(lines)
    assert changed != lines
    assert not check_export(changed, [SIGNER.key]).ok


def test_a_changed_export_with_the_header_made_to_fit(lived_in: House) -> None:
    lines = exported(lived_in)
    lines[5] = lines[5].replace(b"item-", b"itam-")
    frontier = Frontier()
    for line in lines[1:12]:
        frontier.append(leaf_hash(line.rstrip()))
    root = lived_in.log.head(lived_in.connection).root.hex().encode()
    lines[0] = lines[0].replace(root, frontier.root().hex().encode())
    kinds = [finding.kind for finding in check_export(lines, [SIGNER.key]).findings]
    assert kinds == ["checkpoint_differs", "checkpoints_missing"]


def test_without_the_key_nothing_is_signed(lived_in: House) -> None:
    assert not check_export(exported(lived_in), []).ok
