"""The secret that signs a webhook's messages: in one file, for one user, and swept with its webhook."""

from pathlib import Path

import pytest

from vm_webapp.domain.webhooks import DeleteWebhook
from vm_webapp.errors import Conflict, NotFound
from vm_webapp.host import Host
from webhook_desk import Desk, fresh_desk, fresh_receiver, sending_host

from webhook_receiver import Receiver

host = sending_host
desk = fresh_desk
receiver = fresh_receiver


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


def test_files_of_secrets_without_a_webhook_are_swept(host: Host, tmp_path: Path) -> None:
    """What a crash or a refusal left goes at the next start; those in use stay."""
    del tmp_path
    desk = Desk(host)
    webhook_id, _ = desk.add("http://127.0.0.1:1/hook")
    desk.follower.secrets.keep("wh-orphan", "whsec_AAAA")
    desk.follower.close()
    Desk(host).follower.close()
    assert [path.name for path in host.workspace.webhook_keys.iterdir()] == [f"{webhook_id}.secret"]
