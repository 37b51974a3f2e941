"""Brands and the projects of a brand: commands, events, decide, evolve."""

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, TypeAlias

from vm_webapp.domain.texts import check_id, check_name, check_names, check_text
from vm_webapp.errors import AlreadyExists, InvalidText, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBrand:
    """Begin a brand."""

    brand_id: str
    name: str
    description: str = ""
    voice: str = ""
    audience: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateBrand:
    """Change what a brand says of itself; None leaves a field as it is."""

    brand_id: str
    name: str | None = None
    description: str | None = None
    voice: str | None = None
    audience: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandCreated:
    """A brand was begun."""

    aggregate: ClassVar[str] = "brand"
    brand_id: str
    name: str
    description: str
    voice: str
    audience: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandUpdated:
    """A brand's description of itself changed; all fields as they are now."""

    aggregate: ClassVar[str] = "brand"
    brand_id: str
    name: str
    description: str
    voice: str
    audience: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """A brand's state; `exists` is False before its first event."""

    exists: bool = False
    brand_id: str = ""
    name: str = ""
    description: str = ""
    voice: str = ""
    audience: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProject:
    """Begin a project of a brand."""

    project_id: str
    brand_id: str
    name: str
    objective: str = ""
    channels: tuple[str, ...] = ()
    due_on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateProject:
    """Change a project; None leaves a field as it is, an empty `due_on` clears the date."""

    project_id: str
    name: str | None = None
    objective: str | None = None
    channels: tuple[str, ...] | None = None
    due_on: str | None = None


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


BrandCommand: TypeAlias = CreateBrand | UpdateBrand
BrandEvent: TypeAlias = BrandCreated | BrandUpdated
ProjectCommand: TypeAlias = CreateProject | UpdateProject
ProjectEvent: TypeAlias = ProjectCreated | ProjectUpdated
BRAND_EVENTS = (BrandCreated, BrandUpdated)
PROJECT_EVENTS = (ProjectCreated, ProjectUpdated)


def decide_brand(command: BrandCommand, brand: Brand) -> tuple[BrandEvent, ...]:
    """The events that the command leads to; none when it changes nothing."""
    if isinstance(command, CreateBrand):
        if brand.exists:
            raise AlreadyExists(kind="brand", id=command.brand_id)
        return (
            BrandCreated(
                brand_id=check_id(command.brand_id, "brand_id"),
                name=check_name(command.name, "name"),
                description=check_text(command.description, "description", optional=True),
                voice=check_text(command.voice, "voice", optional=True),
                audience=check_text(command.audience, "audience", optional=True),
            ),
        )
    if not brand.exists:
        raise NotFound(kind="brand", id=command.brand_id)
    updated = BrandUpdated(
        brand_id=brand.brand_id,
        name=brand.name if command.name is None else check_name(command.name, "name"),
        description=_changed(command.description, brand.description, "description"),
        voice=_changed(command.voice, brand.voice, "voice"),
        audience=_changed(command.audience, brand.audience, "audience"),
    )
    return () if evolve_brand(brand, updated) == brand else (updated,)


def evolve_brand(_brand: Brand, event: BrandEvent) -> Brand:
    """The brand after the event."""
    return Brand(
        exists=True,
        brand_id=event.brand_id,
        name=event.name,
        description=event.description,
        voice=event.voice,
        audience=event.audience,
    )


def decide_project(command: ProjectCommand, project: Project, brand: Brand) -> tuple[ProjectEvent, ...]:
    """The events that the command leads to; `brand` is the one that a new project names."""
    if isinstance(command, CreateProject):
        if project.exists:
            raise AlreadyExists(kind="project", id=command.project_id)
        if not brand.exists:
            raise NotFound(kind="brand", id=command.brand_id)
        return (
            ProjectCreated(
                project_id=check_id(command.project_id, "project_id"),
                brand_id=command.brand_id,
                name=check_name(command.name, "name"),
                objective=check_text(command.objective, "objective", optional=True),
                channels=check_names(command.channels, "channels"),
                due_on=_check_date(command.due_on),
            ),
        )
    if not project.exists:
        raise NotFound(kind="project", id=command.project_id)
    updated = ProjectUpdated(
        project_id=project.project_id,
        brand_id=project.brand_id,
        name=project.name if command.name is None else check_name(command.name, "name"),
        objective=_changed(command.objective, project.objective, "objective"),
        channels=list(project.channels) if command.channels is None else check_names(command.channels, "channels"),
        due_on=project.due_on if command.due_on is None else _check_date(command.due_on or None),
    )
    return () if evolve_project(project, updated) == project else (updated,)


def evolve_project(project: Project, event: ProjectEvent) -> Project:
    """The project after the event."""
    return replace(
        project,
        exists=True,
        project_id=event.project_id,
        brand_id=event.brand_id,
        name=event.name,
        objective=event.objective,
        channels=tuple(event.channels),
        due_on=event.due_on,
    )


def _changed(new: str | None, old: str, field: str) -> str:
    return old if new is None else check_text(new, field, optional=True)


def _check_date(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        problem = f"is no date: {value[:40]!r}; write it as 2027-01-31"
        raise InvalidText(field="due_on", problem=problem, pointer="/due_on") from error
