"""Whether a bundle holds: its bytes, its bag, its events and their chain, their place in the signed log, its statement.

Needs nothing but the bundle; whose log it is, only a key from elsewhere can tell. Every file is held against the log:
the checkpoint is signed, the events stand in its tree, StageCompleted names a manifest's digest, that the files'. What
is derived from these (run.json, the crate, disclosures) is held against the statement, which the key that signed the
checkpoint has to have signed, and against the events as far as they tell it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vm_webapp import artifacts
from vm_webapp.bundles import openings
from vm_webapp.bundles.bag import check_bag
from vm_webapp.bundles.bundle import (
    CHECKPOINT,
    DATA,
    KEYS,
    METADATA,
    OPENINGS,
    PROOF,
    RUN,
    STAGES,
    STATEMENT,
    BadBundle,
    fingerprint,
)
from vm_webapp.bundles.chain import check_events
from vm_webapp.bundles.disclosed import check_disclosures
from vm_webapp.bundles.statement import check_statement
from vm_webapp.bundles.told import check_told
from vm_webapp.bundles.zips import read_zip
from vm_webapp.domain.texts import check_id
from vm_webapp.errors import Invalid
from vm_webapp.proof.documents import Proof, read_document, verify_document
from vm_webapp.proof.notes import VerifierKey, signers_of
from vm_webapp.workspace import stage_folder

_MISSING = b""


@dataclass(slots=True)
class Checked:
    """What a bundle says, and what of it does not hold; nothing does where `problems` is empty.

    `pinned` says whether the key was named from outside; `payload` are the files below data/, `stages` the folders of
    published stages with their manifests, `events` the rows of the run's stream, `evidence` those of all events by id.
    """

    run_id: str = ""
    origin: str = ""
    key: str = ""
    fingerprint: str = ""
    pinned: bool = False
    checkpoint: str = ""
    size: int = 0
    files: int = 0
    total_bytes: int = 0
    proven: int = 0
    problems: list[str] = field(default_factory=list)
    payload: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    stages: dict[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    events: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    evidence: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)


def verify_bundle(content: bytes, keys: Sequence[VerifierKey] = ()) -> Checked:
    """What of a bundle holds; with `keys`, one of them has to have signed it. To be no bundle is a problem, too."""
    checked = Checked(pinned=bool(keys))
    try:
        _check(checked, content, keys)
    except BadBundle as error:
        checked.problems.insert(0, f"It is no bundle to believe: {error.facts['problem']}.")
    return checked


def _check(checked: Checked, content: bytes, keys: Sequence[VerifierKey]) -> None:
    files = read_zip(content)
    checked.run_id, inside = _unwrapped(files)
    checked.files, checked.total_bytes = len(inside), sum(map(len, inside.values()))
    checked.payload = {path.removeprefix(f"{DATA}/"): inside[path] for path in inside if path.startswith(f"{DATA}/")}
    for name in (PROOF, RUN, STATEMENT, METADATA):
        if name not in checked.payload:
            raise BadBundle(problem=f"data/{name} is missing")
    checked.problems += check_bag(inside, run_id=checked.run_id)
    signers = _check_log(checked, keys)
    checked.problems += _check_stages(checked)
    checked.problems += _check_derived(checked)
    listed = {path: content for path, content in checked.payload.items() if path != STATEMENT}
    checked.problems += check_statement(checked.payload[STATEMENT], listed, signers)


def _unwrapped(files: Mapping[str, bytes]) -> tuple[str, dict[str, bytes]]:
    """The run's id, which is the name of the one folder at the top, and what is in that."""
    tops = {path.partition("/")[0] for path in files}
    if len(tops) != 1:
        raise BadBundle(problem="it has not exactly one folder at the top")
    (top,) = tops
    try:
        run_id = check_id(top, "run_id")
    except Invalid as error:
        raise BadBundle(problem="the folder at the top is not called as a run") from error
    return run_id, {path.removeprefix(f"{top}/"): content for path, content in files.items()}


def _check_log(checked: Checked, keys: Sequence[VerifierKey]) -> Sequence[VerifierKey]:
    """The checkpoint and its signature, the events under it, their chain; the keys that signed the checkpoint."""
    try:
        proof = read_document(checked.payload[PROOF])
        checkpoint, problems = verify_document(proof, keys)
        signers = signers_of(proof.checkpoint, keys or [VerifierKey.parse(proof.key)])
    except (Invalid, ValueError) as error:
        checked.problems.append(f"data/{PROOF} proves nothing: {str(error).rstrip('.')}.")
        return ()
    checked.origin, checked.size, checked.checkpoint = checkpoint.origin, checkpoint.size, proof.checkpoint
    checked.key, checked.fingerprint = str(signers[0]), fingerprint(signers[0])
    checked.proven = len(proof.events)
    checked.problems += problems
    checked.problems += _check_copies(checked, proof)
    events = check_events(proof, checked.run_id, keys=_openings(checked))
    checked.events, checked.evidence = events.run, events.proven
    checked.problems += events.problems
    return signers


