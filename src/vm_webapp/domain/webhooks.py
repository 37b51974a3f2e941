"""Webhooks: where the workspace tells other programs what happens; commands, events, decide, evolve.

The secret that signs the messages is in none of these: it stands in a file of its own (`webhooks/secrets.py`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address
from typing import ClassVar, Final, TypeAlias
from urllib.parse import urlsplit

from vm_webapp.domain.texts import check_id, check_text
from vm_webapp.errors import AlreadyExists, Conflict, InvalidText, NotFound
from vm_webapp.events import CATALOGUE

URL_LIMIT: Final = 2_000
DESCRIPTION_LIMIT: Final = 200
_LONGEST_NAME: Final = 253
_LABEL: Final = re.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
OLD_SIGNS_FOR: Final = timedelta(hours=24)
"""How long a secret signs along after a newer one has come: so long receivers have to take that one over."""

MOST_SIGNING: Final = 5
NEVER_SENT: Final = ("token", "access", "webhook")
"""Aggregates of which no webhook is told: who is let in, who is refused, and where else messages go."""

_KEPT_BACK: Final = ("Token", "Access", "Webhook")
EVENT_TYPES: Final = tuple(sorted(name for name in CATALOGUE if not name.startswith(_KEPT_BACK)))
"""The types of events that a webhook can ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateWebhook:
    """Tell somebody of what happens from now on; no `event_types` are all of them, no `brand_id` all brands."""

    webhook_id: str
    brand_id: str | None = None
    url: str
    event_types: Sequence[str] = ()
    description: str = ""
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateWebhook:
    """Change where or what is told, or turn it on and off; None leaves a value as it is."""

    webhook_id: str
    url: str | None = None
    event_types: Sequence[str] | None = None
    description: str | None = None
    enabled: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableWebhook:
    """Turn it off because nothing arrives; `reason` is a sentence."""

    webhook_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeliverWebhook:
    """Send again: the event at one position, or everything beyond one."""

    webhook_id: str
    position: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateWebhookSecret:
    """Sign with a new secret, whose name is `secret_id`; the one before it signs along for a while from `now` on."""

    webhook_id: str
    secret_id: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteWebhook:
    """Tell them nothing more."""

    webhook_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookCreated:
    """Somebody is told of what happens."""

    aggregate: ClassVar[str] = "webhook"
    webhook_id: str
    brand_id: str | None
    url: str
    event_types: list[str]
    description: str
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookUpdated:
    """Where or what is told was changed, or it was turned on or off by a person."""

    aggregate: ClassVar[str] = "webhook"
    webhook_id: str
    url: str
    event_types: list[str]
    description: str
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDisabled:
    """It was turned off because nothing arrived."""

    aggregate: ClassVar[str] = "webhook"
    webhook_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRedeliveryRequested:
    """Somebody asked to have messages sent again."""

    aggregate: ClassVar[str] = "webhook"
    webhook_id: str
    position: int | None
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecretRotated:
    """A new secret signs; `old_until` is when the one before it stops."""

    aggregate: ClassVar[str] = "webhook"
    webhook_id: str
    secret_id: str
    old_until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDeleted:
    """They are told nothing more."""

    aggregate: ClassVar[str] = "webhook"
    webhook_id: str


