"""RFC 6962's tree: known roots, and proofs that hold for what they say and nothing else."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as some

from hallgate.model.trust import Key
from hallgate.record.keys import generate_key, public_pem
from hallgate.record.log.note import (
    Checkpoint,
    key_hash,
    open_checkpoint,
    read_checkpoint,
    sign_checkpoint,
)
from hallgate.record.log.tiles import levels, tile_path, tile_width
from hallgate.record.log.tree import (
    EMPTY_ROOT,
    Tree,
    consistency_proof,
    consistent,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of_inclusion,
)

# The test vectors of Google's certificate-transparency, for the leaves below.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
          "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
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


def tree_of(size: int) -> Tree:
    tree = Tree()
    for number in range(size):
        tree.append(b"entry %d" % number)
    return tree


def mth(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word by word."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(mth(leaves[:half]), mth(leaves[half:]))


def test_roots_are_those_of_the_vectors() -> None:
    tree = Tree()
    assert tree.root() == EMPTY_ROOT
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        tree.append(bytes.fromhex(leaf))
        assert tree.root().hex() == root
    assert [tree.root(size).hex() for size in range(1, 9)] == ROOTS


@given(some.integers(1, 700), some.data())
def test_proofs_hold_for_their_leaf_alone(size: int, data: some.DataObject) -> None:
    tree = tree_of(size)
    hashes = [tree.node(0, index) for index in range(size)]
    assert tree.root() == mth(hashes)
    index = data.draw(some.integers(0, size - 1))
    proof = inclusion_proof(tree.node, index, size)
    leaf = leaf_hash(b"entry %d" % index)
    assert root_of_inclusion(leaf, index, size, proof) == tree.root()
    other = data.draw(some.integers(0, size - 1))
    if other != index:
        assert root_of_inclusion(leaf, other, size, proof) != tree.root()
        assert root_of_inclusion(hashes[other], index, size, proof) != tree.root()
    assert root_of_inclusion(leaf, index, size, (*proof, b"x" * 32)) != tree.root()
    assert not proof or root_of_inclusion(leaf, index, size, proof[:-1]) != tree.root()


@given(some.integers(1, 700), some.data())
def test_consistency_holds_for_the_same_beginning_alone(size: int, data: some.DataObject) -> None:
    tree = tree_of(size)
    first = data.draw(some.integers(1, size))
    proof = consistency_proof(tree.node, first, size)
    assert consistent(first, tree.root(first), size, tree.root(), proof)
    assert not consistent(first, b"x" * 32, size, tree.root(), proof)
    assert not consistent(first, tree.root(first), size, b"x" * 32, proof)
    assert not consistent(first, tree.root(first), size, tree.root(), (*proof, b"x" * 32))
    assert not consistent(0, EMPTY_ROOT, size, tree.root(), proof)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_there_is_no_proof_outside_the_tree(index: int, size: int) -> None:
    tree = tree_of(3)
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(tree.node, index, size)
    with pytest.raises(ValueError, match="no consistency"):
        consistency_proof(tree.node, 4, 3)
    with pytest.raises(IndexError):
        tree.node(1, 1)


def test_tiles_are_named_as_the_specification_names_them() -> None:
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path(1, 5, 112) == "tile/1/005.p/112"
    assert tile_path("entries", 1000) == "tile/entries/x001/000"
    # Its example of a tree of 70,000.
    assert [tile_width(0, number, 70_000) for number in (272, 273, 274)] == [256, 112, 0]
    assert [tile_width(1, number, 70_000) for number in (0, 1)] == [256, 17]
    assert [tile_width(2, number, 70_000) for number in (0, 1)] == [1, 0]
    assert len(levels(70_000)) == 3
    assert len(levels(256)) == 2


def test_the_key_hash_is_that_of_the_specification() -> None:
    vkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    name, hint, public = vkey.split("+")
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public)[1:])
    assert key_hash(name, key).hex() == hint
    text = b"This is an example message.\n"
    signed = (
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1"
        "Yu72IneyaQM="
    )
    raw = base64.b64decode(signed)
    assert raw[:4] == key_hash(name, key)
    key.verify(raw[4:], text)


def test_a_checkpoint_comes_back_and_others_may_sign_it_too() -> None:
    key = generate_key()
    trusted = Key(public_pem(key), 0, None, None, False)
    head = Checkpoint("example.org/x", 5, b"r" * 32)
    note = sign_checkpoint(head, key)  # type: ignore[arg-type]
    assert read_checkpoint(note) == head
    assert open_checkpoint(note, "example.org/x", [trusted]) == (head, (trusted,))
    foreign = note + "\u2014 witness.example mJirIklj\n".encode()
    assert open_checkpoint(foreign, "example.org/x", [trusted])[0] == head
