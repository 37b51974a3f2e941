"""Every published file of a run, against the digests in the log.

StageCompleted names the digest of a stage's manifest, the manifest those of its files, ArtifactPublished those of the
artifacts once more. The log is read before the files, so that this works beside a process that writes: files that are
there before their event are work in hand, not a problem. Payloads are read as they were written, never upcast: what is
needed of them is in every version.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from vm_webapp import artifacts, repo
from vm_webapp.cli.checks.events import fetch
from vm_webapp.cli.checks.report import Finding, Report
from vm_webapp.cli.opening import Records
from vm_webapp.db import SCHEMA_REVISION
from vm_webapp.errors import NotFound, VmError
from vm_webapp.records import run_record
from vm_webapp.workspace import stage_folder

_PIECE: Final = 1 << 20
_RUN_JSON: Final = "run.json"
_BUNDLE: Final = "bundle.zip"
_SETTLED: Final = frozenset({"WorkflowRunCompleted", "WorkflowRunFailed", "WorkflowRunCanceled"})
_TYPES: Final = (
    "WorkflowRunQueued",
    "WorkflowRunImported",
    "StageCompleted",
    "StageFailed",
    "ArtifactPublished",
    *sorted(_SETTLED),
)
_EVENTS: Final = f"SELECT event_type, payload FROM events WHERE stream_id = ? AND event_type IN ({', '.join('?' * len(_TYPES))}) ORDER BY stream_version"  # noqa: E501, S608 - question marks


@dataclass(slots=True)
class _Published:
    """A stage as the log has it."""

    stage_key: str
    manifest_sha256: str
    artifacts: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class _Logged:
    """A run as the log has it.

    `folders` are those of its plan's stages by key, `kept` the digests of files beside the stages by path where the log
    names any, `copies` the durable copies that are still in the database by path, all relative to the run's folder.
    """

    run_id: str
    folders: Mapping[str, str] = field(default_factory=dict)
    settled: bool = False
    published: dict[str, _Published] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    copies: dict[str, bytes] = field(default_factory=dict)
    record: Mapping[str, Any] | None = None


class _Disk:
    """The files of a run's folder; each is read once."""

    def __init__(self, root: Path, report: Report) -> None:
        self.root = str(root)
        self.paths = sorted(_walk(self.root))
        self.report = report

    def read(self, path: str) -> bytes | str:
        """The bytes, or why they cannot be read."""
        try:
            with open(f"{self.root}/{path}", "rb") as file:  # noqa: PTH123 - strings: this is the hot path
                return file.read()
        except OSError as error:
            return error.strerror or "it cannot be read"

    def fault(self, path: str, sha256: str, *, where: str) -> str:
        """Why the file is not the one of that digest; empty where it is."""
        made = hashlib.sha256()
        try:
            descriptor = os.open(f"{self.root}/{path}", os.O_RDONLY | getattr(os, "O_BINARY", 0))
            try:
                while piece := os.read(descriptor, _PIECE):
                    made.update(piece)
                    self.report.bytes += len(piece)
            finally:
                os.close(descriptor)
        except OSError as error:
            return self.say(path, error.strerror or "it cannot be read")
        return "" if made.hexdigest() == sha256 else self.say(path, f"its digest is not the one in the {where}")

    def say(self, path: str, problem: str) -> str:
        """The sentence about a file."""
        return f"{Path(self.root, path)} is not what was published: {problem}."


def check_run(records: Records, run_id: str) -> Report:
    """Check one run; NotFound where the log does not know it."""
    report = Report(runs=1)
    with records.database.read() as connection:
        logged = _load(connection, run_id)
    disk = _Disk(records.workspace.run_dir(run_id), report)
    for stage in logged.published.values():
        for text in _check_stage(logged, stage, disk):
            report.problems.append(Finding(run_id=run_id, stage_key=stage.stage_key, text=text))
    rest = [*_check_kept(logged, disk), *_check_copies(logged)]
    if logged.settled:
        rest += _check_run_json(logged, disk)
    report.problems += [Finding(run_id=run_id, text=text) for text in rest]
    _look_around(logged, disk)
    return report


def list_run_ids(connection: Connection, *, thread_id: str | None = None) -> list[str]:
    """The runs that the log knows, in its order; of one thread where it is named."""
    query = "SELECT DISTINCT run_id, stream_id FROM events WHERE event_type IN (?, ?)"
    values: tuple[str, ...] = ("WorkflowRunQueued", "WorkflowRunImported")
    if thread_id is not None:
        query, values = f"{query} AND thread_id = ?", (*values, thread_id)
    rows = fetch(connection, f"{query} ORDER BY global_position", values)
    return [str(run_id or stream_id.removeprefix("run:")) for run_id, stream_id in rows]


