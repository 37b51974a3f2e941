"""The tree follows the log and is signed; what is garbled is made anew, what was rewritten is reported."""

import pytest
from fastapi.testclient import TestClient

from log_kit import Reopen, brands, fresh_grown, fresh_reopened, signed, sql
from vm_webapp.app import create_app
from vm_webapp.host import Host, open_host
from vm_webapp.log_tree import store
from vm_webapp.log_tree.keys import verifier_keys
from vm_webapp.proof.notes import open_checkpoint
from vm_webapp.proof.tree import leaf_hash, root_at
from vm_webapp.settings import Settings
from vm_webapp.workspace import Workspace

from fixed_writer import FixedWriter

reopened = fresh_reopened
grown = fresh_grown


def test_the_tree_follows_the_log_and_is_signed(host: Host) -> None:
    """The root is that of the events' canonical forms in their order, under the key that the workspace names."""
    brands(host, "a", "b", "c")
    state = signed(host).log_tree.state()
    with host.database.read() as connection:
        leaves = store.leaves_after(connection, 0, limit=100)
        note = store.find_signed(connection)
        nodes = {(0, index): leaf_hash(leaf.content) for index, leaf in enumerate(leaves)}
        read = store.node_reader(connection)
        assert {key: read(*key) for key in nodes} == nodes
    assert note is not None
    checkpoint = open_checkpoint(note.note, verifier_keys(host.workspace))
    assert (checkpoint.size, checkpoint.root) == (state.size, state.root)
    assert (state.position, state.checkpoint_size, state.problem) == (state.log_position, len(leaves), "")


def test_it_goes_on_after_a_restart(grown: Settings, reopened: Reopen) -> None:
    """Under the same key, from where it was, without a word."""
    keys = verifier_keys(Workspace(grown.vm_workspace_root))
    host, said = reopened()
    before = host.log_tree.state()
    brands(host, "more")
    after = signed(host).log_tree.state()
    with host.database.read() as connection:
        assert root_at(before.size, store.node_reader(connection)) == before.root
    host.close()
    assert (said, after.size) == ([], before.size + 1)
    assert verifier_keys(Workspace(grown.vm_workspace_root)) == keys


GARBLED = {
    "no nodes": "DELETE FROM tree_nodes",
    "a node less": "DELETE FROM tree_nodes WHERE level = 0 AND position = 3",
    "a node more": "INSERT INTO tree_nodes VALUES (0, 99, zeroblob(32))",
    "a level more": "INSERT INTO tree_nodes VALUES (9, 0, zeroblob(32))",
    "the last leaf": "UPDATE tree_nodes SET sha256 = zeroblob(32) WHERE level = 0 AND position = 6",
    "the edge": "UPDATE tree_nodes SET sha256 = zeroblob(32) WHERE level = 2",
    "no checkpoint": "DELETE FROM checkpoints WHERE name = 'log_tree'",
    "a checkpoint behind": "UPDATE checkpoints SET position = 3 WHERE name = 'log_tree'",
    "a checkpoint beyond": "UPDATE checkpoints SET position = 99 WHERE name = 'log_tree'",
    "all but its checkpoint": "DELETE FROM tree_nodes WHERE level < 9",
}


@pytest.mark.parametrize("statement", GARBLED.values(), ids=GARBLED.keys())
def test_a_garbled_tree_is_made_anew_with_a_warning(grown: Settings, reopened: Reopen, statement: str) -> None:
    """It comes out as it was, and signing goes on."""
    before, _ = reopened()
    state = before.log_tree.state()
    before.close()
    sql(grown, statement)
    host, said = reopened()
    after = host.log_tree.state()
    brands(host, "more")
    assert signed(host).log_tree.state().size == state.size + 1
    host.close()
    assert said == ["log_tree.rebuilt"]
    assert (after.size, after.root, after.problem) == (state.size, state.root, "")


REWRITTEN = {
    "an event": ["UPDATE events SET payload = replace(payload, 'c', 'x') WHERE global_position = 3"],
    "the last one is gone": ["DELETE FROM events WHERE global_position = 7"],
    "two have changed places": [
        "UPDATE events SET global_position = -global_position WHERE global_position IN (5, 6)",
        "UPDATE events SET global_position = 11 + global_position WHERE global_position < 0",
    ],
}


@pytest.mark.parametrize("statements", REWRITTEN.values(), ids=REWRITTEN.keys())
def test_a_rewritten_log_is_reported_and_not_signed(grown: Settings, reopened: Reopen, statements: list[str]) -> None:
    """Even when the tree is taken away to hide it: loudly, for as long as it is so; what was signed stays."""
    sql(grown, *statements, "DELETE FROM tree_nodes", "DELETE FROM checkpoints WHERE name = 'log_tree'")
    host, said = reopened()
    brands(host, "more", "and", "again")
    assert not host.log_tree.wait(0.01)
    state = host.log_tree.state()
    with host.database.read() as connection:
        kept = store.find_signed(connection)
    host.close()
    assert "log_tree.rewritten" in said
    assert "the log is not the one that was signed" in state.problem
    assert kept is not None
    assert kept.size == state.checkpoint_size == 7


def test_it_is_told_to_whoever_asks(grown: Settings) -> None:
    """In health, and beside the log's size."""
    sql(grown, "UPDATE events SET actor_id = 'mallory' WHERE global_position = 2", "DELETE FROM tree_nodes")
    app = create_app(settings=grown, llm=FixedWriter())
    with TestClient(app) as client:
        app.state.host.log_tree.catch_up()
        assert client.get("/api/v1/health").json()["log"] == "rewritten"
        assert "not the one that was signed" in client.get("/api/v2/log").json()["problem"]


def test_a_row_without_a_form_stops_the_tree_and_nothing_else(grown: Settings) -> None:
    """The program starts, works, and says so."""
    sql(grown, "UPDATE events SET actor_id = x'ff' WHERE global_position = 2", "DELETE FROM tree_nodes")
    host = open_host(grown, llm=FixedWriter())
    seen = host.log_tree._moved.count
    while "no canonical form" not in host.log_tree.problem:
        host.log_tree._moved.wait(seen, 1)
    brands(host, "more")
    host.close()
