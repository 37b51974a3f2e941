"""The follower that tells webhooks what happens: reads the log on, hands out what is due, records what came of it.

Each webhook has a checkpoint of its own. Nothing is in memory that a restart would miss: what waits stands in the
queue, with the time of its next try. No transaction is open while a receiver is waited for.
"""

import contextlib
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from vm_webapp import event_store, repo
from vm_webapp.commands import SYSTEM, Commands
from vm_webapp.domain.thread_messages import CreateTask
from vm_webapp.domain.webhooks import DisableWebhook
from vm_webapp.errors import VmError
from vm_webapp.events import ERASED, RecordedEvent, derive_id
from vm_webapp.signals import Signal
from vm_webapp.webhooks import queue
from vm_webapp.webhooks.message import Message, headers_of, message_of
from vm_webapp.webhooks.queue import Due
from vm_webapp.webhooks.secrets import WebhookSecrets
from vm_webapp.webhooks.sending import Answer, Sender
from vm_webapp.webhooks.signing import Signing, list_secrets
from vm_webapp.workspace import Workspace

log = structlog.get_logger(__name__)

SCHEDULE: Final = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""The seconds between tries, after the specification's example: ten tries within three days and a bit."""

_JITTER: Final = 0.1
_GONE: Final = 410
_WORKERS: Final = 64
"""Threads that send, made as they are needed: nearly all of them wait for somebody."""

_OF_ONE: Final = 4
_OF_ONE_SILENT: Final = 1
"""How many messages are out to one webhook at a time; one whose last try had no answer takes no more than it must."""

_ROTATED: Final = "WebhookSecretRotated"
_TROUBLE_SECONDS: Final = 5.0


@dataclass(slots=True, kw_only=True)
class Pace:
    """How tries are spaced; tests make it faster. `jitter` is a number from 0 to 1."""

    schedule: Sequence[float] = SCHEDULE
    jitter: Callable[[], float] = field(default=random.random)

    def delay(self, attempts: int, retry_after: float | None) -> float | None:
        """The seconds until the next try after so many; None where there is none."""
        if attempts > len(self.schedule):
            return None
        return max(self.schedule[attempts - 1] * (1 + _JITTER * self.jitter()), retry_after or 0.0)


