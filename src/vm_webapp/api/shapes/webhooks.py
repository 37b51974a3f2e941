"""Webhooks and what became of their messages, as answers."""

from typing import Literal

from pydantic import BaseModel

from vm_webapp.api.shapes.common import Cursor, Time


class WebhookShape(BaseModel):
    """A webhook, without its secret; `waiting` messages are not delivered yet, `reason` says why it was disabled.

    `old_secret_until` is when the secret before the newest stops, or stopped, signing along; null where there was none.
    """

    webhook_id: str
    brand_id: str | None
    url: str
    event_types: list[str]
    description: str
    status: Literal["active", "off", "disabled"]
    reason: str | None
    waiting: int
    created_by: str
    created_at: Time
    updated_at: Time
    version: int
    old_secret_until: Time | None


class NewWebhookShape(WebhookShape):
    """A webhook with its new secret, which is shown once, and null when the request is repeated."""

    secret: str | None


class WebhooksShape(BaseModel):
    """Webhooks, newest first."""

    webhooks: list[WebhookShape]
    next: Cursor


class WebhookGoneShape(BaseModel):
    """A webhook that was removed."""

    webhook_id: str
    deleted: Literal[True]


class WebhookAttemptShape(BaseModel):
    """One try at telling a webhook; `status_code` is null where no answer came, `detail` what was said, cut off."""

    attempt_id: int
    webhook_id: str
    message_id: str
    global_position: int | None
    event_type: str
    number: int
    started_at: Time
    duration_ms: int
    outcome: Literal["delivered", "refused", "unreachable"]
    status_code: int | None
    detail: str
    next_at: Time | None


class WebhookAttemptsShape(BaseModel):
    """Tries, newest first."""

    attempts: list[WebhookAttemptShape]
    next: Cursor


class RedeliveryShape(BaseModel):
    """How many messages are to be sent again."""

    webhook_id: str
    queued: int
