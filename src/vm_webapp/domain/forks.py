"""What a fork takes over from its source, and what it changes."""

from collections.abc import Mapping
from typing import Any

from vm_webapp.domain.plans import RunPlan, StagePlan
from vm_webapp.domain.runs import Run
from vm_webapp.domain.states import StageStatus


def carried_stages(run: Run, plan: RunPlan, stage_key: str) -> tuple[str, ...]:
    """The finished stages of `run` that a fork at `stage_key` with this plan does not touch, in plan order.

    A stage is carried if and only if it is completed, is neither that stage nor needs it, is defined as it was, and all
    that it needs is carried.
    """
    touched = plan.dependents(stage_key) | {stage_key}
    before = {stage.key: stage for stage in run.resolved.stages}
    found: list[str] = []
    for stage in plan.stages:
        old = before.get(stage.key)
        if stage.key in touched or old is None or run.stages[stage.key].status is not StageStatus.COMPLETED:
            continue
        if _makes(stage) == _makes(old) and set(stage.needs) <= set(found):
            found.append(stage.key)
    return tuple(found)


def changes_of(run: Run, plan: RunPlan, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from the source, name -> {from, to}; `wanted` are the fork's own values by the run's field names."""
    changes = {
        name: {"from": getattr(run, name), "to": value} for name, value in wanted.items() if getattr(run, name) != value
    }
    old = run.resolved
    if plan.digest != old.digest:
        named = [{"mode": each.profile, "version": each.version, "digest": each.digest} for each in (old, plan)]
        changes["profile"] = {"from": named[0], "to": named[1]}
    return changes


def _makes(stage: StagePlan) -> tuple[Any, ...]:
    """What decides on a stage's output; its title, gate and patience do not."""
    return stage.key, stage.kind, tuple(stage.needs), dict(stage.params)