def _openings(checked: Checked) -> Mapping[str, bytes]:
    """The keys of the events' texts; none, and a problem, where they cannot be read."""
    try:
        return openings.parse(checked.payload.get(OPENINGS, _MISSING))
    except openings.BadOpenings as error:
        checked.problems.append(f"data/{OPENINGS} opens nothing: {error.facts['problem']}.")
        return {}


def _check_copies(checked: Checked, proof: Proof) -> Iterator[str]:
    """What stands beside the proof for other programs says the same as the proof."""
    if checked.payload.get(CHECKPOINT, _MISSING).decode("utf-8", "replace") != proof.checkpoint:
        yield f"data/{CHECKPOINT} is another checkpoint than that of the proof."
    if proof.key not in checked.payload.get(KEYS, _MISSING).decode("utf-8", "replace").splitlines():
        yield f"data/{KEYS} does not name the key of the proof."


def _check_stages(checked: Checked) -> Iterator[str]:
    """The files of each stage that the log says was published, and that there are no others."""
    known: set[str] = set()
    for key, folder, completed, published in _published(checked.events):
        place = f"run/{folder}"
        content = checked.payload.get(f"{place}/{artifacts.MANIFEST}", _MISSING)
        known.add(f"{place}/{artifacts.MANIFEST}")
        if artifacts.digest(content) != completed["manifest_sha256"]:
            yield f"data/{place}/{artifacts.MANIFEST} is missing or is not the one that the log names."
            continue
        manifest = _manifest(content)
        if manifest is None or (manifest.get("run_id"), manifest.get("stage_key")) != (checked.run_id, key):
            yield f"data/{place}/{artifacts.MANIFEST} is no manifest of this stage."
            continue
        checked.stages[folder] = manifest
        known |= {f"{place}/{item['path']}" for item in artifacts.listed(manifest)}
        yield from _check_files(checked, place, manifest, published)
    for path in sorted(checked.payload.keys() - known):
        if path.startswith(f"{STAGES}/"):
            yield f"data/{path} belongs to no stage that the log says was published."


def _check_files(
    checked: Checked, place: str, manifest: Mapping[str, Any], published: Mapping[str, str]
) -> Iterator[str]:
    """The files that a manifest lists, and that the log lists the same ones."""
    if {item["path"]: item["sha256"] for item in manifest["artifacts"]} != published:
        yield f"data/{place}/{artifacts.MANIFEST} and the log name different artifacts."
    for item in artifacts.listed(manifest):
        path = f"{place}/{item['path']}"
        if path not in checked.payload:
            yield f"data/{path} is missing."
        elif artifacts.digest(checked.payload[path]) != item["sha256"]:
            yield f"data/{path} is not what its manifest says: its SHA-256 is another."


def _published(
    events: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[str, str, Mapping[str, Any], Mapping[str, str]]]:
    """Key, folder, StageCompleted and artifacts (path -> digest) of each published stage; shapes are known to hold."""
    folders: dict[str, str] = {}
    completed: dict[str, Mapping[str, Any]] = {}
    published: dict[str, dict[str, str]] = {}
    for row in events:
        payload = row["facts"]
        if row["event_type"] == "WorkflowRunQueued":
            stages = payload["plan"]["stages"]
            folders = {stage["key"]: stage_folder(at, stage["key"]) for at, stage in enumerate(stages, start=1)}
        elif row["event_type"] == "StageCompleted":
            completed[payload["stage_key"]], published[payload["stage_key"]] = payload, {}
        elif row["event_type"] == "ArtifactPublished":
            published[payload["stage_key"]][payload["path"]] = payload["sha256"]
    for key, said in completed.items():
        yield key, folders[key], said, published[key]


def _manifest(content: bytes) -> dict[str, Any] | None:
    """The manifest, None where it has not the form of one, or names files that are none of a stage's."""
    try:
        found = json.loads(content)
        items = list(artifacts.listed(found))
        paths = [str(item["path"]) for item in items]
        artifacts.check_names(path.removeprefix(f"{artifacts.ARTIFACTS}/") for path in paths[2:])
        plain = paths[:2] == ["input.json", "output.json"] and all(
            path.startswith(f"{artifacts.ARTIFACTS}/") for path in paths[2:]
        )
        whole = all(isinstance(item["sha256"], str) and isinstance(item["size"], int) for item in items)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, Invalid):
        return None
    return found if plain and whole and isinstance(found, dict) else None


def _check_derived(checked: Checked) -> Iterator[str]:
    """What the log tells, too, is the same in the files that are derived from it."""
    try:
        json.loads(checked.payload[METADATA])
    except (ValueError, RecursionError):
        yield f"data/{METADATA} is not JSON."
    yield from check_told(checked.payload, checked.events)
    if checked.events:
        yield from check_disclosures(checked.payload, checked.stages, checked.evidence)
