"""Proofs over HTTP: how far the log is signed, that something is in it, that it begins with an older one."""

import json

import pytest

from access_client import Office, fresh_office
from log_kit import brands, signed
from vm_webapp.host import Host
from vm_webapp.proof.documents import read_document, verify_document
from vm_webapp.proof.notes import VerifierKey, open_checkpoint
from vm_webapp.proof.tree import verify_consistency

from api_client import Api, fresh_api

api = fresh_api


office = fresh_office


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
