"""Projects of a brand."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import ConfigDict, Field
from sqlalchemy import Connection

from vm_webapp import repo
from vm_webapp.api import problems, writes
from vm_webapp.api.fields import UNCHANGED, Day, Lines, Name, OptionalText, OwnId, ProjectId, SomeId
from vm_webapp.api.http import HostOf, show
from vm_webapp.api.identity import CallerOf
from vm_webapp.api.paging import PageOf
from vm_webapp.api.shapes import ProjectShape, ProjectsShape
from vm_webapp.api.writes import Body, WriteOf
from vm_webapp.commands import new_id
from vm_webapp.domain.projects import CreateProject, UpdateProject
from vm_webapp.records import Record, project_record

router = APIRouter(prefix="/api/v2/projects", tags=["projects"])

Channels = Annotated[list[Name], Field(max_length=50, examples=[["email", "instagram"]])]


class NewProject(Body):
    """A project to create."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"brand_id": "b-aurora", "name": "Spring launch", "due_on": "2027-04-30"}]}
    )

    brand_id: SomeId
    name: Name
    project_id: OwnId = None
    objective: OptionalText = ""
    channels: Channels = Field(default_factory=list)
    due_on: Day | None = None
    kpis: Lines = Field(default_factory=list, description="What it is measured by, a line each.")


class ProjectChanges(Body):
    """What is to change; what is left out stays, null clears the date."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"channels": ["email"], "due_on": None}]})

    name: Name = UNCHANGED
    objective: OptionalText = UNCHANGED
    channels: Channels = UNCHANGED
    due_on: Day | None = UNCHANGED
    kpis: Lines = UNCHANGED


@router.post(
    "",
    operation_id="createProject",
    summary="Create a project of a brand",
    response_model=ProjectShape,
    responses=writes.responses(404),
)
def create_project(body: NewProject, write: WriteOf) -> Response:
    """Answers with the project."""
    project_id = body.project_id or new_id("p")
    command = CreateProject(
        project_id=project_id,
        brand_id=body.brand_id,
        name=body.name,
        objective=body.objective,
        channels=tuple(body.channels),
        due_on=body.due_on,
        kpis=tuple(body.kpis),
    )
    return write.perform(command, partial(read, project_id=project_id))


@router.get(
    "",
    operation_id="listProjects",
    summary="List projects, newest first",
    response_model=ProjectsShape,
    responses=problems.responses(422),
)
def list_projects(
    host: HostOf,
    page: PageOf,
    caller: CallerOf,
    brand_id: Annotated[str | None, Query(description="Of this brand alone.")] = None,
) -> Response:
    """Answers with a page of projects, of all brands where none is named."""
    with host.database.read() as connection:
        rows = repo.list_projects(connection, brand_id=caller.narrowed(brand_id), **page.bounds)
    return page.show("projects", rows, project_record)


@router.get(
    "/{project_id}",
    operation_id="getProject",
    summary="Read a project",
    response_model=ProjectShape,
    responses=problems.responses(404),
)
def get_project(project_id: ProjectId, host: HostOf) -> Response:
    """Answers with the project."""
    with host.database.read() as connection:
        return show(read(connection, project_id))


@router.patch(
    "/{project_id}",
    operation_id="updateProject",
    summary="Change a project",
    response_model=ProjectShape,
    responses=writes.responses(404),
)
def update_project(project_id: ProjectId, body: ProjectChanges, write: WriteOf) -> Response:
    """Answers with the project; what is left out of the body stays as it is, `due_on: null` clears the date."""
    changes: dict[str, Any] = body.model_dump(exclude_unset=True)
    changes |= {name: tuple(changes[name]) for name in ("channels", "kpis") if name in changes}
    if "due_on" in changes:
        changes["due_on"] = changes["due_on"] or ""
    return write.perform(UpdateProject(project_id=project_id, **changes), partial(read, project_id=project_id))


def read(connection: Connection, project_id: str) -> Record:
    """The project as it is answered."""
    return project_record(repo.get_project(connection, project_id))
