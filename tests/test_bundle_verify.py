"""Whatever is changed in a bundle is found and named, also where the forger makes the bag anew around it."""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from bundle_kit import (
    FORGER,
    Made,
    a_run,
    a_thread,
    changed,
    document,
    exported,
    fresh_made,
    open_in,
    payload_of,
    resigned,
    unzipped,
    zipped,
)
from vm_webapp.artifacts import digest, to_json
from vm_webapp.bundles import fingerprint, verify_bundle
from vm_webapp.bundles.statement import make_statement
from vm_webapp.proof.canonical import canonical
from vm_webapp.proof.notes import SigningKey, VerifierKey, read_checkpoint, sign_checkpoint

made = fresh_made
Proof = dict[str, Any]


def problems(content: bytes) -> str:
    """All that does not hold, as one text."""
    return " ".join(verify_bundle(content).problems)


def test_an_untouched_bundle_holds(made: Made) -> None:
    """And says which log it is, by which key."""
    checked = verify_bundle(made.content, [VerifierKey.parse(made.key)])
    assert checked.problems == []
    assert (checked.run_id, checked.key, checked.pinned) == (made.run_id, made.key, True)
    assert checked.fingerprint == fingerprint(VerifierKey.parse(made.key))


def test_every_file_counts(made: Made) -> None:
    """A byte changed in any file of the archive is found, and the file is named."""
    files = unzipped(made.content)
    for name, content in files.items():
        flipped = bytes([content[0] ^ 1]) + content[1:]
        assert name.partition("/")[2].removeprefix("data/") in problems(zipped({**files, name: flipped})), name


def test_every_file_of_the_payload_counts_in_a_new_bag(made: Made) -> None:
    """The same, where the manifests of the bag were made to fit."""
    for name, content in payload_of(made.content).items():
        assert problems(changed(made, {name: content + b" "})), name


def test_a_missing_file_is_named(made: Made) -> None:
    """Each of them, also where the manifests do not list it any more."""
    for name in payload_of(made.content):
        assert name in problems(changed(made, {name: None})), name


@pytest.mark.parametrize("name", ["extra.txt", "run/stages/01-brief/artifacts/extra.md", "disclosure/extra.json"])
def test_an_added_file_is_named(made: Made, name: str) -> None:
    """Nothing travels along unseen."""
    assert name in problems(changed(made, {name: b"more"}))


def test_a_deliverable_that_the_forger_listed_everywhere_is_found(made: Made) -> None:
    """Manifest and bag fit the new text; the log does not."""
    payload = payload_of(made.content)
    path = "run/stages/02-plan/artifacts/plan.md"
    manifest = json.loads(payload["run/stages/02-plan/manifest.json"])
    manifest["artifacts"][0] |= {"sha256": digest(b"Ours now"), "size": 8}
    forged = {path: b"Ours now", "run/stages/02-plan/manifest.json": to_json(manifest)}
    assert "is not the one that the log names" in problems(changed(made, forged))


