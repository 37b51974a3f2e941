"""`vm token`: on the workspace itself, and through the server that owns it."""

import json
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from test_cli_child import Child, read_until
from test_cli_served import serving
from vm_webapp.app import create_app
from vm_webapp.cli import main
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.settings import Settings

from fixed_writer import FixedWriter

SECRET = re.compile(r"vm_[A-Za-z0-9_-]{43}")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace's folder, and an environment that says nothing."""
    for name in ("VM_AUTH", "VM_TOKEN", "VM_WORKSPACE_ROOT", "VM_DB_PATH"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "vm"


@pytest.fixture
def child(tmp_path: Path) -> Child:
    """The program in an empty folder."""
    return Child(tmp_path)


def vm(place: Path, *words: str) -> int:
    """The program on that workspace."""
    return main(["--workspace", str(place), *words], writer=FixedWriter())


def made(place: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """What `token create ... --json` prints."""
    capsys.readouterr()
    assert vm(place, "token", "create", *words, "--json") == Exit.OK
    record: dict[str, Any] = json.loads(capsys.readouterr().out)
    return record


def test_the_first_token_is_made_on_the_machine_itself(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The secret alone on standard output, what it is for on standard error; it lets its owner in."""
    assert vm(place, "token", "create", "Ana", "--role", "admin") == Exit.OK
    shown = capsys.readouterr()
    assert SECRET.fullmatch(shown.out.strip())
    assert re.search(r"Ana is let in as admin until \d{4}-\d\d-\d\d with the token tok-", shown.err)
    assert "shown this once" in shown.err
    settings = Settings(vm_workspace_root=place, vm_auth="on")
    with TestClient(create_app(settings, llm=FixedWriter())) as client:
        headers = {"Authorization": f"Bearer {shown.out.strip()}"}
        assert client.get("/api/v2/session", headers=headers).json()["role"] == "admin"


def test_tokens_are_listed_and_revoked(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By a part of the id; the list says which are valid, and no secret."""
    first = made(place, capsys, "Ana", "--role", "admin", "--expires-days", "never")
    second = made(place, capsys, "Rui", "--role", "viewer", "--expires-days", "7")
    assert (first["expires_at"], first["created_by"]) == (None, "workspace-owner")
    assert vm(place, "token", "revoke", second["token_id"][-12:]) == Exit.OK
    assert "(Rui) lets nobody in any more." in capsys.readouterr().out
    assert vm(place, "token", "list") == Exit.OK
    listed = capsys.readouterr().out
    assert [line.split()[-1] for line in listed.splitlines()[1:]] == ["Rui", "Ana"]
    assert ["revoked" in line for line in listed.splitlines()[1:]] == [True, False]
    assert not SECRET.search(listed)
    assert vm(place, "token", "revoke", second["token_id"], "--json") == Exit.OK
    assert json.loads(capsys.readouterr().out)["revoked_at"]


def test_a_token_of_one_brand(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The brand is named by its name; one that is not there is refused with what is near."""
    assert vm(place, "run", "Launch", "--brand", "Aurora", "--json") == Exit.OK
    token = made(place, capsys, "Rui", "--role", "viewer", "--brand", "aurora")
    assert token["brand_id"].startswith("b-")
    assert vm(place, "token", "create", "Rui", "--role", "viewer", "--brand", "Aurorra") == Exit.USAGE
    assert "Aurora" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create", "Ana"), "--role"),
        (("create", "Ana", "--role", "owner"), "viewer"),
        (("create", "vm", "--role", "viewer"), "goes by"),
        (("create", "Ana", "--role", "viewer", "--expires-days", "0"), "from 1 to 3650, or never"),
        (("create", "Ana", "--role", "viewer", "--expires-days", "soon"), "from 1 to 3650, or never"),
        (("revoke", "tok-none"), "There is no token 'tok-none'."),
    ],
)
def test_what_cannot_be_meant(
    place: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    """Exit code 2 and the reason."""
    assert vm(place, "token", *words) == Exit.USAGE
    assert said in capsys.readouterr().err


def test_an_empty_list(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of an empty workspace it says how to begin; as JSON it is an empty list."""
    assert vm(place, "token", "list") == Exit.OK
    assert "Nothing is here yet" in capsys.readouterr().err
    assert vm(place, "token", "list", "--json") == Exit.OK
    assert json.loads(capsys.readouterr().out) == {"tokens": []}
    assert not place.exists()


def test_a_hostile_name_does_nothing_to_a_terminal(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Control sequences are refused before anything is recorded."""
    assert vm(place, "token", "create", "\x1b[2J", "--role", "viewer") == Exit.USAGE
    assert "\x1b[2J" not in capsys.readouterr().err


def test_a_token_of_the_command_line_is_in_no_text_about_the_call() -> None:
    """Not in what it is shown as, and not in a command to type next."""
    call = Invocation(token="vm_secret")  # noqa: S106 - an example
    assert "vm_secret" not in repr(call)
    assert "vm_secret" not in call.spelled("run")


def test_the_first_token_can_be_made_through_a_server_without_authentication(child: Child) -> None:
    """The server that owns the workspace makes it, as the owner on the machine."""
    with serving(child):
        token = json.loads(child.run("token", "create", "Ana", "--role", "admin", "--json").stdout)
        listed = json.loads(child.run("token", "list", "--json").stdout)["tokens"]
    assert (token["created_by"], SECRET.fullmatch(token["secret"]) is not None) == ("workspace-owner", True)
    assert [one["token_id"] for one in listed] == [token["token_id"]]


def test_a_server_that_asks_for_tokens_asks_the_command_line_too(child: Child) -> None:
    """Without one it is refused with what to do; with VM_TOKEN or --token the work is its owner's."""
    admin = child.run("token", "create", "Boss", "--role", "admin").stdout.strip()
    with serving(child, {"VM_AUTH": "on"}) as (_, url):
        bare = child.run("run", "Launch", code=Exit.FAILED)
        wrong = child.run("token", "create", "Rui", "--role", "editor", env={"VM_TOKEN": "vm_no"}, code=Exit.FAILED)
        editor = child.run("token", "create", "Rui", "--role", "editor", env={"VM_TOKEN": admin}).stdout.strip()
        done = json.loads(child.run("run", "Launch", "--json", env={"VM_TOKEN": editor}).stdout)
        again = json.loads(child.run("--token", editor, "run", "Launch", "--json").stdout)
        low = child.run("--token", editor, "token", "create", "Eve", "--role", "admin", code=Exit.FAILED)
        answer = httpx2.get(f"{url}/api/v2/brands", headers={"Authorization": f"Bearer {editor}"}, trust_env=False)
        tokens = json.loads(child.run("token", "list", "--json").stdout)["tokens"]
        rui = next(token["token_id"] for token in tokens if token["name"] == "Rui")
        child.run("token", "revoke", rui, env={"VM_TOKEN": admin})
        gone = child.run("--token", editor, "run", "Launch", code=Exit.FAILED)
    assert "This server asks for a token." in bare.stderr
    assert "Set VM_TOKEN" in bare.stderr
    assert "This token is not valid." in wrong.stderr
    assert [one["requested_by"] for one in (done, again)] == ["Rui", "Rui"]
    assert "The operation needs the role admin; this token has the role editor." in low.stderr
    assert answer.status_code == 200
    assert "This token was revoked." in gone.stderr
    for said in (bare, wrong, low, gone):
        assert not SECRET.search(said.stderr + said.stdout)


def test_a_server_that_nobody_can_enter_says_so(child: Child) -> None:
    """With authentication on and no valid token of an admin the start says how to make one."""
    with child.start("serve", "--port", "0", env={"VM_AUTH": "on", "VM_LOG_LEVEL": "ERROR"}) as process:
        assert "No admin has a token that is valid." in read_until(process.stderr, "token create NAME --role admin")
