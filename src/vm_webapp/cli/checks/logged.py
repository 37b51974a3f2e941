"""Runs as the log has them: what was published of each, where it stands, and by which digest.

Several are read at once, in one state of the database. Payloads are read as they were written, never upcast: what is
needed of them is in every version.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pydantic_core
from sqlalchemy import Connection

from vm_webapp import repo
from vm_webapp.cli.checks.events import fetch, has_table
from vm_webapp.db import SCHEMA_REVISION
from vm_webapp.errors import VmError
from vm_webapp.event_store import ERASURE
from vm_webapp.records import run_record
from vm_webapp.workspace import stage_folder

BUNDLE: Final = "bundle.zip"
_SETTLED: Final = frozenset({"WorkflowRunCompleted", "WorkflowRunFailed", "WorkflowRunCanceled"})
_TYPES: Final = (
    "WorkflowRunQueued",
    "WorkflowRunImported",
    "StageCompleted",
    "StageFailed",
    "ArtifactPublished",
    "RunRecovered",
    *sorted(_SETTLED),
)
_NOT_BROUGHT: Final = frozenset({"StageFailed", "RunRecovered"})
"""What an imported run's past says of files that its bundle does not bring along."""
_ERASURES: Final = f"SELECT payload FROM events WHERE event_type = '{ERASURE}'"  # noqa: S608 - a constant
_AMONG_TYPES: Final = f"event_type IN ({', '.join('?' * len(_TYPES))})"


@dataclass(slots=True)
class Published:
    """A stage as the log has it."""

    stage_key: str
    manifest_sha256: str
    attempt: int
    artifacts: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Logged:
    """A run as the log has it.

    `folders` are those of its plan's stages by key, `kept` the digests of files beside the stages by path where the log
    names any, `unlisted` the folders of failed attempts of which it names none, as older releases did not, `copies` the
    durable copies that are still in the database by path, all relative to the run's folder; `torn` are the numbers of
    those that cannot be read. `record` is what the lists say of a settled run, None where they are of another release.
    Of one that was `erased` nothing is left but the log. Of one that was `recovered` no failed attempt is known, and
    where it is `shortened` no stage behind the last one that was found; where it is `unasked` its run.json may say that
    no stage needed approval, as that of an older build does.
    """

    run_id: str
    folders: Mapping[str, str] = field(default_factory=dict)
    settled: bool = False
    published: dict[str, Published] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    unlisted: set[str] = field(default_factory=set)
    copies: dict[str, bytes] = field(default_factory=dict)
    torn: list[int] = field(default_factory=list)
    record: Mapping[str, Any] | None = None
    erased: bool = False
    recovered: bool = False
    shortened: bool = False
    unasked: bool = False


def list_run_ids(connection: Connection, *, thread_id: str | None = None) -> list[str]:
    """The runs that the log knows, in its order; of one thread where it is named."""
    query = "SELECT DISTINCT run_id, stream_id FROM events WHERE event_type IN (?, ?)"
    values: tuple[str, ...] = ("WorkflowRunQueued", "WorkflowRunImported")
    if thread_id is not None:
        query, values = f"{query} AND thread_id = ?", (*values, thread_id)
    rows = fetch(connection, f"{query} ORDER BY global_position", values)
    return [str(run_id or stream_id.removeprefix("run:")) for run_id, stream_id in rows]


def is_known(connection: Connection, run_id: str) -> bool:
    """Whether the log has anything to say of files of that run."""
    query = f"SELECT 1 FROM events WHERE stream_id = ? AND {_AMONG_TYPES} LIMIT 1"  # noqa: S608 - question marks
    return bool(fetch(connection, query, (f"run:{run_id}", *_TYPES)))


def is_recovered(connection: Connection) -> bool:
    """Whether the log was made anew of what run folders prove."""
    return bool(fetch(connection, "SELECT 1 FROM events WHERE event_type = 'WorkspaceRecovered' LIMIT 1"))


def read_erased(connection: Connection, what: str) -> set[str]:
    """What the log says was erased: the ids of `runs`, or of `events`; nothing in a log of before there were seals."""
    if not has_table(connection, "event_keys"):
        return set()
    found: set[str] = set()
    for (payload,) in fetch(connection, _ERASURES):
        try:
            found.update(json.loads(payload)[what])
        except (ValueError, KeyError, TypeError):
            continue  # an event that is not as it was written is named by the check of the events
    return found


def list_unknown_copies(connection: Connection) -> list[str]:
    """The runs of which there are durable copies, and which the log does not know."""
    of_copies = [str(run_id) for (run_id,) in fetch(connection, "SELECT DISTINCT run_id FROM pending_files")]
    return [run_id for run_id in of_copies if not is_known(connection, run_id)]


