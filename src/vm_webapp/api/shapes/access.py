"""Tokens and sessions, as answers."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from vm_webapp.api.shapes.common import Cursor, RoleName, Time


class TokenShape(BaseModel):
    """A token, without its secret; `name` is the actor of what is done with it."""

    token_id: str
    name: str
    role: RoleName
    brand_id: str | None
    created_by: str
    created_at: Time
    expires_at: Time | None
    revoked_at: Time | None
    version: int


class NewTokenShape(TokenShape):
    """A new token; `secret` is shown once and null when the request is repeated."""

    secret: str | None


class TokensShape(BaseModel):
    """Tokens, newest first."""

    tokens: list[TokenShape]
    next: Cursor


class SessionShape(BaseModel):
    """Who asks; `brand_id` is null for all brands."""

    actor_id: str
    role: RoleName
    brand_id: str | None
    auth: Literal["on", "off"]


class EndedShape(BaseModel):
    """Whether there was a session to end."""

    ended: bool


class FirstLookShape(BaseModel):
    """What the page begins with."""

    answers: dict[str, Any] = Field(description="By path: what a GET of it answers, as JSON; of a file, its text.")
