"""Beyond loopback nothing is served without authentication."""

import pytest
from fastapi.testclient import TestClient

from access_client import Office, fresh_office, guarded
from vm_webapp.api.server import NotLoopback, check_address, serve
from vm_webapp.app import create_app
from vm_webapp.cli import main
from vm_webapp.cli.exits import Exit
from vm_webapp.settings import Settings

from api_client import running
from fixed_writer import FixedWriter

office = fresh_office
OTHERS = ["0.0.0.0", "::", "192.0.2.7", "2001:db8::1", "vm.example", ""]  # noqa: S104 - the point of the test


@pytest.mark.parametrize("host", OTHERS)
def test_serve_refuses_an_address_that_others_reach(
    host: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, a sentence with the remedy, and no file was made."""
    monkeypatch.delenv("VM_AUTH", raising=False)
    arguments = ["--workspace", str(settings.vm_workspace_root), "serve", "--host", host, "--port", "0"]
    assert main(arguments) == Exit.USAGE
    said = capsys.readouterr().err
    assert "without authentication" in said
    assert "VM_AUTH=on" in said
    assert "token create NAME --role admin" in said
    assert not settings.vm_workspace_root.exists()


@pytest.mark.parametrize("host", OTHERS)
def test_the_server_itself_refuses_it_too(host: str, settings: Settings, writer: FixedWriter) -> None:
    """Whoever calls `serve` in a program of their own meets the same refusal."""
    app = create_app(settings, llm=writer)
    with pytest.raises(NotLoopback):
        serve(app, host=host, port=0, log_level="ERROR", on_ready=print)
    app.state.host.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "::ffff:127.0.0.1"])
def test_loopback_needs_nothing(host: str) -> None:
    """Off or on."""
    check_address(host, 1, auth="off")
    check_address(host, 1, auth="on")


@pytest.mark.parametrize("host", OTHERS)
def test_with_authentication_any_address_may_be_served(host: str) -> None:
    """The check has no objection."""
    check_address(host, 1, auth="on")


def test_a_setting_that_cannot_be_meant_is_not_taken_for_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    """VM_AUTH=yes is refused instead of serving everybody."""
    monkeypatch.setenv("VM_AUTH", "yes")
    assert main(["--workspace", str(settings.vm_workspace_root), "serve"]) == Exit.USAGE
    assert "VM_AUTH cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("127.0.0.1", 200),
        ("::1", 200),
        ("::ffff:127.0.0.1", 200),
        ("testclient", 200),
        ("192.0.2.7", 403),
        ("10.0.0.1", 403),
        ("2001:db8::1", 403),
        ("::ffff:192.0.2.7", 403),
    ],
)
def test_behind_another_server_only_this_machine_is_answered(
    settings: Settings, writer: FixedWriter, address: str, status: int
) -> None:
    """An app that somebody put on a public address refuses connections from elsewhere, the page included."""
    app = create_app(settings, llm=writer)
    with TestClient(app, client=(address, 5000)) as client:
        for path in ("/api/v2/brands", "/api/v1/health", "/"):
            answer = client.get(path)
            assert answer.status_code == status
            assert status == 200 or answer.json()["code"] == "not_local"


def test_with_authentication_others_are_answered(office: Office) -> None:
    """A connection from elsewhere with a token."""
    headers = {"Authorization": f"Bearer {office.token('viewer')[1]}"}
    client = TestClient(office.app, client=("192.0.2.7", 5000), headers=headers)
    assert client.get("/api/v2/brands").status_code == 200


def test_a_mounted_app_asks_for_tokens_as_well(settings: Settings, writer: FixedWriter) -> None:
    """Under a prefix, where its paths begin differently."""
    from fastapi import FastAPI  # noqa: PLC0415 - this test's outer app alone

    inner, outer = create_app(guarded(settings), llm=writer), FastAPI()
    outer.mount("/vm", inner)
    with running(inner):
        client = TestClient(outer)
        assert client.get("/vm/api/v2/brands").status_code == 401
        assert client.get("/vm/api/v1/health").status_code == 200
        headers = {"Authorization": f"Bearer {Office(inner).token('viewer')[1]}"}
        assert client.get("/vm/api/v2/brands", headers=headers).status_code == 200


def test_health_says_nothing_private(office: Office) -> None:
    """Neither how much is going on nor on what."""
    answer = office.client().get("/api/v1/health").json()
    assert (answer["ok"], answer["position"], answer["sqlite"]) == (True, None, None)
