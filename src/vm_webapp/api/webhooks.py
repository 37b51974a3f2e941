"""Webhooks: made, listed, changed, tried, sent again, removed; a secret is shown once, when it is made."""

from functools import partial
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import ConfigDict, Field
from sqlalchemy import Connection

from vm_webapp import repo
from vm_webapp.api import problems, writes
from vm_webapp.api.fields import UNCHANGED, SomeId
from vm_webapp.api.http import HostOf, Record, show
from vm_webapp.api.identity import CallerOf
from vm_webapp.api.paging import LAST_POSITION, PageOf
from vm_webapp.api.shapes import (
    NewWebhookShape,
    RedeliveryShape,
    WebhookAttemptShape,
    WebhookAttemptsShape,
    WebhookGoneShape,
    WebhookShape,
    WebhooksShape,
)
from vm_webapp.api.writes import Body, Nothing, WriteOf
from vm_webapp.domain.webhooks import DESCRIPTION_LIMIT, URL_LIMIT, DeleteWebhook, RedeliverWebhook
from vm_webapp.webhooks.requests import attempt_record, listed_record, webhook_record

router = APIRouter(prefix="/api/v2/webhooks", tags=["webhooks"])

WebhookId: TypeAlias = Annotated[str, Path(examples=["wh-019a"])]
Url: TypeAlias = Annotated[str, Field(min_length=1, max_length=URL_LIMIT, examples=["https://example.com/hooks/vm"])]
EventTypes: TypeAlias = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=60)]],
    Field(max_length=100, description="Types such as StageCompleted; none for all."),
]
Description: TypeAlias = Annotated[str, Field(max_length=DESCRIPTION_LIMIT, description="One line.")]
Position: TypeAlias = Annotated[int, Field(ge=0, le=LAST_POSITION)]


class NewWebhook(Body):
    """A webhook to make."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"url": "https://example.com/hooks/vm", "event_types": ["StageCompleted"]}]}
    )

    url: Url
    brand_id: SomeId | None = Field(default=None, description="The one brand that it is for; null for all.")
    event_types: EventTypes = []  # noqa: RUF012 - Pydantic copies it
    description: Description = ""


class WebhookChanges(Body):
    """What is to be different; `enabled` turns it on and off."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"enabled": True}]})

    url: Url = UNCHANGED
    event_types: EventTypes = UNCHANGED
    description: Description = UNCHANGED
    enabled: bool = UNCHANGED


class Redelivery(Body):
    """What is to be sent again: the event at one position, or all beyond one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"after": 120}]})

    position: Position | None = None
    after: Position | None = None


@router.post(
    "",
    operation_id="createWebhook",
    summary="Tell another program what happens",
    response_model=NewWebhookShape,
    responses=writes.responses(404),
)
def create_webhook(body: NewWebhook, write: WriteOf) -> Response:
    """Answers with the webhook and its secret, this once: the answer to a repeated request has none."""
    requests = write.host.webhook_requests
    command, secret = requests.new(**body.model_dump(), created_by=write.caller.actor.id)
    kept = partial(_read_new, webhook_id=command.webhook_id)
    return requests.keeping(command, lambda: write.perform(command, kept, shown_once={"secret": secret}))


@router.get(
    "",
    operation_id="listWebhooks",
    summary="List webhooks, newest first",
    response_model=WebhooksShape,
    responses=problems.responses(422),
)
def list_webhooks(host: HostOf, page: PageOf, caller: CallerOf) -> Response:
    """Answers with a page of webhooks; to a token of one brand with that brand's."""
    with host.database.read() as connection:
        rows = repo.list_webhooks(connection, brand_id=caller.brand_id, **page.bounds)
        return page.show("webhooks", rows, partial(listed_record, connection))


@router.get(
    "/{webhook_id}",
    operation_id="getWebhook",
    summary="Read a webhook",
    response_model=WebhookShape,
    responses=problems.responses(404),
)
def get_webhook(webhook_id: WebhookId, host: HostOf) -> Response:
    """Answers with the webhook."""
    with host.database.read() as connection:
        return show(webhook_record(connection, webhook_id))


