"""Who may act: tokens, and the pages' sessions."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Index,
)
from sqlalchemy.orm import Mapped, mapped_column

from vm_webapp.models.base import Base


class PageSession(Base):
    """A page that shows a token's cookie; `sha256` is the digest of the cookie's secret."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_token", "token_id", "created_at"),)

    sha256: Mapped[str] = mapped_column(primary_key=True)
    token_id: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class TokenView(Base):
    """Who may act, with which role; `sha256` is the digest of the token's secret, which is kept nowhere."""

    __tablename__ = "tokens_view"
    __table_args__ = (
        CheckConstraint("role IN ('viewer', 'editor', 'approver', 'admin')", name="ck_tokens_role"),
        Index("ix_tokens_order", "created_position"),
        Index("ix_tokens_brand", "brand_id", "created_position"),
        Index("one_token_of_a_secret", "sha256", unique=True),
    )

    token_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    brand_id: Mapped[str | None]
    sha256: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    version: Mapped[int]
    created_position: Mapped[int]
