"""A key that is given by its file: where there is none, that is what is said."""

import os
import re
import threading
from pathlib import Path

import pytest

from test_cli_look import Shell
from verify_kit import copied_shell, fresh_filled
from vm_webapp.cli import Exit
from vm_webapp.cli.verify_report import read_keys
from vm_webapp.proof.notes import BadKey, SigningKey

filled = fresh_filled
shell = copied_shell


@pytest.mark.parametrize("path", ["nowhere.vkey", "keys/log.vkeys", "./a+b+c", "/a+b+c", "k" * 300])
def test_a_key_file_that_is_missing_is_named(path: str) -> None:
    """Not its spelling, but that it is not there; and what a key looks like."""
    with pytest.raises(BadKey, match="there is no file") as refused:
        read_keys(path)
    assert path in str(refused.value)
    assert "name+id+base64" in refused.value.remedy


def test_a_key_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A folder in its place is there, and no file."""
    with pytest.raises(BadKey, match=re.escape(f"{tmp_path} cannot be read")) as refused:
        read_keys(str(tmp_path))
    assert "there is no file" not in str(refused.value)


@pytest.mark.skipif(os.name != "posix", reason="no pipes with names")
def test_a_key_may_come_through_a_pipe(tmp_path: Path) -> None:
    """As `--key <(ssh there vm checkpoint --key)` gives it."""
    key, pipe = str(SigningKey("vm-log/one", b"f" * 32).verifier), tmp_path / "pipe"
    os.mkfifo(pipe)
    writing = threading.Thread(target=pipe.write_text, args=(f"{key}\n",), daemon=True)
    writing.start()
    assert [str(found) for found in read_keys(str(pipe))] == [key]
    writing.join(10)


@pytest.mark.parametrize("content", ["AAAA", "A" * 300])
def test_a_key_that_is_spelled_wrong_is_still_told_so(content: str) -> None:
    """It has a key's looks: what is wrong with it is its spelling."""
    with pytest.raises(BadKey) as refused:
        read_keys(f"vm/log+12345678+{content}")
    assert "there is no file" not in str(refused.value)


def test_verify_says_so(shell: Shell) -> None:
    """The command is refused with the file's name."""
    said = shell("verify", "--key", "nowhere.vkey")
    assert said.code != Exit.OK
    assert "there is no file nowhere.vkey" in said.out + said.err
