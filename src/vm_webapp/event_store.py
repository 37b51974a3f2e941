"""The append-only log: append with an expected version, read a stream, read on from a position, checkpoints.

UNIQUE(stream_id, stream_version) is the real guard; the check of the expected version gives the clear message.
Positions grow in commit order, because there is one writing connection: a reader that has seen position n has seen all
up to n.

The texts of an event are sealed on their way in, under a key in `event_keys` that is written with it, and opened on
their way out (ADR 13). Appending ContentErased destroys the keys of the events that it names, in the same transaction;
events of before texts had keys are shown blank from then on.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import IntegrityError as ConstraintError

from vm_webapp.db import EVENT_TYPES, execute, execute_many, first_value
from vm_webapp.errors import AlreadyExists, Invalid, VersionConflict
from vm_webapp.events import ACTOR_TYPES, EventEnvelope, RecordedEvent, upcast
from vm_webapp.models import Checkpoint, DeadLetter, EventRow, utc_text
from vm_webapp.proof.canonical import canonical
from vm_webapp.proof.events import event_digest
from vm_webapp.sealing import BLANK, sealed, unsealed

ERASURE = "ContentErased"
"""The event that destroys the keys of those that it names."""

_EVENTS = EventRow.__table__
_CHECKPOINTS = Checkpoint.__table__
_DEAD_LETTERS = DeadLetter.__table__

_COLUMNS = tuple(column.name for column in _EVENTS.columns)
_KEY = "(SELECT key FROM event_keys WHERE event_keys.event_id = events.event_id)"
_READ = (*_COLUMNS, "key")
_SELECT = f"SELECT {', '.join(_COLUMNS)}, {_KEY} FROM events"  # noqa: S608 - the columns are the model's
_STREAM = f"{_SELECT} WHERE stream_id = ? AND stream_version > ? ORDER BY stream_version"
_KEEP_KEY = "INSERT INTO event_keys (event_id, key) VALUES (?, ?)"
_BLANK_KEY = "INSERT INTO event_keys (event_id, key) VALUES (?, ?) ON CONFLICT DO NOTHING"
_FORGET_KEY = "DELETE FROM event_keys WHERE event_id = ?"
_DIGEST = "SELECT sha256 FROM events WHERE stream_id = ? AND stream_version = ?"
_INSERT = f"INSERT INTO events ({', '.join(_COLUMNS)}) VALUES "  # noqa: S608 - likewise
_VALUES = f"({', '.join('?' * len(_COLUMNS))})"


def append(
    connection: Connection, envelopes: Sequence[EventEnvelope], *, known_version: int | None = None
) -> list[RecordedEvent]:
    """Add events of one stream to the log, in order; all of them or none.

    `known_version` is the stream's version where the caller has just read it in this transaction.
    Raises VersionConflict when the stream is not at the first envelope's expected version, AlreadyExists when an event
    of that id is recorded, Invalid for an unknown kind of actor or an event that belongs to another stream.
    """
    first = envelopes[0]
    version = stream_version(connection, first.stream_id) if known_version is None else known_version
    if first.expected_version is not None and first.expected_version != version:
        raise version_conflict(first.stream_id, actual=version, expected=first.expected_version)
    last = first_value(connection, "SELECT seq FROM sqlite_sequence WHERE name = 'events'") or 0
    rows = [
        _row(envelope, version=version + at, position=last + at, stream_id=first.stream_id)
        for at, envelope in enumerate(envelopes, start=1)
    ]
    _chain(rows, previous=_digest_at(connection, first.stream_id, version))
    events = [recorded(row) for row in rows]
    insert = _INSERT + ", ".join([_VALUES] * len(rows))  # one statement, so that all rows are in or none
    try:
        execute(connection, insert, [row[name] for row in rows for name in _COLUMNS])
    except ConstraintError as error:
        raise _explained(error, first, version) from error
    _keep_keys(connection, rows)
    for event in events:
        if event.event_type == ERASURE:
            execute_many(connection, _FORGET_KEY, [(event_id,) for event_id in event.payload["events"]])
            execute_many(connection, _BLANK_KEY, [(event_id, BLANK) for event_id in event.payload["in_clear"]])
    connection.info.setdefault(EVENT_TYPES, set()).update(envelope.event_type for envelope in envelopes)
    return events


def version_conflict(stream_id: str, *, actual: int, expected: int) -> VersionConflict:
    """The refusal of a writer who knows another version of the stream."""
    return VersionConflict(stream_id=stream_id, actual=actual, expected=expected)


def stream_version(connection: Connection, stream_id: str) -> int:
    """How many events the stream has; 0 where there is no such stream."""
    query = "SELECT max(stream_version) FROM events WHERE stream_id = ?"
    return int(first_value(connection, query, (stream_id,)) or 0)


def load_stream(connection: Connection, stream_id: str, *, after: int = 0) -> list[RecordedEvent]:
    """The stream's events beyond version `after`, oldest first."""
    rows = execute(connection, _STREAM, (stream_id, after))
    return [recorded(dict(zip(_READ, row, strict=True))) for row in rows]


def read_after(
    connection: Connection,
    position: int,
    *,
    limit: int = 500,
    thread_id: str | None = None,
    brand_id: str | None = None,
    types: Iterable[str] = (),
    without: Iterable[str] = (),
) -> list[RecordedEvent]:
    """Up to `limit` events beyond the global position, oldest first; of one thread, one brand, some types where named.

    `without` leaves the events of some types of aggregate out.
    """
    wanted, left_out = tuple(types), tuple(without)
    named = {"thread_id": thread_id, "brand_id": brand_id}
    owners = {name: value for name, value in named.items() if value is not None}
    statement = _after(tuple(owners), types=len(wanted), without=len(left_out))
    values = (position, *owners.values(), *wanted, *left_out, limit)
    rows = execute(connection, statement, values)
    return [recorded(dict(zip(_READ, row, strict=True))) for row in rows]


