"""What of a workspace belongs into a backup: published files, what is kept of failed attempts, run.json, own profiles.

The bundle of a run that was imported is one of them. The log says which files a run has published; they are read from
the disk and held against their digests, or taken from their durable copies where the disk has not got them yet.
Temporary files and work in hand are no part of a backup.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vm_webapp import artifacts
from vm_webapp.errors import IntegrityError
from vm_webapp.log_tree.kept import kept_path
from vm_webapp.workspace import Workspace, stage_folder

_RUN_JSON = "run.json"
_BUNDLE = "bundle.zip"
_PUBLIC = ".vkeys"
"""How the names of files end that hold keys to verify with, which are no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file to copy; `sha256` is what it must be, None where nothing says so; `content` its durable copy, if any."""

    path: str
    sha256: str | None = None
    content: bytes | None = None
    problem: str = ""


def wanted_files(log: sqlite3.Connection, workspace: Workspace, *, with_keys: bool) -> Iterator[Wanted]:
    """Every file, as this log has it."""
    for run in _published(log):
        yield from _of_run(workspace, run, _copies(log, run.run_id))
    yield from _below(workspace, workspace.profiles)
    newest = _relative(workspace, kept_path(workspace))  # it may be ahead of this log by now
    for wanted in _below(workspace, workspace.keys):
        if wanted.path != newest and (with_keys or wanted.path.endswith(_PUBLIC)):
            yield wanted


@dataclass(slots=True)
class _Published:
    """A run as the log has it: the digests of its manifests by folder, and of the bundle that it was brought in."""

    run_id: str
    manifests: dict[str, str] = field(default_factory=dict)
    bundle_sha256: str | None = None


def _published(log: sqlite3.Connection) -> Iterator[_Published]:
    """Every run that was not erased, with what it has published, by folder relative to the run's."""
    first = "SELECT run_id FROM events WHERE event_type IN ('WorkflowRunQueued', 'WorkflowRunImported')"
    erased = _erased(log)
    for (run_id,) in log.execute(f"{first} ORDER BY global_position").fetchall():
        if run_id in erased:
            continue
        folders: dict[str, str] = {}
        run = _Published(str(run_id))
        for kind, payload in _events(log, run_id):
            if kind == "WorkflowRunImported":
                run.bundle_sha256 = payload["bundle_sha256"]
            elif kind == "WorkflowRunQueued":
                plan = enumerate(payload["plan"]["stages"], start=1)
                folders = {stage["key"]: stage_folder(at, stage["key"]) for at, stage in plan}
            elif kind == "StageCompleted":
                run.manifests[folders[payload["stage_key"]]] = payload["manifest_sha256"]
        yield run


def _erased(log: sqlite3.Connection) -> set[str]:
    """The runs whose files were erased."""
    found = log.execute("SELECT payload FROM events WHERE event_type = 'ContentErased'").fetchall()
    return {str(run_id) for (payload,) in found for run_id in json.loads(payload)["runs"]}


def _events(log: sqlite3.Connection, run_id: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Type and payload of the run's events; of one that was imported also those that it brought with it."""
    query = "SELECT event_type, payload FROM events WHERE stream_id = ? ORDER BY stream_version"
    for kind, payload in log.execute(query, (f"run:{run_id}",)).fetchall():
        said = json.loads(payload)
        yield kind, said
        if kind == "WorkflowRunImported":
            yield from ((past["event_type"], past["payload"]) for past in said["past"])


def _copies(log: sqlite3.Connection, run_id: str) -> dict[str, bytes]:
    """The durable copies of the run's files that are still in the database, by path; the newest of each."""
    found: dict[str, bytes] = {}
    query = "SELECT paths_json, content FROM pending_files WHERE run_id = ? ORDER BY pending_id"
    for paths, content in log.execute(query, (run_id,)):
        start = 0
        for path, size in json.loads(paths):
            found[path] = bytes(content[start : start + size])
            start += size
    return found


def _of_run(workspace: Workspace, run: _Published, copies: Mapping[str, bytes]) -> Iterator[Wanted]:
    run_dir = workspace.run_dir(run.run_id)
    root = _relative(workspace, run_dir)
    for folder, sha256 in run.manifests.items():
        manifest = f"{folder}/{artifacts.MANIFEST}"
        content = _content(run_dir, manifest, copies, sha256)
        if content is None:
            yield Wanted(path=f"{root}/{manifest}", problem="it is missing, or not what was published")
            continue
        yield Wanted(path=f"{root}/{manifest}", sha256=sha256, content=copies.get(manifest))
        for item in artifacts.listed(json.loads(content)):
            path = f"{folder}/{item['path']}"
            yield Wanted(path=f"{root}/{path}", sha256=str(item["sha256"]), content=copies.get(path))
    if run.bundle_sha256 is not None:
        yield Wanted(path=f"{root}/{_BUNDLE}", sha256=run.bundle_sha256, content=copies.get(_BUNDLE))
    yield from _beside(run_dir, root, copies)


def _content(run_dir: Path, path: str, copies: Mapping[str, bytes], sha256: str) -> bytes | None:
    """The bytes of that digest, from the disk or from their durable copy."""
    try:
        found: Sequence[bytes] = [(run_dir / path).read_bytes(), copies.get(path, b"")]
    except OSError:
        found = [copies.get(path, b"")]
    return next((content for content in found if artifacts.digest(content) == sha256), None)


def _beside(run_dir: Path, root: str, copies: Mapping[str, bytes]) -> Iterator[Wanted]:
    """run.json, and the files of failed attempts, which no manifest lists."""
    if _RUN_JSON in copies or (run_dir / _RUN_JSON).is_file():
        yield Wanted(path=f"{root}/{_RUN_JSON}", content=copies.get(_RUN_JSON))
    kept = {path for path in copies if "/attempts/" in path}
    found = {path.relative_to(run_dir).as_posix() for path in run_dir.glob("stages/*/attempts/*/*") if path.is_file()}
    for path in sorted(kept | found):
        if not path.endswith(".tmp"):
            yield Wanted(path=f"{root}/{path}", content=copies.get(path))


def _below(workspace: Workspace, folder: Path) -> Iterator[Wanted]:
    """Regular files below a folder; links are left out: what they point at is not the workspace's."""
    if folder.is_dir():
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and not path.name.endswith(".tmp"):
                yield Wanted(path=_relative(workspace, path))


def _relative(workspace: Workspace, path: Path) -> str:
    return path.relative_to(workspace.root).as_posix()


def read_wanted(workspace: Workspace, wanted: Wanted) -> bytes:
    """The file's bytes; IntegrityError unless they are what was published."""
    if wanted.problem:
        raise IntegrityError(path=workspace.root / wanted.path, problem=wanted.problem)
    problem = "it cannot be read"
    try:
        content = (workspace.root / wanted.path).read_bytes()
        if wanted.sha256 in (None, artifacts.digest(content)):
            return content
        problem = "its digest is not the published one"
    except OSError as error:
        problem = error.strerror or problem
    if wanted.content is not None and wanted.sha256 in (None, artifacts.digest(wanted.content)):
        return wanted.content
    raise IntegrityError(path=workspace.root / wanted.path, problem=problem)
