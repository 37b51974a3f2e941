"""The views of brands and projects."""

from collections.abc import Mapping
from typing import Final

from vm_webapp.events import RecordedEvent
from vm_webapp.models import BrandView, ProjectView
from vm_webapp.projections.rows import Apply, Row, Rows


def _brand(rows: Rows, event: RecordedEvent) -> None:
    key = event.payload["brand_id"]
    row = rows.find(BrandView, key) or {"brand_id": key, **created(event)}
    row |= {name: event.payload[name] for name in ("name", "description", "voice", "audience")}
    rows.put(BrandView, key, row | touched(event))


def _project(rows: Rows, event: RecordedEvent) -> None:
    key = event.payload["project_id"]
    row = rows.find(ProjectView, key) or {"project_id": key, **created(event)}
    row |= {name: event.payload[name] for name in ("brand_id", "name", "objective", "due_on")}
    row["channels_json"] = event.payload["channels"]
    rows.put(ProjectView, key, row | touched(event))


def created(event: RecordedEvent) -> Row:
    """What a view's row has from its first event."""
    return {"created_at": event.occurred_at, "created_position": event.global_position}


def touched(event: RecordedEvent) -> Row:
    """What a view's row has from its newest event."""
    return {"updated_at": event.occurred_at, "version": event.stream_version}


CATALOG: Final[Mapping[str, Apply]] = {
    "BrandCreated": _brand,
    "BrandUpdated": _brand,
    "ProjectCreated": _project,
    "ProjectUpdated": _project,
}
