"""A bundle is the same bytes each time, a bag, a crate, a statement; other programs can read it."""

import base64
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bundle_kit import (
    Made,
    a_run,
    a_thread,
    document,
    empty_host,
    exported,
    fresh_made,
    open_in,
    payload_of,
    settle,
    unzipped,
)
from vm_webapp import bundles
from vm_webapp.bundles import NoKey, RunIsOpen, export
from vm_webapp.bundles.export import BundleTooLarge
from vm_webapp.commands import OWNER
from vm_webapp.domain.run_commands import RejectApproval
from vm_webapp.errors import NotFound
from vm_webapp.host import Host
from vm_webapp.log_tree.keys import KeyProblem, verifiers_path
from vm_webapp.log_tree.proofs import NotSignedYet
from vm_webapp.proof.notes import SigningKey

made = fresh_made
empty = empty_host


@pytest.mark.parametrize(
    ("limit", "most", "said"),
    [
        ("LONGEST_ZIP", 1024, "it would have 1 MiB"),
        ("MOST_ENTRIES", 5, r"it would have [0-9]+ files, and 5 are the most"),
    ],
)
def test_a_run_that_no_bundle_holds_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, said: str
) -> None:
    """The limit and another way to hand it on; it is no fault of the program, and nothing in it is damaged."""
    host = open_in(tmp_path)
    try:
        run_id = a_run(host, a_thread(host))
        monkeypatch.setattr(export, limit, most)
        with pytest.raises(BundleTooLarge, match=said) as refused:
            exported(host, run_id)
    finally:
        host.close()
    assert f"`vm proof {run_id}`" in refused.value.hint


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    """Whatever happens in the log afterwards, and after a restart."""
    host = open_in(tmp_path)
    thread_id = a_thread(host)
    run_id = a_run(host, thread_id)
    first = exported(host, run_id)
    a_run(host, thread_id, text="Something else")
    second = exported(host, run_id)
    host.close()
    host = open_in(tmp_path)
    third = exported(host, run_id)
    host.close()
    assert first == second == third


def test_sha256sum_alone_verifies_the_bytes(made: Made, tmp_path: Path) -> None:
    """Nothing of ours is needed; a changed byte is found."""
    shutil.unpack_archive(_written(made, tmp_path), tmp_path)
    folder = tmp_path / made.run_id
    command = ["sha256sum", "-c", "--quiet", "manifest-sha256.txt"]
    assert subprocess.run(command, cwd=folder, check=False).returncode == 0
    (folder / "data" / "run" / "run.json").write_bytes(b"{}")
    assert subprocess.run(command, cwd=folder, check=False, capture_output=True).returncode == 1


def test_the_bag_is_one_of_rfc_8493(made: Made) -> None:
    """Section 2.1: the declaration, and manifests that list every file of the payload, and every tag file."""
    files = {name.partition("/")[2]: content for name, content in unzipped(made.content).items()}
    assert files["bagit.txt"] == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    for manifest, wanted in (
        ("manifest-sha256.txt", {name for name in files if name.startswith("data/")}),
        ("tagmanifest-sha256.txt", {"bagit.txt", "bag-info.txt", "manifest-sha256.txt"}),
    ):
        lines = {line[66:]: line[:64] for line in files[manifest].decode().splitlines()}
        assert set(lines) == wanted
        assert all(hashlib.sha256(files[name]).hexdigest() == sha256 for name, sha256 in lines.items())


def test_the_library_of_congress_takes_the_bag(made: Made, tmp_path: Path) -> None:
    """Bagit's own validate()."""
    bagit = pytest.importorskip("bagit")
    shutil.unpack_archive(_written(made, tmp_path), tmp_path)
    assert bagit.Bag(str(tmp_path / made.run_id)).validate()


def test_the_crate_has_what_its_profiles_demand(made: Made) -> None:
    """The MUSTs of RO-Crate 1.1, Workflow RO-Crate 1.0 and Provenance Run Crate 0.5, from their texts."""
    graph = {entity["@id"]: entity for entity in document(made.content, "ro-crate-metadata.json")["@graph"]}
    root, descriptor = graph["./"], graph["ro-crate-metadata.json"]
    assert descriptor["about"] == {"@id": "./"}
    assert {"@id": "https://w3id.org/ro/crate/1.1"} in descriptor["conformsTo"]
    assert all(root[name] for name in ("name", "description", "license", "datePublished"))
    profiles = {one["@id"] for one in root["conformsTo"]}
    assert "https://w3id.org/ro/wfrun/provenance/0.5" in profiles
    assert all(graph[profile]["@type"] == "CreativeWork" for profile in profiles)
    workflow = graph[root["mainEntity"]["@id"]]
    assert {"File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"} <= set(workflow["@type"])
    assert graph[workflow["programmingLanguage"]["@id"]]["@type"] == "ComputerLanguage"
    by_type: dict[str, list[dict[str, object]]] = {}
    for entity in graph.values():
        by_type.setdefault(str(entity["@type"]), []).append(entity)
    assert len(by_type["HowToStep"]) == len(by_type["ControlAction"]) == 2
    for action in by_type["CreateAction"]:
        assert action["instrument"]["@id"] in graph  # type: ignore[index]  # JSON
    (organized,) = by_type["OrganizeAction"]
    assert graph[organized["result"]["@id"]]["instrument"] == root["mainEntity"]  # type: ignore[index]  # JSON
    (approval,) = by_type["AuthorizeAction"]
    assert graph[approval["agent"]["@id"]]["name"] == "workspace-owner"  # type: ignore[index]  # JSON


