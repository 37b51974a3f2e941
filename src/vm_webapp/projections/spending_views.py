"""What requests to models have cost: per attempt and run in the run's row, and per thread, project and brand."""

from collections.abc import Mapping
from typing import Final

from vm_webapp.domain.budgets import to_nano
from vm_webapp.domain.spending import usd_of
from vm_webapp.events import RecordedEvent
from vm_webapp.models import RunView, SpendingView
from vm_webapp.projections.rows import Apply, Row, Rows
from vm_webapp.projections.run_views import stage_of

_SCOPES: Final = ("thread", "project", "brand")
NOTHING: Final[Mapping[str, int]] = {
    "calls": 0,
    "input_tokens": 0,
    "output_tokens": 0,
    "cost_nano": 0,
    "reserved_nano": 0,
    "unpriced": 0,
}


def _reserved(rows: Rows, event: RecordedEvent) -> None:
    cost = event.payload["cost_usd"]
    change = {"calls": 1, "reserved_nano": _nano(cost), "unpriced": int(cost is None)}
    _add(rows, event, change)


def _settled(rows: Rows, event: RecordedEvent) -> None:
    payload = event.payload
    change = {
        "input_tokens": payload["input_tokens"],
        "output_tokens": payload["output_tokens"],
        "cost_nano": _nano(payload["cost_usd"]),
        "reserved_nano": -_nano(payload["reserved_usd"]),
        "unpriced": int(payload["cost_usd"] is None) - int(payload["reserved_usd"] is None),
    }
    _add(rows, event, change)


def _add(rows: Rows, event: RecordedEvent, change: Mapping[str, int]) -> None:
    row = rows.find(RunView, event.payload["run_id"])
    if row is None:
        return
    row["usage_json"] = _sum(row["usage_json"], change)
    row["version"] = event.stream_version
    attempt = next(each for each in stage_of(row, event)["attempts"] if each["attempt"] == event.payload["attempt"])
    attempt["usage"] = _sum(attempt["usage"], change)
    rows.put(RunView, row["run_id"], row)
    for scope in _SCOPES:
        scope_id = f"{scope}:{row[f'{scope}_id']}"
        before = rows.find(SpendingView, scope_id)
        rows.put(SpendingView, scope_id, {"scope_id": scope_id, **_sum(before, change)})


def _sum(before: Mapping[str, int] | None, change: Mapping[str, int]) -> Row:
    return {name: (before or NOTHING)[name] + change.get(name, 0) for name in NOTHING}


def _nano(usd: str | None) -> int:
    return to_nano(usd_of(usd))


SPENDING: Final[Mapping[str, Apply]] = {"ModelCallReserved": _reserved, "ModelCallSettled": _settled}
