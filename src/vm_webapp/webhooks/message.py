"""What is sent: body, id and signature, after the Standard Webhooks specification 1.0.

Signed is `{webhook-id}.{webhook-timestamp}.{body}` with HMAC-SHA256. The id is the same at every try, and when a
message is sent again: receivers know by it what they have had. Neither id nor time can hold a dot.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vm_webapp import __version__
from vm_webapp.cloud_events import type_of
from vm_webapp.events import RecordedEvent, derive_id
from vm_webapp.records import event_record

TEST_TYPE: Final = "com.vm.WebhookTest.v1"
_LARGEST: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message, ready to be signed; `position` is that of its event, None for a test."""

    message_id: str
    type: str
    position: int | None
    body: bytes


def message_of(webhook_id: str, event: RecordedEvent) -> Message:
    """The message that tells the webhook of the event; a payload beyond 20 kB is left out, and that is said."""
    kind = type_of(event.event_type)
    record = event_record(event)
    body = _body(kind, record["occurred_at"], record)
    if len(body) > _LARGEST:
        body = _body(kind, record["occurred_at"], {**record, "payload": None, "payload_left_out": True})
    message_id = message_id_of(webhook_id, event.event_id)
    return Message(message_id=message_id, type=kind, position=event.global_position, body=body)


def message_id_of(webhook_id: str, event_id: str) -> str:
    """The id under which a webhook is told of an event."""
    return derive_id("msg", webhook_id, event_id).replace("-", "_", 1)


def test_message(webhook_id: str, *, message_id: str, now: str) -> Message:
    """A message that says nothing but that the way is open."""
    body = _body(TEST_TYPE, now, {"webhook_id": webhook_id})
    return Message(message_id=message_id, type=TEST_TYPE, position=None, body=body)


def headers_of(message: Message, keys: Sequence[bytes], *, timestamp: int) -> Mapping[str, str]:
    """The headers of one try, at that Unix time; each key signs, so that a receiver who has one of them verifies it."""
    signatures = [signature(message.message_id, timestamp, message.body, key=key) for key in keys]
    return {
        "Content-Type": "application/json",
        "User-Agent": f"VM/{__version__}",
        "webhook-id": message.message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def signature(message_id: str, timestamp: int, body: bytes, *, key: bytes) -> str:
    """One of the header's signatures: `v1,` and the base64 of the HMAC."""
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _body(kind: str, timestamp: str, data: Mapping[str, Any]) -> bytes:
    said = {"type": kind, "timestamp": timestamp, "data": data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