def load_runs(connection: Connection, run_ids: Sequence[str]) -> list[Logged]:
    """The runs, each as far as its events can be read; one that the log does not know has no folders."""
    found = {run_id: Logged(run_id) for run_id in run_ids}
    streams = {f"run:{run_id}": logged for run_id, logged in found.items()}
    marks = ", ".join("?" * len(streams))
    query = f"SELECT stream_id, event_type, payload FROM events WHERE stream_id IN ({marks}) AND {_AMONG_TYPES}"  # noqa: S608 - question marks
    for stream_id, event_type, payload in fetch(
        connection, f"{query} ORDER BY stream_id, stream_version", (*streams, *_TYPES)
    ):
        try:
            _fold(streams[stream_id], event_type, payload)
        except (ValueError, KeyError, TypeError):
            continue  # an event that is not as it was written is named by the check of the events
    for run_id in read_erased(connection, "runs") & found.keys():
        found[run_id].erased = True
    _load_copies(connection, found, marks)
    _load_records(connection, found)
    return list(found.values())


def _fold(logged: Logged, event_type: str, payload: str | Mapping[str, Any]) -> None:
    if event_type in _SETTLED:
        logged.settled = True
        return
    said = pydantic_core.from_json(payload) if isinstance(payload, str) else payload
    match event_type:
        case "WorkflowRunQueued":
            stages = enumerate(said["plan"]["stages"], start=1)
            logged.folders = {stage["key"]: stage_folder(at, stage["key"]) for at, stage in stages}
        case "WorkflowRunImported":
            _fold_import(logged, said)
        case "StageCompleted":
            key, attempt = said["stage_key"], said.get("attempt", 1)
            logged.published[key] = Published(key, said["manifest_sha256"], attempt)
        case "ArtifactPublished":
            logged.published[said["stage_key"]].artifacts.append(said)
        case "StageFailed":
            _fold_failure(logged, said)
        case "RunRecovered":
            _fold_recovery(logged, said)


def _fold_failure(logged: Logged, said: Mapping[str, Any]) -> None:
    attempt = f"{logged.folders[said['stage_key']]}/attempts/{said['attempt']}"
    if "files" not in said:
        logged.unlisted.add(attempt)
    logged.kept |= {f"{attempt}/{name}": sha256 for name, sha256 in said.get("files", {}).items()}


def _fold_recovery(logged: Logged, said: Mapping[str, Any]) -> None:
    """An imported run was brought back from its bundle, which has no failed attempts; any other from its folder.

    That is not the question whether its approvals are known (`approvals_lost`), though both have one answer today: it
    does not rest on `unknown`, which version 1 has not, so that a payload is read here as it lies in a damaged log.
    run.json said nothing where `said` is empty, be it that there was none or that it could not be read; a `said` that
    is not empty is sealed, and not here.
    """
    logged.recovered = BUNDLE not in logged.kept
    logged.shortened = logged.recovered and said.get("said") == {}
    logged.unasked = logged.recovered and "unknown" not in said


def _fold_import(logged: Logged, said: Mapping[str, Any]) -> None:
    """The bundle is kept beside the run; of what it brought along, files of failed attempts are not."""
    logged.kept[BUNDLE] = said["bundle_sha256"]
    for past in said["past"]:
        if past["event_type"] in _TYPES and past["event_type"] not in _NOT_BROUGHT:
            _fold(logged, past["event_type"], past["payload"])


def _load_copies(connection: Connection, found: Mapping[str, Logged], marks: str) -> None:
    """The durable copies of the runs' files that are still in the database, by path; the newest of each."""
    query = (
        f"SELECT pending_id, run_id, paths_json, content FROM pending_files WHERE run_id IN ({marks})"  # noqa: S608 - question marks
        " ORDER BY pending_id"
    )
    for pending_id, run_id, paths, content in fetch(connection, query, tuple(found)):
        try:
            found[run_id].copies |= _unpacked(paths, content)
        except (ValueError, TypeError, RecursionError):
            found[run_id].torn.append(pending_id)


def _unpacked(paths: str, content: bytes) -> dict[str, bytes]:
    """The copies by path; ValueError and TypeError where paths and content do not belong together."""
    found, start = {}, 0
    for path, size in json.loads(paths):
        found[str(path)] = bytes(content[start : start + size])
        start += size
    if start != len(content):
        msg = "the sizes are not those of the content"
        raise ValueError(msg)
    return found


def _load_records(connection: Connection, found: Mapping[str, Logged]) -> None:
    """What the lists say of the settled runs; nothing where the lists are of another release."""
    settled = [run_id for run_id, logged in found.items() if logged.settled]
    if not settled or fetch(connection, "SELECT version_num FROM alembic_version") != [(SCHEMA_REVISION,)]:
        return
    try:
        for row in repo.list_runs_by_id(connection, settled):
            found[str(row["run_id"])].record = run_record(row)
    except (VmError, ValueError, LookupError, TypeError, AttributeError):
        if len(settled) > 1:  # the lists are garbled somewhere; they are derived, and `rebuild` makes them anew
            for run_id in settled:
                _load_records(connection, {run_id: found[run_id]})
