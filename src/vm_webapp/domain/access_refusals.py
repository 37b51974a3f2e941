"""Refusals: who was not let in or not allowed to do something, and why; one stream a day.

What was refused is told by the operation's id alone: a path or a body may hold what somebody should not have sent.
"""

from dataclasses import dataclass
from typing import ClassVar, Final, Literal, TypeAlias

Reason: TypeAlias = Literal[
    "no_token",
    "unknown_token",
    "expired_token",
    "revoked_token",
    "ended_session",
    "too_many_bad_tokens",
    "too_many_requests",
    "role",
    "brand",
    "policy",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRefusal:
    """Put a refusal into the log; `access_id` is the day, `operation` is empty where none was reached."""

    access_id: str
    reason: Reason
    operation: str = ""
    token_id: str | None = None
    name: str | None = None
    role: str | None = None
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRefused:
    """Somebody was refused; never the secret that was sent."""

    aggregate: ClassVar[str] = "access"
    access_id: str
    reason: str
    operation: str
    token_id: str | None
    name: str | None
    role: str | None
    address: str


ACCESS_EVENTS: Final = (AccessRefused,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A day's refusals; nothing depends on the ones before."""


def decide_access(command: RecordRefusal) -> tuple[AccessRefused, ...]:
    """The refusal as a fact."""
    return (
        AccessRefused(
            access_id=command.access_id,
            reason=command.reason,
            operation=command.operation,
            token_id=command.token_id,
            name=command.name,
            role=command.role,
            address=command.address,
        ),
    )


def evolve_access(access: Access, _event: AccessRefused) -> Access:
    """The same."""
    return access
