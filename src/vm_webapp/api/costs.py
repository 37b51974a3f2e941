"""What models have cost: per run with its stages, per thread, project and brand; and what budgets leave."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import Response

from vm_webapp import repo
from vm_webapp.api import problems
from vm_webapp.api.fields import BrandId, ProjectId, RunId, ThreadId
from vm_webapp.api.http import HostOf, check_thread, show
from vm_webapp.api.run_shapes import CostShape, RunCostShape
from vm_webapp.domain.budgets import from_nano
from vm_webapp.domain.spending import usd_of, usd_text
from vm_webapp.records import usage_record

router = APIRouter(prefix="/api/v2", tags=["money"])

_NAMES: Final = ("calls", "input_tokens", "output_tokens", "cost_nano", "reserved_nano", "unpriced")


@router.get(
    "/workflow-runs/{run_id}/cost",
    operation_id="getRunCost",
    summary="Read what a run has cost, by stage and attempt",
    response_model=RunCostShape,
    responses=problems.responses(404),
)
def get_run_cost(run_id: RunId, host: HostOf) -> Response:
    """Answers with the sums; an unknown price is counted in `unpriced`."""
    with host.database.read() as connection:
        run = repo.get_run(connection, run_id)
    stages = [cost for stage in run["stages"].values() if (cost := _stage_cost(stage))]
    return show({**_cost("run", run_id, run["usage"] or _sum([]), run["budget_usd"]), "stages": stages})


@router.get(
    "/threads/{thread_id}/cost",
    operation_id="getThreadCost",
    summary="Read what a thread has cost",
    response_model=CostShape,
    responses=problems.responses(404),
)
def get_thread_cost(thread_id: ThreadId, host: HostOf) -> Response:
    """Answers with the sums over the thread's runs."""
    with host.database.read() as connection:
        check_thread(connection, thread_id)
        spending = repo.get_spending(connection, f"thread:{thread_id}")
    return show(_cost("thread", thread_id, spending, None))


@router.get(
    "/projects/{project_id}/cost",
    operation_id="getProjectCost",
    summary="Read what a project has cost, and what its budget leaves",
    response_model=CostShape,
    responses=problems.responses(404),
)
def get_project_cost(project_id: ProjectId, host: HostOf) -> Response:
    """Answers with the sums over the project's runs."""
    with host.database.read() as connection:
        project = repo.get_project(connection, project_id)
        spending = repo.get_spending(connection, f"project:{project_id}")
    return show(_cost("project", project_id, spending, project["budget_usd"]))


@router.get(
    "/brands/{brand_id}/cost",
    operation_id="getBrandCost",
    summary="Read what a brand has cost, and what its budget leaves",
    response_model=CostShape,
    responses=problems.responses(404),
)
def get_brand_cost(brand_id: BrandId, host: HostOf) -> Response:
    """Answers with the sums over the brand's runs."""
    with host.database.read() as connection:
        brand = repo.get_brand(connection, brand_id)
        spending = repo.get_spending(connection, f"brand:{brand_id}")
    return show(_cost("brand", brand_id, spending, brand["budget_usd"]))


def _cost(scope: str, scope_id: str, usage: Mapping[str, int], budget_usd: str | None) -> dict[str, Any]:
    spent = from_nano(usage["cost_nano"] + usage["reserved_nano"])
    left = None if budget_usd is None else usd_text(max(usd_of("0"), usd_of(budget_usd) - spent))
    return {
        "scope": scope,
        "id": scope_id,
        "usage": usage_record(usage),
        "budget_usd": budget_usd,
        "left_usd": left,
    }


def _stage_cost(stage: Mapping[str, Any]) -> dict[str, Any] | None:
    used = [attempt for attempt in stage["attempts"] if attempt["usage"]]
    if not used:
        return None
    return {
        "stage_key": stage["stage_key"],
        "title": stage["title"],
        "usage": usage_record(_sum([attempt["usage"] for attempt in used])),
        "attempts": [{"attempt": attempt["attempt"], "usage": usage_record(attempt["usage"])} for attempt in used],
    }


def _sum(usages: list[Mapping[str, int]]) -> dict[str, int]:
    return {name: sum(usage[name] for usage in usages) for name in _NAMES}
