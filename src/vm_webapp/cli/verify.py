"""Whether every published file is what the log says it is.

The log is what is believed: StageCompleted names the digest of a stage's manifest, the manifest those of its files, and
ArtifactPublished those of the artifacts once more. Only reads, and takes the log before the files, so that it may work
beside a process that writes: files that are there before their event are work in hand, not a problem.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from vm_webapp import artifacts, event_store, repo
from vm_webapp.cli.opening import Records
from vm_webapp.errors import IntegrityError, NotFound
from vm_webapp.events import RecordedEvent
from vm_webapp.records import run_record
from vm_webapp.workspace import stage_folder

_BATCH = 2_000
_SETTLED = ("WorkflowRunCompleted", "WorkflowRunFailed", "WorkflowRunCanceled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that does not hold; `run_id` and `stage_key` are None where none is concerned."""

    text: str
    run_id: str | None = None
    stage_key: str | None = None


@dataclass(slots=True)
class Report:
    """What was checked, what does not hold, and what is only worth knowing."""

    runs: int = 0
    stages: int = 0
    files: int = 0
    bytes: int = 0
    problems: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class _Published:
    """A stage as the log has it."""

    stage_key: str
    manifest_sha256: str
    artifacts: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class _Logged:
    """A run as the log has it; `folders` are those of its plan's stages by key, relative to the run's."""

    run_id: str
    folders: Mapping[str, str]
    settled: bool = False
    published: dict[str, _Published] = field(default_factory=dict)
    copies: dict[str, bytes] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)


def verify_all(records: Records, *, progress: Callable[[int], None] = lambda _: None) -> Report:
    """Check the database, every run, and that nothing lies beside them."""
    report = Report()
    with records.database.read() as connection:
        report.problems += _check_database(connection)
        run_ids = _run_ids(connection)
    for done, run_id in enumerate(run_ids, start=1):
        _verify(records, run_id, report)
        progress(done)
    report.problems += _strangers(records, set(run_ids))
    return report


def verify_run(records: Records, run_id: str) -> Report:
    """Check one run; NotFound where the log does not know it."""
    report = Report()
    _verify(records, run_id, report)
    return report


def _check_database(connection: Connection) -> Iterator[Finding]:
    """The database's own check (PRAGMA quick_check), and that no event is missing in the middle of a stream."""
    for (said,) in connection.exec_driver_sql("PRAGMA quick_check(20)"):
        if said != "ok":
            yield Finding(text=f"The database is damaged: {said}.")
    gaps = "SELECT stream_id FROM events GROUP BY stream_id HAVING count(*) <> max(stream_version) LIMIT 20"
    for (stream_id,) in connection.exec_driver_sql(gaps):
        yield Finding(text=f"Events are missing in the stream {stream_id}.")


def _run_ids(connection: Connection) -> list[str]:
    found: list[str] = []
    position = 0
    while events := event_store.read_after(connection, position, limit=_BATCH, types=["WorkflowRunQueued"]):
        found += [str(event.run_id or event.payload["run_id"]) for event in events]
        position = events[-1].global_position
    return found


def _verify(records: Records, run_id: str, report: Report) -> None:
    with records.database.read() as connection:
        logged = _logged(connection, run_id)
    run_dir = records.workspace.run_dir(run_id)
    report.runs += 1
    for stage in logged.published.values():
        for text in _verify_stage(logged, stage, run_dir, report):
            report.problems.append(Finding(run_id=run_id, stage_key=stage.stage_key, text=text))
    if logged.settled:
        report.problems += [Finding(run_id=run_id, text=text) for text in _verify_run_json(logged, run_dir)]
    _look_around(logged, run_dir, report)


def _logged(connection: Connection, run_id: str) -> _Logged:
    events = event_store.load_stream(connection, f"run:{run_id}")
    queued = next((event for event in events if event.event_type == "WorkflowRunQueued"), None)
    if queued is None:
        raise NotFound(kind="run", id=run_id)
    stages = queued.payload["plan"]["stages"]
    logged = _Logged(run_id, {stage["key"]: stage_folder(at, stage["key"]) for at, stage in enumerate(stages, start=1)})
    for event in events:
        _fold(logged, event)
    logged.copies = _copies(connection, run_id)
    if logged.settled:
        logged.record = run_record(repo.get_run(connection, run_id))
    return logged


def _copies(connection: Connection, run_id: str) -> dict[str, bytes]:
    """The durable copies of the run's files that are still in the database, by path; the newest of each."""
    query = "SELECT paths_json, content FROM pending_files WHERE run_id = ? ORDER BY pending_id"
    found: dict[str, bytes] = {}
    for paths, content in connection.exec_driver_sql(query, (run_id,)):
        start = 0
        for path, size in json.loads(paths):
            found[path] = bytes(content[start : start + size])
            start += size
    return found


