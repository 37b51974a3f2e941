"""A proof as a document: of the key that one brings, and refused where it is none."""

import json
from typing import Any

import pytest
from sqlalchemy import Connection

from log_kit import brands, signed
from vm_webapp.host import Host
from vm_webapp.log_tree import store
from vm_webapp.log_tree.keys import verifier_keys
from vm_webapp.log_tree.proofs import find_event, inclusion, list_run_events
from vm_webapp.proof.documents import BadProof, read_document, verify_document
from vm_webapp.proof.notes import BadKey, BadNote, SigningKey


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
