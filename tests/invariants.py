"""What must hold in a workspace whatever happened to it: said once, used by every test that breaks something.

`violations` looks at the log, the files, the views and what witnesses outside the workspace wrote down, and returns a
sentence for everything that does not hold; an empty list is the proof.
"""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, select

from vm_webapp import artifacts, event_store, pending_files, projections, repo
from vm_webapp.domain.run_events import RUN_EVENTS
from vm_webapp.domain.runs import Run, evolve_run
from vm_webapp.domain.states import SETTLED, RunStatus, StageStatus
from vm_webapp.events import RecordedEvent
from vm_webapp.host import Host
from vm_webapp.models import VIEWS
from vm_webapp.records import run_record

from invariants_people import people_violations

Views: TypeAlias = dict[str, list[tuple[Any, ...]]]
_CLASSES: Final = {event.__name__: event for event in RUN_EVENTS}
_SETTLING: Final = {"WorkflowRunCompleted", "WorkflowRunFailed", "WorkflowRunCanceled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Two files outside the workspace, a JSON value a line: each call of the writer, each acknowledged effect."""

    calls: Path
    acknowledged: Path


@dataclass(frozen=True, slots=True)
class Scene:
    """What the checks look at: the host, the whole log, and the events of each run."""

    host: Host
    log: list[RecordedEvent]
    runs: Mapping[str, list[RecordedEvent]]
    witness: Witness | None


Check: TypeAlias = Callable[[Scene], Iterator[str]]


def violations(host: Host, witness: Witness | None = None) -> list[str]:
    """Everything that does not hold in the workspace of a host that has nothing left to do."""
    host.erasures.wait(30)
    pending_files.confirm(host.database, host.workspace)
    with host.database.read() as connection:
        log = event_store.read_after(connection, 0, limit=1_000_000)
    runs: dict[str, list[RecordedEvent]] = defaultdict(list)
    for event in log:
        if event.aggregate_type == "run":
            runs[event.aggregate_id].append(event)
    scene = Scene(host, log, runs, witness)
    return [sentence for check in _CHECKS for sentence in check(scene)]


def read_views(connection: Connection) -> Views:
    """Every row of every view, in the order of the keys."""
    return {view.__tablename__: [tuple(row) for row in connection.execute(_ordered(view))] for view in VIEWS}


def lines(path: Path) -> list[Any]:
    """The JSON values of a witness; a last line that a kill cut off was never acknowledged."""
    if not path.is_file():
        return []
    *whole, _cut = path.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in whole]


def stream_violations(events: list[RecordedEvent]) -> Iterator[str]:
    """What does not hold in the log itself: positions, stream versions, ids."""
    positions = [event.global_position for event in events]
    if positions != sorted(set(positions)):
        yield "global positions are not unique and growing"
    for event_id, count in Counter(event.event_id for event in events).items():
        if count > 1:
            yield f"the event {event_id} is there {count} times"
    streams: dict[str, list[int]] = defaultdict(list)
    for event in events:
        streams[event.stream_id].append(event.stream_version)
    for stream_id, versions in streams.items():
        if versions != list(range(1, len(versions) + 1)):
            yield f"{stream_id} has the versions {versions}"


def history_violations(run_id: str, events: list[tuple[str, Mapping[str, Any]]]) -> Iterator[str]:
    """What does not hold in the history of one run, given as event types and payloads in order."""
    attempts: dict[str, list[int]] = defaultdict(list)
    active: set[str] = set()
    completed: Counter[str] = Counter()
    settled = False
    for event_type, payload in events:
        key = payload.get("stage_key") or ""
        if settled:
            yield f"{run_id}: {event_type} after it had settled"
        if event_type == "StageStarted":
            if key in active:
                yield f"{run_id}: two active attempts of {key}"
            active.add(key)
            attempts[key].append(payload["attempt"])
        elif event_type in {"StageCompleted", "StageFailed"}:
            if key not in active or payload["attempt"] != attempts[key][-1]:
                yield f"{run_id}: {event_type} of {key} belongs to no active attempt"
            active.discard(key)
            completed[key] += event_type == "StageCompleted"
        settled = settled or event_type in _SETTLING
    yield from _summed_up(run_id, attempts, completed, left=active if settled else set())


