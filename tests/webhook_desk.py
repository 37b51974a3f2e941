"""What the tests of webhooks share: webhooks at a pace of the test's, and a thread in which things happen.

A test module takes the fixtures over with `host = sending_host`, `desk = fresh_desk` and `receiver = fresh_receiver`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest

from vm_webapp import repo
from vm_webapp.commands import OWNER, Commands
from vm_webapp.domain.brands import CreateBrand
from vm_webapp.domain.projects import CreateProject
from vm_webapp.domain.thread_messages import AddComment, CreateThread
from vm_webapp.domain.webhooks import RedeliverWebhook
from vm_webapp.host import Host, open_host
from vm_webapp.settings import Settings
from vm_webapp.webhooks import WebhookFollower, queue
from vm_webapp.webhooks.follower import Pace
from vm_webapp.webhooks.requests import WebhookRequests
from vm_webapp.webhooks.sending import Sender

from webhook_receiver import Got, Receiver, receiving

AT_ONCE = Pace(schedule=(0.0,) * 9, jitter=lambda: 0.0)


class Desk:
    """A workspace's webhooks with a pace of the test's, and a thread in which things happen."""

    def __init__(self, host: Host, pace: Pace = AT_ONCE, *, clock: Callable[[], datetime] | None = None) -> None:
        self.host = host
        self.commands = Commands(host.database, clock=clock) if clock else host.commands
        host.webhooks.close()
        sender = Sender("loopback", seconds=2.0)
        self.follower = WebhookFollower(self.commands, host.workspace, sender=sender, pace=pace)
        self.requests = WebhookRequests(self.commands, self.follower, "loopback")
        self.follower.start()

    def place(self, name: str = "a") -> str:
        """A new thread of a new brand."""
        self.do(CreateBrand(brand_id=f"b-{name}", name=name))
        self.do(CreateProject(project_id=f"p-{name}", brand_id=f"b-{name}", name=name))
        self.do(CreateThread(thread_id=f"t-{name}", brand_id=f"b-{name}", project_id=f"p-{name}", title=name))
        return f"t-{name}"

    def do(self, command: Any) -> None:  # noqa: ANN401 - any command
        """Handle a command."""
        self.commands.handle(command, by=OWNER)

    def say(self, thread_id: str, *texts: str) -> None:
        """A comment each."""
        for text in texts:
            self.do(AddComment(comment_id=f"cmt-{thread_id}-{text}", thread_id=thread_id, text=text))

    def add(self, url: str, *types: str, brand_id: str | None = None) -> tuple[str, str]:
        """A webhook's id and secret."""
        command, secret = self.requests.new(
            url=url, brand_id=brand_id, event_types=types, description="", created_by="test"
        )
        self.do(command)
        return command.webhook_id, secret

    def state(self, webhook_id: str) -> Mapping[str, Any]:
        """How the webhook stands."""
        with self.host.database.read() as connection:
            return repo.get_webhook(connection, webhook_id)

    def attempts(self, webhook_id: str) -> Sequence[Mapping[str, Any]]:
        """Every try, oldest first."""
        with self.host.database.read() as connection:
            return repo.list_webhook_attempts(connection, webhook_id, limit=500)[::-1]

    def waiting(self, webhook_id: str) -> int:
        """How many messages wait."""
        with self.host.database.read() as connection:
            return queue.count_waiting(connection, webhook_id)

    def delivered(self, webhook_id: str, count: int = 1) -> None:
        """Wait until so many messages were accepted, and nothing waits."""

        def reached() -> bool:
            said = [one["outcome"] for one in self.attempts(webhook_id)]
            return said.count("delivered") >= count and self.waiting(webhook_id) == 0

        self.until(reached)

    def until(self, reached: Callable[[], bool]) -> None:
        """Wait for what the follower does."""
        for _ in range(400):
            seen = self.follower.moved.count
            if reached():
                return
            self.follower.moved.wait(seen, 0.05)
        raise AssertionError("it did not come to that")

    def again(self, webhook_id: str, **which: int) -> int:
        """Ask for messages once more."""
        command = RedeliverWebhook(webhook_id=webhook_id, **which)

        def job(connection: Any) -> int:  # noqa: ANN401 - a connection
            self.commands.handle_in(connection, command, OWNER)
            given = {"position": None, "after": None, **which}
            return int(self.requests.queued_again(connection, webhook_id, **given)["queued"])

        count = self.host.database.write(job)
        self.follower.wake()
        return count


@pytest.fixture
def sending_host(settings: Settings) -> Iterator[Host]:
    """A host that may send to this machine."""
    opened = open_host(settings.model_copy(update={"vm_webhooks_reach": "loopback"}))
    yield opened
    opened.close()


@pytest.fixture
def fresh_desk(host: Host) -> Iterator[Desk]:
    """A desk that tries again at once."""
    made = Desk(host)
    yield made
    made.follower.close()


@pytest.fixture
def fresh_receiver() -> Iterator[Receiver]:
    """A receiver that says yes."""
    with receiving() as made:
        yield made


def texts(got: Sequence[Got]) -> list[str]:
    """What was said in the comments that came."""
    return [one.said["data"]["payload"]["text"] for one in got]
