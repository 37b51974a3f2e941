"""Which secrets sign a webhook's messages: the newest, and the ones before it for a while, as the log says.

A secret's file is there before the event that names it, and goes after its time. A crash in between leaves a file that
the log does not name, or names no longer: the next start sweeps it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from vm_webapp.db import execute


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """A secret's name: `secret_id` is None for the one that came with the webhook, `until` None for the newest."""

    webhook_id: str
    secret_id: str | None
    until: datetime | None

    def signs(self, now: datetime) -> bool:
        """Whether its time is not over."""
        return self.until is None or self.until > now


def list_secrets(connection: Connection, webhook_id: str) -> Sequence[Signing]:
    """Every secret that the webhook has had, the newest first."""
    rows = execute(
        connection,
        "SELECT payload FROM events WHERE stream_id = ? AND event_type = 'WebhookSecretRotated'"
        " ORDER BY stream_version DESC",
        (f"webhook:{webhook_id}",),
    )
    found: list[Signing] = []
    until = None
    for (payload,) in rows:
        said = json.loads(payload)
        found.append(Signing(webhook_id=webhook_id, secret_id=said["secret_id"], until=until))
        until = datetime.fromisoformat(said["old_until"])
    return [*found, Signing(webhook_id=webhook_id, secret_id=None, until=until)]


def old_until(connection: Connection, webhook_id: str) -> datetime | None:
    """Until when the secret before the newest signs along, or did; None where there was none before."""
    return next((one.until for one in list_secrets(connection, webhook_id) if one.until), None)
