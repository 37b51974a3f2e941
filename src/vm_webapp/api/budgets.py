"""Budgets: what may be spent on models for a brand or a project."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import ConfigDict, Field

from vm_webapp.api import brands, projects, writes
from vm_webapp.api.fields import BrandId, ProjectId
from vm_webapp.api.shapes import BrandShape, ProjectShape
from vm_webapp.api.writes import Body, WriteOf
from vm_webapp.domain.brands import SetBrandBudget
from vm_webapp.domain.projects import SetProjectBudget

router = APIRouter(prefix="/api/v2", tags=["budgets"])


class Budget(Body):
    """A limit in US dollars; null takes it off."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"limit_usd": "25.00"}]})

    limit_usd: Annotated[str, Field(min_length=1, max_length=40, examples=["25.00"])] | None


@router.post(
    "/brands/{brand_id}/budget",
    operation_id="setBrandBudget",
    summary="Limit what is spent on models for a brand",
    response_model=BrandShape,
    responses=writes.responses(404),
)
def set_brand_budget(brand_id: BrandId, body: Budget, write: WriteOf) -> Response:
    """Answers with the brand; what is spent already counts, and so does what open runs have reserved."""
    command = SetBrandBudget(brand_id=brand_id, limit_usd=body.limit_usd)
    return write.perform(command, partial(brands.read, brand_id=brand_id))


@router.post(
    "/projects/{project_id}/budget",
    operation_id="setProjectBudget",
    summary="Limit what is spent on models for a project",
    response_model=ProjectShape,
    responses=writes.responses(404),
)
def set_project_budget(project_id: ProjectId, body: Budget, write: WriteOf) -> Response:
    """Answers with the project; likewise."""
    command = SetProjectBudget(project_id=project_id, limit_usd=body.limit_usd)
    return write.perform(command, partial(projects.read, project_id=project_id))