def strangers(records: Records, known: set[str]) -> Iterator[Finding]:
    """Folders of runs that the log does not know, asked again for those that came while this was reading."""
    folder = records.workspace.runs
    unknown = sorted(path for path in folder.iterdir() if path.name not in known) if folder.is_dir() else []
    with records.database.read() as connection:
        for path in unknown:
            if not path.is_dir() or not fetch(connection, _EVENTS + " LIMIT 1", (f"run:{path.name}", *_TYPES)):
                yield Finding(text=f"{path} belongs to no run in the log.")


def _walk(folder: str, below: str = "") -> Iterator[str]:
    """Every file below the folder, by path relative to it; a link is a file, wherever it leads."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                path = f"{below}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    yield from _walk(entry.path, f"{path}/")
                else:
                    yield path
    except OSError:
        return  # what is missing is found by its name


def _load(connection: Connection, run_id: str) -> _Logged:
    logged = _Logged(run_id)
    for event_type, payload in fetch(connection, _EVENTS, (f"run:{run_id}", *_TYPES)):
        try:
            _fold(logged, event_type, json.loads(payload))
        except (ValueError, KeyError, TypeError):
            continue  # an event that is not as it was written is named by the check of the events
    if not logged.folders:
        raise NotFound(kind="run", id=run_id)
    logged.copies = _copies(connection, run_id)
    if logged.settled:
        logged.record = _record(connection, run_id)
    return logged


def _fold(logged: _Logged, event_type: str, payload: Mapping[str, Any]) -> None:
    match event_type:
        case "WorkflowRunQueued":
            stages = enumerate(payload["plan"]["stages"], start=1)
            logged.folders = {stage["key"]: stage_folder(at, stage["key"]) for at, stage in stages}
        case "WorkflowRunImported":
            logged.kept[_BUNDLE] = payload["bundle_sha256"]
            for said in payload["past"]:
                _fold(logged, said["event_type"], said["payload"])
        case "StageCompleted":
            logged.published[payload["stage_key"]] = _Published(payload["stage_key"], payload["manifest_sha256"])
        case "ArtifactPublished":
            logged.published[payload["stage_key"]].artifacts.append(payload)
        case "StageFailed":
            attempt = f"{logged.folders[payload['stage_key']]}/attempts/{payload['attempt']}"
            logged.kept |= {f"{attempt}/{name}": sha256 for name, sha256 in payload.get("files", {}).items()}
        case _:
            logged.settled = logged.settled or event_type in _SETTLED


def _copies(connection: Connection, run_id: str) -> dict[str, bytes]:
    """The durable copies of the run's files that are still in the database, by path; the newest of each."""
    query = "SELECT paths_json, content FROM pending_files WHERE run_id = ? ORDER BY pending_id"
    found: dict[str, bytes] = {}
    for paths, content in fetch(connection, query, (run_id,)):
        start = 0
        for path, size in json.loads(paths):
            found[path] = bytes(content[start : start + size])
            start += size
    return found


def _record(connection: Connection, run_id: str) -> Mapping[str, Any] | None:
    """What the lists say of the run; None where they are of another release."""
    if fetch(connection, "SELECT version_num FROM alembic_version") != [(SCHEMA_REVISION,)]:
        return None
    try:
        return run_record(repo.get_run(connection, run_id))
    except VmError:
        return None


def _check_stage(logged: _Logged, stage: _Published, disk: _Disk) -> list[str]:
    """The problems of a published stage; one whose durable copies are all still in the database has none."""
    report, folder = disk.report, logged.folders[stage.stage_key]
    report.stages += 1
    manifest, problems = _read_manifest(disk, folder, stage.manifest_sha256)
    if manifest is None:
        listed, where = stage.artifacts, "log"
    else:
        listed, where = list(artifacts.listed(manifest)), "manifest"
        problems += _compare(disk, folder, manifest, stage)
    report.files += len(listed) + 1
    problems += _check_listed(disk, folder, listed, where=where)
    if manifest is not None:
        problems += _strange(disk, folder, {str(item["path"]) for item in listed})
    if problems and _is_kept(logged, stage):
        text = "Files are not on the disk as published, but their durable copies are: the next start writes them again."
        report.notes.append(Finding(run_id=logged.run_id, stage_key=stage.stage_key, text=text))
        return []
    return problems


def _read_manifest(disk: _Disk, folder: str, sha256: str) -> tuple[Mapping[str, Any] | None, list[str]]:
    path = f"{folder}/{artifacts.MANIFEST}"
    content = disk.read(path)
    if isinstance(content, str):
        return None, [disk.say(path, content)]
    disk.report.bytes += len(content)
    if artifacts.digest(content) != sha256:
        return None, [disk.say(path, "its digest is not the one in the log")]
    manifest: Mapping[str, Any] = json.loads(content)
    return manifest, []


