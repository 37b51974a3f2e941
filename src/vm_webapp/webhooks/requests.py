"""What is asked of webhooks, ready to be handled: made, changed, given a new secret, tried, sent again, removed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from vm_webapp import repo
from vm_webapp.commands import Commands, new_id
from vm_webapp.domain.webhooks import CreateWebhook, RotateWebhookSecret, UpdateWebhook, check_url
from vm_webapp.errors import Conflict, NotFound
from vm_webapp.models import utc_text
from vm_webapp.webhooks import queue
from vm_webapp.webhooks.follower import WebhookFollower
from vm_webapp.webhooks.message import headers_of, test_message
from vm_webapp.webhooks.secrets import new_secret
from vm_webapp.webhooks.signing import list_secrets, old_until
from vm_webapp.webhooks.targets import Reach, check_target

T = TypeVar("T")
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WebhookRequests:
    """Requests for one workspace; `reach` is where messages may be sent to."""

    commands: Commands
    follower: WebhookFollower
    reach: Reach

    def new(
        self, *, url: str, brand_id: str | None, event_types: Sequence[str], description: str, created_by: str
    ) -> tuple[CreateWebhook, str]:
        """The command for a webhook, and its secret, which is on the disk already; InvalidText for the address."""
        check_target(check_url(url), self.reach)
        webhook_id, secret = new_id("wh"), new_secret()
        self.follower.secrets.keep(webhook_id, secret)
        command = CreateWebhook(
            webhook_id=webhook_id,
            brand_id=brand_id,
            url=url,
            event_types=tuple(event_types),
            description=description,
            created_by=created_by,
        )
        return command, secret

    def rotation(self, webhook_id: str) -> tuple[RotateWebhookSecret, str]:
        """The command for a new secret of the webhook, and that secret, which is on the disk already."""
        with self.commands.database.read() as connection:
            repo.get_webhook(connection, webhook_id)
        secret_id, secret = new_id("sec"), new_secret()
        self.follower.secrets.keep(webhook_id, secret, secret_id=secret_id)
        return RotateWebhookSecret(webhook_id=webhook_id, secret_id=secret_id, now=self.commands.clock()), secret

    def keeping(self, command: CreateWebhook | RotateWebhookSecret, act: Callable[[], T]) -> T:
        """Do what the secret is for; it is forgotten where that was refused, or done by an equal request.

        Where it was broken off, nobody knows: the next start sweeps.
        """
        secret_id = command.secret_id if isinstance(command, RotateWebhookSecret) else None
        try:
            done = act()
        except Exception:
            self._forget_unused(command.webhook_id, secret_id)
            raise
        self._forget_unused(command.webhook_id, secret_id)
        return done

    def change(self, webhook_id: str, facts: Mapping[str, Any]) -> UpdateWebhook:
        """The command for any of url, event_types, description and enabled."""
        if facts.get("url") is not None:
            check_target(check_url(facts["url"]), self.reach)
        return UpdateWebhook(webhook_id=webhook_id, **facts)

    def changed(self, connection: Connection, webhook_id: str, facts: Mapping[str, Any]) -> Record:
        """The webhook after the change, in its transaction: one that is turned on, or told elsewhere, begins anew."""
        if facts.get("enabled") or facts.get("url") is not None:
            queue.make_due(connection, webhook_id, self.commands.clock())
        return webhook_record(connection, webhook_id)

    def queued_again(
        self, connection: Connection, webhook_id: str, *, position: int | None, after: int | None
    ) -> Record:
        """Queue what is to be sent again, in the transaction of its event."""
        webhook = repo.get_webhook(connection, webhook_id)
        now = self.commands.clock()
        count = queue.queue_again(connection, webhook, position=position, after=after, now=now)
        return {"webhook_id": webhook_id, "queued": count}

    def removed(self, connection: Connection, webhook_id: str) -> Record:
        """What is left after the removal, in its transaction."""
        queue.drop_waiting(connection, webhook_id)
        return {"webhook_id": webhook_id, "deleted": True}

    def try_out(self, webhook_id: str) -> Record:
        """Send a test message now, once, whether or not the webhook is on; returns the try."""
        with self.commands.database.read() as connection:
            webhook = repo.get_webhook(connection, webhook_id)
            secrets = list_secrets(connection, webhook_id)
        started_at = self.commands.clock()
        keys = self.follower.secrets.keys([one for one in secrets if one.signs(started_at)])
        if not keys:
            raise Conflict(f"The secret of the webhook {webhook_id!r} is lost; `webhooks rotate` makes a new one.")
        message = test_message(webhook_id, message_id=new_id("msg").replace("-", "_"), now=utc_text(started_at))
        headers = headers_of(message, keys, timestamp=int(started_at.timestamp()))
        answer = self.follower.sender.send(webhook["url"], message.body, headers)

        def record(writing: Connection) -> int:
            return queue.record_attempt(writing, webhook_id, message, answer, number=1, started_at=started_at)

        attempt_id = self.commands.database.write(record)
        with self.commands.database.read() as connection:
            return attempt_record(repo.get_webhook_attempt(connection, attempt_id))

    def _forget_unused(self, webhook_id: str, secret_id: str | None) -> None:
        with self.commands.database.read() as connection:
            named = [one.secret_id for one in list_secrets(connection, webhook_id)]
            try:
                repo.get_webhook(connection, webhook_id)
            except NotFound:
                named = []
        if secret_id not in named:
            self.follower.secrets.drop(webhook_id, secret_id)


def webhook_record(connection: Connection, webhook_id: str) -> Record:
    """A webhook, without its secret."""
    return listed_record(connection, repo.get_webhook(connection, webhook_id))


def listed_record(connection: Connection, row: Mapping[str, Any]) -> Record:
    """A webhook of a list, with how many messages wait."""
    names = ("webhook_id", "brand_id", "url", "event_types", "description", "status", "reason", "created_by", "version")
    times = {name: utc_text(row[name]) for name in ("created_at", "updated_at")}
    waiting = queue.count_waiting(connection, row["webhook_id"])
    until = old_until(connection, row["webhook_id"])
    signing = {"old_secret_until": until and utc_text(until)}
    return {**{name: row[name] for name in names}, **times, **signing, "waiting": waiting}


def attempt_record(row: Mapping[str, Any]) -> Record:
    """A try."""
    times = {name: row[name] and utc_text(row[name]) for name in ("started_at", "next_at")}
    return {**row, **times}
