"""The view of tokens."""

from collections.abc import Mapping
from typing import Final

from vm_webapp.events import RecordedEvent
from vm_webapp.models import TokenView
from vm_webapp.projections.catalog_views import created
from vm_webapp.projections.rows import Apply, Rows

_FACTS: Final = ("name", "role", "brand_id", "sha256", "expires_at", "created_by")


def _token_created(rows: Rows, event: RecordedEvent) -> None:
    key = event.payload["token_id"]
    row = {"token_id": key, "revoked_at": None, "version": event.stream_version, **created(event)}
    rows.put(TokenView, key, row | {name: event.payload[name] for name in _FACTS})


def _token_revoked(rows: Rows, event: RecordedEvent) -> None:
    row = rows.find(TokenView, event.payload["token_id"])
    if row is not None:
        row |= {"revoked_at": event.occurred_at, "version": event.stream_version}


ACCESS: Final[Mapping[str, Apply]] = {"TokenCreated": _token_created, "TokenRevoked": _token_revoked}
