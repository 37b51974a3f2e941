"""The events in a bundle: what each must be, that they are this run's, and that none is missing between them."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from vm_webapp.domain.plans import RunPlan, plan_from_json
from vm_webapp.domain.run_events import RUN_EVENTS
from vm_webapp.errors import VmError
from vm_webapp.events import CATALOGUE, upcast
from vm_webapp.proof.documents import Proof, ProvenEvent
from vm_webapp.proof.events import FIELDS, canonical_event
from vm_webapp.sealing import unsealed
from vm_webapp.workspace import stage_folder

Row = Mapping[str, Any]

_OF_ELSEWHERE: Final = frozenset({"WorkflowRunImported", "RunRecovered"})
RUN_CLASSES: Final = {event.__name__: event for event in RUN_EVENTS if event.__name__ not in _OF_ELSEWHERE}
_SETTLED: Final = frozenset({"WorkflowRunCompleted", "WorkflowRunFailed", "WorkflowRunCanceled"})
_REQUESTED: Final = "WorkflowRunRequested"
_MOST_STAGES: Final = 99


class Events(NamedTuple):
    """The rows of the run's stream in order, those of all events of the proof by id, and what does not hold of them."""

    run: list[Row]
    proven: Mapping[str, Row]
    problems: list[str]


def check_events(proof: Proof, run_id: str, *, keys: Mapping[str, bytes]) -> Events:
    """The events of a proof, and what does not hold of them.

    `keys` open the texts of the run's events and of the request for it, which have to be open. Each row has the fields
    of the log, `sha256`, and `facts`, its payload in today's shape, which is `known_version`. There are no rows of the
    run where the events are not those of a settled run of this id from its first to its last.
    """
    rows: list[Row] = []
    proven: dict[str, Row] = {}
    problems: list[str] = []
    requested = False
    for event in proof.events:
        try:
            row = _row(event, run_id, keys)
        except (VmError, ValueError, KeyError, TypeError, RecursionError) as error:
            problems.append(f"The event at {event.index} cannot be read: {str(error)[:200].rstrip('.')}.")
            continue
        proven[row["event_id"]] = row
        requested = requested or _asks_for(row, run_id)
        if row["stream_id"] == f"run:{run_id}":
            rows.append(row)
    problems += [] if requested else ["The request that led to the run is missing."]
    problems += _check_stream(rows, run_id)
    return Events([] if problems else rows, proven, problems)


def _row(event: ProvenEvent, run_id: str, keys: Mapping[str, bytes]) -> Row:
    """The event with its fields; ValueError where it is not in its canonical form, or is not open and has to be."""
    row = dict(event.facts)
    if set(row) != set(FIELDS) or canonical_event(row) != event.content:
        msg = "it is not the canonical form of an event"
        raise ValueError(msg)
    kind, version = row["event_type"], row["payload_version"]
    if not 1 <= version <= CATALOGUE.get(kind, 0):
        msg = f"a newer program wrote it ({kind[:60]!r}, version {version})"
        raise ValueError(msg)
    payload, closed = unsealed(kind, row["event_id"], json.loads(row["payload"]), keys.get(row["event_id"]))
    facts = upcast(kind, version, payload, row["event_id"])
    if closed and (row["stream_id"] == f"run:{run_id}" or facts.get("run_id") == run_id):
        msg = "its texts are sealed, and the bundle has no key that opens them"
        raise ValueError(msg)
    told = {"sha256": hashlib.sha256(event.content).hexdigest(), "facts": facts, "known_version": CATALOGUE[kind]}
    return {**row, "index": event.index, **told}


def _asks_for(row: Row, run_id: str) -> bool:
    return bool(row["event_type"] == _REQUESTED and row["facts"].get("run_id") == run_id)


def _check_stream(rows: list[Row], run_id: str) -> Iterator[str]:
    """The chain from the run's first event to the one that settled it, and the shape of each."""
    previous: str | None = None
    for number, row in enumerate(rows, start=1):
        if row["stream_version"] != number:
            yield f"Event {number} of the run is missing, or stands in another place."
            return
        chained = row["previous_sha256"]
        if chained != previous and not (chained is None and _is_old(rows, number)):
            yield f"Event {number} of the run does not follow on the one before: the chain is broken."
        previous = row["sha256"]
        yield from _check_shape(row, run_id)
    indexes = [row["index"] for row in rows]
    if indexes != sorted(set(indexes)):
        yield "The events of the run do not stand in the order of the log."
    if not rows or rows[0]["event_type"] != "WorkflowRunQueued":
        yield "The event that put the run in line is missing."
    elif not any(row["event_type"] in _SETTLED for row in rows):
        yield "The events do not reach to the end of the run."
    else:
        yield from _check_stages(rows)


def _is_old(rows: list[Row], number: int) -> bool:
    """Whether no event up to this one is chained: they are from before there was a chain."""
    return all(row["previous_sha256"] is None for row in rows[:number])


def _check_shape(row: Row, run_id: str) -> Iterator[str]:
    kind = RUN_CLASSES.get(row["event_type"])
    if kind is None:
        yield f"{row['event_type']!r} is no event of a run."
        return
    try:
        _adapter(kind).validate_json(json.dumps(row["facts"]), strict=True)
    except ValidationError as error:
        place = "/".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])
        yield f"{row['event_type']} has not the shape of one, at {place[:80]!r}."
        return
    if row["facts"]["run_id"] != run_id or row["run_id"] != run_id:
        yield f"{row['event_type']} speaks of another run."
    if kind.__name__ == "WorkflowRunQueued":
        yield from _check_plan(row["facts"]["plan"])


def _check_plan(plan: Mapping[str, Any]) -> Iterator[str]:
    """The plan is one, and its stages can become folders."""
    try:
        _adapter(RunPlan).validate_json(json.dumps(plan), strict=True)
        resolved = plan_from_json(plan)
        folders = [stage_folder(at, stage.key) for at, stage in enumerate(resolved.stages, start=1)]
        known = {stage.key for stage in resolved.stages}
        whole = all(set(stage.needs) <= known for stage in resolved.stages)
    except (ValidationError, VmError, KeyError, TypeError, ValueError):
        yield "The plan of the run is none."
        return
    if not whole or len(known) != len(folders) or len(folders) > _MOST_STAGES:
        yield "The plan of the run is none."


def _check_stages(rows: list[Row]) -> Iterator[str]:
    """Every event speaks of a stage of the plan, and publishes nothing before its stage is completed."""
    try:
        known = {stage["key"] for stage in rows[0]["facts"]["plan"]["stages"]}
    except (KeyError, TypeError):
        return  # told before
    completed: set[str] = set()
    for row in rows:
        key = row["facts"].get("stage_key")
        if key is not None and key not in known:
            yield f"{row['event_type']} speaks of a stage that the plan has not."
        elif row["event_type"] == "StageCompleted":
            completed.add(key)
        elif row["event_type"] == "ArtifactPublished" and key not in completed:
            yield "An artifact is published before its stage."


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    """Checks values against a class of the domain; names that it has not are passed over."""
    assert fields(kind)  # noqa: S101 - the domain's classes are dataclasses
    return TypeAdapter(kind)
