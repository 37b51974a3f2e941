"""The view of a run that was brought from another log: folded from what its one event carries.

Nothing but the run's own row is touched: nobody here is asked for what was decided there, and nothing was paid here.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from vm_webapp.domain.imports import past_events
from vm_webapp.events import RecordedEvent
from vm_webapp.models import RunView, utc_text
from vm_webapp.projections.gate_views import GATE_FOLDS
from vm_webapp.projections.rows import Apply, Rows
from vm_webapp.projections.run_views import RUN_FOLDS

_FOLDS: Final[Mapping[str, Apply]] = {**RUN_FOLDS, **GATE_FOLDS}


def _imported(rows: Rows, event: RecordedEvent) -> None:
    payload = event.payload
    for past in past_events(payload):
        if apply := _FOLDS.get(past.event_type):
            told = replace(
                event,
                event_id=past.event_id,
                event_type=past.event_type,
                actor_type=past.actor_type,
                actor_id=past.actor_id,
                occurred_at=datetime.fromisoformat(past.occurred_at),
                payload=past.payload,
            )
            apply(rows, told)
    row = rows.find(RunView, payload["run_id"])
    if row is not None:
        said = {name: payload[name] for name in ("origin", "key", "fingerprint", "bundle_sha256")}
        row["imported_json"] = {**said, "by": event.actor_id, "at": utc_text(event.occurred_at)}
        rows.put(RunView, row["run_id"], row)


IMPORTS: Final[Mapping[str, Apply]] = {"WorkflowRunImported": _imported}
