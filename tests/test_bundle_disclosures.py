"""The disclosures in a bundle: of the shape of one, of the file beside them, and of what the log says; else refused."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from bundle_kit import FORGER, Made, document, empty_host, exported, fresh_made, resigned
from vm_webapp import event_store
from vm_webapp.artifacts import to_json
from vm_webapp.bundles import BadBundle, DoesNotHold, Place, disclosures_of, import_bundle, verify_bundle
from vm_webapp.commands import OWNER
from vm_webapp.disclosure.shape import BadDisclosure, read_disclosure
from vm_webapp.errors import IntegrityError
from vm_webapp.host import Host

made = fresh_made
empty = empty_host
PATH = "disclosure/01-brief/brief.md.json"
Record = dict[str, Any]


def _put(*place: str | int, value: object) -> Callable[[Record], None]:
    """Put a value at a place."""

    def change(record: Any) -> None:  # noqa: ANN401 - JSON
        *way, last = place
        for step in way:
            record = record[step]
        record[last] = value

    return change


def _without(name: str) -> Callable[[Record], None]:
    return lambda record: record.pop(name)


SHAPES: dict[str, Callable[[Record], None]] = {
    "another format": _put("format", value="vm-disclosure/2"),
    "no statement": _without("statement"),
    "a key of no shape": _put("certified_by", value="ceo"),
    "a key of no shape further down": _put("authors", 0, "certified_by", value="ceo"),
    "no authors": _put("authors", value=[]),
    "a kind of author that there is not": _put("authors", 0, "kind", value="angel"),
    "an author's number that is text": _put("authors", 0, "id", value="1"),
    "an author's number that is none": _put("authors", 0, "id", value=2),
    "a term of another vocabulary": _put("digital_source_type", value="http://example.org/human"),
    "a unit that there is not": _put("unit", value="page"),
    "parts that do not begin at 1": _put("parts", 0, "from", value=2),
    "parts that end before they begin": _put("parts", 0, "to", value=0),
    "a part by nobody": _put("parts", 0, "authors", value=[]),
    "a part by somebody who is not there": _put("parts", 0, "authors", value=[2]),
    "fewer than none taken out": _put("removed", value=-1),
    "yes for true": _put("complete", value="yes"),
    "an approval that is text": _put("approvals", 0, value="ceo"),
    "another assertion": _put("assertions", 0, "label", value="c2pa.other"),
    "no evidence": _put("evidence", value=[]),
}
CLAIMS: dict[str, tuple[Callable[[Record], None], str]] = {
    "another run": (_put("run_id", value="r-other"), "its run_id is another"),
    "another stage": (_put("stage_key", value="plan"), "its stage_key is another"),
    "another manifest": (_put("manifest_sha256", value="0" * 64), "its manifest_sha256 is another"),
    "another file": (_put("path", value="artifacts/plan.md"), "its path is another"),
    "another type": (_put("media_type", value="text/plain"), "its media_type is another"),
    "another digest": (_put("sha256", value="0" * 64), "its sha256 is another"),
    "an event that is not there": (_put("evidence", 0, "event_id", value="evt-x"), "an event that is not proven"),
    "another event": (_put("evidence", 0, "event_type", value="StageFailed"), "an event that is not proven"),
    "another event's digest": (_put("evidence", 0, "sha256", value="0" * 64), "an event that is not proven"),
    "an author of no event": (_put("authors", 0, "event_id", value="evt-x"), "an author by an event that it does not"),
    "another approver": (_put("approvals", 0, "actor_id", value="ceo"), "an approval that the log has not"),
    "an approval of another day": (
        _put("approvals", 0, "at", value="2020-01-01T00:00:00Z"),
        "an approval that the log",
    ),
    "an approval of other bytes": (_put("approvals", 0, "manifest_sha256", value="0" * 64), "an approval that the log"),
    "a rule that was waived": (_put("approvals", 0, "waived", value=["rule-1"]), "an approval that the log has not"),
}
NONE: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"garbage",
    "no text": b"\xff\xfe",
    "another value": b"[]",
    "too deep": b"[" * 200_000 + b"]" * 200_000,
    "half a character": b'{"format": "\\ud800"}',
    "a number that is too long": b"1" * 10_000,
}


def altered(made: Made, change: Callable[[Record], None]) -> bytes:
    """The bundle with one disclosure changed, everything signed anew: only what it says is wrong."""
    record = document(made.content, PATH)
    change(record)
    return resigned(made, {PATH: to_json(record)})


@pytest.mark.parametrize("content", NONE.values(), ids=NONE.keys())
def test_what_is_no_disclosure_is_named_and_nothing_is_written(made: Made, empty: Host, content: bytes) -> None:
    """By `verify` and by an import alike."""
    bundle = resigned(made, {PATH: content})
    (problem,) = verify_bundle(bundle, [FORGER.verifier]).problems
    assert problem.startswith(f"data/{PATH} is no disclosure: ")
    with pytest.raises(BadBundle, match="is no disclosure"):
        import_bundle(empty.commands, empty.workspace, bundle, place=Place(), by=OWNER)
    with empty.database.read() as connection:
        assert event_store.last_position(connection) == 0
    assert not empty.workspace.run_dir(made.run_id).exists()


@pytest.mark.parametrize("change", SHAPES.values(), ids=SHAPES.keys())
def test_another_shape_is_named(made: Made, change: Callable[[Record], None]) -> None:
    """With its place, or with what does not fit."""
    (problem,) = verify_bundle(altered(made, change)).problems
    assert problem.startswith(f"data/{PATH} is no disclosure: ")


@pytest.mark.parametrize(("change", "said"), CLAIMS.values(), ids=CLAIMS.keys())
def test_it_says_nothing_that_manifest_and_log_do_not(made: Made, change: Callable[[Record], None], said: str) -> None:
    """However well it is formed and signed."""
    (problem,) = verify_bundle(altered(made, change)).problems
    assert problem.startswith(f"data/{PATH} ")
    assert said in problem


@pytest.mark.parametrize("name", [PATH, "disclosure/01-brief/brief.md.md"])
def test_one_that_is_missing_is_named(made: Made, name: str) -> None:
    """For programs, and for people."""
    assert verify_bundle(resigned(made, {name: None})).problems == [f"data/{name} is missing."]


def test_one_of_nothing_is_named(made: Made) -> None:
    """A file among them that speaks of no deliverable."""
    (problem,) = verify_bundle(resigned(made, {"disclosure/01-brief/other.md.json": b"{}"})).problems
    assert "speaks of no deliverable" in problem


def test_every_disclosure_that_is_made_has_the_shape(made: Made) -> None:
    """As it was written."""
    record = document(made.content, PATH)
    assert read_disclosure(to_json(record)) == record
    with pytest.raises(BadDisclosure, match="at 'authors/0/kind'"):
        read_disclosure(json.dumps({**record, "authors": [{**record["authors"][0], "kind": 1}]}).encode())


def test_what_an_earlier_release_took_in_is_named(made: Made, empty: Host) -> None:
    """The bundle beside the run is the one of then: a plain answer, no defect of the program."""
    bundle = resigned(made, {PATH: b"garbage"})
    import_bundle(empty.commands, empty.workspace, made.content, place=Place(), by=OWNER)
    with empty.database.writer.begin() as connection:
        row = connection.exec_driver_sql("SELECT imported_json FROM runs_view").scalar_one()
        imported = json.dumps({**json.loads(row), "bundle_sha256": sha256(bundle).hexdigest()})
        connection.exec_driver_sql("UPDATE runs_view SET imported_json = ?", (imported,))
    (empty.workspace.run_dir(made.run_id) / "bundle.zip").write_bytes(bundle)
    with empty.database.read() as connection, pytest.raises(IntegrityError, match="it is no disclosure"):
        disclosures_of(connection, empty.workspace, made.run_id)
    with pytest.raises(DoesNotHold):
        exported(empty, made.run_id)