def _summed_up(
    run_id: str, attempts: Mapping[str, list[int]], completed: Mapping[str, int], *, left: set[str]
) -> Iterator[str]:
    yield from (f"{run_id}: {key} was completed {count} times" for key, count in completed.items() if count > 1)
    for key, numbers in attempts.items():
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"{run_id}: {key} has the attempts {numbers}"
    if left:
        yield f"{run_id}: settled while {sorted(left)} were active"


def _ordered(view: Any) -> Any:  # noqa: ANN401 - a mapped class, a select
    return select(view.__table__).order_by(*view.__table__.primary_key.columns)


def _streams(scene: Scene) -> Iterator[str]:
    yield from stream_violations(scene.log)


def _histories(scene: Scene) -> Iterator[str]:
    for run_id, events in scene.runs.items():
        yield from history_violations(run_id, [(event.event_type, event.payload) for event in events])
        status = _fold(events).status
        if status not in SETTLED and status is not RunStatus.WAITING_APPROVAL:
            yield f"{run_id}: neither settled nor waiting, but {status.value}"


def _requests(scene: Scene) -> Iterator[str]:
    queued = Counter(event.payload["run_id"] for event in scene.log if event.event_type == "WorkflowRunQueued")
    asked = Counter(event.payload["run_id"] for event in scene.log if event.event_type == "WorkflowRunRequested")
    with scene.host.database.read() as connection:
        buried = {row.event_id for row in event_store.list_dead_letters(connection)}
    for run_id, count in (queued + asked).items():
        if queued[run_id] > 1 or asked[run_id] > 1:
            yield f"{run_id}: requested {asked[run_id]} times, in line {queued[run_id]} times ({count})"
    for event in scene.log:
        if event.event_type != "WorkflowRunRequested" or event.event_id in buried:
            continue
        if not queued[event.payload["run_id"]]:
            yield f"{event.event_id}: no run and no dead letter came of it"


def _stage_files(scene: Scene) -> Iterator[str]:
    erased = _erased(scene)
    for run_id, events in scene.runs.items():
        if run_id in erased:
            continue
        plan = _fold(events).resolved
        published: dict[str, str] = {}
        for event in events:
            if event.event_type == "StageCompleted":
                published[event.payload["stage_key"]] = event.payload["manifest_sha256"]
        for position, stage in enumerate(plan.stages, start=1):
            folder = scene.host.workspace.stage_dir(run_id, position, stage.key)
            if stage.key in published:
                yield from artifacts.verify_stage(folder, sha256=published[stage.key])
                yield from _listed(folder, [event for event in events if event.payload.get("stage_key") == stage.key])
            elif (folder / artifacts.MANIFEST).exists():
                yield f"{folder} has a manifest that no event speaks of"


def _listed(folder: Path, events: list[RecordedEvent]) -> Iterator[str]:
    published = [
        (event.payload["path"], event.payload["sha256"], event.payload["size"])
        for event in events
        if event.event_type == "ArtifactPublished"
    ]
    items = artifacts.read_manifest(folder)["artifacts"]
    if published != [(item["path"], item["sha256"], item["size"]) for item in items]:
        yield f"{folder}: its manifest lists other artifacts than the log"


def _left_behind(root: Path) -> list[Path]:
    """Files under temporary names that stay; what the host is writing just now is gone in a moment."""
    patience = time.monotonic() + 5
    while (found := list(root.rglob("*.tmp"))) and time.monotonic() < patience:
        time.sleep(0.02)
    return found


def _folders(scene: Scene) -> Iterator[str]:
    workspace = scene.host.workspace
    yield from (f"{path} was left behind" for path in _left_behind(workspace.root))
    if workspace.runs.is_dir():
        yield from (f"{path} belongs to no run" for path in workspace.runs.iterdir() if path.name not in scene.runs)


def _run_json(scene: Scene) -> Iterator[str]:
    with scene.host.database.read() as connection:
        for run_id, events in scene.runs.items():
            if not _fold(events).settled or run_id in _erased(scene):
                continue
            path = scene.host.workspace.run_dir(run_id) / "run.json"
            expected = artifacts.to_json(run_record(repo.get_run(connection, run_id)))
            if not path.is_file() or path.read_bytes() != expected:
                yield f"{path} is not what the log says of the run"


