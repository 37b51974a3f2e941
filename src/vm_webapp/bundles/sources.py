"""What goes into a bundle, read from the log, the views and the run's folder, each file held against its digest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection

from vm_webapp import artifacts, event_store, repo
from vm_webapp.bundles.bundle import ORIGIN
from vm_webapp.bundles.openings import read_keys
from vm_webapp.disclosure import Record, disclose_run
from vm_webapp.domain.states import SETTLED
from vm_webapp.errors import Conflict
from vm_webapp.events import RecordedEvent
from vm_webapp.log_tree.keys import KeyProblem, verifier_keys, verifiers_path
from vm_webapp.log_tree.proofs import NotSignedYet, find_event, inclusion, list_run_events
from vm_webapp.log_tree.store import Signed, find_covering, index_of
from vm_webapp.models import utc_text
from vm_webapp.proof.notes import SigningKey, read_checkpoint, sign_checkpoint, signers_of
from vm_webapp.records import run_record
from vm_webapp.run_files import RunFiles
from vm_webapp.workspace import Workspace, stage_folder

_RECOVERED: Final = "RunRecovered"
_LINEAGE: Final = ("run_id", "number", "forked_from", "changes", "feedback", "requested_by", "created_at", "mode")


class RunIsOpen(Conflict):
    """The run {run_id!r} is {status}; a bundle is made of a settled run."""

    code = "run_open"
    remedy = "Wait until it is settled, or cancel it."


class IsRecovered(Conflict):
    """The run {run_id!r} was recovered from its files, so that no log proves who asked for it and who approved it."""

    code = "run_recovered"
    remedy = (
        "Export it from a backup of the lost log, hand its files on without a proof, or fork it and export the fork."
    )


class NoKey(Conflict):
    """The key of the log is not at hand, and a bundle of the run {run_id!r} that nobody signs would prove nothing."""

    code = "no_key"
    remedy = "Export it as whoever owns the workspace, from the server that has it open, or supply VM_LOG_KEY."


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedStage:
    """A published stage: `place` is its folder in the bundle, `made_by` and `kind` who wrote it (docs/bundles.md)."""

    key: str
    title: str
    position: int
    needs: Sequence[str]
    folder: str
    manifest: Mapping[str, Any]
    files: Mapping[str, bytes]
    disclosures: Sequence[Record]

    @property
    def place(self) -> str:
        """The stage's folder below data/."""
        return f"run/{self.folder}"

    @property
    def made_by(self) -> str:
        """Who wrote it last."""
        return str(self._authors[-1]["name"]) if self._authors else str(self.manifest["writer"])

    @property
    def kind(self) -> str:
        """Whether that is a model, a program or a person."""
        return str(self._authors[-1]["kind"]) if self._authors else "program"

    @property
    def approvals(self) -> Sequence[Mapping[str, Any]]:
        """Who approved it, as far as that is known."""
        return (self.disclosures[0]["approvals"] if self.disclosures else None) or ()

    @property
    def _authors(self) -> Sequence[Mapping[str, Any]]:
        return self.disclosures[0]["authors"] if self.disclosures else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """A settled run: its record, plan, published stages, ancestors, and the proof of its events (vm-proof/1).

    `keys` open the texts of its own events, and of the request for it.
    """

    run: Mapping[str, Any]
    settled_at: str
    plan: Mapping[str, Any]
    thread_title: str
    published: Sequence[PublishedStage]
    lineage: Sequence[Mapping[str, Any]]
    proof: Mapping[str, Any]
    keys: Mapping[str, bytes]


def read_sources(connection: Connection, workspace: Workspace, run_id: str, *, key: SigningKey) -> Sources:
    """What is in the bundle of a run that was made here, under a checkpoint that the key has signed.

    Raises NotFound, Erased, RunIsOpen, IsRecovered, NotSignedYet where no signed checkpoint covers the run,
    IntegrityError for a file that is not what was published.
    """
    row = repo.get_kept_run(connection, run_id)
    if row["status"] not in SETTLED:
        raise RunIsOpen(run_id=run_id, status=row["status"].replace("_", " "))
    events = event_store.load_stream(connection, f"run:{run_id}")
    if any(event.event_type == _RECOVERED for event in events):
        raise IsRecovered(run_id=run_id)
    disclosures = disclose_run(connection, workspace, run_id)
    queued, request = events[0].payload, _request(connection, row)
    told = [*events, *([request] if request else [])]
    return Sources(
        run=run_record(row),
        settled_at=utc_text(row["settled_at"]),
        plan=queued["plan"],
        thread_title=str(queued["facts"].get("thread", {}).get("title") or row["thread_id"]),
        published=_published(connection, workspace, row, disclosures),
        lineage=[_ancestor(one) for one in repo.list_ancestors(connection, run_id)],
        proof=_proof(connection, workspace, row, request=request, disclosures=disclosures, key=key),
        keys=read_keys(connection, [event.event_id for event in told]),
    )


