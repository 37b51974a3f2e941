"""View rows as the JSON that HTTP, the command line and run.json share; shapes in docs/http.md."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vm_webapp.events import RecordedEvent
from vm_webapp.models import utc_text

Record = dict[str, Any]
_RUN_FIELDS = (
    "run_id",
    "thread_id",
    "brand_id",
    "project_id",
    "number",
    "status",
    "mode",
    "requested_mode",
    "request_text",
    "requested_by",
    "created_at",
    "started_at",
    "settled_at",
    "error",
    "forked_from",
    "stages_total",
    "stages_done",
)


def brand_record(row: Mapping[str, Any]) -> Record:
    """A brand."""
    return _pick(row, "brand_id", "name", "description", "voice", "audience", "created_at", "updated_at", "version")


def project_record(row: Mapping[str, Any]) -> Record:
    """A project."""
    names = ("project_id", "brand_id", "name", "objective", "channels", "due_on", "created_at", "updated_at", "version")
    return _pick(row, *names)


def thread_record(row: Mapping[str, Any]) -> Record:
    """A thread."""
    names = ("thread_id", "brand_id", "project_id", "title", "status", "modes", "created_at", "updated_at", "version")
    return _pick(row, *names)


def comment_record(row: Mapping[str, Any]) -> Record:
    """A comment."""
    return _pick(row, "comment_id", "thread_id", "run_id", "stage_key", "text", "actor_id", "created_at")


def task_record(row: Mapping[str, Any]) -> Record:
    """A task."""
    return _pick(row, "task_id", "thread_id", "run_id", "title", "status", "created_at", "completed_at")


def run_row_record(row: Mapping[str, Any]) -> Record:
    """A run in a list."""
    return _pick(row, *_RUN_FIELDS)


def run_record(row: Mapping[str, Any]) -> Record:
    """A run with its profile and stages, in plan order."""
    return {
        **run_row_record(row),
        "profile": row["profile"],
        "cancel_requested": bool(row["cancel_requested"]),
        "stages": list(row["stages"].values()),
        "version": row["version"],
    }


def event_record(event: RecordedEvent) -> Record:
    """An event, as an item of a timeline and as the data of a live event."""
    names = (
        "global_position",
        "event_id",
        "event_type",
        "occurred_at",
        "actor_type",
        "actor_id",
        "stream_id",
        "stream_version",
        "brand_id",
        "project_id",
        "thread_id",
        "run_id",
        "correlation_id",
        "causation_id",
        "payload",
    )
    return {name: _value(getattr(event, name)) for name in names}


def _pick(row: Mapping[str, Any], *names: str) -> Record:
    return {name: _value(row[name]) for name in names}


def _value(value: Any) -> Any:  # noqa: ANN401 - a column's value
    return utc_text(value) if isinstance(value, datetime) else value
