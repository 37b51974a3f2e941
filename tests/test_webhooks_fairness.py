"""One webhook's receiver keeps no other's messages waiting, however many do not answer."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import pytest

from webhook_desk import Desk, fresh_desk, fresh_receiver, sending_host

from webhook_receiver import Got, Receiver, receiving

host = sending_host
desk = fresh_desk
receiver = fresh_receiver


@pytest.fixture
def silent() -> Iterator[list[Receiver]]:
    """Three receivers that take every request and answer none."""
    over = threading.Event()

    def reply(_got: Got) -> tuple[int, Mapping[str, str], bytes]:
        over.wait(30)
        return 200, {}, b""

    with ExitStack() as stack:
        stack.callback(over.set)
        yield [stack.enter_context(receiving(Receiver(reply=reply))) for _ in range(3)]


def test_receivers_that_do_not_answer_keep_no_other_waiting(
    desk: Desk, receiver: Receiver, silent: list[Receiver]
) -> None:
    """While all that they may have is out to three of them, a fourth that answers is told at once."""
    threads = [desk.place(name) for name in "abcd"]
    away = [desk.add(one.url, "CommentAdded")[0] for one in silent]
    for thread in threads:
        desk.say(thread, "one")
    for one in silent:
        one.wait(4)
    webhook_id, _ = desk.add(receiver.url, "TaskCreated", "CommentAdded")
    desk.say(threads[0], "two")
    receiver.wait(1)
    assert [len(desk.attempts(one)) for one in away] == [0, 0, 0]
    desk.delivered(webhook_id, 1)


def test_who_did_not_answer_is_asked_one_at_a_time(desk: Desk, silent: list[Receiver]) -> None:
    """After a try without an answer one message at a time is out to that receiver, until it answers again."""
    threads = [desk.place(name) for name in "abcdef"]
    webhook_id, _ = desk.add(silent[0].url, "CommentAdded")
    for thread in threads:
        desk.say(thread, "one")
    silent[0].wait(4)
    desk.until(lambda: len(desk.attempts(webhook_id)) >= 4)
    silent[0].wait(5)
    assert [one for one, _ in desk.follower._at_work] == [webhook_id]
    silent[0].reply = lambda _got: (200, {}, b"")
    desk.delivered(webhook_id, 6)
