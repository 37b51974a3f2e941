"""Tokens and webhooks."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from vm_webapp.errors import NotFound
from vm_webapp.models import (
    TokenView,
    WebhookAttempt,
    WebhookView,
)
from vm_webapp.repo.reading import DEFAULT_LIMIT, Reader, all_rows, get_row, of_brand, page, read_row


def get_token(reader: Reader, token_id: str) -> Mapping[str, Any]:
    """The token; NotFound where there is none."""
    return get_row(reader, TokenView, "token", token_id)


def list_tokens(
    reader: Reader, *, brand_id: str | None = None, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[Mapping[str, Any]]:
    """Tokens, newest first; of one brand where named."""
    query = of_brand(select(TokenView.__table__), TokenView.brand_id, brand_id)
    return page(reader, query, TokenView.created_position, limit=limit, before=before)


def get_webhook(reader: Reader, webhook_id: str) -> Mapping[str, Any]:
    """One webhook; NotFound where there is none, or none any more."""
    found = get_row(reader, WebhookView, "webhook", webhook_id)
    if found["status"] == "deleted":
        raise NotFound(kind="webhook", id=webhook_id)
    return found


def list_webhooks(
    reader: Reader, *, brand_id: str | None = None, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[Mapping[str, Any]]:
    """Webhooks, newest first; of one brand where named, without those that are gone."""
    query = of_brand(select(WebhookView.__table__), WebhookView.brand_id, brand_id)
    kept = query.where(WebhookView.status != "deleted")
    return page(reader, kept, WebhookView.created_position, limit=limit, before=before)


def get_webhook_attempt(reader: Reader, attempt_id: int) -> Mapping[str, Any]:
    """One try at telling a webhook."""
    query = select(WebhookAttempt.__table__).where(WebhookAttempt.attempt_id == attempt_id)
    return read_row(all_rows(reader, query, {})[0])


def list_webhook_attempts(
    reader: Reader, webhook_id: str, *, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[Mapping[str, Any]]:
    """Every try at telling a webhook, newest first."""
    query = select(WebhookAttempt.__table__).where(WebhookAttempt.webhook_id == webhook_id)
    return page(reader, query, WebhookAttempt.attempt_id, limit=limit, before=before)