def _check_listed(disk: _Disk, folder: str, items: list[Mapping[str, Any]], *, where: str) -> Iterator[str]:
    for item in items:
        if fault := disk.fault(f"{folder}/{item['path']}", str(item["sha256"]), where=where):
            yield fault


def _compare(disk: _Disk, folder: str, manifest: Mapping[str, Any], stage: _Published) -> Iterator[str]:
    """Where the manifest and the log's ArtifactPublished say different things."""
    said = {item["path"]: item["sha256"] for item in manifest["artifacts"]}
    logged = {item["path"]: item["sha256"] for item in stage.artifacts}
    for path in sorted(said.keys() | logged.keys()):
        if said.get(path) != logged.get(path):
            yield disk.say(f"{folder}/{path}", "manifest and log name different digests")


def _strange(disk: _Disk, folder: str, known: set[str]) -> Iterator[str]:
    """Files in a stage's folder that its manifest does not list."""
    start = f"{folder}/"
    for path in disk.paths:
        inside = path.removeprefix(start)
        if inside != path and inside not in {artifacts.MANIFEST, *known} and not inside.startswith("attempts/"):
            yield f"{Path(disk.root, path)} is in no manifest."


def _is_kept(logged: _Logged, stage: _Published) -> bool:
    """Whether the stage's durable copies are in the database, whole."""
    folder = logged.folders[stage.stage_key]
    content = logged.copies.get(f"{folder}/{artifacts.MANIFEST}", b"")
    if artifacts.digest(content) != stage.manifest_sha256:
        return False
    items = artifacts.listed(json.loads(content))
    return all(artifacts.digest(logged.copies.get(f"{folder}/{item['path']}", b"")) == item["sha256"] for item in items)


def _check_kept(logged: _Logged, disk: _Disk) -> Iterator[str]:
    """Files beside the stages whose digests the log names: those of failed attempts, and the bundle of an import."""
    for path, sha256 in sorted(logged.kept.items()):
        fault = disk.fault(path, sha256, where="log")
        if fault and artifacts.digest(logged.copies.get(path, b"")) != sha256:
            yield fault


def _check_copies(logged: _Logged) -> Iterator[str]:
    """Durable copies that are not what was published: the next start would write them over what is right."""
    for stage in logged.published.values():
        folder = logged.folders[stage.stage_key]
        wanted = {f"{folder}/{artifacts.MANIFEST}": stage.manifest_sha256}
        wanted |= {f"{folder}/{item['path']}": item["sha256"] for item in stage.artifacts}
        for path, sha256 in wanted.items():
            if path in logged.copies and artifacts.digest(logged.copies[path]) != sha256:
                yield f"The durable copy of {path} of the run {logged.run_id} is not what was published."


def _check_run_json(logged: _Logged, disk: _Disk) -> Iterator[str]:
    """run.json is derived: it may lack what a later version of the program says, but say nothing else than the log."""
    path, content = Path(disk.root, _RUN_JSON), disk.read(_RUN_JSON)
    if isinstance(content, str):
        if _RUN_JSON not in logged.copies:
            yield f"{path} cannot be read: {content}."
        return
    try:
        said = json.loads(content)
    except ValueError:
        yield f"{path} is not JSON."
        return
    if logged.record is not None and said != logged.record and not _is_part_of(said, logged.record):
        yield f"{path} says something else than the log."


def _is_part_of(said: object, whole: object) -> bool:
    if isinstance(said, dict) and isinstance(whole, Mapping):
        return all(name in whole and _is_part_of(value, whole[name]) for name, value in said.items())
    if isinstance(said, list) and isinstance(whole, list):
        return len(said) == len(whole) and all(map(_is_part_of, said, whole))
    return said == whole


def _look_around(logged: _Logged, disk: _Disk) -> None:
    """What lies in the run's folder outside of its published stages."""
    complete = {logged.folders[key] for key in logged.published}
    stages = set(logged.folders.values())
    for path in disk.paths:
        parts = path.split("/")
        stage, inside = "/".join(parts[:2]), parts[2:]
        if path == _RUN_JSON or path in logged.kept or (inside[:1] == ["attempts"] and stage in stages):
            continue
        if stage not in stages or not inside:
            text, found = f"{Path(disk.root, path)} is in no manifest.", disk.report.problems
        elif stage in complete:
            continue  # the check of the stage has looked there
        else:
            text, found = f"{Path(disk.root, path)} was left unfinished and is part of nothing.", disk.report.notes
        if logged.settled or found is disk.report.problems:
            found.append(Finding(run_id=logged.run_id, text=text))
