"""Events as CloudEvents 1.0, for other programs; docs/webhooks.md has the mapping.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md, in the JSON format of the same place. `source`
names the log by its first event, so that `source` and `id` together are unique among all workspaces; `sequence` (of
the extension of that name) is the global position with leading zeros, so that it sorts as text.
"""

import hashlib
import json
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from vm_webapp.db import first_value
from vm_webapp.errors import Invalid
from vm_webapp.event_store import last_position
from vm_webapp.events import CATALOGUE, RecordedEvent
from vm_webapp.models import utc_text

BATCH_TYPE: Final = "application/cloudevents-batch+json"
LINES_TYPE: Final = "application/jsonl"
_DIGITS: Final = 19
_EXTENSIONS: Final = {
    "actor_type": "actortype",
    "actor_id": "actorid",
    "brand_id": "brandid",
    "project_id": "projectid",
    "thread_id": "threadid",
    "run_id": "runid",
    "correlation_id": "correlationid",
    "causation_id": "causationid",
}


def type_of(event_type: str) -> str:
    """The type for others: reverse-DNS, with the version of the payload that is sent."""
    return f"com.vm.{event_type}.v{CATALOGUE.get(event_type, 1)}"


def source_of(connection: Connection) -> str:
    """The name of this log: a URN that follows from its first event; the same in a restored copy."""
    first = first_value(connection, "SELECT event_id FROM events ORDER BY global_position LIMIT 1") or ""
    return log_name(str(first))


def log_name(event_id: str) -> str:
    """The name of the log that begins with the event of that id."""
    return f"urn:vm:log:{hashlib.sha256(event_id.encode()).hexdigest()[:32]}"


def cloud_event(event: RecordedEvent, source: str) -> dict[str, Any]:
    """The event as a CloudEvent; attributes without a value are left out."""
    said = {name: getattr(event, own) for own, name in _EXTENSIONS.items()}
    return {
        "specversion": "1.0",
        "id": event.event_id,
        "source": source,
        "type": type_of(event.event_type),
        "subject": event.stream_id,
        "time": utc_text(event.occurred_at),
        "datacontenttype": "application/json",
        "sequence": f"{event.global_position:0{_DIGITS}d}",
        "streamversion": event.stream_version,
        **{name: value for name, value in said.items() if value},
        "data": dict(event.payload),
    }


def line_of(event: RecordedEvent, source: str) -> bytes:
    """The CloudEvent as one line of JSON, with its end."""
    return json.dumps(cloud_event(event, source), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class Told(NamedTuple):
    """What a line of an export says which event it is."""

    source: str
    position: int
    event_id: str


def told_by(line: bytes) -> Told:
    """Which event a line tells that `line_of` made; Invalid for any other line."""
    try:
        said = json.loads(line)
        return Told(str(said["source"]), int(said["sequence"]), str(said["id"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Invalid("The file holds a line that is none of an export of events.") from error


def check_told(connection: Connection, told: Told) -> None:
    """Invalid unless the event is this log's: of its name, at its position, under its id."""
    own = source_of(connection)
    if told.source != own:
        raise Invalid(f"it holds events of the log {told.source[:80]}, and this one is {own}")
    end = last_position(connection)
    if told.position > end:
        raise Invalid(f"it ends with the event {told.position}, and this log with {end}")
    found = first_value(connection, "SELECT event_id FROM events WHERE global_position = ?", (max(0, told.position),))
    if found != told.event_id:
        raise Invalid(f"its event {told.position} is {told.event_id[:80]}, and that of this log is {found}")
