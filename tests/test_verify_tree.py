"""`verify` names every node of the tree, signed checkpoint and key that is not as it was."""

import pytest

from test_cli_look import Shell
from verify_kit import copied_shell, fresh_filled, problems, rows, sql
from vm_webapp.cli import Exit
from vm_webapp.log_tree.keys import verifiers_path
from vm_webapp.proof.notes import SigningKey
from vm_webapp.workspace import Workspace

filled = fresh_filled
shell = copied_shell


CHECKPOINTS = {
    "a number": "UPDATE signed_checkpoints SET number = 50 WHERE number = 1",
    "a size": "UPDATE signed_checkpoints SET size = size - 1 WHERE number = 1",
    "a note": "UPDATE signed_checkpoints SET note = replace(note, 'vm-log', 'vm-lag') WHERE number = 1",
    "a root": "UPDATE signed_checkpoints SET note = substr(note, 1, 30) || 'A' || substr(note, 32) WHERE number = 1",
    "bytes for a note": "UPDATE signed_checkpoints SET note = x'c3' WHERE number = 1",
    "text that is none": "UPDATE signed_checkpoints SET note = CAST(x'c328' AS TEXT) WHERE number = 1",
    "a time": "UPDATE signed_checkpoints SET signed_at = '2027' || substr(signed_at, 5) WHERE number = 1",
    "a digest": "UPDATE signed_checkpoints SET sha256 = replace(sha256, substr(sha256, 1, 1), 'x') WHERE number = 1",
    "it is gone": "DELETE FROM signed_checkpoints WHERE number = 1",
    "the last is gone": "DELETE FROM signed_checkpoints WHERE number = (SELECT max(number) FROM signed_checkpoints)",
    "one is added": "INSERT INTO signed_checkpoints SELECT number + 1, size + 1, note, signed_at, sha256"
    " FROM signed_checkpoints ORDER BY number DESC LIMIT 1",
    "all are gone": "DELETE FROM signed_checkpoints",
    "the count": "UPDATE checkpoints SET position = position + 1 WHERE name = 'signed'",
}


@pytest.mark.parametrize("statement", CHECKPOINTS.values(), ids=CHECKPOINTS.keys())
def test_a_change_of_a_signed_checkpoint_is_named(shell: Shell, statement: str) -> None:
    """By its number, or by how many there should be."""
    sql(shell.workspace, statement)
    assert "signed checkpoint" in problems(shell)


def test_checkpoints_that_were_swapped_are_named(shell: Shell) -> None:
    """Both notes hold, and stand where they do not belong."""
    assert len(rows(shell.workspace, "SELECT number FROM signed_checkpoints")) > 1
    sql(
        shell.workspace,
        "UPDATE signed_checkpoints SET number = -1 WHERE number = 1",
        "UPDATE signed_checkpoints SET number = 1 WHERE number = 2",
        "UPDATE signed_checkpoints SET number = 2 WHERE number = -1",
    )
    assert "The signed checkpoint" in problems(shell)


LAST = "SELECT max(position) FROM tree_nodes WHERE level = 1"
NODES = {
    "a leaf": ("UPDATE tree_nodes SET sha256 = zeroblob(32) WHERE level = 0 AND position = 5", "as leaf 5"),
    "an inner node": (
        "UPDATE tree_nodes SET sha256 = zeroblob(32) WHERE level = 1 AND position = 2",
        "node 2 on level 1 is not the hash of its children",
    ),
    "a leaf is gone": ("DELETE FROM tree_nodes WHERE level = 0 AND position = 5", "leaf 5 is missing"),
    "an inner node is gone": (
        "DELETE FROM tree_nodes WHERE level = 2 AND position = 1",
        "node 1 on level 2 is missing",
    ),
    "the first is gone": ("DELETE FROM tree_nodes WHERE level = 1 AND position = 0", "node 0 on level 1 is missing"),
    "a leaf is added": ("INSERT INTO tree_nodes VALUES (0, 5000, zeroblob(32))", "1 leaves more than the log has"),
    "an inner node is added": (
        "INSERT INTO tree_nodes VALUES (3, 900, zeroblob(32))",
        "node 900 on level 3 should not",
    ),
    "a level is added": (
        "INSERT INTO tree_nodes VALUES (30, 0, zeroblob(32))",
        "node 0 on level 30 should not be there",
    ),
    "a short node": ("UPDATE tree_nodes SET sha256 = x'00' WHERE level = 0 AND position = 5", "as leaf 5"),
    "text for a node": ("UPDATE tree_nodes SET sha256 = 'x' WHERE level = 0 AND position = 5", "as leaf 5"),
    "one stands elsewhere": (
        "UPDATE tree_nodes SET level = 60, position = 12345, sha256 = zeroblob(32) WHERE level = 1 AND position = 2",
        "node 2 on level 1 is missing",
    ),
    "the last of a level stands elsewhere": (
        f"UPDATE tree_nodes SET level = 30 WHERE level = 1 AND position = ({LAST})",  # noqa: S608 - a constant
        "on level 30 should not be there",
    ),
    "a level that is none": (
        "UPDATE tree_nodes SET level = 'x' WHERE level = 1 AND position = 2",
        "The tree has a node at 2 on level 'x', where none can be.",
    ),
    "a place that is none": (
        "UPDATE tree_nodes SET position = 'x' WHERE level = 1 AND position = 2",
        "The tree has a node at 'x' on level 1, where none can be.",
    ),
    "how far it is": (
        "UPDATE checkpoints SET position = 'x' WHERE name = 'log_tree'",
        "The checkpoint log_tree says 'x', which is no position.",
    ),
    "how many were signed": (
        "UPDATE checkpoints SET position = 'x' WHERE name = 'signed'",
        "The checkpoint signed says 'x', which is no position.",
    ),
    "two are swapped": (
        "UPDATE tree_nodes SET sha256 = (SELECT o.sha256 FROM tree_nodes o WHERE o.level = 0 AND"  # noqa: ISC004 - one
        " o.position = 11 - tree_nodes.position) WHERE level = 0 AND position IN (5, 6)",
        "as leaf 5",
    ),
    "its checkpoint": ("UPDATE checkpoints SET position = 3 WHERE name = 'log_tree'", "its checkpoint says"),
    "its checkpoint beyond": ("UPDATE checkpoints SET position = 9999 WHERE name = 'log_tree'", "its checkpoint says"),
}


@pytest.mark.parametrize(("statement", "told"), NODES.values(), ids=NODES.keys())
def test_a_change_of_the_tree_is_named(shell: Shell, statement: str, told: str) -> None:
    """By its level and position, and nothing above it."""
    sql(shell.workspace, statement)
    found = problems(shell)
    assert told in found


def test_a_change_of_the_keys_is_named(shell: Shell) -> None:
    """Of those that verify: garbled, missing, or another's."""
    path = verifiers_path(Workspace(shell.workspace))
    before = path.read_text()
    path.write_text(before[:-9])
    assert str(path) in problems(shell)
    path.unlink()
    assert "none of the keys at hand has signed it" in problems(shell)
    path.write_text(f"{SigningKey('vm-log/x', bytes(32)).verifier}\n")
    assert "none of the keys at hand has signed it" in problems(shell)
    assert shell("verify", "--key", before.strip()).code == Exit.OK
