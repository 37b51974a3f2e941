"""What models have cost: per run with its stages, per thread, project and brand; and what budgets leave."""

from fastapi import APIRouter
from fastapi.responses import Response

from vm_webapp import repo
from vm_webapp.api import problems
from vm_webapp.api.fields import BrandId, ProjectId, RunId, ThreadId
from vm_webapp.api.http import HostOf, check_thread, show
from vm_webapp.api.run_shapes import CostShape, RunCostShape
from vm_webapp.records import cost_record, run_cost_record

router = APIRouter(prefix="/api/v2", tags=["money"])


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
    return show(run_cost_record(run))


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
    return show(cost_record("thread", thread_id, spending, None))


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
    return show(cost_record("project", project_id, spending, project["budget_usd"]))


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
    return show(cost_record("brand", brand_id, spending, brand["budget_usd"]))
