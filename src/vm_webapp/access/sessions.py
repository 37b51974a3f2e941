"""The page's sessions: bookkeeping beside the log, each bound to the token that it was got with.

A session lets in as long as its token does, and never longer than a week.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from vm_webapp.access import keys
from vm_webapp.access.tokens import KnownToken, find_token_by_id
from vm_webapp.models import PageSession

LENGTH: Final = timedelta(days=7)
_MOST: Final = 20


def end_of(token: KnownToken, now: datetime) -> datetime:
    """When a session that begins now ends at the latest."""
    return min(now + LENGTH, token.expires_at or now + LENGTH)


def start_session(connection: Connection, token: KnownToken, *, secret: str, now: datetime) -> None:
    """Keep a new session's digest; those that are over go, and a token's oldest beyond twenty."""
    connection.execute(delete(PageSession).where(PageSession.expires_at <= now))
    own = select(PageSession.sha256).where(PageSession.token_id == token.token_id)
    newest = own.order_by(PageSession.created_at.desc()).limit(_MOST - 1)
    connection.execute(
        delete(PageSession).where(PageSession.token_id == token.token_id, PageSession.sha256.not_in(newest))
    )
    row = {
        "sha256": keys.digest_of(secret),
        "token_id": token.token_id,
        "created_at": now,
        "expires_at": end_of(token, now),
    }
    connection.execute(insert(PageSession).values(row))


def find_session(connection: Connection, secret: str, now: datetime) -> KnownToken | None:
    """The token of a session that is not over; whether the token still lets somebody in is for the caller to ask."""
    if not keys.is_secret(secret):
        return None
    digest = keys.digest_of(secret)
    query = select(PageSession.sha256, PageSession.token_id).where(
        PageSession.sha256 == digest, PageSession.expires_at > now
    )
    row = connection.execute(query).first()
    if row is None or not keys.matches(row.sha256, digest):
        return None
    return find_token_by_id(connection, row.token_id)


def end_session(connection: Connection, secret: str) -> bool:
    """End the session; False where there is none."""
    gone = connection.execute(delete(PageSession).where(PageSession.sha256 == keys.digest_of(secret)))
    return gone.rowcount > 0
