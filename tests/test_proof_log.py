"""The tree follows the log and is signed; what is garbled is made anew, what was rewritten is reported."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import Connection

from access_client import Office, fresh_office
from vm_webapp.app import create_app
from vm_webapp.commands import OWNER
from vm_webapp.domain.brands import CreateBrand
from vm_webapp.errors import BadSetting
from vm_webapp.host import Host, open_host
from vm_webapp.log_tree import store
from vm_webapp.log_tree.keys import KeyProblem, key_path, signing_key, verifier_keys, verifiers_path
from vm_webapp.log_tree.proofs import find_event, inclusion, list_run_events
from vm_webapp.proof.documents import BadProof, read_document, verify_document
from vm_webapp.proof.notes import BadKey, BadNote, SigningKey, VerifierKey, open_checkpoint
from vm_webapp.proof.tree import leaf_hash, root_at, verify_consistency
from vm_webapp.settings import Settings
from vm_webapp.workspace import Workspace

from api_client import Api, fresh_api
from fixed_writer import FixedWriter

api = fresh_api
office = fresh_office
SECONDS = 30.0


def brands(host: Host, *names: str) -> None:
    """New brands, an event each."""
    for name in names:
        host.commands.handle(CreateBrand(brand_id=f"b-{name}", name=name), by=OWNER)


def signed(host: Host) -> Host:
    """The host, once all of its log is signed."""
    assert host.log_tree.wait(SECONDS)
    return host


def sql(settings: Settings, *statements: str) -> None:
    """Do to the database of a closed host what no program of ours does; the triggers that forbid it are put back."""
    with closing(sqlite3.connect(settings.database_path)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in (*statements, *(text for _, text in triggers)):
            connection.execute(statement)
        connection.commit()


Reopen = Callable[[], tuple[Host, list[str]]]


@pytest.fixture
def reopened(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Reopen:
    """Opens the host again and looks at its tree; what it warned of."""

    def reopen() -> tuple[Host, list[str]]:
        capsys.readouterr()
        host = open_host(settings, llm=FixedWriter())
        host.log_tree.catch_up()
        logs = [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]
        return host, [event for event in logs if event.startswith("log_tree")]

    return reopen


@pytest.fixture
def grown(settings: Settings) -> Settings:
    """A workspace with seven events, all signed; nobody has it open."""
    host = open_host(settings, llm=FixedWriter())
    brands(host, *"abcdefg")
    signed(host).close()
    return settings


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


def test_a_garbled_node_inside_is_found_by_whoever_asks_for_a_proof(api: Api) -> None:
    """The proof is not given, the tree is made anew, and then it is."""
    host: Host = api.app.state.host
    brands(host, *"abcdefgh")
    signed(host)
    with host.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE tree_nodes SET sha256 = zeroblob(32) WHERE level = 1 AND position = 0")
    query = "SELECT event_id FROM events WHERE global_position = 3"
    with host.database.read() as connection:
        event_id = connection.exec_driver_sql(query).scalar()
    refused = api.get(f"/api/v2/log/inclusion?event_id={event_id}")
    assert (refused.status_code, refused.json()["code"]) == (503, "broken_tree")
    with host.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM tree_nodes WHERE level = 1 AND position = 0")
    gone = api.get(f"/api/v2/log/inclusion?event_id={event_id}")
    assert gone.status_code in (200, 503)
    host.log_tree.distrust()
    host.log_tree.catch_up()
    assert api.get(f"/api/v2/log/inclusion?event_id={event_id}").status_code == 200


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


def test_the_key_is_made_once_for_its_owner_alone(settings: Settings) -> None:
    """0600, spelled as it can be supplied again; the verifier key beside it is for everybody."""
    workspace = Workspace(settings.vm_workspace_root)
    key = signing_key(settings, workspace)
    path = key_path(workspace)
    assert signing_key(settings, workspace).spelled() == key.spelled() == path.read_text().strip()
    assert os.name != "posix" or path.stat().st_mode & 0o777 == 0o600
    assert verifier_keys(workspace) == [key.verifier]
    assert key.verifier.name.startswith("vm-log/")


def test_a_supplied_key_signs_and_the_older_one_still_verifies(settings: Settings) -> None:
    """The newest stands last; nothing is written for the supplied secret."""
    workspace = Workspace(settings.vm_workspace_root)
    own = signing_key(settings, workspace).verifier
    given = SigningKey("vm-log/given", b"\x05" * 32)
    supplied = Settings(vm_workspace_root=settings.vm_workspace_root, vm_log_key=SecretStr(given.spelled()))
    assert signing_key(supplied, workspace).verifier == given.verifier
    assert verifier_keys(workspace) == [own, given.verifier]
    assert signing_key(settings, workspace).verifier == own
    assert verifier_keys(workspace) == [given.verifier, own]
    assert given.spelled() not in key_path(workspace).read_text()


def test_a_supplied_key_that_is_none_is_refused(settings: Settings) -> None:
    """By the name of the variable, without showing it."""
    wrong = Settings(vm_workspace_root=settings.vm_workspace_root, vm_log_key=SecretStr("PRIVATE+KEY+secret"))
    with pytest.raises(BadSetting, match="VM_LOG_KEY cannot be used") as caught:
        open_host(wrong)
    assert "secret" not in str(caught.value)


def spoil_key(path: Path) -> None:
    path.write_text(path.read_text()[:-5])


BAD_KEYS = {
    "others can read it": lambda path: path.chmod(0o640),
    "it was cut": spoil_key,
    "it is no text": lambda path: path.write_bytes(b"\xff\xfe"),
    "it is a folder": lambda path: (path.unlink(), path.mkdir(mode=0o700)),
}


@pytest.mark.parametrize("spoil", BAD_KEYS.values(), ids=BAD_KEYS.keys())
def test_a_key_that_cannot_be_used_signs_nothing(
    grown: Settings, reopened: Reopen, spoil: Callable[[Path], object]
) -> None:
    """It is refused with the remedy; the program starts, the tree grows, and health says that it is not signed."""
    workspace = Workspace(grown.vm_workspace_root)
    spoil(key_path(workspace))
    with pytest.raises(KeyProblem) as caught:
        signing_key(grown, workspace)
    assert caught.value.hint
    host, said = reopened()
    brands(host, "more")
    host.log_tree.catch_up()
    state = host.log_tree.state()
    host.close()
    assert said == ["log_tree.no_key"]
    assert (state.size, state.checkpoint_size) == (8, 7)
    assert "nothing can be signed" in state.problem


@pytest.mark.parametrize("content", [b"\xff", b"x+1+2\n"])
def test_verifier_keys_that_are_garbled_are_named(grown: Settings, content: bytes) -> None:
    """Rather than passed over."""
    workspace = Workspace(grown.vm_workspace_root)
    verifiers_path(workspace).write_bytes(content)
    with pytest.raises(KeyProblem, match=r"log\.vkeys"):
        verifier_keys(workspace)


def test_nothing_was_signed_where_there_are_no_keys(tmp_path: Path) -> None:
    """An older workspace has none."""
    assert verifier_keys(Workspace(tmp_path)) == []


def test_http_tells_how_far_the_log_is_signed(api: Api) -> None:
    """Size, root and position; the note and the key as text, which fit each other."""
    api.brand()
    note = api.get("/api/v2/log/checkpoint")
    key = api.get("/api/v2/log/key")
    said = api.read("/api/v2/log")
    assert note.headers["content-type"] == key.headers["content-type"] == "text/plain; charset=utf-8"
    checkpoint = open_checkpoint(note.text, [VerifierKey.parse(key.text)])
    assert (checkpoint.origin, checkpoint.size, checkpoint.root.hex()) == (said["origin"], said["size"], said["root"])
    assert said["position"] == said["log_position"] == said["checkpoint_size"] == checkpoint.size
    assert said["problem"] is None
    assert api.read("/api/v1/health")["log"] == "signed"
    assert api.get(f"/api/v2/log/checkpoint?size={checkpoint.size}").text == note.text
    assert api.get("/api/v2/log/checkpoint?size=9999").status_code == 404


def test_an_event_and_a_run_are_proved(api: Api) -> None:
    """The document verifies without the server, and with one byte changed it does not."""
    run = api.run(api.thread())
    thread = api.read(f"/api/v2/threads/{run['thread_id']}/timeline")["items"]
    document = api.get(f"/api/v2/log/inclusion?run_id={run['run_id']}").text
    proof = read_document(document)
    key = VerifierKey.parse(api.get("/api/v2/log/key").text)
    checkpoint, problems = verify_document(proof, [key])
    assert problems == []
    assert checkpoint.origin == key.name
    facts = [event.facts for event in proof.events]
    assert {fact["stream_id"] for fact in facts} == {f"run:{run['run_id']}"}
    assert [fact["stream_version"] for fact in facts] == list(range(1, len(facts) + 1))
    one = read_document(api.get(f"/api/v2/log/inclusion?event_id={thread[0]['event_id']}").text)
    assert [event.facts["event_id"] for event in one.events] == [thread[0]["event_id"]]
    assert verify_document(one)[1] == []
    other = json.loads(document)
    other["events"][2]["path"][0] = "00" * 32
    assert verify_document(read_document(json.dumps(other)))[1] == [
        f"The event at {proof.events[2].index} is not the one that was signed."
    ]


def test_an_event_is_proved_under_an_older_checkpoint(api: Api) -> None:
    """By its size; under one from before the event it cannot be."""
    api.brand()
    old = open_checkpoint(api.get("/api/v2/log/checkpoint").text, [VerifierKey.parse(api.get("/api/v2/log/key").text)])
    host: Host = api.app.state.host
    with host.database.read() as connection:
        first = connection.exec_driver_sql("SELECT event_id FROM events WHERE global_position = 1").scalar()
    api.brand("Borealis")
    api.get("/api/v2/log/checkpoint")
    proof = read_document(api.get(f"/api/v2/log/inclusion?event_id={first}&size={old.size}").text)
    assert verify_document(proof)[0] == old
    with host.database.read() as connection:
        last = connection.exec_driver_sql("SELECT event_id FROM events ORDER BY global_position DESC").scalar()
    early = api.get(f"/api/v2/log/inclusion?event_id={last}&size={old.size}")
    assert (early.status_code, early.json()["code"]) == (409, "not_signed_yet")
    assert api.get(f"/api/v2/log/inclusion?event_id={last}&size=9999").status_code == 404


def test_a_log_is_shown_to_begin_with_an_older_one(api: Api) -> None:
    """From one checkpoint to the next, and between any two sizes."""
    api.brand()
    key = VerifierKey.parse(api.get("/api/v2/log/key").text)
    old = open_checkpoint(api.get("/api/v2/log/checkpoint").text, [key])
    api.run(api.thread())
    new = open_checkpoint(api.get("/api/v2/log/checkpoint").text, [key])
    said = api.read(f"/api/v2/log/consistency?from={old.size}&to={new.size}")
    path = [bytes.fromhex(step) for step in said["path"]]
    assert verify_consistency(old=old.size, new=new.size, old_root=old.root, new_root=new.root, proof=path)
    assert (said["from_root"], said["to_root"]) == (old.root.hex(), new.root.hex())
    assert open_checkpoint(said["checkpoint"], [key]) == new
    assert api.read("/api/v2/log/consistency?from=0")["to"] == new.size
    assert api.get(f"/api/v2/log/consistency?from={new.size}&to=1").status_code == 422
    beyond = api.get("/api/v2/log/consistency?from=1&to=99999")
    assert (beyond.status_code, beyond.json()["code"]) == (409, "not_signed_yet")


@pytest.mark.parametrize("query", ["", "?event_id=e&run_id=r", "?event_id=e&size=0", "?run_id=r&size=x"])
def test_a_question_that_names_nothing_or_too_much_is_refused(api: Api, query: str) -> None:
    """With a sentence."""
    assert api.get(f"/api/v2/log/inclusion{query}").status_code == 422


@pytest.mark.parametrize("query", ["event_id=none", "run_id=none", "event_id=%00"])
def test_what_is_not_in_the_log_cannot_be_proved(api: Api, query: str) -> None:
    """404."""
    api.brand()
    assert api.get(f"/api/v2/log/inclusion?{query}").status_code == 404


def test_a_log_without_events_has_no_checkpoint(api: Api) -> None:
    """Its root is that of the empty tree."""
    assert api.get("/api/v2/log/checkpoint").status_code == 404
    assert api.read("/api/v2/log")["root"].startswith("e3b0c44298fc1c14")
    assert api.get("/api/v2/log/consistency?from=0").status_code == 404


def test_a_token_of_one_brand_gets_proofs_of_its_own_events_alone(office: Office) -> None:
    """Of another brand's, and of who is let in, it hears what it hears of things that do not exist."""
    ours, theirs = office.brand("Ours"), office.brand("Theirs")
    desk, admin = office.as_("viewer", ours), office.as_("admin")
    with office.host.database.read() as connection:
        found = connection.exec_driver_sql("SELECT brand_id, event_type, event_id FROM events").all()
    events = {(brand, kind): event_id for brand, kind, event_id in found}
    assert desk.get(f"/api/v2/log/inclusion?event_id={events[ours, 'BrandCreated']}").status_code == 200
    for event_id in (events[theirs, "BrandCreated"], events[ours, "TokenCreated"], events[None, "TokenCreated"]):
        refused = desk.get(f"/api/v2/log/inclusion?event_id={event_id}")
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
        assert admin.get(f"/api/v2/log/inclusion?event_id={event_id}").status_code == 200
    assert office.as_("viewer").get(f"/api/v2/log/inclusion?event_id={events[None, 'TokenCreated']}").status_code == 404
    assert desk.get("/api/v2/log/inclusion?run_id=r-none").status_code == 404


