"""Brands, their rules, and projects, as answers."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from vm_webapp.api.shapes.common import Cursor, Day, Time, Usd


class BrandShape(BaseModel):
    """A brand; `version` is that of its stream."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "brand_id": "b-aurora",
                    "name": "Aurora Coffee",
                    "description": "Small-batch coffee",
                    "voice": "warm, plain",
                    "audience": "people who brew at home",
                    "do": ["Say what is in the cup."],
                    "dont": ["Promise what nobody can keep."],
                    "budget_usd": "25",
                    "created_at": "2027-01-31T09:00:00.000000Z",
                    "updated_at": "2027-01-31T09:00:00.000000Z",
                    "version": 1,
                }
            ]
        }
    )

    brand_id: str
    name: str
    description: str
    voice: str
    audience: str
    do: list[str]
    dont: list[str]
    budget_usd: Usd | None
    created_at: Time | None
    updated_at: Time | None
    version: int


class BrandsShape(BaseModel):
    """Brands, newest first."""

    brands: list[BrandShape]
    next: Cursor


class RejectionShape(BaseModel):
    """A stage that a person rejected."""

    run_id: str
    stage_key: str


class RuleShape(BaseModel):
    """A rule of a brand; `sha256` is the digest of its text and check. docs/brand-rules.md has the checks."""

    rule_id: str
    brand_id: str
    text: str
    check: dict[str, Any] | None
    from_rejection: RejectionShape | None
    sha256: str
    status: Literal["active", "retired"]
    created_by: str
    created_at: Time
    retired_by: str | None
    retired_at: Time | None


class RulesShape(BaseModel):
    """Rules, newest first."""

    rules: list[RuleShape]
    next: Cursor


class EvidenceShape(BaseModel):
    """A place that breaks a rule; `line` is null where something is missing from the text."""

    path: str
    line: int | None
    excerpt: str


class BreachShape(BaseModel):
    """A rule that is broken, in a sentence and up to 20 places."""

    rule_id: str
    rule_text: str
    problem: str
    evidence: list[EvidenceShape]


class BreachesShape(BaseModel):
    """What a text breaks; empty where nothing is wrong."""

    breaches: list[BreachShape]


class ProjectShape(BaseModel):
    """A project of a brand."""

    project_id: str
    brand_id: str
    name: str
    objective: str
    channels: list[str]
    due_on: Day | None
    kpis: list[str]
    budget_usd: Usd | None
    created_at: Time | None
    updated_at: Time | None
    version: int


class ProjectsShape(BaseModel):
    """Projects, newest first."""

    projects: list[ProjectShape]
    next: Cursor