def test_a_deliverable_of_another_run_is_found(made: Made, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A whole stage taken from elsewhere."""
    host = open_in(tmp_path_factory.mktemp("other"))
    other = payload_of(exported(host, a_run(host, a_thread(host), text="Something else")))
    host.close()
    stage = {name: content for name, content in other.items() if name.startswith("run/stages/02-plan/")}
    assert "02-plan/manifest.json" in problems(changed(made, stage))


def _without_last(proof: Proof) -> None:
    proof["events"].pop()


def _without_middle(proof: Proof) -> None:
    del proof["events"][4]


def _swapped(proof: Proof) -> None:
    proof["events"][3], proof["events"][4] = proof["events"][4], proof["events"][3]


def _renumbered(proof: Proof) -> None:
    proof["events"][3]["index"] += 1


def _other_path(proof: Proof) -> None:
    proof["events"][3]["path"][0] = "0" * 64


def _twice(proof: Proof) -> None:
    proof["events"].insert(3, proof["events"][3])


def _other_payload(proof: Proof) -> None:
    event = proof["events"][1]
    event["canonical"] = event["canonical"].replace("workspace-owner", "workspace-buyer")
    event["sha256"] = sha256(event["canonical"].encode()).hexdigest()


def _without_request(proof: Proof) -> None:
    proof["events"] = [one for one in proof["events"] if "WorkflowRunRequested" not in one["canonical"]]


def _other_note(proof: Proof) -> None:
    proof["checkpoint"] = proof["checkpoint"].replace("\n", "\n1", 1)


def _newer_event(proof: Proof) -> None:
    event = proof["events"][2]
    event["canonical"] = event["canonical"].replace('"payload_version":1', '"payload_version":99')


@pytest.mark.parametrize(
    "forge",
    [
        _without_last,
        _without_middle,
        _swapped,
        _renumbered,
        _other_path,
        _twice,
        _other_payload,
        _without_request,
        _other_note,
        _newer_event,
    ],
)
def test_the_log_cannot_be_told_otherwise(made: Made, forge: Callable[[Proof], None]) -> None:
    """Events left out, swapped, doubled, changed or put elsewhere; a checkpoint that nobody signed."""
    proof = document(made.content, "log/proof.json")
    forge(proof)
    found = verify_bundle(changed(made, {"log/proof.json": json.dumps(proof).encode()})).problems
    assert [one for one in found if "statement" not in one and "log/proof.json is not" not in one]


def test_a_log_of_the_forgers_own_is_refused_under_the_right_key(made: Made) -> None:
    """Everything signed anew: only the key can tell, and it does."""
    proof = document(made.content, "log/proof.json")
    note = sign_checkpoint(FORGER, size=int(proof["checkpoint"].split("\n")[1]), root=b"r" * 32)
    proof |= {"key": str(FORGER.verifier), "checkpoint": note}
    forged = changed(made, {"log/proof.json": json.dumps(proof).encode(), "log/checkpoint.txt": note.encode()})
    found = verify_bundle(forged, [VerifierKey.parse(made.key)])
    assert "proves nothing" in " ".join(found.problems)


def test_a_log_that_another_key_signed_under_the_logs_name_is_refused(made: Made) -> None:
    """Also where nobody named a key: the name follows from the key, so the impostor's is known for one."""
    proof = document(made.content, "log/proof.json")
    impostor = SigningKey(VerifierKey.parse(made.key).name, b"i" * 32)
    note = impostor.sign(read_checkpoint(proof["checkpoint"]).text())
    proof |= {"key": str(impostor.verifier), "checkpoint": note}
    forged = {"proof.json": json.dumps(proof), "checkpoint.txt": note, "key.txt": f"{impostor.verifier}\n"}
    checked = verify_bundle(changed(made, {f"log/{name}": one.encode() for name, one in forged.items()}))
    told = f"proves nothing: The key cannot be used: it is called {impostor.verifier.name}, which is not its name"
    assert told in " ".join(checked.problems)
    assert (checked.origin, checked.key, checked.fingerprint) == ("", "", "")


def test_another_key_than_the_pinned_one_is_named(made: Made) -> None:
    """A bundle of a log that one does not trust."""
    found = verify_bundle(made.content, [FORGER.verifier]).problems
    assert "none of the keys at hand has signed it" in found[0]
    assert any("statement.json is not signed by the key of this log" in one for one in found)


def _other_signature(envelope: dict[str, Any]) -> None:
    envelope["signatures"][0]["sig"] = base64.b64encode(b"0" * 64).decode()


def _two_signatures(envelope: dict[str, Any]) -> None:
    envelope["signatures"] *= 2


def _other_name(envelope: dict[str, Any]) -> None:
    envelope["signatures"][0]["keyid"] = str(FORGER.verifier)


def _more_than_was_signed(envelope: dict[str, Any]) -> None:
    envelope["approved_by"] = "ceo"


def _other_type(envelope: dict[str, Any]) -> None:
    envelope["payloadType"] = "text/plain"


def _no_payload(envelope: dict[str, Any]) -> None:
    envelope["payload"] = "%%%"


@pytest.mark.parametrize(
    "forge", [_other_signature, _two_signatures, _other_name, _more_than_was_signed, _other_type, _no_payload]
)
def test_the_statement_has_to_hold(made: Made, forge: Callable[[dict[str, Any]], None]) -> None:
    """Its signature, its type, its form; nothing stands in it that is not signed."""
    envelope = document(made.content, "statement.json")
    forge(envelope)
    assert "statement.json" in problems(changed(made, {"statement.json": canonical(envelope) + b"\n"}))


def test_an_unsigned_statement_proves_nothing(made: Made) -> None:
    """Every derived file rewritten, the statement made to fit, and the signature taken off: refused, pinned or not."""
    forged = {name: b"The CEO approved it." for name in payload_of(made.content) if name.startswith("disclosure/")}
    payload = {**payload_of(made.content), **forged}
    payload.pop("statement.json")
    envelope = json.loads(make_statement(payload, {}, FORGER)) | {"signatures": []}
    content = changed(made, {**forged, "statement.json": canonical(envelope) + b"\n"})
    for keys in ([], [VerifierKey.parse(made.key)]):
        assert "statement.json is not signed: nobody stands for run.json" in " ".join(
            verify_bundle(content, keys).problems
        )


@pytest.mark.parametrize("also_pinned", [False, True])
def test_whoever_signed_the_checkpoint_has_to_sign_the_statement(made: Made, also_pinned: bool) -> None:  # noqa: FBT001 - a case's value
    """Neither a key that the bundle brings along nor that of another log that one trusts will do."""
    payload = payload_of(made.content)
    payload.pop("statement.json")
    keys = f"{made.key}\n{FORGER.verifier}\n".encode()
    signed = make_statement({**payload, "log/key.txt": keys}, {}, FORGER)
    content = changed(made, {"log/key.txt": keys, "statement.json": signed})
    pinned = [VerifierKey.parse(made.key), FORGER.verifier] if also_pinned else []
    assert verify_bundle(content, pinned).problems == [
        "statement.json is not signed by the key of this log, or its signature does not hold."
    ]


def test_nothing_stands_beside_the_payload_that_no_signature_covers(made: Made) -> None:
    """A line more in bag-info.txt, and the manifest of the tags made to fit."""
    files = unzipped(made.content)
    name, tags = (f"{made.run_id}/{one}" for one in ("bag-info.txt", "tagmanifest-sha256.txt"))
    said = files[name] + b"Contact-Name: The CEO approved it\n"
    manifest = files[tags].replace(digest(files[name]).encode(), digest(said).encode())
    (problem,) = verify_bundle(zipped({**files, name: said, tags: manifest})).problems
    assert problem == "bag-info.txt says something else than a bundle's does."


def _left_out(payload: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in payload.items() if name != "README.md"}


def _too_many(payload: dict[str, bytes]) -> dict[str, bytes]:
    return {**payload, "extra.txt": b"more"}


@pytest.mark.parametrize(
    ("alter", "said"),
    [(_left_out, "README.md is not in the statement"), (_too_many, "extra.txt is missing, though the statement")],
)
def test_the_statement_lists_every_file_and_no_other(
    made: Made, alter: Callable[[dict[str, bytes]], dict[str, bytes]], said: str
) -> None:
    """However well it is signed."""
    content = resigned(made, {})
    payload = payload_of(content)
    payload.pop("statement.json")
    statement = make_statement(alter(payload), {}, FORGER)
    (problem,) = verify_bundle(changed(Made(made.run_id, content, made.key), {"statement.json": statement})).problems
    assert said in problem


def _other_asker(run: dict[str, Any]) -> None:
    run["requested_by"] = "ceo"


def _other_text(run: dict[str, Any]) -> None:
    run["request_text"] = "Something else"


def _other_end(run: dict[str, Any]) -> None:
    run["status"] = "failed"


def _other_approver(run: dict[str, Any]) -> None:
    run["stages"][0]["gate"]["granted"][0]["by"] = "ceo"


def _more_approvals(run: dict[str, Any]) -> None:
    run["stages"][0]["gate"]["granted"] *= 2


def _other_digest(run: dict[str, Any]) -> None:
    run["stages"][0]["manifest_sha256"] = "0" * 64


def _other_model(run: dict[str, Any]) -> None:
    run["stages"][0]["writer"] = "ceo"


def _never_heard_of(run: dict[str, Any]) -> None:
    run["audited_by"] = "ceo"


@pytest.mark.parametrize(
    "lie",
    [
        _other_asker,
        _other_text,
        _other_end,
        _other_approver,
        _more_approvals,
        _other_digest,
        _other_model,
        _never_heard_of,
    ],
)
def test_run_json_says_nothing_that_the_log_does_not(made: Made, lie: Callable[[dict[str, Any]], None]) -> None:
    """Also where the log's own keeper signs it."""
    run = document(made.content, "run/run.json")
    lie(run)
    (problem,) = verify_bundle(resigned(made, {"run/run.json": to_json(run)}), [FORGER.verifier]).problems
    assert problem.startswith("data/run/run.json says something else than the log, at ")


def test_profile_json_is_the_plan_of_the_log(made: Made) -> None:
    """What the run was to execute, likewise."""
    plan = document(made.content, "run/profile.json") | {"title": "Something else"}
    assert "profile.json says something else than the log" in problems(
        changed(made, {"run/profile.json": to_json(plan)})
    )


@pytest.mark.parametrize("content", [b"", b"[]", b'{"run_id": 1}', b"\xff\xfe", b"[" * 100_000])
@pytest.mark.parametrize(
    "name",
    ["run/run.json", "log/proof.json", "statement.json", "run/stages/01-brief/manifest.json", "ro-crate-metadata.json"],
)
def test_documents_that_are_none_are_problems_and_nothing_worse(made: Made, name: str, content: bytes) -> None:
    """No text makes the verifier fail otherwise."""
    assert problems(changed(made, {name: content}))


def test_a_rezipped_bundle_still_holds(made: Made) -> None:
    """Unpacked and packed by another program, with entries for folders, and compressed."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir(f"{made.run_id}/")
        for name, content in unzipped(made.content).items():
            archive.writestr(name, content)
    assert problems(target.getvalue()) == ""
