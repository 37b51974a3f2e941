"""What the views say a run has published, and which of it a person has granted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from vm_webapp.db import execute
from vm_webapp.domain.recoveries import UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedStage:
    """A stage with a manifest; `reads` are the digests of the manifests and files of the stages it needs.

    `granted`: a person approved it and it stands; `unknown`: nobody knows whether one did, since the log of the time is
    lost; `completed`: its run is completed. `carried_from` is the run that a stage was taken over from, empty for one
    that was made.
    """

    run_id: str
    stage_key: str
    position: int
    brand_id: str
    project_id: str
    thread_id: str
    mode: str
    manifest_sha256: str
    writer: str
    created_at: str
    granted: bool
    unknown: bool
    completed: bool
    reads: tuple[str, ...]
    carried_from: str

    @property
    def key(self) -> tuple[str, str]:
        """What names the stage: its run and its key."""
        return self.run_id, self.stage_key


def published_stages(connection: Connection, run_id: str) -> list[PublishedStage]:
    """The run's published stages in plan order; none where there is no such run, or it was erased."""
    row = execute(
        connection,
        "SELECT brand_id, project_id, thread_id, mode, status, created_at, stages_json FROM runs_view"
        " WHERE run_id = ? AND erased_json IS NULL",
        (run_id,),
    ).fetchone()
    if row is None:
        return []
    brand_id, project_id, thread_id, mode, status, created_at, stages = row
    granted = _granted(connection, run_id)
    found = json.loads(stages)
    return [
        PublishedStage(
            run_id=run_id,
            stage_key=stage["stage_key"],
            position=stage["position"],
            brand_id=brand_id,
            project_id=project_id,
            thread_id=thread_id,
            mode=mode,
            manifest_sha256=stage["manifest_sha256"],
            writer=stage["writer"] or "",
            created_at=stage["finished_at"] or created_at,
            granted=stage["stage_key"] in granted and stage["status"] == "completed",
            unknown=stage["approval"] == UNKNOWN,
            completed=status == "completed",
            reads=tuple(digest for key in stage["needs"] for digest in _digests(found[key])),
            carried_from=_place(stage).get("run_id", ""),
        )
        for stage in found.values()
        if stage["manifest_sha256"]
    ]


def _granted(connection: Connection, run_id: str) -> set[str]:
    query = "SELECT payload FROM events WHERE stream_id = ? AND event_type = 'ApprovalGranted'"
    return {json.loads(payload)["stage_key"] for (payload,) in execute(connection, query, (f"run:{run_id}",))}


def _digests(stage: Mapping[str, Any]) -> list[str]:
    return [stage["manifest_sha256"] or "", *(item["sha256"] for item in stage["artifacts"])]


def _place(stage: Mapping[str, Any]) -> Mapping[str, Any]:
    return stage["carried_from"] or {}
