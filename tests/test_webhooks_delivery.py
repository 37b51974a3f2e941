"""What webhooks are told: signed, in order, at least once, through failures, pauses and a process that dies."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vm_webapp import repo
from vm_webapp.commands import OWNER, Commands
from vm_webapp.domain.brands import CreateBrand
from vm_webapp.domain.projects import CreateProject
from vm_webapp.domain.thread_messages import AddComment, CreateThread
from vm_webapp.domain.webhooks import DeleteWebhook, RedeliverWebhook
from vm_webapp.errors import Conflict, InvalidText, NotFound
from vm_webapp.host import Host, open_host
from vm_webapp.settings import Settings
from vm_webapp.webhooks import WebhookFollower, queue
from vm_webapp.webhooks.follower import Pace
from vm_webapp.webhooks.requests import WebhookRequests
from vm_webapp.webhooks.sending import Sender

from webhook_receiver import Got, Receiver, receiving, status

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
def host(settings: Settings) -> Iterator[Host]:
    """A host that may send to this machine."""
    opened = open_host(settings.model_copy(update={"vm_webhooks_reach": "loopback"}))
    yield opened
    opened.close()


@pytest.fixture
def desk(host: Host) -> Iterator[Desk]:
    """A desk that tries again at once."""
    made = Desk(host)
    yield made
    made.follower.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that says yes."""
    with receiving() as made:
        yield made


def texts(got: Sequence[Got]) -> list[str]:
    """What was said in the comments that came."""
    return [one.said["data"]["payload"]["text"] for one in got]


def test_a_message_is_signed_and_says_what_happened(desk: Desk, receiver: Receiver) -> None:
    """Headers and body after the specification; the signature holds with this secret and with no other."""
    thread = desk.place()
    webhook_id, secret = desk.add(receiver.url, "CommentAdded")
    desk.say(thread, "hello")
    (got,) = receiver.wait(1)
    assert got.verify(secret)
    assert not got.verify("whsec_" + "A" * 43 + "=")
    assert got.said["type"] == "com.vm.CommentAdded.v1"
    assert got.said["data"]["payload"]["text"] == "hello"
    assert got.said["timestamp"] == got.said["data"]["occurred_at"]
    assert "." not in got.message_id
    desk.delivered(webhook_id, 1)
    (tried,) = desk.attempts(webhook_id)
    assert (tried["outcome"], tried["status_code"], tried["number"]) == ("delivered", 204, 1)


def test_only_what_was_asked_for_is_sent(desk: Desk, receiver: Receiver) -> None:
    """Types, one brand, and nothing from before; of access and webhooks never a word."""
    first, second = desk.place("a"), desk.place("b")
    desk.say(first, "before")
    webhook_id, _ = desk.add(receiver.url, brand_id="b-a")
    desk.say(second, "other brand")
    desk.add(receiver.url + "2", "CommentAdded", brand_id="b-b")
    desk.say(first, "one")
    desk.say(first, "two")
    got = receiver.wait(2)
    assert texts(got) == ["one", "two"]
    desk.delivered(webhook_id, 2)
    assert len(desk.attempts(webhook_id)) == 2


def test_a_thread_keeps_its_order_and_holds_up_no_other(desk: Desk, receiver: Receiver) -> None:
    """What fails in one thread is tried again before anything later of it; another thread goes on meanwhile."""
    left = {"one": 3}

    def reply(got: Got) -> tuple[int, Mapping[str, str], bytes]:
        text = got.said["data"]["payload"]["text"]
        left[text] = left.get(text, 0) - 1
        return (500 if left[text] >= 0 else 200), {}, b""

    receiver.reply = reply
    first, second = desk.place("a"), desk.place("b")
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.say(first, "one", "two", "three")
    desk.say(second, "else")
    desk.delivered(webhook_id, 4)
    said = texts(receiver.got)
    assert [one for one in said if one != "else"] == ["one", "one", "one", "one", "two", "three"]
    assert said.count("else") == 1
    ids = {one.message_id for one in receiver.got if one.said["data"]["payload"]["text"] == "one"}
    assert len(ids) == 1


