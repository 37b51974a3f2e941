"""The tree: held against the definitions of RFC 9162 as they are written there, and against published vectors."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_webapp.proof.tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_at,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The vectors that the implementations of Certificate Transparency test with."""
INCLUSIONS = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
}
CONSISTENCIES = {
    (1, 1): [],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def split(size: int) -> int:
    """The largest power of two below `size`."""
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def mth(leaves: Sequence[bytes]) -> bytes:
    """MTH of section 2.1.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF of section 2.1.4.1."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole=whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], whole=False), mth(leaves[:k])]


class Grown:
    """A tree grown leaf by leaf, and what it stored."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.roots = [EMPTY_ROOT]
        self.frontier = Frontier()
        for leaf in leaves:
            for node in self.frontier.append(leaf_hash(leaf)):
                assert (node.level, node.position) not in self.nodes
                self.nodes[node.level, node.position] = node.sha256
            self.roots.append(self.frontier.root())

    def read(self, level: int, position: int) -> bytes:
        """A stored node."""
        return self.nodes[level, position]


def numbered(count: int) -> list[bytes]:
    """That many leaves, all different."""
    return [str(number).encode() for number in range(count)]


@st.composite
def places(draw: st.DrawFn) -> tuple[int, int]:
    """A leaf and a tree that has it; or an older size and a newer one, after adding one."""
    size = draw(st.integers(1, 130))
    return draw(st.integers(0, size - 1)), size


def test_published_roots() -> None:
    """Of the first one to eight leaves."""
    assert [root.hex() for root in Grown(LEAVES).roots[1:]] == ROOTS


@pytest.mark.parametrize(("place", "proof"), INCLUSIONS.items())
def test_published_inclusion_proofs(place: tuple[int, int], proof: list[str]) -> None:
    """Made and verified."""
    index, size = place
    found = inclusion_proof(index, size, Grown(LEAVES).read)
    assert [step.hex() for step in found] == proof
    root = bytes.fromhex(ROOTS[size - 1])
    assert verify_inclusion(index=index, size=size, leaf=leaf_hash(LEAVES[index]), proof=found, root=root)


@pytest.mark.parametrize(("sizes", "proof"), CONSISTENCIES.items())
def test_published_consistency_proofs(sizes: tuple[int, int], proof: list[str]) -> None:
    """Made and verified."""
    old, new = sizes
    found = consistency_proof(old, new, Grown(LEAVES).read)
    assert [step.hex() for step in found] == proof
    roots = [bytes.fromhex(ROOTS[size - 1]) for size in sizes]
    assert verify_consistency(old=old, new=new, old_root=roots[0], new_root=roots[1], proof=found)


@given(st.integers(0, 130))
def test_the_root_at_every_size_is_that_of_the_definition(size: int) -> None:
    """While growing, from what is stored later on, and for an edge taken up again."""
    grown = Grown(numbered(130))
    leaves = numbered(size)
    assert grown.roots[size] == root_at(size, grown.read) == mth(leaves) == Frontier.at(size, grown.read).root()
    assert grown.frontier.size == 130


def test_only_complete_subtrees_are_stored() -> None:
    """As many on each level as fit into the size."""
    for size in range(70):
        wanted = {(level, at) for level in range(size.bit_length()) for at in range(size >> level)}
        assert set(Grown(numbered(size)).nodes) == wanted


@given(places())
def test_inclusion_proofs_are_those_of_the_definition(place: tuple[int, int]) -> None:
    """PATH, and verified with the root of that size, whatever came after."""
    index, size = place
    grown, leaves = Grown(numbered(130)), numbered(size)
    found = inclusion_proof(index, size, grown.read)
    assert found == path(index, leaves)
    assert verify_inclusion(index=index, size=size, leaf=leaf_hash(leaves[index]), proof=found, root=mth(leaves))


@given(places())
def test_consistency_proofs_are_those_of_the_definition(place: tuple[int, int]) -> None:
    """PROOF, for every older size from 1, and verified."""
    old, new = place[0] + 1, place[1]
    grown, leaves = Grown(numbered(130)), numbered(new)
    found = consistency_proof(old, new, grown.read)
    assert found == subproof(old, leaves, whole=True)
    assert verify_consistency(old=old, new=new, old_root=mth(leaves[:old]), new_root=mth(leaves), proof=found)


@given(places(), st.data())
def test_a_proof_holds_for_nothing_else(place: tuple[int, int], data: st.DataObject) -> None:
    """Another index, another leaf, another root, a step more, less or changed: none verifies."""
    index, size = place
    grown, leaf = Grown(numbered(size)), leaf_hash(str(index).encode())
    proof, root = inclusion_proof(index, size, grown.read), grown.roots[-1]
    other = data.draw(st.integers(-2, size + 2).filter(lambda at: at != index))
    step = data.draw(st.integers(0, max(0, len(proof) - 1)))
    changed = [*proof[:step], bytes(32), *proof[step + 1 :]]
    assert not verify_inclusion(index=other, size=size, leaf=leaf, proof=proof, root=root)
    assert not verify_inclusion(index=index, size=size, leaf=bytes(32), proof=proof, root=root)
    assert not verify_inclusion(index=index, size=size, leaf=leaf, proof=proof, root=bytes(32))
    assert not verify_inclusion(index=index, size=size, leaf=leaf, proof=[*proof, bytes(32)], root=root)
    assert not verify_inclusion(index=index, size=size, leaf=leaf, proof=changed, root=root)
    if proof:
        assert not verify_inclusion(index=index, size=size, leaf=leaf, proof=proof[:-1], root=root)


@given(places(), st.data())
def test_a_log_that_was_rewritten_is_consistent_with_nothing(place: tuple[int, int], data: st.DataObject) -> None:
    """Change one of the older leaves: neither its own proof nor the honest one leads from the older root to it."""
    old, new = place[0] + 1, place[1]
    leaves = numbered(new)
    honest = Grown(leaves)
    leaves[data.draw(st.integers(0, old - 1))] = b"forged"
    forged = Grown(leaves)
    for proof in (consistency_proof(old, new, honest.read), consistency_proof(old, new, forged.read)):
        roots = {"old_root": honest.roots[old], "new_root": forged.roots[new]}
        assert not verify_consistency(old=old, new=new, proof=proof, **roots)


@given(places(), st.data())
def test_a_consistency_proof_that_was_changed_does_not_hold(place: tuple[int, int], data: st.DataObject) -> None:
    """A step more, less or changed."""
    old, new = place[0] + 1, place[1] + 1
    grown = Grown(numbered(new))
    proof = consistency_proof(old, new, grown.read)
    step = data.draw(st.integers(0, max(0, len(proof) - 1)))
    changed = [[*proof, bytes(32)], proof[:-1], [*proof[:step], bytes(32), *proof[step + 1 :]]]
    for wrong in changed if old < new else changed[:1]:
        roots = {"old_root": grown.roots[old], "new_root": grown.roots[new]}
        assert not verify_consistency(old=old, new=new, proof=wrong, **roots)


def test_the_empty_tree_is_the_beginning_of_every_tree() -> None:
    """With an empty proof, and under its own root alone."""
    grown = Grown(numbered(3))
    assert consistency_proof(0, 3, grown.read) == []
    assert verify_consistency(old=0, new=3, old_root=EMPTY_ROOT, new_root=grown.roots[3], proof=[])
    assert not verify_consistency(old=0, new=3, old_root=bytes(32), new_root=grown.roots[3], proof=[])
    assert not verify_consistency(old=4, new=3, old_root=grown.roots[3], new_root=grown.roots[3], proof=[])


def test_what_is_not_in_the_tree_cannot_be_asked_for() -> None:
    """An index or a size beyond it."""
    grown = Grown(numbered(3))
    with pytest.raises(ValueError, match="leaf 3 is not in a tree of 3"):
        inclusion_proof(3, 3, grown.read)
    with pytest.raises(ValueError, match="a tree of 4 is not the beginning of one of 3"):
        consistency_proof(4, 3, grown.read)
    with pytest.raises(KeyError):
        root_at(4, grown.read)
