"""Tokens: who acts, with which role, for which brand; commands, events, decide, evolve.

A token's name is the actor of what is done with it: two tokens of one name are one person.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Final, TypeAlias

from vm_webapp.domain.roles import ROLES
from vm_webapp.domain.texts import check_id, check_text
from vm_webapp.errors import AlreadyExists, InvalidName, InvalidText, NotFound

ACTOR_LIMIT: Final = 80
RESERVED: Final = frozenset({"workspace-owner", "vm", "recovery"})
"""Who acts without authentication, the system itself, and a recovery: nobody gets a token of these names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateToken:
    """Let somebody in; `sha256` is the digest of a secret that is kept nowhere, `expires_at` RFC 3339 or None."""

    token_id: str
    name: str
    role: str
    brand_id: str | None = None
    sha256: str
    expires_at: str | None
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeToken:
    """Let nobody in with this token any more."""

    token_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCreated:
    """Somebody was let in."""

    aggregate: ClassVar[str] = "token"
    token_id: str
    name: str
    role: str
    brand_id: str | None
    sha256: str
    expires_at: str | None
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRevoked:
    """A token lets nobody in any more."""

    aggregate: ClassVar[str] = "token"
    token_id: str


TokenCommand: TypeAlias = CreateToken | RevokeToken
TokenEvent: TypeAlias = TokenCreated | TokenRevoked
TOKEN_COMMANDS: Final = (CreateToken, RevokeToken)
TOKEN_EVENTS: Final = (TokenCreated, TokenRevoked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token's state; `exists` is False before its first event."""

    exists: bool = False
    token_id: str = ""
    brand_id: str | None = None
    revoked: bool = False


def decide_token(command: TokenCommand, token: Token, *, brand_exists: bool) -> tuple[TokenEvent, ...]:
    """The events that the command leads to; `brand_exists` speaks of the brand that a new token names."""
    if isinstance(command, CreateToken):
        return (_created(command, token, brand_exists=brand_exists),)
    if not token.exists:
        raise NotFound(kind="token", id=command.token_id)
    return () if token.revoked else (TokenRevoked(token_id=token.token_id),)


def evolve_token(token: Token, event: TokenEvent) -> Token:
    """The token after the event."""
    if isinstance(event, TokenRevoked):
        return replace(token, revoked=True)
    return Token(exists=True, token_id=event.token_id, brand_id=event.brand_id)


def _created(command: CreateToken, token: Token, *, brand_exists: bool) -> TokenCreated:
    if token.exists:
        raise AlreadyExists(kind="token", id=command.token_id)
    if command.role not in ROLES:
        problem = f"is one of {', '.join(ROLES)}; not {command.role[:40]!r}"
        raise InvalidText(field="role", problem=problem, pointer="/role")
    if command.brand_id is not None and not brand_exists:
        raise NotFound(kind="brand", id=command.brand_id)
    return TokenCreated(
        token_id=check_id(command.token_id, "token_id"),
        name=_check_actor(command.name),
        role=command.role,
        brand_id=command.brand_id,
        sha256=command.sha256,
        expires_at=command.expires_at,
        created_by=command.created_by,
    )


def _check_actor(value: str) -> str:
    name = check_text(value, "name", limit=ACTOR_LIMIT)
    if not name.isprintable():
        raise InvalidText(field="name", problem="must be one line of visible characters", pointer="/name")
    if name.casefold() in RESERVED:
        raise InvalidName(name=name, problem="it is what VM itself goes by", pointer="/name")
    return name