def test_a_proof_is_of_the_key_that_one_brings(host: Host) -> None:
    """Under another key, and with a document that is none, nothing is said to hold."""
    brands(host, "a")
    signed(host)
    with host.database.read() as connection:
        rows = [dict(row) for row in [_first(connection)]]
        note = store.find_signed(connection)
        assert note is not None
        made = inclusion(connection, rows, signed=note, keys=verifier_keys(host.workspace))
        with pytest.raises(Exception, match="no run"):
            list_run_events(connection, "r-none")
    proof = read_document(json.dumps(made))
    assert verify_document(proof)[1] == []
    with pytest.raises(BadNote):
        verify_document(proof, [SigningKey("vm-log/x", bytes(32)).verifier])
    with pytest.raises(BadKey):
        verify_document(read_document(json.dumps({**made, "key": ""})))


def _first(connection: Connection) -> dict[str, Any]:
    event_id = connection.exec_driver_sql("SELECT event_id FROM events WHERE global_position = 1").scalar()
    return find_event(connection, str(event_id))


EVENT = {"index": 0, "sha256": "", "canonical": "{}", "path": []}
NO_PROOFS: dict[str, Any] = {
    "no JSON": "{",
    "no object": "[]",
    "another format": {"format": "x", "checkpoint": "", "key": "", "events": []},
    "no checkpoint": {"format": "vm-proof/1", "key": "", "events": []},
    "a number for a text": {"format": "vm-proof/1", "checkpoint": 1, "key": "", "events": []},
    "a wrong digest": {"format": "vm-proof/1", "checkpoint": "", "key": "", "events": [EVENT]},
    "a text for an index": {"format": "vm-proof/1", "checkpoint": "", "key": "", "events": [{**EVENT, "index": "0"}]},
    "a path too long": {
        "format": "vm-proof/1",
        "checkpoint": "",
        "key": "",
        "events": [{**EVENT, "path": ["00"] * 65}],
    },
    "a path of no hashes": {"format": "vm-proof/1", "checkpoint": "", "key": "", "events": [{**EVENT, "path": ["x"]}]},
}


@pytest.mark.parametrize("document", NO_PROOFS.values(), ids=NO_PROOFS.keys())
def test_what_is_no_proof_is_refused(document: object) -> None:
    """Whatever was handed over."""
    with pytest.raises(BadProof):
        read_document(document if isinstance(document, str) else json.dumps(document))
