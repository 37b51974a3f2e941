"""Tokens as they stand in the view: found by their secret, and whether they still let somebody in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import Connection, select

from vm_webapp.access import keys
from vm_webapp.models import TokenView

Fault: TypeAlias = Literal["expired_token", "revoked_token"]
_COLUMNS: Final = (
    TokenView.token_id,
    TokenView.name,
    TokenView.role,
    TokenView.brand_id,
    TokenView.sha256,
    TokenView.expires_at,
    TokenView.revoked_at,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownToken:
    """A token that was created once, whether or not it still lets somebody in; `name` is the actor."""

    token_id: str
    name: str
    role: str
    brand_id: str | None
    expires_at: datetime | None
    revoked_at: datetime | None

    def fault(self, now: datetime) -> Fault | None:
        """Why it lets nobody in at this time; None where it does."""
        return fault_of(expires_at=self.expires_at, revoked_at=self.revoked_at, now=now)


def fault_of(*, expires_at: datetime | None, revoked_at: datetime | None, now: datetime) -> Fault | None:
    """Why a token with these times lets nobody in; None where it does."""
    if revoked_at is not None:
        return "revoked_token"
    return "expired_token" if expires_at is not None and expires_at <= now else None


def find_token(connection: Connection, secret: str) -> KnownToken | None:
    """The token of the secret; None where there is none."""
    if not keys.is_secret(secret):
        return None
    digest = keys.digest_of(secret)
    row = connection.execute(select(*_COLUMNS).where(TokenView.sha256 == digest)).first()
    return _known(row) if row is not None and keys.matches(row.sha256, digest) else None


def find_token_by_id(connection: Connection, token_id: str) -> KnownToken | None:
    """The token of that id; None where there is none."""
    row = connection.execute(select(*_COLUMNS).where(TokenView.token_id == token_id)).first()
    return None if row is None else _known(row)


def any_admin(connection: Connection, now: datetime) -> bool:
    """Whether some token lets an admin of all brands in."""
    query = select(*_COLUMNS).where(TokenView.role == "admin", TokenView.brand_id.is_(None))
    return any(_known(row).fault(now) is None for row in connection.execute(query))


def _known(row: Any) -> KnownToken:  # noqa: ANN401 - a row of the view
    return KnownToken(
        token_id=row.token_id,
        name=row.name,
        role=row.role,
        brand_id=row.brand_id,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
