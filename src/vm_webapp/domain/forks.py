"""What a fork takes over from its source, and what it changes."""

from collections.abc import Mapping
from typing import Any

from vm_webapp.domain.plans import RunPlan, StagePlan
from vm_webapp.domain.runs import Run
from vm_webapp.domain.states import StageStatus


def carried_stages(run: Run, plan: RunPlan, stage_key: str) -> tuple[str, ...]:
    """The finished stages of `run` that a fork at `stage_key` with this plan does not touch, in plan order.

    A stage is carried if and only if it is kept, is neither that stage nor needs it, is defined as it was without a
    gate that it had not, and all that it needs is carried.
    """
    touched = plan.dependents(stage_key) | {stage_key}
    before = {stage.key: stage for stage in run.resolved.stages}
    found: list[str] = []
    for stage in plan.stages:
        old = before.get(stage.key)
        if stage.key in touched or old is None or not is_kept(run, stage.key):
            continue
        newly_gated = stage.approval == "required" and old.approval == "none"  # nobody was asked for it there
        if _makes(plan, stage) == _makes(run.resolved, old) and not newly_gated and set(stage.needs) <= set(found):
            found.append(stage.key)
    return tuple(found)


def is_kept(run: Run, key: str) -> bool:
    """Whether the stage is completed, or was to be carried over and never begun: nothing of it is left to do."""
    status = run.stages[key].status
    never_begun = status in (StageStatus.PENDING, StageStatus.SKIPPED)
    return status is StageStatus.COMPLETED or (never_begun and key in run.carried)


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


def _makes(plan: RunPlan, stage: StagePlan) -> tuple[Any, ...]:
    """What decides on a stage's output, the outputs that it reads among it; its title, gate and patience do not."""
    return stage.key, stage.kind, plan.needed(stage.key), dict(stage.params)