def test_tries_are_spaced_with_jitter_and_heed_retry_after() -> None:
    """Each pause is that of the schedule and up to a tenth more; a longer Retry-After counts; after the last, none."""
    pace = Pace(schedule=(5, 300), jitter=lambda: 0.5)
    assert [pace.delay(1, None), pace.delay(2, None), pace.delay(3, None)] == [5.25, 315.0, None]
    assert pace.delay(1, 600.0) == 600.0
    assert sum(Pace().schedule) > 3 * 86_400


def test_a_busy_receiver_is_left_alone(host: Host, receiver: Receiver) -> None:
    """After 429 with Retry-After nothing at all is sent until then, in no thread."""
    now = [datetime.now(UTC)]
    desk = Desk(host, Pace(schedule=(5,) * 9, jitter=lambda: 0.0), clock=lambda: now[0])
    first, second = desk.place("a"), desk.place("b")
    receiver.reply = status(429, Retry_After="120")
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.say(first, "one")
    desk.until(lambda: len(desk.attempts(webhook_id)) == 1)
    with host.database.read() as connection:
        due = queue.next_due(connection, [webhook_id], after=now[0])
    assert due == now[0] + timedelta(seconds=120)
    receiver.reply = status(200)
    now[0] += timedelta(seconds=121)
    desk.say(second, "two")
    desk.delivered(webhook_id, 2)
    desk.follower.close()


def test_gone_turns_it_off_with_a_task(desk: Desk, receiver: Receiver) -> None:
    """410: disabled at once, with the reason in the list, an event, and a task in the message's thread."""
    thread = desk.place()
    receiver.reply = status(410)
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.say(thread, "one", "two")
    desk.until(lambda: desk.state(webhook_id)["status"] == "disabled")
    assert "410" in desk.state(webhook_id)["reason"]
    with desk.host.database.read() as connection:
        desk.until(lambda: bool(repo.list_tasks(connection, thread, limit=5)))
        (task,) = repo.list_tasks(connection, thread, limit=5)
    assert webhook_id in task["title"]
    assert len(receiver.got) == 1
    receiver.reply = status(200)
    desk.host.database.write(
        lambda line: (
            desk.commands.handle_in(line, desk.requests.change(webhook_id, {"enabled": True}), OWNER),
            desk.requests.changed(line, webhook_id, enabled=True),
        )
    )
    desk.delivered(webhook_id, 2)
    assert texts(receiver.got) == ["one", "one", "two"]


def test_a_receiver_that_never_accepts_is_given_up_and_nothing_is_lost(desk: Desk, receiver: Receiver) -> None:
    """After all tries it is disabled; the message stays and goes out when it is turned on again."""
    thread = desk.place()
    receiver.reply = status(500)
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.say(thread, "one")
    desk.until(lambda: desk.state(webhook_id)["status"] == "disabled")
    assert len(desk.attempts(webhook_id)) == 10
    assert desk.waiting(webhook_id) == 1


def test_one_message_that_is_never_accepted_lets_the_others_go_on(desk: Desk, receiver: Receiver) -> None:
    """A message whose tries are used up is failed where the receiver takes others; its thread goes on behind it."""

    def reply(got: Got) -> tuple[int, Mapping[str, str], bytes]:
        return (400 if got.said["data"]["payload"]["text"] == "bad" else 200), {}, b""

    receiver.reply = reply
    first, second = desk.place("a"), desk.place("b")
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    done = threading.Event()

    def keep_accepting() -> None:
        at = 0
        while not done.is_set():
            desk.say(second, f"good {at}")
            at += 1
            done.wait(0.005)

    talk = threading.Thread(target=keep_accepting)
    talk.start()
    receiver.wait(1)
    desk.say(first, "bad", "after")
    desk.until(lambda: "after" in texts(list(receiver.got)))
    done.set()
    talk.join()
    assert desk.state(webhook_id)["status"] == "active"
    assert texts(receiver.got).count("bad") == 10


def test_a_slow_receiver_is_cut_off(desk: Desk, receiver: Receiver) -> None:
    """No answer within the time is a failed try, and is tried again."""
    thread = desk.place()
    go_on = threading.Event()
    slow = [True]

    def reply(_got: Got) -> tuple[int, Mapping[str, str], bytes]:
        if slow.pop() if slow else False:
            go_on.wait(20)
        return 200, {}, b""

    receiver.reply = reply
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.say(thread, "one")
    desk.delivered(webhook_id, 1)
    go_on.set()
    first, second = desk.attempts(webhook_id)
    assert (first["outcome"], first["status_code"]) == ("unreachable", None)
    assert "within 2 s" in first["detail"]
    assert second["outcome"] == "delivered"


