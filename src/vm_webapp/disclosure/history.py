"""Who made a stage: the chain from it back to where its text began, through forks that carried or edited it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection

from vm_webapp import event_store
from vm_webapp.db import first_value
from vm_webapp.domain.recoveries import approvals_lost
from vm_webapp.errors import Erased, IntegrityError, NotFound
from vm_webapp.events import RecordedEvent
from vm_webapp.models import utc_text
from vm_webapp.run_files import RunFiles
from vm_webapp.workspace import Workspace, stage_folder

PROGRAM: Final = "offline"
_RECOVERED: Final = "RunRecovered"
_LONGEST: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote: a `model`, a `program` that knows no language, or a `person`; `at` is RFC 3339, UTC."""

    kind: str
    name: str
    at: str
    run_id: str
    event_id: str
    prompt: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A stage as one run made it; `files` are its artifacts' bytes by path, None where they cannot be read any more."""

    author: Author
    manifest: Mapping[str, Any]
    output: Mapping[str, Any]
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """How a stage came about, the newest version first; `whole` where its origin was found.

    `grants` are the approvals of these bytes, None where the log of the time is lost; `evidence` the events that all of
    this rests on. `recovered` where a version of it was brought back from its files alone.
    """

    versions: Sequence[Version]
    grants: Sequence[RecordedEvent] | None
    evidence: Sequence[RecordedEvent]
    whole: bool
    recovered: bool


@dataclass(slots=True)
class _Told:
    """What a run's stream says of one stage."""

    folder: str = ""
    recovered: RecordedEvent | None = None
    completed: RecordedEvent | None = None
    published: list[RecordedEvent] = field(default_factory=list)
    granted: list[RecordedEvent] = field(default_factory=list)

    @property
    def approvals_lost(self) -> bool:
        """Whether nobody knows who approved it; a run that was imported is none of these."""
        return self.recovered is not None and approvals_lost(self.recovered.payload["unknown"], imported=False)

    @property
    def evidence(self) -> list[RecordedEvent]:
        """The events that tell it, that of the publication first."""
        said = [self.completed, *self.published, *self.granted, self.recovered]
        return [event for event in said if event is not None]


class History:
    """Reads the streams and files of one workspace; each once."""

    def __init__(self, connection: Connection, workspace: Workspace) -> None:
        self._connection = connection
        self._workspace = workspace
        self._runs: dict[str, dict[str, _Told]] = {}

    def published(self, run_id: str) -> list[str]:
        """The keys of the run's published stages in plan order; NotFound or Erased where there is no such run."""
        if gone := self._erasure(run_id):
            raise Erased(kind="run", id=run_id, at=gone["at"], by=gone["by"])
        told = self._told(run_id)
        if not told:
            raise NotFound(kind="run", id=run_id)
        return [key for key, stage in told.items() if stage.completed]

    def chain(self, run_id: str, stage_key: str) -> Chain:
        """How it came about; NotFound where the run has not published it, IntegrityError where a file does not hold.

        An ancestor that is not here any more ends the chain, which is not whole then.
        """
        versions: list[Version] = []
        passed: list[_Told] = []
        whole = False
        bytes_of = 0
        place: tuple[str, str] | None = (run_id, stage_key)
        for _ in range(_LONGEST):
            told = self._told(place[0]).get(place[1]) if place else None
            if place is None or told is None or told.completed is None:
                break
            passed.append(told)
            carried = told.completed.payload["carried_from"]
            if carried and self._is_here(carried):
                place = (carried["run_id"], carried["stage_key"])
                continue
            version, place = self._version(place[0], told)
            versions.append(version)
            bytes_of = bytes_of or len(passed)
            if version.author.kind != "person" or place is None:
                whole = True
                break
        if not versions:
            raise NotFound(kind="published stage of this run", id=stage_key)
        return Chain(
            versions=versions,
            grants=_grants(passed[:bytes_of]),
            evidence=[event for told in passed for event in told.evidence],
            whole=whole,
            recovered=any(told.recovered for told in passed),
        )

    def _is_here(self, place: Mapping[str, str]) -> bool:
        told = self._told(place["run_id"]).get(place["stage_key"])
        return told is not None and told.completed is not None

    def _version(self, run_id: str, told: _Told) -> tuple[Version, tuple[str, str] | None]:
        """The version, and the place of what a person began with; None where that was nothing."""
        assert told.completed is not None  # noqa: S101 - the caller has looked
        files = RunFiles(self._connection, self._workspace, run_id)
        manifest = files.manifest(told.folder, sha256=told.completed.payload["manifest_sha256"])
        given, output = (_json(files.listed(told.folder, manifest[name])) for name in ("input", "output"))
        version = Version(
            author=_author(run_id, told.completed, manifest, given),
            manifest=manifest,
            output=output,
            files={item["path"]: files.listed(told.folder, item) for item in manifest["artifacts"]},
        )
        base = given.get("edited_from")
        return version, (base["run_id"], base["stage_key"]) if base else None

    def _told(self, run_id: str) -> dict[str, _Told]:
        """What the log says of the run's stages; nothing of one whose files were erased."""
        if run_id not in self._runs:
            events = event_store.load_stream(self._connection, f"run:{run_id}")
            self._runs[run_id] = {} if self._erasure(run_id) else _fold(events)
        return self._runs[run_id]

    def _erasure(self, run_id: str) -> Mapping[str, str] | None:
        """When the run was erased and by whom; None where it was not."""
        found = first_value(self._connection, "SELECT erased_json FROM runs_view WHERE run_id = ?", (run_id,))
        return json.loads(found) if found else None


def _grants(passed: Sequence[_Told]) -> list[RecordedEvent] | None:
    """The approvals of the same bytes; None where those of one of these runs are lost."""
    if any(told.approvals_lost for told in passed):
        return None
    return [event for told in passed for event in told.granted]


def _fold(events: Sequence[RecordedEvent]) -> dict[str, _Told]:
    recovered = next((event for event in events if event.event_type == _RECOVERED), None)
    found: dict[str, _Told] = {}
    for event in events:
        if event.event_type == "WorkflowRunQueued":
            stages = event.payload["plan"]["stages"]
            places = {stage["key"]: stage_folder(at, stage["key"]) for at, stage in enumerate(stages, start=1)}
            found = {key: _Told(folder, recovered) for key, folder in places.items()}
        stage = found.get(event.payload.get("stage_key") or "")
        if stage is None:
            continue
        if event.event_type == "StageCompleted":
            stage.completed, stage.published = event, []
        elif event.event_type == "ArtifactPublished":
            stage.published.append(event)
        elif event.event_type == "ApprovalGranted":
            stage.granted.append(event)
    return found


def _author(run_id: str, completed: RecordedEvent, manifest: Mapping[str, Any], given: Mapping[str, Any]) -> Author:
    """Whoever writes and is not the offline writer counts as a model: what is not known to be none is told as one."""
    name = str(manifest.get("edited_by") or given.get("writer") or manifest.get("writer") or "")
    kind = "program" if name == PROGRAM else "model"
    if "edited_by" in manifest or "edited_from" in given:
        kind = "person"
    at = str(manifest.get("finished_at") or utc_text(completed.occurred_at))
    prompt = manifest.get("prompt")
    return Author(kind=kind, name=name, at=at, run_id=run_id, event_id=completed.event_id, prompt=prompt)


def _json(content: bytes) -> dict[str, Any]:
    found = json.loads(content)
    if not isinstance(found, dict):
        raise IntegrityError(path="a published file", problem="it is not a JSON object")
    return found
