"""What a bundle says of its run once more, held against the run's events: run.json and profile.json.

The events are folded as those of the workspace are, apart from any database. Names that run.json leaves out are passed
over, since an older program knew fewer; so is the run's number, which its thread gives it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from vm_webapp.bundles.bundle import PROFILE, RUN
from vm_webapp.events import RecordedEvent
from vm_webapp.models import Base, RunView
from vm_webapp.projections.gate_views import GATE_FOLDS
from vm_webapp.projections.rows import Apply, Row, Rows
from vm_webapp.projections.run_views import RUN_FOLDS
from vm_webapp.projections.spending_views import SPENDING
from vm_webapp.records import run_record

_FOLDS: Final[Mapping[str, Apply]] = {**RUN_FOLDS, **GATE_FOLDS, **SPENDING}
_UNTOLD: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, StopIteration, TypeError, ValueError)
_MISSING: Final = object()
_LONGEST: Final = 80


def check_told(payload: Mapping[str, bytes], events: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What run.json and profile.json say otherwise than the run's events; where there are none, only their form."""
    try:
        run, plan = (json.loads(payload.get(name, b"")) for name in (RUN, PROFILE))
    except (ValueError, RecursionError):
        yield f"data/{RUN} or data/{PROFILE} is not JSON."
        return
    if not events:
        return
    try:
        yield from list(_compare(run, plan, events))
    except _UNTOLD as error:
        yield f"The events cannot be told as a run ({type(error).__name__})."


def _compare(run: object, plan: object, events: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    number = run.get("number") if isinstance(run, dict) else None
    place = _difference(run, {**_told(events), "number": number})
    if place is not None:
        yield f"data/{RUN} says something else than the log, at {place[:_LONGEST]!r}."
    queued = events[0]
    if queued["payload_version"] == queued["known_version"] and plan != queued["facts"]["plan"]:
        yield f"data/{PROFILE} says something else than the log."


class _Apart(Rows):
    """Rows of no database: what was not put is not there."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Row] = {}

    def find(self, view: type[Base], key: str) -> Row | None:
        """The row that was put."""
        return self._kept.get((view.__tablename__, key))

    def put(self, view: type[Base], key: str, row: Row) -> None:
        """Keep the row."""
        self._kept[view.__tablename__, key] = row


def _told(events: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The run's record as its events tell it."""
    rows = _Apart()
    for event in map(_recorded, events):
        if apply := _FOLDS.get(event.event_type):
            apply(rows, event)
    row = rows.find(RunView, events[0]["facts"]["run_id"]) or {}
    return run_record({name.removesuffix("_json"): value for name, value in row.items()})


def _recorded(row: Mapping[str, Any]) -> RecordedEvent:
    said = {field.name: row[field.name] for field in fields(RecordedEvent) if field.name in row}
    at = datetime.fromisoformat(row["occurred_at"])
    return RecordedEvent(**{**said, "global_position": row["index"], "payload": row["facts"], "occurred_at": at})


def _difference(said: object, told: object, place: str = "") -> str | None:
    """Where the first says something else; None where it says nothing that the second does not."""
    if isinstance(said, Mapping) and isinstance(told, Mapping):
        pairs: Iterator[tuple[object, object, object]] = ((name, said[name], told.get(name, _MISSING)) for name in said)
    elif isinstance(said, list) and isinstance(told, list) and len(said) == len(told):
        pairs = ((at, one, other) for at, (one, other) in enumerate(zip(said, told, strict=True)))
    else:
        return None if said == told else place
    differences = (_difference(one, other, f"{place}/{name}") for name, one, other in pairs)
    return next((found for found in differences if found is not None), None)