def _fold(logged: _Logged, event: RecordedEvent) -> None:
    payload = event.payload
    if event.event_type == "StageCompleted":
        logged.published[payload["stage_key"]] = _Published(payload["stage_key"], payload["manifest_sha256"])
    elif event.event_type == "ArtifactPublished":
        logged.published[payload["stage_key"]].artifacts.append(payload)
    elif event.event_type in _SETTLED:
        logged.settled = True


def _verify_stage(logged: _Logged, stage: _Published, run_dir: Path, report: Report) -> list[str]:
    """The problems of a published stage; one whose durable copies are all still in the database has none."""
    report.stages += 1
    folder = run_dir / logged.folders[stage.stage_key]
    problems = artifacts.verify_stage(folder, sha256=stage.manifest_sha256)
    try:
        manifest = artifacts.read_manifest(folder, sha256=stage.manifest_sha256)
    except IntegrityError:
        listed = stage.artifacts
        problems += _verify_listed(folder, listed)
    else:
        listed = list(artifacts.listed(manifest))
        problems += _compare(folder, manifest, stage)
    report.files += len(listed) + 1
    report.bytes += sum(int(item["size"]) for item in listed)
    if problems and _is_kept(logged, stage):
        text = "Files are not on the disk as published, but their durable copies are: the next start writes them again."
        report.notes.append(Finding(run_id=logged.run_id, stage_key=stage.stage_key, text=text))
        return []
    return problems


def _verify_listed(folder: Path, items: list[Mapping[str, Any]]) -> Iterator[str]:
    """What does not hold of the files that the log names, where the manifest cannot be believed."""
    for item in items:
        try:
            artifacts.read_listed(folder, item)
        except IntegrityError as error:
            yield str(error).replace("in the manifest", "in the log")


def _compare(folder: Path, manifest: Mapping[str, Any], stage: _Published) -> Iterator[str]:
    """Where the manifest and the log's ArtifactPublished say different things."""
    said = {item["path"]: item["sha256"] for item in manifest["artifacts"]}
    logged = {item["path"]: item["sha256"] for item in stage.artifacts}
    for path in sorted(said.keys() | logged.keys()):
        if said.get(path) != logged.get(path):
            yield f"{folder / path} is not what was published: manifest and log name different digests."


def _is_kept(logged: _Logged, stage: _Published) -> bool:
    """Whether the stage's durable copies are in the database, whole."""
    folder = logged.folders[stage.stage_key]
    content = logged.copies.get(f"{folder}/{artifacts.MANIFEST}", b"")
    if artifacts.digest(content) != stage.manifest_sha256:
        return False
    items = artifacts.listed(json.loads(content))
    return all(artifacts.digest(logged.copies.get(f"{folder}/{item['path']}", b"")) == item["sha256"] for item in items)


def _verify_run_json(logged: _Logged, run_dir: Path) -> Iterator[str]:
    """run.json is derived: it may lack what a later version of the program says, but say nothing else than the log."""
    path = run_dir / "run.json"
    try:
        said = json.loads(path.read_bytes())
    except OSError as error:
        if "run.json" not in logged.copies:
            yield f"{path} cannot be read: {error.strerror}."
    except ValueError:
        yield f"{path} is not JSON."
    else:
        if not _is_part_of(said, logged.record):
            yield f"{path} says something else than the log."


def _is_part_of(said: object, whole: object) -> bool:
    if isinstance(said, dict) and isinstance(whole, Mapping):
        return all(name in whole and _is_part_of(value, whole[name]) for name, value in said.items())
    if isinstance(said, list) and isinstance(whole, list):
        return len(said) == len(whole) and all(map(_is_part_of, said, whole))
    return said == whole


def _look_around(logged: _Logged, run_dir: Path, report: Report) -> None:
    """What lies in the run's folder outside of its published stages."""
    complete = {logged.folders[key] for key in logged.published}
    for path in sorted(run_dir.rglob("*")):
        parts = path.relative_to(run_dir).parts
        stage, inside = "/".join(parts[:2]), parts[2:]
        if path.is_dir() or parts == ("run.json",) or inside[:1] == ("attempts",):
            continue
        if stage not in logged.folders.values() or not inside:
            text, found = f"{path} is in no manifest.", report.problems
        elif stage in complete:
            continue  # verify_stage has looked there
        else:
            text, found = f"{path} was left unfinished and is part of nothing.", report.notes
        if logged.settled or found is report.problems:
            found.append(Finding(run_id=logged.run_id, text=text))


def _strangers(records: Records, known: set[str]) -> Iterator[Finding]:
    """Folders of runs that the log does not know, asked again for those that came while this was reading."""
    folder = records.workspace.runs
    unknown = sorted(path for path in folder.iterdir() if path.name not in known) if folder.is_dir() else []
    with records.database.read() as connection:
        for path in unknown:
            if not path.is_dir() or not event_store.stream_version(connection, f"run:{path.name}"):
                yield Finding(text=f"{path} belongs to no run in the log.")