def test_redirects_are_not_followed(desk: Desk, receiver: Receiver) -> None:
    """3xx is a failure: the address is to be changed instead."""
    thread = desk.place()
    replies: list[tuple[int, Mapping[str, str], bytes]] = [
        (302, {"Location": receiver.url + "/elsewhere"}, b""),
        (200, {}, b""),
    ]
    receiver.reply = lambda _got: replies.pop(0)
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.say(thread, "one")
    desk.delivered(webhook_id, 1)
    assert [one["status_code"] for one in desk.attempts(webhook_id)] == [302, 200]


def test_what_is_answered_is_kept_in_part(desk: Desk, receiver: Receiver) -> None:
    """The log keeps the first 1000 characters of an answer."""
    thread = desk.place()
    replies: list[tuple[int, Mapping[str, str], bytes]] = [(500, {}, b"x" * 100_000), (200, {}, b"thanks")]
    receiver.reply = lambda _got: replies.pop(0)
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.say(thread, "one")
    desk.delivered(webhook_id, 1)
    assert [len(one["detail"]) for one in desk.attempts(webhook_id)] == [1000, 6]


def test_a_receiver_that_is_down_gets_all_of_it_later(desk: Desk) -> None:
    """Nothing listens, messages wait; when it is back they come, in order."""
    thread = desk.place()
    with receiving() as gone:
        url, port = gone.url, int(gone.url.rsplit(":", 1)[1].split("/")[0])
    webhook_id, _ = desk.add(url, "CommentAdded")
    desk.follower.close()
    slow = Desk(desk.host, Pace(schedule=(0.05,) * 200, jitter=lambda: 0.0))
    slow.say(thread, "one", "two", "three")
    slow.until(lambda: len(slow.attempts(webhook_id)) > 0)
    assert {one["outcome"] for one in slow.attempts(webhook_id)} == {"unreachable"}
    with receiving(port=port) as back:
        slow.delivered(webhook_id, 3)
        assert texts(back.got) == ["one", "two", "three"]
    slow.follower.close()


def test_messages_are_sent_again_on_request(desk: Desk, receiver: Receiver) -> None:
    """One by its position, or all beyond one, under the ids that they had."""
    thread = desk.place()
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.say(thread, "one", "two", "three")
    before = receiver.wait(3)
    desk.delivered(webhook_id, 3)
    position = before[1].said["data"]["global_position"]
    assert desk.again(webhook_id, position=position) == 1
    (again,) = receiver.wait(4)[3:]
    assert (again.message_id, again.body) == (before[1].message_id, before[1].body)
    desk.delivered(webhook_id, 4)
    assert desk.again(webhook_id, after=0) == 3
    assert [one.message_id for one in receiver.wait(7)[4:]] == [one.message_id for one in before]
    with pytest.raises(NotFound):
        desk.again(webhook_id, position=1)
    with pytest.raises(InvalidText):
        desk.do(RedeliverWebhook(webhook_id=webhook_id))