@router.patch(
    "/{webhook_id}",
    operation_id="updateWebhook",
    summary="Change a webhook, or turn it on or off",
    response_model=WebhookShape,
    responses=writes.responses(404),
)
def update_webhook(webhook_id: WebhookId, body: WebhookChanges, write: WriteOf) -> Response:
    """Answers with the webhook; one that is turned on, or has a new address, is told at once of what waits."""
    requests = write.host.webhook_requests
    facts: dict[str, Any] = body.model_dump(exclude_unset=True)
    command = requests.change(webhook_id, facts)
    changed = partial(requests.changed, webhook_id=webhook_id, facts=facts)
    answer = write.perform(command, changed)
    write.host.webhooks.wake()
    return answer


@router.delete(
    "/{webhook_id}",
    operation_id="deleteWebhook",
    summary="Remove a webhook",
    response_model=WebhookGoneShape,
    responses=writes.responses(404),
)
def delete_webhook(webhook_id: WebhookId, write: WriteOf) -> Response:
    """Answers that it is gone, with its secret and with what waited for it."""
    requests = write.host.webhook_requests
    answer = write.perform(DeleteWebhook(webhook_id=webhook_id), partial(requests.removed, webhook_id=webhook_id))
    write.host.webhooks.secrets.forget(webhook_id)
    return answer


@router.post(
    "/{webhook_id}/test",
    operation_id="testWebhook",
    summary="Send a test message now, once; no key is needed",
    response_model=WebhookAttemptShape,
    responses=writes.responses(404),
)
def try_webhook(webhook_id: WebhookId, host: HostOf, body: Nothing | None = None) -> Response:  # noqa: ARG001 - checked
    """Answers with the try: what the receiver said, or why there was no answer."""
    return show(host.webhook_requests.try_out(webhook_id))


@router.post(
    "/{webhook_id}/redelivery",
    operation_id="redeliverWebhook",
    summary="Send messages again",
    response_model=RedeliveryShape,
    responses=writes.responses(404),
)
def redeliver(webhook_id: WebhookId, body: Redelivery, write: WriteOf) -> Response:
    """Answers with how many; each keeps its id, so that the receiver knows what it has had."""
    requests = write.host.webhook_requests
    asked = body.model_dump()
    answer = write.perform(
        RedeliverWebhook(webhook_id=webhook_id, **asked), partial(requests.queued_again, webhook_id=webhook_id, **asked)
    )
    write.host.webhooks.wake()
    return answer


@router.post(
    "/{webhook_id}/secret",
    operation_id="rotateWebhookSecret",
    summary="Sign with a new secret; the old one signs along for a day",
    response_model=NewWebhookShape,
    responses=writes.responses(404),
)
def rotate_secret(webhook_id: WebhookId, write: WriteOf, body: Nothing | None = None) -> Response:  # noqa: ARG001 - checked
    """Answers with the webhook and its new secret, this once; nothing that waits is lost."""
    requests = write.host.webhook_requests
    command, secret = requests.rotation(webhook_id)
    kept = partial(_read_new, webhook_id=webhook_id)
    return requests.keeping(command, lambda: write.perform(command, kept, shown_once={"secret": secret}))


@router.get(
    "/{webhook_id}/attempts",
    operation_id="listWebhookAttempts",
    summary="List every try at telling a webhook, newest first",
    response_model=WebhookAttemptsShape,
    responses=problems.responses(404, 422),
)
def list_attempts(webhook_id: WebhookId, host: HostOf, page: PageOf) -> Response:
    """Answers with a page of tries."""
    with host.database.read() as connection:
        repo.get_webhook(connection, webhook_id)
        rows = repo.list_webhook_attempts(connection, webhook_id, **page.bounds)
    return page.show("attempts", rows, attempt_record, by=_attempt)


def _attempt(row: Any) -> int:  # noqa: ANN401 - a row's mapping
    return int(row["attempt_id"])


def _read_new(connection: Connection, webhook_id: str) -> Record:
    return {**webhook_record(connection, webhook_id), "secret": None}
