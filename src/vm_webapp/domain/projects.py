"""Projects of a brand: commands, events, decide, evolve."""

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Final, TypeAlias

from vm_webapp.domain.brands import Brand
from vm_webapp.domain.budgets import check_budget
from vm_webapp.domain.texts import changed_text, check_id, check_name, check_names, check_text
from vm_webapp.errors import AlreadyExists, InvalidText, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProject:
    """Begin a project of a brand."""

    project_id: str
    brand_id: str
    name: str
    objective: str = ""
    channels: tuple[str, ...] = ()
    due_on: str | None = None
    kpis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateProject:
    """Change a project; None leaves a field as it is, an empty `due_on` clears the date."""

    project_id: str
    name: str | None = None
    objective: str | None = None
    channels: tuple[str, ...] | None = None
    due_on: str | None = None
    kpis: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetProjectBudget:
    """Limit what is spent on models for the project, in US dollars as decimal text; None takes the limit off."""

    project_id: str
    limit_usd: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectCreated:
    """A project was begun."""

    aggregate: ClassVar[str] = "project"
    project_id: str
    brand_id: str
    name: str
    objective: str
    channels: list[str]
    due_on: str | None
    kpis: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectUpdated:
    """A project changed; all fields as they are now."""

    aggregate: ClassVar[str] = "project"
    project_id: str
    brand_id: str
    name: str
    objective: str
    channels: list[str]
    due_on: str | None
    kpis: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectBudgetSet:
    """What may be spent for the project changed; None is no limit."""

    aggregate: ClassVar[str] = "project"
    project_id: str
    limit_usd: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project's state; `exists` is False before its first event."""

    exists: bool = False
    project_id: str = ""
    brand_id: str = ""
    name: str = ""
    objective: str = ""
    channels: tuple[str, ...] = ()
    due_on: str | None = None
    kpis: tuple[str, ...] = ()
    budget_usd: str | None = None


ProjectCommand: TypeAlias = CreateProject | UpdateProject | SetProjectBudget
ProjectEvent: TypeAlias = ProjectCreated | ProjectUpdated | ProjectBudgetSet
PROJECT_COMMANDS: Final = (CreateProject, UpdateProject, SetProjectBudget)
PROJECT_EVENTS: Final = (ProjectCreated, ProjectUpdated, ProjectBudgetSet)


def decide_project(command: ProjectCommand, project: Project, brand: Brand) -> tuple[ProjectEvent, ...]:
    """The events that the command leads to; `brand` is the one that a new project names."""
    if isinstance(command, CreateProject):
        return (_create(command, project, brand),)
    if not project.exists:
        raise NotFound(kind="project", id=command.project_id)
    event = _update(command, project) if isinstance(command, UpdateProject) else _set_budget(command, project)
    return () if evolve_project(project, event) == project else (event,)


def evolve_project(project: Project, event: ProjectEvent) -> Project:
    """The project after the event."""
    if isinstance(event, ProjectBudgetSet):
        return replace(project, budget_usd=event.limit_usd)
    return replace(
        project,
        exists=True,
        project_id=event.project_id,
        brand_id=event.brand_id,
        name=event.name,
        objective=event.objective,
        channels=tuple(event.channels),
        due_on=event.due_on,
        kpis=tuple(event.kpis),
    )


def _create(command: CreateProject, project: Project, brand: Brand) -> ProjectCreated:
    if project.exists:
        raise AlreadyExists(kind="project", id=command.project_id)
    if not brand.exists:
        raise NotFound(kind="brand", id=command.brand_id)
    return ProjectCreated(
        project_id=check_id(command.project_id, "project_id"),
        brand_id=command.brand_id,
        name=check_name(command.name, "name"),
        objective=check_text(command.objective, "objective", optional=True),
        channels=check_names(command.channels, "channels"),
        due_on=check_date(command.due_on),
        kpis=check_names(command.kpis, "kpis"),
    )


def _update(command: UpdateProject, project: Project) -> ProjectUpdated:
    return ProjectUpdated(
        project_id=project.project_id,
        brand_id=project.brand_id,
        name=project.name if command.name is None else check_name(command.name, "name"),
        objective=changed_text(command.objective, project.objective, "objective"),
        channels=list(project.channels) if command.channels is None else check_names(command.channels, "channels"),
        due_on=project.due_on if command.due_on is None else check_date(command.due_on or None),
        kpis=list(project.kpis) if command.kpis is None else check_names(command.kpis, "kpis"),
    )


def _set_budget(command: SetProjectBudget, project: Project) -> ProjectBudgetSet:
    return ProjectBudgetSet(project_id=project.project_id, limit_usd=check_budget(command.limit_usd))


def check_date(value: str | None, field: str = "due_on") -> str | None:
    """The day in its canonical spelling, None for none; InvalidText for what is no day."""
    if value is None:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        problem = f"is no date: {value[:40]!r}; write it as 2027-01-31"
        raise InvalidText(field=field, problem=problem, pointer=f"/{field}", reason="no_date") from error
