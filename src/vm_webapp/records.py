"""View rows as the JSON that HTTP, the command line and run.json share; shapes in docs/http.md."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from vm_webapp.domain.budgets import from_nano
from vm_webapp.domain.spending import usd_of, usd_text
from vm_webapp.events import RecordedEvent
from vm_webapp.models import utc_text
from vm_webapp.profiles import Profile

Record = dict[str, Any]
_RUN_FIELDS = (
    "run_id",
    "thread_id",
    "brand_id",
    "project_id",
    "number",
    "status",
    "mode",
    "requested_mode",
    "request_text",
    "requested_by",
    "created_at",
    "started_at",
    "settled_at",
    "error",
    "forked_from",
    "changes",
    "feedback",
    "edited",
    "imported",
    "erased",
    "writer",
    "budget_usd",
    "stages_total",
    "stages_done",
)
_SUMS = ("calls", "input_tokens", "output_tokens", "cost_nano", "reserved_nano", "unpriced")


def brand_record(row: Mapping[str, Any]) -> Record:
    """A brand."""
    said = ("brand_id", "name", "description", "voice", "audience", "do", "dont", "budget_usd")
    return _pick(row, *said, "created_at", "updated_at", "version")


def rule_record(row: Mapping[str, Any]) -> Record:
    """A rule of a brand."""
    names = ("rule_id", "brand_id", "text", "check", "from_rejection", "sha256", "status")
    return _pick(row, *names, "created_by", "created_at", "retired_by", "retired_at")


def project_record(row: Mapping[str, Any]) -> Record:
    """A project."""
    said = ("project_id", "brand_id", "name", "objective", "channels", "due_on", "kpis", "budget_usd")
    return _pick(row, *said, "created_at", "updated_at", "version")


def thread_record(row: Mapping[str, Any]) -> Record:
    """A thread."""
    names = (
        "thread_id",
        "brand_id",
        "project_id",
        "title",
        "status",
        "modes",
        "best",
        "created_at",
        "updated_at",
        "version",
    )
    return _pick(row, *names)


def token_record(row: Mapping[str, Any]) -> Record:
    """A token, without a word on its secret."""
    names = ("token_id", "name", "role", "brand_id", "created_by", "created_at", "expires_at", "revoked_at", "version")
    return _pick(row, *names)


def profile_record(profile: Profile) -> Record:
    """A profile that can be run, with its stages."""
    stages = [
        {
            "key": stage.key,
            "title": stage.title,
            "kind": stage.kind,
            "needs": list(stage.needs),
            "approval": stage.approval,
        }
        for stage in profile.plan.stages
    ]
    said = {name: getattr(profile, name) for name in ("mode", "title", "description", "version", "source")}
    return {**said, "default": profile.is_default, "stages": stages}


def comment_record(row: Mapping[str, Any]) -> Record:
    """A comment."""
    return _pick(row, "comment_id", "thread_id", "run_id", "stage_key", "text", "actor_id", "created_at", "erased_at")


def task_record(row: Mapping[str, Any]) -> Record:
    """A task."""
    return _pick(row, "task_id", "thread_id", "run_id", "title", "status", "created_at", "completed_at")


def run_row_record(row: Mapping[str, Any]) -> Record:
    """A run in a list."""
    return {**_pick(row, *_RUN_FIELDS), "usage": usage_record(row["usage"])}


def run_record(row: Mapping[str, Any]) -> Record:
    """A run with its profile and stages, in plan order."""
    return {
        **run_row_record(row),
        "profile": row["profile"],
        "cancel_requested": bool(row["cancel_requested"]),
        "stages": [_stage_record(stage) for stage in row["stages"].values()],
        "version": row["version"],
    }


def usage_record(usage: Mapping[str, int] | None) -> Record | None:
    """What requests to models have cost, amounts as decimal text; None where none was sent."""
    if usage is None:
        return None
    counts = {name: usage[name] for name in ("calls", "input_tokens", "output_tokens", "unpriced")}
    amounts = {f"{name}_usd": usd_text(from_nano(usage[f"{name}_nano"])) for name in ("cost", "reserved")}
    return {**counts, **amounts}


def cost_record(scope: str, scope_id: str, usage: Mapping[str, int], budget_usd: str | None) -> Record:
    """What a scope has cost, and what its budget leaves; null where there is no budget."""
    spent = from_nano(usage["cost_nano"] + usage["reserved_nano"])
    left = None if budget_usd is None else usd_text(max(usd_of("0"), usd_of(budget_usd) - spent))
    found = {"usage": usage_record(usage), "budget_usd": budget_usd, "left_usd": left}
    return {"scope": scope, "id": scope_id, **found}


def run_cost_record(run: Mapping[str, Any]) -> Record:
    """What a run has cost, by stage and attempt; only stages that asked a model."""
    stages = [cost for stage in run["stages"].values() if (cost := _stage_cost(stage))]
    return {**cost_record("run", run["run_id"], run["usage"] or _sum([]), run["budget_usd"]), "stages": stages}


def inbox_record(row: Mapping[str, Any]) -> Record:
    """Something that waits for a person."""
    place = ("brand_id", "project_id", "thread_id", "thread_title", "run_id", "run_number", "stage_key")
    return _pick(row, "item_id", "kind", "title", *place, "opened_at", "expires_at")


def _stage_record(stage: Mapping[str, Any]) -> Record:
    attempts = [{**attempt, "usage": usage_record(attempt["usage"])} for attempt in stage["attempts"]]
    return {**stage, "attempts": attempts}


def _stage_cost(stage: Mapping[str, Any]) -> Record | None:
    used = [attempt for attempt in stage["attempts"] if attempt["usage"]]
    if not used:
        return None
    return {
        "stage_key": stage["stage_key"],
        "title": stage["title"],
        "usage": usage_record(_sum([attempt["usage"] for attempt in used])),
        "attempts": [{"attempt": attempt["attempt"], "usage": usage_record(attempt["usage"])} for attempt in used],
    }


def _sum(usages: Sequence[Mapping[str, int]]) -> dict[str, int]:
    return {name: sum(usage[name] for usage in usages) for name in _SUMS}


def event_record(event: RecordedEvent) -> Record:
    """An event, as an item of a timeline and as the data of a live event."""
    names = (
        "global_position",
        "event_id",
        "event_type",
        "occurred_at",
        "actor_type",
        "actor_id",
        "stream_id",
        "stream_version",
        "brand_id",
        "project_id",
        "thread_id",
        "run_id",
        "correlation_id",
        "causation_id",
        "sha256",
        "previous_sha256",
        "erased",
        "payload",
    )
    return {name: _value(getattr(event, name)) for name in names}


def _pick(row: Mapping[str, Any], *names: str) -> Record:
    return {name: _value(row[name]) for name in names}


def _value(value: Any) -> Any:  # noqa: ANN401 - a column's value
    return utc_text(value) if isinstance(value, datetime) else value
