"""The request for a new token, ready to be handled."""

from datetime import datetime, timedelta
from typing import Final

from vm_webapp.access import keys
from vm_webapp.domain.access_tokens import CreateToken
from vm_webapp.models import utc_text

USUAL_DAYS: Final = 90
LONGEST_DAYS: Final = 3650


def token_request(
    *,
    token_id: str,
    secret: str,
    name: str,
    role: str,
    brand_id: str | None,
    expires_days: int | None,
    created_by: str,
    now: datetime,
) -> CreateToken:
    """The command for a token with that secret; it expires after so many days, never where that is None."""
    expires_at = None if expires_days is None else utc_text(now + timedelta(days=expires_days))
    return CreateToken(
        token_id=token_id,
        name=name,
        role=role,
        brand_id=brand_id,
        sha256=keys.digest_of(secret),
        expires_at=expires_at,
        created_by=created_by,
    )
