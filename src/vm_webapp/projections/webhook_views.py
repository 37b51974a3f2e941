"""The view of webhooks."""

from collections.abc import Mapping
from typing import Final

from vm_webapp.events import RecordedEvent
from vm_webapp.models import WebhookView
from vm_webapp.projections.catalog_views import created, touched
from vm_webapp.projections.rows import Apply, Rows

_FACTS: Final = ("webhook_id", "brand_id", "url", "description", "created_by")


def _created(rows: Rows, event: RecordedEvent) -> None:
    payload = event.payload
    row = {name: payload[name] for name in _FACTS} | {"event_types_json": payload["event_types"]}
    said = {"status": "active", "reason": None, **created(event), **touched(event)}
    rows.put(WebhookView, payload["webhook_id"], row | said)


def _updated(rows: Rows, event: RecordedEvent) -> None:
    payload = event.payload
    said = {name: payload[name] for name in ("url", "description")} | {"event_types_json": payload["event_types"]}
    row = rows.find(WebhookView, payload["webhook_id"])
    if payload["enabled"]:
        said |= {"status": "active", "reason": None}
    elif row and row["status"] == "active":
        said |= {"status": "off", "reason": None}  # one that was disabled stays so, with its reason
    _change(rows, event, **said)


def _disabled(rows: Rows, event: RecordedEvent) -> None:
    _change(rows, event, status="disabled", reason=event.payload["reason"])


def _moved(rows: Rows, event: RecordedEvent) -> None:
    _change(rows, event)


def _deleted(rows: Rows, event: RecordedEvent) -> None:
    _change(rows, event, status="deleted")


def _change(rows: Rows, event: RecordedEvent, **changes: object) -> None:
    if row := rows.find(WebhookView, event.payload["webhook_id"]):
        rows.put(WebhookView, row["webhook_id"], row | changes | touched(event))


WEBHOOKS: Final[Mapping[str, Apply]] = {
    "WebhookCreated": _created,
    "WebhookUpdated": _updated,
    "WebhookDisabled": _disabled,
    "WebhookRedeliveryRequested": _moved,
    "WebhookSecretRotated": _moved,
    "WebhookDeleted": _deleted,
}
