"""What webhooks are told: signed, in each thread's order, and only what was asked for."""

import json
import threading
from collections.abc import Mapping

import pytest

from vm_webapp.domain.thread_messages import AddComment, CreateTask
from vm_webapp.domain.webhooks import RedeliverWebhook
from vm_webapp.errors import InvalidText, NotFound
from vm_webapp.webhooks import queue
from webhook_desk import Desk, fresh_desk, fresh_receiver, sending_host, texts

from webhook_receiver import Got, Receiver

host = sending_host
desk = fresh_desk
receiver = fresh_receiver


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


def test_json_of_a_message_is_what_is_signed(desk: Desk, receiver: Receiver) -> None:
    """Text in any language goes out as UTF-8, and the signature is over those bytes."""
    thread = desk.place()
    _, secret = desk.add(receiver.url, "CommentAdded")
    desk.say(thread, "café ☕")
    (got,) = receiver.wait(1)
    assert got.verify(secret)
    assert json.loads(got.body.decode())["data"]["payload"]["text"] == "café ☕"


def test_what_finds_no_room_is_read_later(desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """While as many wait as there is room for, the log is read no further; nothing of it is passed over."""
    monkeypatch.setattr(queue, "_MOST_WAITING", 2)
    monkeypatch.setattr(queue, "_BATCH", 1)
    thread = desk.place()
    free = threading.Event()

    def reply(_got: Got) -> tuple[int, Mapping[str, str], bytes]:
        free.wait(10)
        return 200, {}, b""

    receiver.reply = reply
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    said = [f"{number}" for number in range(9)]
    desk.say(thread, *said)
    desk.until(lambda: desk.waiting(webhook_id) >= 2)
    free.set()
    desk.delivered(webhook_id, 9)
    assert texts(receiver.got) == said


def test_what_was_not_asked_for_when_it_happened_is_not_told(desk: Desk, receiver: Receiver) -> None:
    """Types asked for later count from then on, also after a restart; what is older comes by `redeliver` alone."""
    thread = desk.place()
    webhook_id, _ = desk.add(receiver.url, "TaskCreated")
    desk.say(thread, "before")
    desk.do(desk.requests.change(webhook_id, {"event_types": ["CommentAdded"]}))
    desk.follower.close()
    again = Desk(desk.host)
    again.say(thread, "after")
    again.delivered(webhook_id, 1)
    assert texts(receiver.got) == ["after"]
    assert again.again(webhook_id, after=0) == 2
    again.follower.close()


def test_what_was_asked_for_when_it_happened_is_told(desk: Desk, receiver: Receiver) -> None:
    """What happens while a webhook is off reaches it, although something else is asked for before it is on again."""
    thread = desk.place()
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.do(desk.requests.change(webhook_id, {"enabled": False}))
    desk.say(thread, "meanwhile")
    desk.do(desk.requests.change(webhook_id, {"event_types": ["TaskCreated"]}))
    desk.say(thread, "no longer")
    desk.do(desk.requests.change(webhook_id, {"enabled": True}))
    desk.do(CreateTask(task_id="tsk-1", thread_id=thread, title="x"))
    desk.delivered(webhook_id, 2)
    assert [one.said["type"] for one in receiver.got] == ["com.vm.CommentAdded.v1", "com.vm.TaskCreated.v1"]
