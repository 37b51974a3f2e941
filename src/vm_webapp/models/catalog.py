"""The views of brands, their rules, and projects."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Index,
)
from sqlalchemy.orm import Mapped, mapped_column

from vm_webapp.models.base import Base


class BrandView(Base):
    """A brand as it is now."""

    __tablename__ = "brands_view"
    __table_args__ = (Index("ix_brands_order", "created_position"),)

    brand_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    voice: Mapped[str] = mapped_column(default="")
    audience: Mapped[str] = mapped_column(default="")
    do_json: Mapped[str] = mapped_column(default="[]", server_default="[]")
    dont_json: Mapped[str] = mapped_column(default="[]", server_default="[]")
    budget_usd: Mapped[str | None]
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)
    created_position: Mapped[int] = mapped_column(default=0)


class RuleView(Base):
    """A rule of a brand; `check_json` is NULL where nothing can be checked."""

    __tablename__ = "rules_view"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'retired')", name="ck_rules_status"),
        Index("ix_rules_brand", "brand_id", "created_position"),
    )

    rule_id: Mapped[str] = mapped_column(primary_key=True)
    brand_id: Mapped[str]
    text: Mapped[str]
    check_json: Mapped[str | None]
    from_rejection_json: Mapped[str | None]
    sha256: Mapped[str]
    status: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    retired_by: Mapped[str | None]
    retired_at: Mapped[datetime | None]
    created_position: Mapped[int]


class ProjectView(Base):
    """A project as it is now."""

    __tablename__ = "projects_view"
    __table_args__ = (
        Index("ix_projects_order", "created_position"),
        Index("ix_projects_brand", "brand_id", "created_position"),
    )

    project_id: Mapped[str] = mapped_column(primary_key=True)
    brand_id: Mapped[str]
    name: Mapped[str]
    objective: Mapped[str] = mapped_column(default="")
    channels_json: Mapped[str] = mapped_column(default="[]")
    due_on: Mapped[str | None]
    kpis_json: Mapped[str] = mapped_column(default="[]", server_default="[]")
    budget_usd: Mapped[str | None]
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)
    created_position: Mapped[int] = mapped_column(default=0)
