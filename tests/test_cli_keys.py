"""A key that is given by its file: where there is none, that is what is said."""

import pytest

from test_cli_look import Shell
from verify_kit import copied_shell, fresh_filled
from vm_webapp.cli import Exit
from vm_webapp.cli.verify_report import read_keys
from vm_webapp.proof.notes import BadKey

filled = fresh_filled
shell = copied_shell


@pytest.mark.parametrize("path", ["nowhere.vkey", "keys/log.vkeys", "./a+b+c", "/a+b+c"])
def test_a_key_file_that_is_missing_is_named(path: str) -> None:
    """Not its spelling, but that it is not there; and what a key looks like."""
    with pytest.raises(BadKey, match="there is no file") as refused:
        read_keys(path)
    assert path in str(refused.value)
    assert "name+id+base64" in refused.value.remedy


def test_a_key_that_is_spelled_wrong_is_still_told_so() -> None:
    """It has a key's looks: what is wrong with it is its spelling."""
    with pytest.raises(BadKey) as refused:
        read_keys("vm/log+12345678+AAAA")
    assert "there is no file" not in str(refused.value)


def test_verify_says_so(shell: Shell) -> None:
    """The command is refused with the file's name."""
    said = shell("verify", "--key", "nowhere.vkey")
    assert said.code != Exit.OK
    assert "there is no file nowhere.vkey" in said.out + said.err
