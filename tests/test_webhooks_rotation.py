"""A webhook's secret is changed while it is in use: both sign for a day, and nothing of it is anywhere but in files."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vm_webapp.api import shapes, writes
from vm_webapp.app import create_app
from vm_webapp.cli import Exit, main
from vm_webapp.commands import OWNER
from vm_webapp.domain.webhooks import DeleteWebhook
from vm_webapp.errors import Conflict, NotFound
from vm_webapp.host import Host
from vm_webapp.settings import Settings
from webhook_desk import AT_ONCE, Desk, fresh_desk, fresh_receiver, sending_host, texts

from api_client import Api, running
from fixed_writer import FixedWriter
from webhook_receiver import Got, Receiver

HOOKS = "/api/v2/webhooks"

host = sending_host
receiver = fresh_receiver
desk = fresh_desk


@pytest.fixture
def api(settings: Settings, writer: FixedWriter) -> Iterator[Api]:
    """An app that may send to this machine."""
    with running(create_app(settings.model_copy(update={"vm_webhooks_reach": "loopback"}), llm=writer)) as made:
        yield made


def rotate(desk: Desk, webhook_id: str) -> str:
    """A new secret, in use."""
    command, secret = desk.requests.rotation(webhook_id)
    desk.requests.keeping(command, lambda: desk.commands.handle(command, by=OWNER))
    return secret


def files(host: Host) -> list[Path]:
    """The files of secrets."""
    return sorted(host.workspace.webhook_keys.iterdir())


def signatures(got: Got) -> int:
    """How many stand in the header."""
    return len(got.headers["webhook-signature"].split(" "))


def test_the_old_secret_signs_along_for_a_day(host: Host, receiver: Receiver) -> None:
    """Both hold in one header, also in a test; after 24 hours the new one alone does, and the old file is gone."""
    now = [datetime.now(UTC)]
    desk = Desk(host, AT_ONCE, clock=lambda: now[0])
    thread = desk.place()
    webhook_id, old = desk.add(receiver.url, "CommentAdded")
    new = rotate(desk, webhook_id)
    desk.say(thread, "one")
    desk.requests.try_out(webhook_id)
    for got in receiver.wait(2):
        assert (signatures(got), got.verify(old), got.verify(new)) == (2, True, True)
    assert [path.stat().st_mode & 0o777 for path in files(host)] == [0o600, 0o600]
    desk.delivered(webhook_id, 2)
    now[0] += timedelta(hours=24)
    desk.say(thread, "two")
    desk.until(lambda: len(files(host)) == 1)
    assert files(host)[0].read_text(encoding="ascii") == new
    desk.requests.try_out(webhook_id)
    assert signatures(receiver.wait(4)[3]) == 1
    desk.follower.close()


def test_what_waits_is_sent_after_a_rotation(desk: Desk, receiver: Receiver) -> None:
    """A webhook that is off keeps its queue and its state."""
    thread = desk.place()
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.do(desk.requests.change(webhook_id, {"enabled": False}))
    desk.say(thread, "meanwhile")
    new = rotate(desk, webhook_id)
    assert desk.state(webhook_id)["status"] == "off"
    desk.do(desk.requests.change(webhook_id, {"enabled": True}))
    desk.delivered(webhook_id, 1)
    assert texts(receiver.got) == ["meanwhile"]
    assert receiver.got[0].verify(new)


def test_a_lost_secret_is_replaced(desk: Desk, receiver: Receiver) -> None:
    """As in a workspace that was restored without keys: the new one signs alone, and what waited comes."""
    thread = desk.place()
    webhook_id, _ = desk.add(receiver.url, "CommentAdded")
    desk.follower.secrets.forget(webhook_id)
    desk.say(thread, "one")
    desk.until(lambda: desk.state(webhook_id)["status"] == "disabled")
    assert "webhooks rotate" in desk.state(webhook_id)["reason"]
    new = rotate(desk, webhook_id)
    desk.do(desk.requests.change(webhook_id, {"enabled": True}))
    desk.delivered(webhook_id, 1)
    assert (signatures(receiver.got[0]), receiver.got[0].verify(new)) == (1, True)


def test_every_secret_of_the_day_signs_five_at_the_most(desk: Desk, receiver: Receiver) -> None:
    """Who lost a new secret makes another, and the receiver's still holds; beyond that it is refused, with a time."""
    webhook_id, first = desk.add(receiver.url)
    every = [first, *(rotate(desk, webhook_id) for _ in range(4))]
    desk.requests.try_out(webhook_id)
    assert [receiver.wait(1)[0].verify(one) for one in every] == [True] * 5
    with pytest.raises(Conflict, match="5 secrets"):
        rotate(desk, webhook_id)
    assert len(files(desk.host)) == 5
    desk.do(DeleteWebhook(webhook_id=webhook_id))
    with pytest.raises(NotFound):
        rotate(desk, webhook_id)
    desk.follower.secrets.forget(webhook_id)
    assert files(desk.host) == []