def test_the_crate_lists_every_file_and_refers_to_nothing_else(made: Made) -> None:
    """Every data entity is in the payload, every file in hasPart, and no reference dangles."""
    graph = {entity["@id"]: entity for entity in document(made.content, "ro-crate-metadata.json")["@graph"]}
    payload = payload_of(made.content)
    assert {one["@id"] for one in graph["./"]["hasPart"]} == set(payload) - {"ro-crate-metadata.json"}
    known = {*graph, "https://w3id.org/ro/crate/1.1"}
    assert {one for one in _references(list(graph.values())) if not one.startswith("https://bioschemas.org/")} <= known


def test_the_statement_is_signed_as_dsse_has_it(made: Made) -> None:
    """The envelope's signature holds under the log's key, over in-toto's payload, which names every other file."""
    envelope = document(made.content, "statement.json")
    payload = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"].encode()
    signed = b"DSSEv1 " + str(len(kind)).encode() + b" " + kind + b" " + str(len(payload)).encode() + b" " + payload
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(made.key.split("+", 2)[2])[1:])
    public.verify(base64.b64decode(envelope["signatures"][0]["sig"]), signed)
    statement = json.loads(payload)
    subjects = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
    files = {name: hashlib.sha256(one).hexdigest() for name, one in payload_of(made.content).items()}
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert subjects == {name: sha256 for name, sha256 in files.items() if name != "statement.json"}


def test_the_request_and_nothing_else_of_the_thread_is_handed_on(made: Made) -> None:
    """The run's own events, the request, and no other event of the log."""
    events = [json.loads(one["canonical"]) for one in document(made.content, "log/proof.json")["events"]]
    streams = {one["stream_id"].partition(":")[0]: one["event_type"] for one in events if one["stream_id"][0] != "r"}
    assert streams == {"thread": "WorkflowRunRequested"}


def test_an_open_run_is_not_exported(empty: Host) -> None:
    """What is not settled could still change."""
    run_id = a_run(empty, a_thread(empty), approve=False)
    with pytest.raises(RunIsOpen, match="waiting approval"):
        exported(empty, run_id)


def test_a_run_that_is_not_there_is_not_exported(empty: Host) -> None:
    """Nothing is made up."""
    with pytest.raises(NotFound):
        exported(empty, "r-none")


def test_what_nobody_has_signed_is_not_exported(empty: Host) -> None:
    """Without a checkpoint that covers the run there is no proof."""
    run_id = a_run(empty, a_thread(empty))
    with empty.database.writer.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER signed_checkpoints_no_delete")
        connection.exec_driver_sql("DELETE FROM signed_checkpoints")
        with pytest.raises(NotSignedYet):
            bundles.export_run(connection, empty.workspace, run_id, key=empty.log_tree.key)


def test_without_the_key_there_is_no_bundle(empty: Host) -> None:
    """What nobody signs would prove nothing."""
    run_id = a_run(empty, a_thread(empty))
    with empty.database.read() as connection, pytest.raises(NoKey, match="would prove nothing"):
        bundles.export_run(connection, empty.workspace, run_id, key=None)


def test_with_another_key_than_before_all_of_it_is_under_the_new_one(empty: Host) -> None:
    """As after a restore without the keys: the same tree, signed anew; one key stands for all of it."""
    run_id = a_run(empty, a_thread(empty))
    newer = SigningKey("vm-log/newer", b"n" * 32)
    with empty.database.read() as connection:
        first, again = (bundles.export_run(connection, empty.workspace, run_id, key=newer) for _ in range(2))
    assert first == again
    checked = bundles.verify_bundle(first.content, [newer.verifier])
    assert (checked.problems, checked.key) == ([], str(newer.verifier))
    assert document(first.content, "log/proof.json")["checkpoint"].startswith("vm-log/newer\n")


def test_a_checkpoint_of_no_known_key_is_not_signed_anew(empty: Host) -> None:
    """Whoever can write to the database alone gets no signature under a tree of their own."""
    run_id = a_run(empty, a_thread(empty))
    verifiers_path(empty.workspace).write_text("")
    newer = SigningKey("vm-log/newer", b"n" * 32)
    with empty.database.read() as connection, pytest.raises(KeyProblem, match="no key in it signed"):
        bundles.export_run(connection, empty.workspace, run_id, key=newer)


def test_a_failed_run_is_exported_too(empty: Host) -> None:
    """With the stages that were finished, as a failed action."""
    thread_id = a_thread(empty)
    command = empty.requests.new(thread_id=thread_id, request_text="Go", mode="gated", by=OWNER)
    empty.commands.handle(command, by=OWNER)
    settle(empty)
    empty.commands.handle(_rejection(empty, command.run_id), by=OWNER)
    settle(empty)
    content = exported(empty, command.run_id)
    graph = {entity["@id"]: entity for entity in document(content, "ro-crate-metadata.json")["@graph"]}
    assert bundles.verify_bundle(content).problems == []
    assert graph["#run"]["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert graph["#run"]["error"] == "Too long"


def _rejection(host: Host, run_id: str) -> RejectApproval:
    run = host.database.write(lambda connection: host.commands.load(connection, f"run:{run_id}")[1])
    digest = run.stages["brief"].manifest_sha256
    return RejectApproval(run_id=run_id, stage_key="brief", manifest_sha256=digest, role="admin", reason="Too long")


def _written(made: Made, folder: Path) -> str:
    path = folder / "bundle.zip"
    path.write_bytes(made.content)
    return str(path)


def _references(value: object) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_references, value)) if value else set()
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            return {str(value["@id"])}
        return _references([one for name, one in value.items() if name != "@id"])
    return set()