def read_origin(connection: Connection, workspace: Workspace, row: Mapping[str, Any]) -> bytes:
    """The bundle that a run was brought in by, as it was."""
    return RunFiles(connection, workspace, row["run_id"]).read(ORIGIN, sha256=row["imported"]["bundle_sha256"])


def _published(
    connection: Connection, workspace: Workspace, row: Mapping[str, Any], disclosures: Sequence[Record]
) -> list[PublishedStage]:
    files = RunFiles(connection, workspace, row["run_id"])
    found: list[PublishedStage] = []
    for stage in row["stages"].values():
        if not stage["manifest_sha256"]:
            continue
        folder = stage_folder(stage["position"], stage["stage_key"])
        path = f"{folder}/{artifacts.MANIFEST}"
        content = files.read(path, sha256=stage["manifest_sha256"])
        manifest = files.manifest(folder, sha256=stage["manifest_sha256"])
        listed = {item["path"]: files.listed(folder, item) for item in artifacts.listed(manifest)}
        found.append(
            PublishedStage(
                key=stage["stage_key"],
                title=stage["title"],
                position=stage["position"],
                needs=stage["needs"],
                folder=folder,
                manifest=manifest,
                files={**listed, artifacts.MANIFEST: content},
                disclosures=[one for one in disclosures if one["stage_key"] == stage["stage_key"]],
            )
        )
    return found


def _ancestor(row: Mapping[str, Any]) -> Record:
    return {name: utc_text(row[name]) if name == "created_at" else row[name] for name in _LINEAGE}


def _proof(
    connection: Connection,
    workspace: Workspace,
    row: Mapping[str, Any],
    *,
    request: RecordedEvent | None,
    disclosures: Sequence[Record],
    key: SigningKey,
) -> Mapping[str, Any]:
    """The run's events, the request that led to it, and what its disclosures rest on, under the first checkpoint."""
    rows = {one["event_id"]: one for one in list_run_events(connection, row["run_id"])}
    wanted = [evidence["event_id"] for one in disclosures for evidence in one["evidence"]]
    for event_id in dict.fromkeys([*([request.event_id] if request else []), *wanted]):
        if event_id not in rows:
            rows[event_id] = find_event(connection, event_id)
    ordered = sorted(rows.values(), key=lambda one: int(one["global_position"]))
    signed = find_covering(connection, index_of(connection, ordered[-1]["global_position"]))
    if signed is None:
        raise NotSignedYet(subject=f"The run {row['run_id']}", of="")
    return inclusion(connection, ordered, signed=_under(key, signed, workspace), keys=[key.verifier])


def _under(key: SigningKey, signed: Signed, workspace: Workspace) -> Signed:
    """The checkpoint under the key: where an older key of this log signed it, the same tree signed anew."""
    if signers_of(signed.note, [key.verifier]):
        return signed
    if not signers_of(signed.note, verifier_keys(workspace)):
        raise KeyProblem(
            path=verifiers_path(workspace),
            problem=f"no key in it signed the log's checkpoint at {signed.size}",
            advice="Put back the copy that was published.",
        )
    tree = read_checkpoint(signed.note)
    return replace(signed, note=sign_checkpoint(key, size=tree.size, root=tree.root))


def _request(connection: Connection, row: Mapping[str, Any]) -> RecordedEvent | None:
    """The event in the run's thread that asked for it; it stands right before the run was put in line."""
    position = row["requested_position"]
    after = 0
    while events := event_store.read_after(
        connection, after, thread_id=row["thread_id"], types=["WorkflowRunRequested"]
    ):
        for event in events:
            if event.payload["run_id"] == row["run_id"]:
                return event
            if event.global_position > position:
                return None
        after = events[-1].global_position
    return None
