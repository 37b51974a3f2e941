"""Brands, their rules, projects."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from vm_webapp.models import (
    BrandView,
    ProjectView,
    RuleView,
)
from vm_webapp.repo.reading import DEFAULT_LIMIT, Reader, get_row, of_brand, page


def get_brand(reader: Reader, brand_id: str) -> Mapping[str, Any]:
    """The brand; NotFound where there is none."""
    return get_row(reader, BrandView, "brand", brand_id)


def list_brands(
    reader: Reader, *, brand_id: str | None = None, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[Mapping[str, Any]]:
    """Brands, newest first; that one alone where named."""
    query = of_brand(select(BrandView.__table__), BrandView.brand_id, brand_id)
    return page(reader, query, BrandView.created_position, limit=limit, before=before)


def get_rule(reader: Reader, rule_id: str) -> Mapping[str, Any]:
    """The rule; NotFound where there is none."""
    return get_row(reader, RuleView, "rule", rule_id)


def list_rules(
    reader: Reader,
    brand_id: str,
    *,
    status: str | None = None,
    limit: int = DEFAULT_LIMIT,
    before: int | None = None,
) -> list[Mapping[str, Any]]:
    """The brand's rules, newest first; active or retired ones where named."""
    query = select(RuleView.__table__).where(RuleView.brand_id == brand_id)
    if status is not None:
        query = query.where(RuleView.status == status)
    return page(reader, query, RuleView.created_position, limit=limit, before=before)


def get_project(reader: Reader, project_id: str) -> Mapping[str, Any]:
    """The project; NotFound where there is none."""
    return get_row(reader, ProjectView, "project", project_id)


def list_projects(
    reader: Reader, *, brand_id: str | None = None, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[Mapping[str, Any]]:
    """Projects, newest first; of one brand where named."""
    query = select(ProjectView.__table__)
    if brand_id is not None:
        query = query.where(ProjectView.brand_id == brand_id)
    return page(reader, query, ProjectView.created_position, limit=limit, before=before)