def test_a_crash_before_or_after_the_event_leaves_what_the_log_says(desk: Desk, receiver: Receiver) -> None:
    """A file without its event is swept at the next start, one with it signs; and what is over is swept too."""
    webhook_id, _ = desk.add(receiver.url)
    desk.requests.rotation(webhook_id)  # and then the program is killed
    command, new = desk.requests.rotation(webhook_id)
    desk.do(command)  # and then too
    desk.follower.close()
    again = Desk(desk.host)
    assert len(files(desk.host)) == 2
    again.requests.try_out(webhook_id)
    assert receiver.wait(1)[0].verify(new)
    again.follower.close()
    later = Desk(desk.host, AT_ONCE, clock=lambda: datetime.now(UTC) + timedelta(hours=25))
    assert len(files(desk.host)) == 1
    later.requests.try_out(webhook_id)
    assert signatures(receiver.wait(2)[1]) == 1
    later.follower.close()


def test_over_http_the_new_secret_is_shown_once(api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a repeated answer nor the list nor the log has it, and of equal requests at once one file is left."""
    made = api.make(HOOKS, {"url": receiver.url})
    place = f"{HOOKS}/{made['webhook_id']}"
    rotated = api.post(f"{place}/secret", {}, key="k").json()
    shapes.NewWebhookShape.model_validate(rotated)
    assert rotated["secret"] != made["secret"]
    assert api.post(f"{place}/secret", {}, key="k").json() == {**rotated, "secret": None}
    monkeypatch.setattr(writes, "_find", lambda _host, _receipt: None)
    assert api.post(f"{place}/secret", {}, key="k").json()["secret"] is None
    root = api.app.state.workspace.root
    assert len(list((root / "keys" / "webhooks").iterdir())) == 2
    holding = [path for path in root.rglob("*") if path.is_file() and rotated["secret"].encode() in path.read_bytes()]
    assert [path.parent.name for path in holding] == ["webhooks"]
    assert api.read(place)["old_secret_until"] == rotated["old_secret_until"]
    assert api.post(f"{HOOKS}/wh-none/secret", {}, key="n").status_code == 404


def test_on_the_command_line(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The new secret alone goes to standard output, and the list says until when the old one signs along."""
    monkeypatch.setenv("VM_WEBHOOKS_REACH", "loopback")
    place = ["--workspace", str(tmp_path / "vm"), "webhooks"]
    main([*place, "add", receiver.url])
    old = capsys.readouterr().out.strip()
    main([*place, "list"])
    webhook_id = next(word for word in capsys.readouterr().out.split() if word.startswith("wh-"))
    assert main([*place, "rotate", webhook_id]) == Exit.OK
    new = capsys.readouterr().out.strip()
    main([*place, "test", webhook_id])
    (got,) = receiver.wait(1)
    assert (new != old, got.verify(old), got.verify(new)) == (True, True, True)
    capsys.readouterr()
    main([*place, "list"])
    assert "old secret signs along until" in " ".join(capsys.readouterr().out.split())
