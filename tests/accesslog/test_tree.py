"""RFC 6962 hashes and proofs, against Certificate Transparency's own vectors and by brute force."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from safetyplan.accesslog.tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

CT = json.loads((Path(__file__).parent.parent / "vectors/accesslog/certificate-transparency.json").read_text())
LEAVES = [bytes.fromhex(leaf) for leaf in CT["leaves"]]


def by_the_book(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + by_the_book(leaves[:half]) + by_the_book(leaves[half:])).digest()


class Grown:
    def __init__(self, leaves: list[bytes]) -> None:
        self.frontier, self.nodes = Frontier(), {}
        for seq, leaf in enumerate(leaves):
            made = self.frontier.append(leaf_hash(leaf))
            for level in range(len(made) // 32):
                self.nodes[level, seq >> level] = made[32 * level : 32 * level + 32]

    def __call__(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


def test_certificate_transparency_roots() -> None:
    for size, root in enumerate(CT["roots"]):
        assert root == Grown(LEAVES[:size]).frontier.root().hex()
        assert root == by_the_book(LEAVES[:size]).hex()


@pytest.mark.parametrize("vector", CT["inclusion"], ids=lambda v: f"{v['index']}-of-{v['size']}")
def test_certificate_transparency_inclusion(vector: dict) -> None:
    proof = inclusion_proof(vector["size"], vector["index"], Grown(LEAVES))
    assert vector["proof"] == [step.hex() for step in proof]
    root = bytes.fromhex(CT["roots"][vector["size"]])
    assert verify_inclusion(vector["size"], vector["index"], leaf_hash(LEAVES[vector["index"]]), proof, root)


@pytest.mark.parametrize("vector", CT["consistency"], ids=lambda v: f"{v['first']}-{v['second']}")
def test_certificate_transparency_consistency(vector: dict) -> None:
    first, second = vector["first"], vector["second"]
    proof = consistency_proof(first, second, Grown(LEAVES))
    assert vector["proof"] == [step.hex() for step in proof]
    roots = [bytes.fromhex(CT["roots"][size]) for size in (first, second)]
    assert verify_consistency(first, second, *roots, proof)


sizes = st.integers(1, 200)


@given(sizes)
def test_stored_nodes_give_every_root(size: int) -> None:
    leaves = [b"%d" % i for i in range(size)]
    tree = Grown(leaves)
    for smaller in range(0, size + 1, max(1, size // 7)):
        assert by_the_book(leaves[:smaller]) == (root_of(smaller, tree) if smaller else EMPTY_ROOT)
    assert tree.frontier.peaks == Frontier.load(size, tree).peaks


@given(sizes, st.data())
def test_inclusion_holds_and_a_tampered_proof_does_not(size: int, data: st.DataObject) -> None:
    leaves = [b"%d" % i for i in range(size)]
    tree, index = Grown(leaves), data.draw(st.integers(0, size - 1))
    proof, root, leaf = inclusion_proof(size, index, tree), tree.frontier.root(), leaf_hash(leaves[index])
    assert verify_inclusion(size, index, leaf, proof, root)
    assert not verify_inclusion(size, index, node_hash(leaf, leaf), proof, root)
    assert not verify_inclusion(size, index, leaf, [*proof, bytes(32)], root)
    assert not verify_inclusion(size, index + size, leaf, proof, root)
    if proof:
        assert not verify_inclusion(size, index, leaf, proof[:-1], root)
        assert not verify_inclusion(size, index, leaf, _flip(proof, data), root)
        other = data.draw(st.integers(0, size - 1))
        assume(other != index)
        assert not verify_inclusion(size, other, leaf, proof, root)


@given(sizes, st.data())
def test_consistency_holds_and_a_tampered_proof_does_not(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, second))
    leaves = [b"%d" % i for i in range(second)]
    tree = Grown(leaves)
    old, new = by_the_book(leaves[:first]), tree.frontier.root()
    proof = consistency_proof(first, second, tree)
    assert verify_consistency(first, second, old, new, proof)
    assert not verify_consistency(first, second, old, new, [*proof, bytes(32)])
    assert not verify_consistency(first, second, node_hash(old, old), new, proof)
    if first not in (0, second):
        assert not verify_consistency(first, second, old, node_hash(new, new), proof)
        assert not verify_consistency(first, second, old, new, proof[:-1])
        assert not verify_consistency(first, second, old, new, _flip(proof, data))


def _flip(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    step, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    changed = bytearray(proof[step])
    changed[bit // 8] ^= 1 << bit % 8
    return [*proof[:step], bytes(changed), *proof[step + 1 :]]


def test_places_outside_the_tree_are_refused() -> None:
    tree = Grown(LEAVES)
    for size, index in ((8, 8), (0, 0), (8, -1)):
        with pytest.raises(ValueError):
            inclusion_proof(size, index, tree)
    with pytest.raises(ValueError):
        consistency_proof(5, 4, tree)
    with pytest.raises(ValueError):
        Frontier(3, [bytes(32)])