@cache
def _after(owners: tuple[str, ...], *, types: int, without: int) -> str:
    where = "global_position > ?" + "".join(f" AND {name} = ?" for name in owners)
    if types:
        where += f" AND event_type IN ({', '.join('?' * types)})"
    if without:
        where += f" AND aggregate_type NOT IN ({', '.join('?' * without)})"
    return f"{_SELECT} WHERE {where} ORDER BY global_position LIMIT ?"


def last_position(connection: Connection) -> int:
    """The newest event's global position; 0 for an empty log."""
    return int(first_value(connection, "SELECT max(global_position) FROM events") or 0)


def load_checkpoint(connection: Connection, name: str) -> int:
    """How far the reader of that name has come; 0 at first."""
    found = connection.execute(select(Checkpoint.position).where(Checkpoint.name == name)).scalar()
    return found or 0


def save_checkpoint(connection: Connection, name: str, position: int) -> None:
    """Record how far the reader of that name has come, in the transaction of what the checkpoint guards."""
    execute(
        connection,
        "INSERT INTO checkpoints (name, position) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET position = excluded.position",
        (name, position),
    )


def bury(connection: Connection, event: RecordedEvent, *, reader: str, reason: str, now: datetime) -> None:
    """Put an event that could not be processed to the dead letters."""
    row = {
        "event_id": event.event_id,
        "global_position": event.global_position,
        "reader": reader,
        "reason": reason,
        "recorded_at": now,
    }
    connection.execute(upsert(DeadLetter).values(row).on_conflict_do_nothing())


def list_dead_letters(connection: Connection) -> list[Row[Any]]:
    """The events that could not be processed, oldest first."""
    return list(connection.execute(select(_DEAD_LETTERS).order_by(DeadLetter.global_position)))


def recorded(row: Mapping[str, Any]) -> RecordedEvent:
    """The event of a row of the log, its texts opened with the row's `key` where there is one, its payload upcast."""
    occurred_at = row["occurred_at"]
    payload, erased = unsealed(row["event_type"], row["event_id"], json.loads(row["payload"]), row.get("key"))
    return RecordedEvent(
        global_position=row["global_position"],
        event_id=row["event_id"],
        event_type=row["event_type"],
        aggregate_type=row["aggregate_type"],
        aggregate_id=row["aggregate_id"],
        stream_id=row["stream_id"],
        stream_version=row["stream_version"],
        actor_type=row["actor_type"],
        actor_id=row["actor_id"],
        payload=upcast(row["event_type"], row["payload_version"], payload, row["event_id"]),
        brand_id=row["brand_id"],
        project_id=row["project_id"],
        thread_id=row["thread_id"],
        run_id=row["run_id"],
        correlation_id=row["correlation_id"],
        causation_id=row["causation_id"],
        occurred_at=datetime.fromisoformat(occurred_at) if isinstance(occurred_at, str) else occurred_at,
        sha256=row["sha256"],
        previous_sha256=row["previous_sha256"],
        erased=erased,
    )


def _row(envelope: EventEnvelope, *, version: int, position: int, stream_id: str) -> dict[str, Any]:
    if envelope.stream_id != stream_id:
        raise Invalid(f"The events belong to two streams: {stream_id} and {envelope.stream_id}.")
    if envelope.actor_type not in ACTOR_TYPES:
        raise Invalid(f"An actor is one of {', '.join(ACTOR_TYPES)}; not {envelope.actor_type!r}.")
    payload, key = sealed(envelope.event_type, envelope.event_id, envelope.payload)
    return {
        "global_position": position,
        "event_id": envelope.event_id,
        "event_type": envelope.event_type,
        "payload_version": envelope.payload_version or 1,
        "aggregate_type": envelope.aggregate_type,
        "aggregate_id": envelope.aggregate_id,
        "stream_id": stream_id,
        "stream_version": version,
        "actor_type": envelope.actor_type,
        "actor_id": envelope.actor_id,
        "brand_id": envelope.brand_id,
        "project_id": envelope.project_id,
        "thread_id": envelope.thread_id,
        "run_id": envelope.run_id,
        "correlation_id": envelope.correlation_id or envelope.event_id,
        "causation_id": envelope.causation_id,
        "occurred_at": utc_text(envelope.occurred_at or datetime.now(UTC)),
        "payload": canonical(payload).decode(),
        "sha256": None,
        "previous_sha256": None,
        "key": key,
    }


def _keep_keys(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    found = [(row["event_id"], row["key"]) for row in rows if row["key"] is not None]
    if found:
        execute_many(connection, _KEEP_KEY, found)


def _chain(rows: Sequence[dict[str, Any]], *, previous: str | None) -> None:
    """Give each row the digest of the one before it, and its own (ADR 10)."""
    for row in rows:
        row["previous_sha256"] = previous
        previous = row["sha256"] = event_digest(row)


def _digest_at(connection: Connection, stream_id: str, version: int) -> str | None:
    """The digest of a stream's event; computed where it is older than the chain, None for version 0."""
    if not version:
        return None
    found = first_value(connection, _DIGEST, (stream_id, version))
    if found is not None:
        return str(found)
    (row,) = execute(connection, _STREAM + " LIMIT 1", (stream_id, version - 1)).fetchall()
    return event_digest(dict(zip(_READ, row, strict=True)))


def _explained(error: ConstraintError, envelope: EventEnvelope, version: int) -> Exception:
    if "event_id" in str(error.orig):
        return AlreadyExists(kind="event", id=envelope.event_id)
    return VersionConflict(stream_id=envelope.stream_id, actual=version + 1, expected=version)
