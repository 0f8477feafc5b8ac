"""The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1 for the checks of proofs). Pure functions.

A *node* is named by level and index: ``(0, i)`` is the leaf of entry i, ``(k, i)`` the perfect subtree over the
leaves ``i * 2**k`` up to ``(i + 1) * 2**k``. Only perfect subtrees are stored; they never change.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

HASH = 32
EMPTY_ROOT = sha256(b"").digest()

Node = Callable[[int, int], bytes]


def leaf_hash(body: bytes) -> bytes:
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The perfect subtrees that make up a tree of ``size`` leaves, largest first; all that appending needs."""

    __slots__ = ("peaks", "size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if len(self.peaks) != size.bit_count():
            raise ValueError("a frontier has one peak for each bit of its size")

    @classmethod
    def load(cls, size: int, node: Node) -> "Frontier":
        return cls(size, [node(*place) for place in cover(0, size)])

    def copy(self) -> "Frontier":
        twin = Frontier.__new__(Frontier)
        twin.size, twin.peaks = self.size, self.peaks.copy()
        return twin

    def append(self, leaf: bytes) -> bytes:
        """Add a leaf; return its hash followed by the hash of every perfect subtree it completes, lowest first."""
        peaks, size, nodes, node = self.peaks, self.size, leaf, leaf
        while size & 1:
            node = sha256(b"\x01" + peaks.pop() + node).digest()
            nodes += node
            size >>= 1
        peaks.append(node)
        self.size += 1
        return nodes

    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY_ROOT
        return _fold(self.peaks)


def cover(start: int, stop: int) -> list[tuple[int, int]]:
    """The fewest perfect subtrees (level, index) that cover leaves ``start`` to ``stop``, from left to right."""
    places = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        places.append((level, start >> level))
        start += 1 << level
    return places


def _fold(peaks: Sequence[bytes]) -> bytes:
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def root_of(size: int, node: Node) -> bytes:
    """The root of the first ``size`` leaves, from stored nodes."""
    return Frontier.load(size, node).root()


def _subtree(start: int, stop: int, node: Node) -> bytes:
    return _fold([node(*place) for place in cover(start, stop)])


def inclusion_proof(size: int, index: int, node: Node) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 section 2.1.1, from the leaf upwards."""
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    start, stop, proof = 0, size, []
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            proof.append(_subtree(middle, stop, node))
            stop = middle
        else:
            proof.append(_subtree(start, middle, node))
            start = middle
    return proof[::-1]


def consistency_proof(first: int, second: int, node: Node) -> list[bytes]:
    """PROOF(first, D[second]) of RFC 6962 section 2.1.2; empty where first is 0 or equals second."""
    if not 0 <= first <= second:
        raise ValueError("the first tree is not the smaller one")
    if first in (0, second):
        return []
    start, stop, proof, whole = 0, second, [], True
    while first != stop:
        middle = start + _split(stop - start)
        if first <= middle:
            proof.append(_subtree(middle, stop, node))
            stop = middle
        else:
            proof.append(_subtree(start, middle, node))
            start, whole = middle, False
    if not whole:
        proof.append(_subtree(start, stop, node))
    return proof[::-1]


def _split(width: int) -> int:
    return 1 << (width - 1).bit_length() - 1


def verify_inclusion(size: int, index: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162 section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    fn, sn, node = index, size - 1, leaf
    for step in proof:
        if sn == 0 or len(step) != HASH:
            return False
        if fn & 1 or fn == sn:
            node = node_hash(step, node)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = node_hash(node, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and node == root


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """RFC 9162 section 2.1.4.2; the empty tree is a prefix of every tree."""
    if not 0 <= first <= second or any(len(step) != HASH for step in proof):
        return False
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    steps = list(proof)
    if first & (first - 1) == 0:
        steps.insert(0, first_root)
    if not steps:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old, new = node_hash(step, old), node_hash(step, new)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and old == first_root and new == second_root
