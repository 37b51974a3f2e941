"""Erasure and webhooks: what receivers answered is as gone as what they were told."""

from collections.abc import Mapping
from threading import Event

import pytest

from test_erasure_engine import erase, places_of
from vm_webapp import event_store
from vm_webapp.commands import OWNER
from vm_webapp.domain.thread_messages import AddComment
from vm_webapp.erasures import requests
from vm_webapp.events import ERASED
from vm_webapp.host import open_host
from vm_webapp.settings import Settings
from webhook_desk import Desk, fresh_desk, fresh_receiver, sending_host

from webhook_receiver import Got, Receiver

host = sending_host
desk = fresh_desk
receiver = fresh_receiver

NAME = "Zuleika-Quintanilha"


def echo(code: int, *more: int) -> tuple[Receiver, list[int]]:
    """A receiver that answers with what it was sent, with one status after the other, the last one for good."""
    codes = [code, *more]

    def reply(got: Got) -> tuple[int, Mapping[str, str], bytes]:
        return codes.pop(0) if len(codes) > 1 else codes[0], {}, got.body[-900:]

    return Receiver(reply=reply), codes


def say(desk: Desk, thread: str, text: str) -> str:
    """A comment under an id that tells nothing of it; the id."""
    comment_id = f"cmt-{len(text)}"
    desk.do(AddComment(comment_id=comment_id, thread_id=thread, text=text))
    return comment_id


def test_what_a_receiver_says_that_has_a_message_is_not_kept(desk: Desk, receiver: Receiver) -> None:
    """It may be the message, and is of no use; the status is kept, and so is what a test is answered."""
    receiver.reply = echo(200)[0].reply
    thread = desk.place()
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    say(desk, thread, NAME)
    desk.delivered(webhook_id)
    assert [(one["status_code"], one["detail"]) for one in desk.attempts(webhook_id)] == [(200, "")]
    assert webhook_id in desk.requests.try_out(webhook_id)["detail"]


def test_an_erasure_blanks_what_receivers_answered(desk: Desk, receiver: Receiver) -> None:
    """A refusal that repeats the message, for whatever event of the thread; another thread's stays."""
    receiver.reply = echo(500, 200, 500, 200)[0].reply
    thread, other = desk.place("a"), desk.place("b")
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    comment_id = say(desk, thread, NAME)
    desk.delivered(webhook_id)
    say(desk, other, "Marmalade")
    desk.delivered(webhook_id, 2)
    before = [one["detail"] for one in desk.attempts(webhook_id)]
    assert (NAME in before[0], "Marmalade" in before[2]) == (True, True)
    erased = erase(desk.host, thread, comment_id=comment_id)
    assert erased["swept"]
    assert [one["detail"] for one in desk.attempts(webhook_id)] == [ERASED, "", before[2], ""]
    assert places_of(desk.host.workspace.root) == []


def test_what_is_no_answer_is_blanked_as_well(desk: Desk, receiver: Receiver) -> None:
    """A receiver that speaks no HTTP has its line in the log of tries, whatever it said."""
    thread = desk.place()
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    comment_id = say(desk, thread, NAME)
    desk.delivered(webhook_id)
    with desk.host.database.writer.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE webhook_attempts SET outcome = 'unreachable', status_code = NULL, detail = ?",
            (f"No answer: {NAME}.",),
        )
    erase(desk.host, thread, comment_id=comment_id)
    assert [one["detail"] for one in desk.attempts(webhook_id)] == [ERASED]


def test_an_answer_that_comes_behind_the_erasure_is_not_kept(desk: Desk, receiver: Receiver) -> None:
    """The text was on its way when it was erased: what comes back of it is not written down any more."""
    go_on = Event()
    codes = [500]

    def reply(got: Got) -> tuple[int, Mapping[str, str], bytes]:
        if codes:
            go_on.wait(20)
        return codes.pop() if codes else 200, {}, got.body[-900:]

    receiver.reply = reply
    thread = desk.place()
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    comment_id = say(desk, thread, NAME)
    receiver.wait(1)
    assert erase(desk.host, thread, comment_id=comment_id)["swept"]
    go_on.set()
    desk.delivered(webhook_id)
    assert [(one["status_code"], one["detail"]) for one in desk.attempts(webhook_id)] == [(500, ERASED), (200, "")]
    assert NAME not in receiver.got[1].body.decode()


@pytest.mark.parametrize("swept_before", [False, True], ids=["crash", "older sweep"])
def test_the_next_start_blanks_what_is_left(settings: Settings, receiver: Receiver, *, swept_before: bool) -> None:
    """After a crash behind the event, and where a sweep of before did not reach these answers."""
    first = open_host(settings.model_copy(update={"vm_webhooks_reach": "loopback"}))
    receiver.reply = echo(500, 200)[0].reply
    desk = Desk(first)
    thread = desk.place()
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    comment_id = say(desk, thread, NAME)
    desk.delivered(webhook_id)
    first.erasures.close()
    subject = requests.subject_of(thread, comment_id=comment_id)
    first.commands.handle(requests.erase_request(subject, reason="Asked"), by=OWNER)
    if swept_before:
        with first.database.writer.begin() as connection:
            event_store.save_checkpoint(connection, "erasures", event_store.last_position(connection))
    desk.follower.close()
    first.close()
    assert places_of(settings.vm_workspace_root) != []
    again = open_host(settings)
    assert again.erasures.wait(30)
    again.close()
    assert places_of(settings.vm_workspace_root) == []
