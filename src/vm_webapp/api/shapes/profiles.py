"""Profiles, writers and the kinds of deliverables, as answers."""

from typing import Literal

from pydantic import BaseModel, Field


class ProfileStageShape(BaseModel):
    """A stage that a profile plans."""

    key: str
    title: str
    kind: str
    needs: list[str]
    approval: Literal["none", "required"]
    expected_seconds: float | None = Field(description="What it took lately; null where nobody knows.")


class ProfileShape(BaseModel):
    """What a mode stands for."""

    mode: str
    title: str
    description: str
    version: int
    source: Literal["built-in", "workspace"]
    default: bool
    stages: list[ProfileStageShape]


class ProfilesShape(BaseModel):
    """The profiles that can be run, the default first; `problems` says why files of the workspace are left out."""

    profiles: list[ProfileShape]
    problems: list[str]


class WritersShape(BaseModel):
    """Who can write; `default` does where a request names nobody."""

    default: str
    writers: list[str]


class SchemaRowShape(BaseModel):
    """A kind of stage whose output has a schema."""

    kind: str
    title: str
    href: str


class SchemasShape(BaseModel):
    """The kinds of stages, by name."""

    schemas: list[SchemaRowShape]
