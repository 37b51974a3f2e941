"""How long stages took lately: the median of the newest finished runs of a profile, as an honest guess for the next."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import Connection

from vm_webapp import repo

_RUNS = 20


def expected_seconds(connection: Connection, mode: str) -> Mapping[str, float]:
    """Seconds by stage key, from first start to publication; stages without an example are left out."""
    found: dict[str, list[float]] = defaultdict(list)
    for stages in repo.list_newest_stages(connection, mode, limit=_RUNS):
        for key, stage in stages.items():
            if stage["status"] == "completed" and not stage["carried_from"]:
                found[key].append(_seconds(stage))
    return {key: round(median(seconds), 1) for key, seconds in found.items()}


def _seconds(stage: Mapping[str, Any]) -> float:
    began, ended = (datetime.fromisoformat(stage[name]) for name in ("started_at", "finished_at"))
    return max(0.0, (ended - began).total_seconds())
