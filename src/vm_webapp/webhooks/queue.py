"""What each webhook is to be told, and every try at it: rows written in the transaction of the webhook's checkpoint.

A message is pending until it is delivered, or until its tries are used up (failed). After a crash a message that was
sent and not recorded is pending still and is sent again: at least once. Within a lane (the thread, or the stream of
what belongs to none) a message waits for the one before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from vm_webapp import event_store, repo
from vm_webapp.db import execute, first_value
from vm_webapp.domain.webhooks import NEVER_SENT
from vm_webapp.errors import NotFound
from vm_webapp.models import WebhookAttempt, WebhookView, utc_text
from vm_webapp.webhooks.message import Message
from vm_webapp.webhooks.sending import Answer

Row = Mapping[str, Any]
_MOST_WAITING: Final = 5_000
"""The log is read on only while fewer wait, so that a receiver who is away for long does not fill the queue."""

_BATCH: Final = 1_000
_RECENT: Final = 100
"""Tries among which the one stands after which a receiver is left alone: hardly any can follow it until then."""

BUSY: Final = (429, 502, 503, 504)
"""Answers after which nothing else is sent either until the next try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A message whose turn it is; `attempts` were made already."""

    webhook_id: str
    position: int
    lane: str
    attempts: int
    queued_at: datetime


def list_active(connection: Connection) -> list[Row]:
    """The webhooks that are told something now."""
    rows = connection.execute(select(WebhookView.__table__).where(WebhookView.status == "active"))
    return [repo.as_mapping(row) for row in rows]


def place_of(connection: Connection, webhook: Row) -> int:
    """How far the log is read for the webhook; it begins where the webhook was made."""
    saved = event_store.load_checkpoint(connection, _checkpoint(webhook["webhook_id"]))
    return max(saved, int(webhook["created_position"]))


def is_full(connection: Connection, webhook_id: str) -> bool:
    """Whether so many wait that there is no room for more."""
    return count_waiting(connection, webhook_id) >= _MOST_WAITING


def has_news(connection: Connection, webhook: Row, *, position: int) -> bool:
    """Whether there is something to take in beyond the position: what it asked for, or a change of that."""
    asked, until = _asked(connection, webhook, position)
    if until is not None:
        return True
    where, values = _wanted(asked)
    query = f"SELECT 1 FROM events WHERE global_position > ? AND {where} LIMIT 1"  # noqa: S608 - ours
    return first_value(connection, query, (position, *values)) is not None


def take_in(connection: Connection, webhook: Row, *, position: int, now: datetime) -> int:
    """Queue what the webhook is to be told of beyond the position, a batch of it; returns the position read to.

    It is due now, or when the receiver is no longer left alone. What counts is what was asked for when it happened.
    """
    asked, until = _asked(connection, webhook, position)
    last = event_store.last_position(connection) if until is None else until
    where, values = _wanted(asked)
    found = execute(
        connection,
        "SELECT global_position FROM events WHERE global_position > ? AND global_position <= ?"  # noqa: S608 - ours
        f" AND {where} ORDER BY global_position LIMIT ?",
        (position, last, *values, _BATCH),
    ).fetchall()
    end = found[-1][0] if len(found) == _BATCH else last
    if found:
        within = f"global_position > ? AND global_position <= ? AND {where}"
        due_at = max(now, _held_until(connection, webhook) or now)
        _queue(connection, webhook, within, position, end, *values, now=now, due_at=due_at)
    return int(end)


def save_place(connection: Connection, webhook_id: str, position: int) -> None:
    """Keep how far the log is read, in the transaction of what was queued."""
    event_store.save_checkpoint(connection, _checkpoint(webhook_id), position)


def queue_again(connection: Connection, webhook: Row, *, position: int | None, after: int | None, now: datetime) -> int:
    """Have the event at the position, or all beyond one that are read already, sent again; returns how many."""
    where, values = _wanted(webhook)
    if position is not None:
        count = _queue(connection, webhook, f"global_position = ? AND {where}", position, *values, now=now)
        if not count:
            raise NotFound(kind="event for this webhook at the position", id=str(position))
        return count
    within = f"global_position > ? AND global_position <= ? AND {where}"
    return _queue(connection, webhook, within, after or 0, place_of(connection, webhook), *values, now=now)


def make_due(connection: Connection, webhook_id: str, now: datetime) -> None:
    """Begin anew with all that waits: the webhook was turned on again, or is told elsewhere."""
    execute(
        connection,
        "UPDATE webhook_messages SET due_at = ?, queued_at = ?, attempts = 0"
        " WHERE webhook_id = ? AND status = 'pending'",
        (utc_text(now), utc_text(now), webhook_id),
    )
    execute(
        connection,
        "UPDATE webhook_attempts SET next_at = ? WHERE webhook_id = ? AND next_at > ?",
        (utc_text(now), webhook_id, utc_text(now)),
    )


def drop_waiting(connection: Connection, webhook_id: str) -> None:
    """Forget what was to be told: the webhook is gone."""
    execute(connection, "DELETE FROM webhook_messages WHERE webhook_id = ? AND status = 'pending'", (webhook_id,))


def list_due(connection: Connection, webhook_id: str, *, now: datetime, limit: int) -> list[Due]:
    """The messages whose turn it is: the first of each lane, where its time has come."""
    rows = execute(
        connection,
        "SELECT global_position, lane, attempts, queued_at FROM webhook_messages AS message"
        " WHERE webhook_id = ? AND status = 'pending' AND due_at <= ? AND NOT EXISTS ("
        "SELECT 1 FROM webhook_messages AS earlier WHERE earlier.webhook_id = message.webhook_id"
        " AND earlier.lane = message.lane AND earlier.status = 'pending'"
        " AND earlier.global_position < message.global_position) ORDER BY due_at, global_position LIMIT ?",
        (webhook_id, utc_text(now), limit),
    )
    return [
        Due(webhook_id=webhook_id, position=at, lane=lane, attempts=made, queued_at=datetime.fromisoformat(queued_at))
        for at, lane, made, queued_at in rows
    ]


def is_due(connection: Connection, due: Due, *, now: datetime) -> bool:
    """Whether the message still waits for just this try, and its time has come."""
    query = (
        "SELECT 1 FROM webhook_messages WHERE webhook_id = ? AND global_position = ? AND status = 'pending'"
        " AND attempts = ? AND queued_at = ? AND due_at <= ?"
    )
    values = (due.webhook_id, due.position, due.attempts, utc_text(due.queued_at), utc_text(now))
    return first_value(connection, query, values) is not None


def next_due(connection: Connection, webhook_ids: Sequence[str], *, after: datetime) -> datetime | None:
    """The next time at which something becomes due; None where nothing waits for its time."""
    found = [
        first_value(
            connection,
            "SELECT min(due_at) FROM webhook_messages WHERE webhook_id = ? AND status = 'pending' AND due_at > ?",
            (webhook_id, utc_text(after)),
        )
        for webhook_id in webhook_ids
    ]
    times = [datetime.fromisoformat(str(one)) for one in found if one]
    return min(times, default=None)


def record_attempt(
    connection: Connection,
    webhook_id: str,
    message: Message,
    answer: Answer,
    *,
    number: int,
    started_at: datetime,
    next_at: datetime | None = None,
) -> int:
    """Keep what came of a try; returns its id.

    What a receiver says that has a message is of no use to anybody, and may be the message: it is not kept.
    """
    spare = answer.accepted and message.position is not None
    row = {
        "webhook_id": webhook_id,
        "message_id": message.message_id,
        "global_position": message.position,
        "event_type": message.type,
        "number": number,
        "started_at": started_at,
        "duration_ms": answer.duration_ms,
        "outcome": answer.outcome,
        "status_code": answer.status,
        "detail": "" if spare else answer.detail,
        "next_at": next_at,
    }
    made = connection.execute(insert(WebhookAttempt).values(row))
    return int((made.inserted_primary_key or (0,))[0])


def settle(connection: Connection, due: Due, *, status: str, due_at: datetime, attempts: int) -> bool:
    """Keep where a message stands; one that was queued again meanwhile begins anew, and False says so."""
    settled = execute(
        connection,
        "UPDATE webhook_messages SET status = ?, due_at = ?, attempts = ?"
        " WHERE webhook_id = ? AND global_position = ? AND status = 'pending' AND queued_at = ?",
        (status, utc_text(due_at), attempts, due.webhook_id, due.position, utc_text(due.queued_at)),
    )
    return settled.rowcount > 0


def hold_back(connection: Connection, webhook_id: str, until: datetime) -> None:
    """Nothing more before that time: the receiver asked for less."""
    execute(
        connection,
        "UPDATE webhook_messages SET due_at = ? WHERE webhook_id = ? AND status = 'pending' AND due_at < ?",
        (utc_text(until), webhook_id, utc_text(until)),
    )


def accepted_since(connection: Connection, webhook_id: str, since: datetime) -> bool:
    """Whether the receiver has accepted anything from that time on."""
    query = (
        "SELECT 1 FROM webhook_attempts WHERE webhook_id = ? AND outcome = 'delivered' AND started_at >= ?"
        " AND global_position IS NOT NULL LIMIT 1"
    )
    return first_value(connection, query, (webhook_id, utc_text(since))) is not None


def count_waiting(connection: Connection, webhook_id: str) -> int:
    """How many messages are not delivered yet."""
    query = "SELECT count(*) FROM webhook_messages WHERE webhook_id = ? AND status = 'pending'"
    return int(first_value(connection, query, (webhook_id,)) or 0)


def _held_until(connection: Connection, webhook: Row) -> datetime | None:
    """Until when the receiver asked to be left alone, unless all began anew since; None where it did not."""
    recent = "SELECT * FROM webhook_attempts WHERE webhook_id = ? ORDER BY attempt_id DESC LIMIT ?"
    found = first_value(
        connection,
        f"SELECT max(next_at) FROM ({recent}) WHERE status_code IN {BUSY}",  # noqa: S608 - ours
        (webhook["webhook_id"], _RECENT),
    )
    return datetime.fromisoformat(str(found)) if found else None


def _queue(
    connection: Connection,
    webhook: Row,
    where: str,
    *values: object,
    now: datetime,
    due_at: datetime | None = None,
) -> int:
    statement = (
        "INSERT INTO webhook_messages (webhook_id, global_position, lane, status, attempts, due_at, queued_at)"  # noqa: S608 - ours
        " SELECT ?, global_position, coalesce(thread_id, stream_id), 'pending', 0, ?, ? FROM events"
        f" WHERE {where} ON CONFLICT (webhook_id, global_position) DO UPDATE SET"
        " status = 'pending', attempts = 0, due_at = excluded.due_at, queued_at = excluded.queued_at"
    )
    return execute(
        connection, statement, (webhook["webhook_id"], utc_text(due_at or now), utc_text(now), *values)
    ).rowcount


def _asked(connection: Connection, webhook: Row, position: int) -> tuple[Row, int | None]:
    """The webhook as it asked beyond the position, and until which one; None where it asks for that still."""
    stream_id = f"webhook:{webhook['webhook_id']}"
    query = (
        "SELECT min(global_position) FROM events"
        " WHERE stream_id = ? AND event_type = 'WebhookUpdated' AND global_position > ?"
    )
    until = first_value(connection, query, (stream_id, position))
    if until is None:
        return webhook, None
    before = [one for one in event_store.load_stream(connection, stream_id) if one.global_position <= position]
    said = [one.payload["event_types"] for one in before if "event_types" in one.payload]
    return {**webhook, "event_types": said[-1] if said else []}, int(until)


def _wanted(webhook: Row) -> tuple[str, list[object]]:
    """What of the log the webhook asked for, as a condition."""
    types: list[str] = list(webhook["event_types"])
    where = f"aggregate_type NOT IN ({', '.join('?' * len(NEVER_SENT))})"
    values: list[object] = list(NEVER_SENT)
    if webhook["brand_id"] is not None:
        where += " AND brand_id = ?"
        values.append(webhook["brand_id"])
    if types:
        where += f" AND event_type IN ({', '.join('?' * len(types))})"
        values += types
    return where, values


def _checkpoint(webhook_id: str) -> str:
    return f"webhook:{webhook_id}"