def _erasures(scene: Scene) -> Iterator[str]:
    """Of what was erased there are neither keys nor files."""
    for run_id in _erased(scene):
        if scene.host.workspace.run_dir(run_id).exists():
            yield f"{run_id}: erased, and its files are there"
    named = {
        event_id for event in scene.log if event.event_type == "ContentErased" for event_id in event.payload["events"]
    }
    with scene.host.database.read() as connection:
        keys = set(connection.exec_driver_sql("SELECT event_id FROM event_keys").scalars())
    yield from (f"{event_id}: erased, and its key is there" for event_id in named & keys)
    yield from (
        f"{event.event_id}: unreadable, and not erased"
        for event in scene.log
        if event.erased and event.event_id not in named
    )


def _erased(scene: Scene) -> set[str]:
    return {run_id for event in scene.log if event.event_type == "ContentErased" for run_id in event.payload["runs"]}


def _pending(scene: Scene) -> Iterator[str]:
    if count := pending_files.count_pending(scene.host.database):
        yield f"{count} files are still pending"


def _rebuild(scene: Scene) -> Iterator[str]:
    with scene.host.database.read() as connection:
        before = read_views(connection)
    scene.host.database.write(projections.rebuild)
    with scene.host.database.read() as connection:
        after = read_views(connection)
    for name in before:
        if before[name] != after[name]:
            yield f"{name} differs after a rebuild"


def _calls(scene: Scene) -> Iterator[str]:
    """An attempt reaches the writer once at the most, and once more where it is told of a breach.

    The last call of a finished stage is that of its attempt; what is carried over or edited was never written.
    """
    if scene.witness is None:
        return
    calls = [tuple(call) for call in lines(scene.witness.calls)]
    yield from (
        f"the writer was called {count} times for {call}" for call, count in Counter(calls).items() if count > 1
    )
    last = {(run_id, key): attempt for run_id, key, attempt, *_ in calls}
    for run_id, events in scene.runs.items():
        run = _fold(events)
        for event in events:
            if event.event_type != "StageCompleted":
                continue
            key = event.payload["stage_key"]
            attempt = None if key in (*run.carried, *run.edits) else event.payload["attempt"]
            if last.get((run_id, key)) != attempt:
                yield f"{run_id}: {key} was completed at attempt {attempt}, last written at {last.get((run_id, key))}"


def _acknowledged(scene: Scene) -> Iterator[str]:
    """Whatever was answered is there: events by id, requests by run, settled runs with the status that was told."""
    if scene.witness is None:
        return
    ids = {event.event_id for event in scene.log}
    for told in lines(scene.witness.acknowledged):
        if told["kind"] == "event" and told["id"] not in ids:
            yield f"the acknowledged event {told['id']} is gone"
        elif told["kind"] == "run" and told["id"] not in scene.runs:
            yield f"the acknowledged run {told['id']} is gone"
        elif told["kind"] == "settled" and _fold(scene.runs.get(told["id"], [])).status != told["status"]:
            yield f"{told['id']} was told to be {told['status']} and is not"


def _settled_stages(scene: Scene) -> Iterator[str]:
    for run_id, events in scene.runs.items():
        run = _fold(events)
        if run.settled and (left := [*run.keys(StageStatus.RUNNING), *run.keys(StageStatus.PENDING)]):
            yield f"{run_id}: settled, yet {left} are not"


def _fold(events: list[RecordedEvent]) -> Run:
    run = Run()
    for event in events:
        run = evolve_run(run, _CLASSES[event.event_type](**event.payload))
    return run


def _people(scene: Scene) -> Iterator[str]:
    states = {run_id: _fold(events) for run_id, events in scene.runs.items()}
    yield from people_violations(scene.host, scene.log, scene.runs, states)


_CHECKS: Final[tuple[Check, ...]] = (
    _streams,
    _histories,
    _requests,
    _stage_files,
    _folders,
    _run_json,
    _erasures,
    _pending,
    _calls,
    _acknowledged,
    _settled_stages,
    _people,
    _rebuild,
)