WebhookCommand: TypeAlias = (
    CreateWebhook | UpdateWebhook | DisableWebhook | RedeliverWebhook | RotateWebhookSecret | DeleteWebhook
)
WebhookEvent: TypeAlias = (
    WebhookCreated
    | WebhookUpdated
    | WebhookDisabled
    | WebhookRedeliveryRequested
    | WebhookSecretRotated
    | WebhookDeleted
)
WEBHOOK_COMMANDS: Final = (
    CreateWebhook,
    UpdateWebhook,
    DisableWebhook,
    RedeliverWebhook,
    RotateWebhookSecret,
    DeleteWebhook,
)
WEBHOOK_EVENTS: Final = (
    WebhookCreated,
    WebhookUpdated,
    WebhookDisabled,
    WebhookRedeliveryRequested,
    WebhookSecretRotated,
    WebhookDeleted,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A webhook's state; `exists` is False before its first event and after its last."""

    exists: bool = False
    known: bool = False
    webhook_id: str = ""
    brand_id: str | None = None
    url: str = ""
    event_types: tuple[str, ...] = ()
    description: str = ""
    enabled: bool = True
    old_until: tuple[datetime, ...] = ()


def decide_webhook(command: WebhookCommand, webhook: Webhook, *, brand_exists: bool) -> tuple[WebhookEvent, ...]:
    """The events that the command leads to; `brand_exists` speaks of the brand that a new webhook names."""
    if isinstance(command, CreateWebhook):
        return (_created(command, webhook, brand_exists=brand_exists),)
    if not webhook.exists:
        raise NotFound(kind="webhook", id=command.webhook_id)
    if isinstance(command, UpdateWebhook):
        return _updated(command, webhook)
    if isinstance(command, RedeliverWebhook):
        return (_again(command, webhook),)
    if isinstance(command, RotateWebhookSecret):
        return (_rotated(command, webhook),)
    if isinstance(command, DisableWebhook):
        return (WebhookDisabled(webhook_id=webhook.webhook_id, reason=command.reason),) if webhook.enabled else ()
    return (WebhookDeleted(webhook_id=webhook.webhook_id),)


def evolve_webhook(webhook: Webhook, event: WebhookEvent) -> Webhook:
    """The webhook after the event."""
    if isinstance(event, WebhookCreated):
        said = Webhook(exists=True, known=True, webhook_id=event.webhook_id, brand_id=event.brand_id, url=event.url)
        return replace(said, event_types=tuple(event.event_types), description=event.description)
    if isinstance(event, WebhookUpdated):
        changed = replace(webhook, url=event.url, event_types=tuple(event.event_types))
        return replace(changed, description=event.description, enabled=event.enabled)
    if isinstance(event, WebhookDisabled):
        return replace(webhook, enabled=False)
    if isinstance(event, WebhookSecretRotated):
        return replace(webhook, old_until=(*webhook.old_until, datetime.fromisoformat(event.old_until)))
    return replace(webhook, exists=False) if isinstance(event, WebhookDeleted) else webhook


def check_url(value: str) -> str:
    """An absolute http or https address without a login in it; which of them may be told is for the settings to say."""
    url = check_text(value, "url", limit=URL_LIMIT)
    if not url.isprintable() or not url.isascii() or " " in url or "\\" in url:
        raise _bad_url("is one line of visible ASCII characters; write other ones as %XX or xn--")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in ("https", "http") or not host or port == 0:
        raise _bad_url("is an address like https://example.com/hook")
    if not _is_host(host, bracketed="[" in parts.netloc):
        raise _bad_url("names no host that there can be: a name of letters, digits, hyphens and dots, or an IP address")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _bad_url("has no login and no #fragment in it")
    return url


def _is_host(host: str, *, bracketed: bool) -> bool:
    """Whether there can be such a host: an IPv6 address without a zone, or a name (RFC 1035, and `_`)."""
    if bracketed:
        try:
            return IPv6Address(host).scope_id is None
        except ValueError:
            return False
    name = host.removesuffix(".")
    return len(name) <= _LONGEST_NAME and all(_LABEL.fullmatch(label) for label in name.split("."))


def _created(command: CreateWebhook, webhook: Webhook, *, brand_exists: bool) -> WebhookCreated:
    if webhook.known:
        raise AlreadyExists(kind="webhook", id=command.webhook_id)
    if command.brand_id is not None and not brand_exists:
        raise NotFound(kind="brand", id=command.brand_id)
    return WebhookCreated(
        webhook_id=check_id(command.webhook_id, "webhook_id"),
        brand_id=command.brand_id,
        url=check_url(command.url),
        event_types=_check_types(command.event_types),
        description=_described(command.description),
        created_by=command.created_by,
    )


def _updated(command: UpdateWebhook, webhook: Webhook) -> tuple[WebhookUpdated, ...]:
    types = webhook.event_types if command.event_types is None else command.event_types
    event = WebhookUpdated(
        webhook_id=webhook.webhook_id,
        url=webhook.url if command.url is None else check_url(command.url),
        event_types=_check_types(types),
        description=webhook.description if command.description is None else _described(command.description),
        enabled=webhook.enabled if command.enabled is None else command.enabled,
    )
    return () if evolve_webhook(webhook, event) == webhook else (event,)


def _again(command: RedeliverWebhook, webhook: Webhook) -> WebhookRedeliveryRequested:
    if (command.position is None) == (command.after is None):
        raise InvalidText(field="position", problem="or `after` has to be given, and not both", pointer="/position")
    if not webhook.enabled:
        raise Conflict(f"The webhook {webhook.webhook_id!r} is turned off; turn it on, and what waits is sent.")
    return WebhookRedeliveryRequested(webhook_id=webhook.webhook_id, position=command.position, after=command.after)


def _rotated(command: RotateWebhookSecret, webhook: Webhook) -> WebhookSecretRotated:
    signing = sorted(until for until in webhook.old_until if until > command.now)
    if len(signing) >= MOST_SIGNING - 1:
        said = f"{len(signing) + 1} secrets of the webhook {webhook.webhook_id!r} sign already"
        raise Conflict(f"{said}; there is room for another from {signing[0].isoformat(timespec='minutes')} on.")
    until = (command.now + OLD_SIGNS_FOR).astimezone(UTC).isoformat()
    secret_id = check_id(command.secret_id, "secret_id")
    return WebhookSecretRotated(webhook_id=webhook.webhook_id, secret_id=secret_id, old_until=until)


def _check_types(values: Sequence[str]) -> list[str]:
    for at, value in enumerate(values):
        if value not in EVENT_TYPES:
            problem = f"{value[:60]!r} is none that can be sent; docs/webhooks.md lists them"
            raise InvalidText(field="event_types", problem=problem, pointer=f"/event_types/{at}")
    return sorted(set(values))


def _described(value: str) -> str:
    text = check_text(value, "description", limit=DESCRIPTION_LIMIT, optional=True)
    if text and not text.isprintable():
        raise InvalidText(field="description", problem="must be one line", pointer="/description")
    return text


def _bad_url(problem: str) -> InvalidText:
    return InvalidText(field="url", problem=problem, pointer="/url")
