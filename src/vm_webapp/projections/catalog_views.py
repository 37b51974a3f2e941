"""The views of brands, their rules, and projects."""

from collections.abc import Mapping
from typing import Final

from vm_webapp.events import RecordedEvent
from vm_webapp.models import BrandView, ProjectView, RuleView
from vm_webapp.projections.rows import Apply, Row, Rows


def _brand(rows: Rows, event: RecordedEvent) -> None:
    key = event.payload["brand_id"]
    row = rows.find(BrandView, key) or {"brand_id": key, "budget_usd": None, **created(event)}
    row |= {name: event.payload[name] for name in ("name", "description", "voice", "audience")}
    row |= {"do_json": event.payload["do"], "dont_json": event.payload["dont"]}
    rows.put(BrandView, key, row | touched(event))


def _rule(rows: Rows, event: RecordedEvent) -> None:
    payload = event.payload
    row = {name: payload[name] for name in ("rule_id", "brand_id", "text", "sha256")}
    row |= {"check_json": payload["check"], "from_rejection_json": payload["from_rejection"], "status": "active"}
    row |= {"created_by": event.actor_id, "retired_by": None, "retired_at": None, **created(event)}
    rows.put(RuleView, payload["rule_id"], row)
    _brand_changed(rows, event)


def _rule_retired(rows: Rows, event: RecordedEvent) -> None:
    if row := rows.find(RuleView, event.payload["rule_id"]):
        retired = {"status": "retired", "retired_by": event.actor_id, "retired_at": event.occurred_at}
        rows.put(RuleView, row["rule_id"], row | retired)
    _brand_changed(rows, event)


def _brand_budget(rows: Rows, event: RecordedEvent) -> None:
    _brand_changed(rows, event, budget_usd=event.payload["limit_usd"])


def _brand_changed(rows: Rows, event: RecordedEvent, **changes: str | None) -> None:
    """Every event of the brand's stream moves its version; some change what is shown."""
    if row := rows.find(BrandView, event.payload["brand_id"]):
        rows.put(BrandView, row["brand_id"], row | changes | touched(event))


def _project(rows: Rows, event: RecordedEvent) -> None:
    key = event.payload["project_id"]
    row = rows.find(ProjectView, key) or {"project_id": key, "budget_usd": None, **created(event)}
    row |= {name: event.payload[name] for name in ("brand_id", "name", "objective", "due_on")}
    row |= {"channels_json": event.payload["channels"], "kpis_json": event.payload["kpis"]}
    rows.put(ProjectView, key, row | touched(event))


def _project_budget(rows: Rows, event: RecordedEvent) -> None:
    if row := rows.find(ProjectView, event.payload["project_id"]):
        rows.put(ProjectView, row["project_id"], row | {"budget_usd": event.payload["limit_usd"]} | touched(event))


def created(event: RecordedEvent) -> Row:
    """What a view's row has from its first event."""
    return {"created_at": event.occurred_at, "created_position": event.global_position}


def touched(event: RecordedEvent) -> Row:
    """What a view's row has from its newest event."""
    return {"updated_at": event.occurred_at, "version": event.stream_version}


CATALOG: Final[Mapping[str, Apply]] = {
    "BrandCreated": _brand,
    "BrandUpdated": _brand,
    "BrandRuleAdded": _rule,
    "BrandRuleRetired": _rule_retired,
    "BrandBudgetSet": _brand_budget,
    "ProjectCreated": _project,
    "ProjectUpdated": _project,
    "ProjectBudgetSet": _project_budget,
}