class WebhookFollower:
    """Tells the webhooks of one workspace."""

    def __init__(self, commands: Commands, workspace: Workspace, *, sender: Sender, pace: Pace | None = None) -> None:
        self.secrets = WebhookSecrets(workspace)
        self.sender = sender
        self.moved = Signal()
        self._commands = commands
        self._database = commands.database
        self._pace = pace or Pace()
        self._wake = Signal()
        self._ending = threading.Event()
        self._read_to: dict[str, int] = {}
        self._at_work: set[tuple[str, str]] = set()
        self._silent: set[str] = set()
        self._rotated = True
        self._next_end: datetime | None = None
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="webhook")
        self._thread: threading.Thread | None = None
        self._database.listen(self._heard)

    def start(self) -> None:
        """Follow the log from now on; returns at once."""
        now = self._commands.clock()
        self.secrets.sweep([one for one in self._list_secrets() if one.signs(now)])
        self._thread = threading.Thread(target=self._follow, name="webhooks", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look again: something was queued."""
        self._wake.notify()

    def close(self) -> None:
        """Stop; what is being sent is cut off and sent again at the next start."""
        self._ending.set()
        self.sender.close()
        self._wake.notify()
        if self._thread:
            self._thread.join(30)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _heard(self, types: frozenset[str]) -> None:
        if types:
            self._rotated = self._rotated or _ROTATED in types
            self._wake.notify()

    def _follow(self) -> None:
        while not self._ending.is_set():
            seen = self._wake.count
            try:
                pause = self._work()
            except Exception as error:  # noqa: BLE001 - webhooks may fail, the program goes on
                log.warning("webhooks.trouble", error=f"{type(error).__name__}: {error}")
                pause = _TROUBLE_SECONDS
            self._wake.wait(seen, pause)

    def _work(self) -> float | None:
        """Take in what is new, hand out what is due; the seconds until something will be, None for nothing."""
        now = self._commands.clock()
        with self._database.read() as connection:
            webhooks = queue.list_active(connection)
            end = event_store.last_position(connection)
        for webhook in webhooks:
            self._take_in(webhook, end)
        ids = [str(webhook["webhook_id"]) for webhook in webhooks]
        with self._database.read() as connection:
            due = [one for webhook_id in ids for one in queue.list_due(connection, webhook_id, now=now, limit=_OF_ONE)]
            following = queue.next_due(connection, ids, after=now)
        for one in due:
            self._hand_out(one)
        times = [at for at in (following, self._end_old_secrets(now)) if at]
        return max(0.0, (min(times) - now).total_seconds()) if times else None

    def _end_old_secrets(self, now: datetime) -> datetime | None:
        """Remove the secrets whose time is over; the next time at which one's is."""
        if self._rotated or (self._next_end and self._next_end <= now):
            self._rotated = False
            old = [one for one in self._list_secrets() if one.until]
            for one in old:
                if not one.signs(now):
                    self.secrets.drop(one.webhook_id, one.secret_id)
            self._next_end = min((one.until for one in old if one.until and one.signs(now)), default=None)
        return self._next_end

    def _list_secrets(self) -> list[Signing]:
        with self._database.read() as connection:
            ids = [str(row["webhook_id"]) for row in repo.list_webhooks(connection, limit=-1)]
            return [one for webhook_id in ids for one in list_secrets(connection, webhook_id)]

    def _take_in(self, webhook: Mapping[str, Any], end: int) -> None:
        """Read the log on for a webhook where there is room; a write only where there is something to say."""
        webhook_id = str(webhook["webhook_id"])
        with self._database.read() as connection:
            if queue.is_full(connection, webhook_id):
                return  # what is left out now is read when there is room again
            begin = max(self._read_to.get(webhook_id, 0), queue.place_of(connection, webhook))
            news = begin < end and queue.has_news(connection, webhook, position=begin)
        if news:
            now = self._commands.clock()

            def take_in(connection: Connection) -> int:
                place = queue.place_of(connection, webhook)
                read_to = queue.take_in(connection, webhook, position=max(place, begin), now=now)
                queue.save_place(connection, webhook_id, read_to)
                return read_to

            self._read_to[webhook_id] = self._database.write(take_in)
            if begin < self._read_to[webhook_id] < end:
                self._wake.notify()
        else:
            self._read_to[webhook_id] = max(begin, end)

    def _hand_out(self, due: Due) -> None:
        """One message of a lane at a time, and no more than a few of one webhook."""
        key = (due.webhook_id, due.lane)
        with self._lock:
            of_one = sum(1 for webhook_id, _ in self._at_work if webhook_id == due.webhook_id)
            most = _OF_ONE_SILENT if due.webhook_id in self._silent else _OF_ONE
            if key in self._at_work or of_one >= most or self._ending.is_set():
                return
            self._at_work.add(key)
        self._pool.submit(self._deliver, due)

    def _deliver(self, due: Due) -> None:
        try:
            self._try_once(due)
        except Exception as error:  # noqa: BLE001 - what went wrong here is tried again, and the others go on
            log.warning("webhook.trouble", webhook_id=due.webhook_id, error=f"{type(error).__name__}: {error}")
            self._ending.wait(_TROUBLE_SECONDS)
        finally:
            with self._lock:
                self._at_work.discard((due.webhook_id, due.lane))
            self._wake.notify()
            self.moved.notify()

    def _try_once(self, due: Due) -> None:
        """Send it, unless another try has ended since it was read: it is looked at again within its lane's turn."""
        with self._database.read() as connection:
            webhook = repo.get_webhook(connection, due.webhook_id)
            (event,) = event_store.read_after(connection, due.position - 1, limit=1)
            still = queue.is_due(connection, due, now=self._commands.clock())
            seen = event_store.last_position(connection)
            secrets = list_secrets(connection, due.webhook_id)
        if webhook["status"] != "active" or not still:
            return
        started_at = self._commands.clock()
        keys = self.secrets.keys([one for one in secrets if one.signs(started_at)])
        if not keys:
            self._disable(due, event, "Its secret is lost; give it a new one with `webhooks rotate`, and turn it on.")
            return
        message = message_of(due.webhook_id, event)
        headers = headers_of(message, keys, timestamp=int(started_at.timestamp()))
        answer = self.sender.send(webhook["url"], message.body, headers)
        if self.sender.closed and answer.status is None:
            return
        with self._lock:
            (self._silent.add if answer.status is None else self._silent.discard)(due.webhook_id)
        self._record(due, event, message, answer, started_at=started_at, seen=seen)

    def _record(
        self, due: Due, event: RecordedEvent, message: Message, answer: Answer, *, started_at: datetime, seen: int
    ) -> None:
        attempts = due.attempts + 1
        delay = None if answer.accepted else self._pace.delay(attempts, answer.retry_after)
        now = self._commands.clock()
        next_at = None if delay is None or answer.status == _GONE else now + timedelta(seconds=delay)

        def record(connection: Connection) -> str | None:
            kept = _without_erased(connection, event, answer, seen=seen)
            reason = None if answer.accepted or next_at else _hopeless(connection, due, answer)
            status = "delivered" if answer.accepted else "pending" if next_at or reason else "failed"
            made = 0 if reason else attempts
            settled = queue.settle(connection, due, status=status, due_at=next_at or now, attempts=made)
            again = next_at if settled else None
            queue.record_attempt(
                connection, due.webhook_id, message, kept, number=attempts, started_at=started_at, next_at=again
            )
            if again and answer.status in queue.BUSY:
                queue.hold_back(connection, due.webhook_id, again)
            return reason if settled else None

        if reason := self._database.write(record):
            self._disable(due, event, reason)

    def _disable(self, due: Due, event: RecordedEvent, reason: str) -> None:
        """Turn the webhook off, and leave people a task where the message's thread is."""
        log.warning("webhook.disabled", webhook_id=due.webhook_id, reason=reason)
        self._commands.handle(DisableWebhook(webhook_id=due.webhook_id, reason=reason), by=SYSTEM)
        if event.thread_id:
            title = f"The webhook {due.webhook_id} was turned off. {reason}"
            task_id = derive_id("tsk", due.webhook_id, str(due.position), "disabled")
            with contextlib.suppress(VmError):  # a closed thread takes none; the log and the list say it all the same
                self._commands.handle(CreateTask(task_id=task_id, thread_id=event.thread_id, title=title), by=SYSTEM)


def _without_erased(connection: Connection, event: RecordedEvent, answer: Answer, *, seen: int) -> Answer:
    """The answer as it may be kept: what was said is not where something of the thread was erased behind `seen`.

    An erasure that comes later blanks what stands here already (erasures.sweeping).
    """
    if event.thread_id is None:
        return answer
    erasures = [event_store.ERASURE]
    later = event_store.read_after(connection, seen, limit=1, thread_id=event.thread_id, types=erasures)
    return replace(answer, detail=ERASED) if later and answer.detail else answer


def _hopeless(connection: Connection, due: Due, answer: Answer) -> str | None:
    """Why nothing more is to be sent to the receiver at all; None where that is not so."""
    if answer.status == _GONE:
        return "The receiver answered 410 Gone: it wants nothing more."
    if queue.accepted_since(connection, due.webhook_id, due.queued_at):
        return None
    return "The receiver has accepted nothing since this message was due, and its tries are used up."