def test_the_secret_is_nowhere_but_in_its_file(desk: Desk, receiver: Receiver) -> None:
    """Not in the database or its log file; the file is this user's alone, and gone with the webhook."""
    thread = desk.place()
    webhook_id, secret = desk.add(receiver.url)
    desk.say(thread, "one")
    receiver.wait(1)
    root = desk.host.workspace.root
    holding = [path for path in root.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert holding == [desk.host.workspace.webhook_keys / f"{webhook_id}.secret"]
    assert holding[0].stat().st_mode & 0o777 == 0o600
    desk.follower.secrets.forget(webhook_id)
    desk.do(DeleteWebhook(webhook_id=webhook_id))
    with pytest.raises(NotFound):
        desk.state(webhook_id)


def test_a_lost_secret_is_said(desk: Desk, receiver: Receiver) -> None:
    """Nothing is sent unsigned: the webhook is turned off with the reason, and a test is refused."""
    thread = desk.place()
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.follower.secrets.forget(webhook_id)
    with pytest.raises(Conflict, match="lost"):
        desk.requests.try_out(webhook_id)
    desk.say(thread, "one")
    desk.until(lambda: desk.state(webhook_id)["status"] == "disabled")
    assert "secret is lost" in desk.state(webhook_id)["reason"]
    assert receiver.got == []


def test_a_test_message_is_sent_at_once(desk: Desk, receiver: Receiver) -> None:
    """Signed like any other; the try is in the log, and nothing waits for it."""
    webhook_id, secret = desk.add(receiver.url)
    tried = desk.requests.try_out(webhook_id)
    (got,) = receiver.wait(1)
    assert got.verify(secret)
    assert got.said["type"] == "com.vm.WebhookTest.v1"
    assert (tried["outcome"], tried["global_position"]) == ("delivered", None)


def test_a_large_payload_is_left_out_and_that_is_said(desk: Desk, receiver: Receiver) -> None:
    """Messages stay below 20 kB; where more is to be read, the position says where."""
    thread = desk.place()
    desk.add(receiver.url, "CommentAdded")
    desk.do(AddComment(comment_id="cmt-long", thread_id=thread, text="ä" * 15_000))
    (got,) = receiver.wait(1)
    assert len(got.body) < 20_000
    assert got.said["data"]["payload"] is None
    assert got.said["data"]["payload_left_out"] is True


CHILD = """
import sys, threading
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from vm_webapp.commands import OWNER
from vm_webapp.domain.thread_messages import AddComment
from vm_webapp.host import open_host
from vm_webapp.settings import Settings

host = open_host(Settings(vm_workspace_root=Path(sys.argv[1]), vm_webhooks_reach="loopback", vm_log_level="CRITICAL"))
for number in range(int(sys.argv[2])):
    host.commands.handle(AddComment(comment_id=f"cmt-{number}", thread_id="t-a", text=str(number)), by=OWNER)
print("said", flush=True)
threading.Event().wait()
"""


def test_killed_in_the_middle_of_a_delivery_nothing_is_lost(settings: Settings, receiver: Receiver) -> None:
    """SIGKILL while the receiver holds a request open: all arrive after the restart, in order, repeats under one id."""
    opened = open_host(settings.model_copy(update={"vm_webhooks_reach": "loopback"}))
    desk = Desk(opened)
    desk.place()
    desk.add(receiver.url, "CommentAdded")
    desk.follower.close()
    opened.close()
    hold = threading.Event()
    held = [False]

    def reply(got: Got) -> tuple[int, Mapping[str, str], bytes]:
        if got.said["data"]["payload"]["text"] == "3" and not held[0]:
            held[0] = True
            hold.wait(30)
        return 200, {}, b""

    receiver.reply = reply
    place = str(settings.vm_workspace_root)
    child = subprocess.Popen([sys.executable, "-c", CHILD, place, "8"], stdout=subprocess.PIPE)
    assert child.stdout is not None
    receiver.wait(4, timeout=60)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    hold.set()
    with_reach = settings.model_copy(update={"vm_webhooks_reach": "loopback"})
    again = open_host(with_reach)
    try:
        with again.database.read() as connection:
            said = connection.exec_driver_sql("SELECT count(*) FROM events WHERE event_type = 'CommentAdded'").scalar()
        receiver.wait(int(said or 0) + 1, timeout=60)
    finally:
        again.close()
    came = texts(receiver.got)
    first = list(dict.fromkeys(came))
    assert first == [str(number) for number in range(int(said or 0))]
    assert came.count("3") == 2
    assert len({got.message_id for got in receiver.got}) == int(said or 0)


def test_json_of_a_message_is_what_is_signed(desk: Desk, receiver: Receiver) -> None:
    """Text in any language goes out as UTF-8, and the signature is over those bytes."""
    thread = desk.place()
    _, secret = desk.add(receiver.url, "CommentAdded")
    desk.say(thread, "café ☕")
    (got,) = receiver.wait(1)
    assert got.verify(secret)
    assert json.loads(got.body.decode())["data"]["payload"]["text"] == "café ☕"


def test_files_of_secrets_without_a_webhook_are_swept(host: Host, tmp_path: Path) -> None:
    """What a crash or a refusal left goes at the next start; those in use stay."""
    del tmp_path
    desk = Desk(host)
    webhook_id, _ = desk.add("http://127.0.0.1:1/hook")
    desk.follower.secrets.keep("wh-orphan", "whsec_AAAA")
    desk.follower.close()
    Desk(host).follower.close()
    assert [path.name for path in host.workspace.webhook_keys.iterdir()] == [f"{webhook_id}.secret"]
