"""The key that signs the log, and those that verify it: made once, kept, supplied, garbled."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from log_kit import Reopen, brands, fresh_grown, fresh_reopened
from vm_webapp.errors import BadSetting
from vm_webapp.host import open_host
from vm_webapp.log_tree.keys import KeyProblem, key_path, signing_key, verifier_keys, verifiers_path
from vm_webapp.log_tree.proofs import key_of
from vm_webapp.proof.notes import SigningKey, sign_checkpoint
from vm_webapp.settings import Settings
from vm_webapp.workspace import Workspace

reopened = fresh_reopened
grown = fresh_grown


def test_the_key_is_made_once_for_its_owner_alone(settings: Settings) -> None:
    """0600, spelled as it can be supplied again; the verifier key beside it is for everybody."""
    workspace = Workspace(settings.vm_workspace_root)
    key = signing_key(settings, workspace)
    path = key_path(workspace)
    assert signing_key(settings, workspace).spelled() == key.spelled() == path.read_text().strip()
    assert os.name != "posix" or path.stat().st_mode & 0o777 == 0o600
    assert verifier_keys(workspace) == [key.verifier]
    assert key.verifier.name.startswith("vm-log/")


def test_a_supplied_key_signs_and_the_older_one_still_verifies(settings: Settings) -> None:
    """The newest stands last; nothing is written for the supplied secret."""
    workspace = Workspace(settings.vm_workspace_root)
    own = signing_key(settings, workspace).verifier
    given = SigningKey("vm-log/given", b"\x05" * 32)
    supplied = Settings(vm_workspace_root=settings.vm_workspace_root, vm_log_key=SecretStr(given.spelled()))
    assert signing_key(supplied, workspace).verifier == given.verifier
    assert verifier_keys(workspace) == [own, given.verifier]
    assert signing_key(settings, workspace).verifier == own
    assert verifier_keys(workspace) == [given.verifier, own]
    assert given.spelled() not in key_path(workspace).read_text()


def test_a_supplied_key_that_is_none_is_refused(settings: Settings) -> None:
    """By the name of the variable, without showing it."""
    wrong = Settings(vm_workspace_root=settings.vm_workspace_root, vm_log_key=SecretStr("PRIVATE+KEY+secret"))
    with pytest.raises(BadSetting, match="VM_LOG_KEY cannot be used") as caught:
        open_host(wrong)
    assert "secret" not in str(caught.value)


def test_a_supplied_key_under_the_name_of_another_is_refused(settings: Settings) -> None:
    """Nobody could verify what it signs: its name says that it is the workspace's own key."""
    workspace = Workspace(settings.vm_workspace_root)
    own = signing_key(settings, workspace).verifier
    impostor = SecretStr(SigningKey(own.name, b"\x05" * 32).spelled())
    wrong = Settings(vm_workspace_root=settings.vm_workspace_root, vm_log_key=impostor)
    with pytest.raises(BadSetting, match=f"VM_LOG_KEY cannot be used: it is called {own.name}, which is not its name"):
        signing_key(wrong, workspace)
    assert verifier_keys(workspace) == [own]


def spoil_key(path: Path) -> None:
    path.write_text(path.read_text()[:-5])


BAD_KEYS = {
    "others can read it": lambda path: path.chmod(0o640),
    "it was cut": spoil_key,
    "it is no text": lambda path: path.write_bytes(b"\xff\xfe"),
    "it is a folder": lambda path: (path.unlink(), path.mkdir(mode=0o700)),
}


@pytest.mark.parametrize("spoil", BAD_KEYS.values(), ids=BAD_KEYS.keys())
def test_a_key_that_cannot_be_used_signs_nothing(
    grown: Settings, reopened: Reopen, spoil: Callable[[Path], object]
) -> None:
    """It is refused with the remedy; the program starts, the tree grows, and health says that it is not signed."""
    workspace = Workspace(grown.vm_workspace_root)
    spoil(key_path(workspace))
    with pytest.raises(KeyProblem) as caught:
        signing_key(grown, workspace)
    assert caught.value.hint
    host, said = reopened()
    brands(host, "more")
    host.log_tree.catch_up()
    state = host.log_tree.state()
    host.close()
    assert said == ["log_tree.no_key"]
    assert (state.size, state.checkpoint_size) == (8, 7)
    assert "nothing can be signed" in state.problem


@pytest.mark.parametrize("content", [b"\xff", b"x+1+2\n"])
def test_verifier_keys_that_are_garbled_are_named(grown: Settings, content: bytes) -> None:
    """Rather than passed over."""
    workspace = Workspace(grown.vm_workspace_root)
    verifiers_path(workspace).write_bytes(content)
    with pytest.raises(KeyProblem, match=r"log\.vkeys"):
        verifier_keys(workspace)


def test_nothing_was_signed_where_there_are_no_keys(tmp_path: Path) -> None:
    """An older workspace has none."""
    assert verifier_keys(Workspace(tmp_path)) == []


def test_the_key_that_signed_is_told_among_two_of_one_name() -> None:
    """Supplied keys may share one; a checkpoint is handed on with the key that signed it, or with none."""
    older, newer = SigningKey("acme", b"\x05" * 32), SigningKey("acme", b"\x06" * 32)
    note = sign_checkpoint(newer, size=3, root=bytes(32))
    assert key_of([older.verifier, newer.verifier], note) == str(newer.verifier)
    assert key_of([older.verifier], note) == ""


@pytest.mark.parametrize(
    "wrong",
    [{"vm_log_key": SecretStr("bad")}, {"vm_llm": "nobody:at-all"}, {"vm_embeddings": "nobody"}],
    ids=["log key", "model", "embeddings"],
)
def test_a_setting_that_cannot_be_meant_makes_no_database(tmp_path: Path, wrong: dict[str, object]) -> None:
    """What comes first in a new workspace is what the settings get wrong."""
    settings = Settings(vm_workspace_root=tmp_path / "vm", vm_db_path=None).model_copy(update=wrong)
    with pytest.raises(BadSetting):
        open_host(settings)
    assert not settings.database_path.exists()
