"""Webhooks over HTTP and on the command line; who may manage them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from access_client import Office, guarded
from vm_webapp.access import keys
from vm_webapp.api import shapes, writes
from vm_webapp.app import create_app
from vm_webapp.cli import Exit, main
from vm_webapp.domain.webhooks import EVENT_TYPES
from vm_webapp.settings import Settings

from api_client import Api, running
from fixed_writer import FixedWriter
from webhook_receiver import Receiver, ok, receiving, status

HOOKS = "/api/v2/webhooks"
DOCS = Path(__file__).parents[1] / "docs" / "webhooks.md"


@pytest.fixture
def api(settings: Settings, writer: FixedWriter) -> Iterator[Api]:
    """An app that may send to this machine."""
    with running(create_app(settings.model_copy(update={"vm_webhooks_reach": "loopback"}), llm=writer)) as made:
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that says yes."""
    with receiving() as made:
        yield made


def test_a_webhook_from_its_making_to_its_end(api: Api, receiver: Receiver) -> None:
    """Made with a secret shown once, listed without it, tried, told, sent again, read, changed, removed."""
    made = api.post(HOOKS, {"url": receiver.url, "event_types": ["BrandCreated"], "description": "test"}, key="k")
    again = api.post(HOOKS, {"url": receiver.url, "event_types": ["BrandCreated"], "description": "test"}, key="k")
    shapes.NewWebhookShape.model_validate(made.json())
    secret, webhook_id = made.json()["secret"], made.json()["webhook_id"]
    assert secret.startswith("whsec_")
    assert again.json() == {**made.json(), "secret": None}
    (listed,) = api.read(HOOKS)["webhooks"]
    assert secret not in str(listed)
    shapes.WebhookShape.model_validate(listed)
    tried = api.client.post(f"{HOOKS}/{webhook_id}/test").json()
    assert tried["outcome"] == "delivered"
    api.make("/api/v2/brands", {"name": "Aurora"})
    test, told = receiver.wait(2)
    assert test.verify(secret)
    assert told.verify(secret)
    position = told.said["data"]["global_position"]
    done = api.make(f"{HOOKS}/{webhook_id}/redelivery", {"position": position})
    assert done == {"webhook_id": webhook_id, "queued": 1}
    assert receiver.wait(3)[2].message_id == told.message_id
    for attempt in api.read(f"{HOOKS}/{webhook_id}/attempts")["attempts"]:
        shapes.WebhookAttemptShape.model_validate(attempt)
    changed = api.write("PATCH", f"{HOOKS}/{webhook_id}", {"enabled": False}).json()
    assert (changed["status"], changed["event_types"]) == ("off", ["BrandCreated"])
    refused = api.write("POST", f"{HOOKS}/{webhook_id}/redelivery", {"after": 0})
    assert refused.status_code == 409
    assert api.write("DELETE", f"{HOOKS}/{webhook_id}").json() == {"webhook_id": webhook_id, "deleted": True}
    assert api.get(f"{HOOKS}/{webhook_id}").status_code == 404
    assert api.read(HOOKS)["webhooks"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"url": "ftp://example.com"}, "/url"),
        ({"url": "https://user:pw@example.com/"}, "/url"),
        ({"url": "https://example.com/#x"}, "/url"),
        ({"url": "https://exa mple.com/"}, "/url"),
        ({"url": "https://[::1/"}, "/url"),
        ({"url": "https://example.com:99999/"}, "/url"),
        ({"url": "https://example.com:0/"}, "/url"),
        ({"url": "https://example..com/"}, "/url"),
        ({"url": f"https://{'a' * 64}.com/"}, "/url"),
        ({"url": f"https://{'abc.' * 64}com/"}, "/url"),
        ({"url": "https://*.example.com/"}, "/url"),
        ({"url": "https://-example.com/"}, "/url"),
        ({"url": "https://[2001:4860::1%25eth0]/"}, "/url"),
        ({"url": "https://[v1.x]/"}, "/url"),
        ({"url": "https://256.1.1.1/"}, "/url"),
        ({"url": "http://example.com/"}, "/url"),
        ({"url": "https://10.0.0.1/"}, "/url"),
        ({"url": "https://example.com/", "event_types": ["Nope"]}, "/event_types/0"),
        ({"url": "https://example.com/", "event_types": ["TokenCreated"]}, "/event_types/0"),
        ({"url": "https://example.com/", "description": "a\nb"}, "/description"),
    ],
)
def test_what_is_no_webhook_is_refused(api: Api, body: dict[str, object], pointer: str) -> None:
    """422 with the place; nothing is kept of it, no secret either."""
    refused = api.write("POST", HOOKS, body)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    folder = api.app.state.workspace.webhook_keys
    assert not folder.is_dir() or list(folder.iterdir()) == []


