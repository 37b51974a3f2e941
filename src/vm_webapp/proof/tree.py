"""The Merkle tree of RFC 9162, section 2.1, over SHA-256.

A leaf is the hash of 0x00 and the leaf's bytes, an inner node that of 0x01 and its two children. The tree over n leaves
splits at the largest power of two below n, so every complete subtree stays what it is for ever when leaves are added:
only those are kept, by level (a leaf is on level 0) and position on the level. From them comes the root at any size
that the log ever had.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

EMPTY_ROOT: Final = hashlib.sha256().digest()
"""The root of the tree without leaves."""

ReadNode = Callable[[int, int], bytes]
"""The hash of a complete subtree by level and position; KeyError where it is not there."""


@dataclass(frozen=True, slots=True)
class Node:
    """A complete subtree over 2^level leaves, the `position`-th on its level from 0."""

    level: int
    position: int
    sha256: bytes


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: the complete subtrees that make up its size, the largest first."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self._hashes = list(hashes)

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The complete subtrees' hashes, the largest first."""
        return tuple(self._hashes)

    @classmethod
    def at(cls, size: int, read: ReadNode) -> "Frontier":
        """The edge of the tree of that size, from stored nodes."""
        return cls(size, [read(level, position) for level, position in edge(size)])

    def append(self, leaf: bytes) -> Iterator[Node]:
        """Add a leaf's hash; gives the leaf and every subtree that it completes, lowest first."""
        position, level, made = self.size, 0, leaf
        self.size += 1
        yield Node(level, position, made)
        while position & 1:
            made = node_hash(self._hashes.pop(), made)
            level, position = level + 1, position >> 1
            yield Node(level, position, made)
        self._hashes.append(made)

    def extend(self, leaves: Iterable[bytes], made: dict[int, list[bytes]]) -> None:
        """Add leaves' hashes; the inner nodes that they complete are added to `made`, by level and in their order."""
        hashes = self._hashes
        for leaf in leaves:
            node, position, level = leaf, self.size, 0
            self.size += 1
            while position & 1:
                node = node_hash(hashes.pop(), node)
                position >>= 1
                level += 1
                made.setdefault(level, []).append(node)
            hashes.append(node)

    def root(self) -> bytes:
        """The tree's root as it stands."""
        if not self._hashes:
            return EMPTY_ROOT
        *rest, made = self._hashes
        for left in reversed(rest):
            made = node_hash(left, made)
        return made


def edge(size: int) -> list[tuple[int, int]]:
    """Level and position of the complete subtrees that make up a tree of that size, the largest first."""
    levels = [level for level in range(size.bit_length() - 1, -1, -1) if size >> level & 1]
    return [(level, (size >> level) - 1) for level in levels]


def root_at(size: int, read: ReadNode) -> bytes:
    """The root that the tree had at `size`; KeyError where a node is missing."""
    return _subtree(0, size, read) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, read: ReadNode) -> list[bytes]:
    """The hashes that lead from leaf `index` (from 0) to the root at `size`, the leaf's neighbour first (2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    start, end, path = 0, size, list[bytes]()
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_subtree(middle, end, read))
            end = middle
        else:
            path.append(_subtree(start, middle, read))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, read: ReadNode) -> list[bytes]:
    """The hashes that show that the tree at `new` begins with the one at `old` (2.1.4.1); 0 <= old <= new."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} is not the beginning of one of {new}")
    if old in {0, new}:
        return []
    start, end, whole, path = 0, new, True, list[bytes]()
    while old != end - start:
        half = _split(end - start)
        middle = start + half
        if old <= half:
            path.append(_subtree(middle, end, read))
            end = middle
        else:
            path.append(_subtree(start, middle, read))
            start, old, whole = middle, old - half, False
    if not whole:
        path.append(_subtree(start, end, read))
    return path[::-1]


def verify_inclusion(*, index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf's hash stands at `index` in the tree of that size and root (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, made = index, size - 1, leaf
    for other in proof:
        if not last:
            return False
        if at & 1 or at == last:
            made = node_hash(other, made)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            made = node_hash(made, other)
        at, last = at >> 1, last >> 1
    return not last and made == root


def verify_consistency(*, old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `new` leaves begins with that of `old`, each with its root (2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if not old:
        return not proof and old_root == EMPTY_ROOT
    path = [old_root, *proof] if not old & (old - 1) else list(proof)
    return bool(path) and _both_roots(old - 1, new - 1, path) == (old_root, new_root)


def _both_roots(at: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The roots of the old and of the new tree as the path tells them; None where it is too long or too short."""
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for other in path[1:]:
        if not last:
            return None
        if at & 1 or at == last:
            old, new = node_hash(other, old), node_hash(other, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, other)
        at, last = at >> 1, last >> 1
    return None if last else (old, new)


def _subtree(start: int, end: int, read: ReadNode) -> bytes:
    """The hash over the leaves from `start` to before `end`, which begin where the RFC splits."""
    size = end - start
    if not size & (size - 1):
        level = size.bit_length() - 1
        return read(level, start >> level)
    middle = start + _split(size)
    return node_hash(_subtree(start, middle, read), _subtree(middle, end, read))


def _split(size: int) -> int:
    """The largest power of two below `size`, which is more than 1."""
    return 1 << (size - 1).bit_length() - 1
