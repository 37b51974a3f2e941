"""What comes of a message that is not accepted: tried again, given up or sent later, and never lost."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from vm_webapp import repo
from vm_webapp.commands import OWNER
from vm_webapp.host import Host, open_host
from vm_webapp.settings import Settings
from vm_webapp.webhooks import queue
from vm_webapp.webhooks.follower import Pace
from webhook_desk import Desk, fresh_desk, fresh_receiver, sending_host, texts

from webhook_receiver import Got, Receiver, receiving, status

host = sending_host
desk = fresh_desk
receiver = fresh_receiver


def test_tries_are_spaced_with_jitter_and_heed_retry_after() -> None:
    """Each pause is that of the schedule and up to a tenth more; a longer Retry-After counts; after the last, none."""
    pace = Pace(schedule=(5, 300), jitter=lambda: 0.5)
    assert [pace.delay(1, None), pace.delay(2, None), pace.delay(3, None)] == [5.25, 315.0, None]
    assert pace.delay(1, 600.0) == 600.0
    assert sum(Pace().schedule) > 3 * 86_400


def left_alone(host: Host, receiver: Receiver) -> tuple[list[datetime], Desk, str, str]:
    """A desk with its clock, whose receiver asked to be left alone for two minutes; another thread, and the webhook."""
    now = [datetime.now(UTC)]
    desk = Desk(host, Pace(schedule=(5,) * 9, jitter=lambda: 0.0), clock=lambda: now[0])
    first, second = desk.place("a"), desk.place("b")
    receiver.reply = status(429, Retry_After="120")
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.say(first, "one")
    desk.until(lambda: len(desk.attempts(webhook_id)) == 1)
    return now, desk, second, webhook_id


def test_a_busy_receiver_is_left_alone(host: Host, receiver: Receiver) -> None:
    """After 429 with Retry-After nothing at all is sent until then, in no thread."""
    now, desk, second, webhook_id = left_alone(host, receiver)
    with host.database.read() as connection:
        due = queue.next_due(connection, [webhook_id], after=now[0])
    assert due == now[0] + timedelta(seconds=120)
    receiver.reply = status(200)
    now[0] += timedelta(seconds=121)
    desk.say(second, "two")
    desk.delivered(webhook_id, 2)
    desk.follower.close()


@pytest.mark.parametrize("pause", ["9" * 400, "-" + "9" * 400, "Fri, 31 Dec 99999999999999999999 23:59:59 GMT"])
def test_a_pause_beyond_all_numbers_is_a_try_like_any_other(desk: Desk, receiver: Receiver, pause: str) -> None:
    """Whatever a receiver asks for, the try is in the list, and the message is not sent again at once for ever."""
    thread = desk.place()
    receiver.reply = status(429, Retry_After=pause)
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.say(thread, "one")
    desk.until(lambda: len(desk.attempts(webhook_id)) >= 1)
    assert desk.attempts(webhook_id)[0]["status_code"] == 429


def test_gone_turns_it_off_with_a_task(desk: Desk, receiver: Receiver) -> None:
    """410: disabled at once, with the reason in the list, an event, and a task in the message's thread."""
    thread = desk.place()
    receiver.reply = status(410)
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.say(thread, "one", "two")
    desk.until(lambda: desk.state(webhook_id)["status"] == "disabled")
    assert "410" in desk.state(webhook_id)["reason"]

    def titles() -> list[str]:
        with desk.host.database.read() as connection:
            return [task["title"] for task in repo.list_tasks(connection, thread, limit=5)]

    desk.until(lambda: bool(titles()))  # the list of tasks follows a moment behind the event
    (title,) = titles()
    assert webhook_id in title
    assert len(receiver.got) == 1
    receiver.reply = status(200)
    desk.host.database.write(
        lambda line: (
            desk.commands.handle_in(line, desk.requests.change(webhook_id, {"enabled": True}), OWNER),
            desk.requests.changed(line, webhook_id, {"enabled": True}),
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


def test_a_try_that_was_read_before_another_ended_is_not_made(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was due a moment ago, and was delivered since, is not sent once more; nor is a try counted twice."""
    thread = desk.place()
    receiver.reply = status(500)
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    read: list[queue.Due] = []
    hand_out = desk.follower._hand_out

    def keep(due: queue.Due) -> None:
        read.append(due)
        hand_out(due)

    monkeypatch.setattr(desk.follower, "_hand_out", keep)
    desk.say(thread, "one")
    desk.until(lambda: len(desk.attempts(webhook_id)) >= 2)
    receiver.reply = status(200)
    desk.delivered(webhook_id, 1)
    sent = len(receiver.got)
    for due in read:
        desk.follower._try_once(due)
    assert len(read) >= 3
    assert len(receiver.got) == sent
    assert [one["number"] for one in desk.attempts(webhook_id)] == list(range(1, sent + 1))


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
    """The log keeps the first 1000 characters of a refusal, and nothing of a yes."""
    thread = desk.place()
    replies: list[tuple[int, Mapping[str, str], bytes]] = [(500, {}, b"x" * 100_000), (200, {}, b"thanks")]
    receiver.reply = lambda _got: replies.pop(0)
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.say(thread, "one")
    desk.delivered(webhook_id, 1)
    assert [len(one["detail"]) for one in desk.attempts(webhook_id)] == [1000, 0]


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


def test_a_busy_receiver_is_told_nothing_that_happens_meanwhile(host: Host, receiver: Receiver) -> None:
    """What happens in another thread after a 429 waits as well."""
    now, desk, second, webhook_id = left_alone(host, receiver)
    now[0] += timedelta(seconds=60)
    desk.say(second, "two")
    desk.until(lambda: desk.waiting(webhook_id) == 2)
    with host.database.read() as connection:
        assert queue.list_due(connection, webhook_id, now=now[0], limit=9) == []
    assert texts(receiver.got) == ["one"]
    desk.follower.close()


@pytest.mark.parametrize("change", ["description", "secret", "redelivery"])
def test_a_busy_receiver_is_left_alone_whatever_else_is_changed(host: Host, receiver: Receiver, change: str) -> None:
    """Other words about a webhook, a new secret, or something that is sent again are no reason to send the rest."""
    now = [datetime.now(UTC)]
    desk = Desk(host, Pace(schedule=(5,) * 9, jitter=lambda: 0.0), clock=lambda: now[0])
    first, second = desk.place("a"), desk.place("b")
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.say(first, "told")
    desk.delivered(webhook_id, 1)
    receiver.reply = status(429, Retry_After="120")
    desk.say(first, "one")
    desk.until(lambda: len(desk.attempts(webhook_id)) == 2)
    receiver.reply = status(200)
    now[0] += timedelta(seconds=60)
    if change == "description":
        desk.do(desk.requests.change(webhook_id, {"description": "Mine"}))
    elif change == "secret":
        desk.do(desk.requests.rotation(webhook_id)[0])
    else:
        desk.again(webhook_id, position=receiver.got[0].said["data"]["global_position"])
        desk.until(lambda: len(desk.attempts(webhook_id)) == 3)
    desk.say(second, "two")
    desk.until(lambda: desk.waiting(webhook_id) == 2)
    with host.database.read() as connection:
        assert queue.list_due(connection, webhook_id, now=now[0], limit=9) == []
    assert "two" not in texts(receiver.got)
    desk.follower.close()


def test_an_answer_to_what_has_begun_anew_holds_nothing_back(desk: Desk, receiver: Receiver) -> None:
    """A 429 to a message that was out when the webhook was turned on again does not undo that."""
    thread = desk.place()
    go_on = threading.Event()
    replies = [status(429, Retry_After="3600"), status(200)]

    def reply(got: Got) -> tuple[int, Mapping[str, str], bytes]:
        go_on.wait(1.5)
        return replies.pop(0)(got)

    receiver.reply = reply
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.say(thread, "one")
    receiver.wait(1)
    desk.host.database.write(lambda line: desk.requests.changed(line, webhook_id, {"enabled": True}))
    go_on.set()
    desk.delivered(webhook_id, 1)
    assert [(one["status_code"], one["next_at"]) for one in desk.attempts(webhook_id)] == [(429, None), (200, None)]


def test_a_receiver_of_before_turns_no_new_address_off(desk: Desk, receiver: Receiver) -> None:
    """A 410 to what was out when the address was changed speaks of the old one: what waits is sent to the new one."""
    thread = desk.place()
    go_on = threading.Event()

    def gone(_got: Got) -> tuple[int, Mapping[str, str], bytes]:
        go_on.wait(1.5)
        return 410, {}, b""

    with receiving(Receiver(reply=gone)) as old:
        webhook_id, _ = desk.add(old.url, "CommentAdded")
        desk.say(thread, "one")
        old.wait(1)
        desk.do(desk.requests.change(webhook_id, {"url": receiver.url}))
        desk.host.database.write(lambda line: desk.requests.changed(line, webhook_id, {"url": receiver.url}))
        go_on.set()
        desk.delivered(webhook_id, 1)
    assert desk.state(webhook_id)["status"] == "active"
    assert texts(receiver.got) == ["one"]