def test_of_equal_requests_at_once_one_secret_is_left(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finds the receipt only when its own secret is on the disk already takes that away again."""
    body = {"url": "http://127.0.0.1:9/"}
    made = api.post(HOOKS, body, key="k").json()
    monkeypatch.setattr(writes, "_find", lambda _host, _receipt: None)
    again = api.post(HOOKS, body, key="k").json()
    assert again == {**made, "secret": None}
    folder = api.app.state.workspace.webhook_keys
    assert [path.name for path in folder.iterdir()] == [f"{made['webhook_id']}.secret"]


@pytest.mark.parametrize("elsewhere", [True, False])
def test_what_waits_is_sent_at_once_elsewhere_or_when_it_is_turned_on(
    api: Api, receiver: Receiver, *, elsewhere: bool
) -> None:
    """After a try that failed the next one is due in seconds to hours; a new address, or `on`, does not wait for it."""
    receiver.reply = status(429, Retry_After="3600")
    webhook_id = api.make(HOOKS, {"url": receiver.url, "event_types": ["BrandCreated"]})["webhook_id"]
    api.make("/api/v2/brands", {"name": "Aurora"})
    receiver.wait(1)
    log = f"{HOOKS}/{webhook_id}/attempts"
    while not api.read(log)["attempts"]:
        pass
    receiver.reply = ok
    change = {"url": f"{receiver.url}/new"} if elsewhere else {"enabled": True}
    assert api.client.patch(f"{HOOKS}/{webhook_id}", json=change, headers={"Idempotency-Key": "c"}).status_code == 200
    receiver.wait(2, timeout=3)


def test_without_the_setting_this_machine_is_not_reached(settings: Settings, writer: FixedWriter) -> None:
    """The default sends to public addresses alone, and the refusal names the setting."""
    with running(create_app(settings, llm=writer)) as client:
        refused = client.write("POST", HOOKS, {"url": "http://127.0.0.1:9/"})
    assert refused.status_code == 422
    assert "VM_WEBHOOKS_REACH" in refused.text


def test_an_admin_of_one_brand_manages_that_brands_alone(settings: Settings, writer: FixedWriter) -> None:
    """No webhook for all, none of another brand is seen, tried, read, sent again or removed."""
    app = create_app(guarded(settings), llm=writer)
    with TestClient(app):
        office = Office(app)
        owner = Api(office.client(office.token("admin")[1]))
        mine = owner.make("/api/v2/brands", {"name": "Mine"})["brand_id"]
        other = owner.make("/api/v2/brands", {"name": "Other"})["brand_id"]
        theirs = owner.make(HOOKS, {"url": "https://example.com/", "brand_id": other})["webhook_id"]
        every = owner.make(HOOKS, {"url": "https://example.com/"})["webhook_id"]
        made = owner.make("/api/v2/tokens", {"name": "Bia", "role": "admin", "brand_id": mine})
        assert keys.is_secret(made["secret"])
        ana = Api(office.client(made["secret"]))
        assert ana.write("POST", HOOKS, {"url": "https://example.com/"}).status_code == 403
        assert ana.write("POST", HOOKS, {"url": "https://example.com/", "brand_id": other}).status_code == 404
        own = ana.make(HOOKS, {"url": "https://example.com/", "brand_id": mine})["webhook_id"]
        assert ana.make(f"{HOOKS}/{own}/secret", {})["secret"].startswith("whsec_")
        assert [one["webhook_id"] for one in ana.read(HOOKS)["webhooks"]] == [own]
        for foreign in (theirs, every):
            assert ana.get(f"{HOOKS}/{foreign}").status_code == 404
            assert ana.get(f"{HOOKS}/{foreign}/attempts").status_code == 404
            assert ana.write("POST", f"{HOOKS}/{foreign}/test").status_code == 404
            assert ana.write("POST", f"{HOOKS}/{foreign}/redelivery", {"after": 0}).status_code == 404
            assert ana.write("POST", f"{HOOKS}/{foreign}/secret", {}).status_code == 404
            assert ana.write("DELETE", f"{HOOKS}/{foreign}").status_code == 404


def test_the_command_line_has_the_same_verbs(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """add, list, test, log, off, on, redeliver, remove; the secret alone goes to standard output."""
    monkeypatch.setenv("VM_WEBHOOKS_REACH", "loopback")

    def vm(*words: str) -> tuple[int, str]:
        code = main(["--workspace", str(tmp_path / "vm"), *words])
        return code, capsys.readouterr().out

    code, secret = vm("webhooks", "add", receiver.url, "--event", "BrandCreated")
    assert (code, secret[:6], len(secret.splitlines())) == (Exit.OK, "whsec_", 1)
    assert receiver.url in vm("webhooks", "list")[1]
    (webhook_id,) = [word for word in vm("webhooks", "list", "--json")[1].split('"') if word.startswith("wh-")]
    assert vm("webhooks", "test", webhook_id)[0] == Exit.OK
    assert receiver.wait(1)[0].verify(secret.strip())
    assert "WebhookTest" in vm("webhooks", "log", webhook_id)[1]
    assert "off" in vm("webhooks", "off", webhook_id)[1]
    assert "active" in vm("webhooks", "on", webhook_id)[1]
    assert vm("webhooks", "redeliver", webhook_id, "--after", "0") == (Exit.OK, "0 to be sent again.\n")
    assert vm("webhooks", "redeliver", webhook_id)[0] == Exit.USAGE
    assert vm("webhooks", "remove", webhook_id)[0] == Exit.OK
    assert vm("webhooks", "test", webhook_id)[0] == Exit.USAGE


def test_what_a_receiver_answers_is_no_command_to_the_terminal(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`test` shows a refusal in one line, as text."""
    monkeypatch.setenv("VM_WEBHOOKS_REACH", "loopback")
    receiver.reply = status(500, b"\x1b]0;title\x07\nno")
    place = ["--workspace", str(tmp_path / "vm"), "webhooks"]
    main([*place, "add", receiver.url, "--json"])
    webhook_id = json.loads(capsys.readouterr().out)["webhook_id"]
    assert main([*place, "test", webhook_id]) == Exit.FAILED
    said = capsys.readouterr().out
    assert said.startswith("refused: 500 \\x1b]0;title\\x07 no (")
    assert said.count("\n") == 1


def test_the_docs_list_every_type() -> None:
    """docs/webhooks.md names each type of event that can be asked for."""
    told = DOCS.read_text(encoding="utf-8")
    assert [name for name in EVENT_TYPES if name not in told] == []
