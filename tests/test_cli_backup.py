"""`backup` and `restore` as a person types them: what they say, and what `--check` says without writing anything."""

import bz2
import errno
import gzip
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from test_cli_look import Shell, make_workspace
from vm_webapp.backups import restore
from vm_webapp.cli import Exit


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace of three runs, vm, and its backup, kept."""
    home = tmp_path_factory.mktemp("kept")
    make_workspace(home / "vm")
    return home


@pytest.fixture
def shell(kept: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The program on that workspace."""
    capsys.readouterr()
    return Shell(capsys, kept / "vm")


@pytest.mark.parametrize("name", ["kept", "kept.tar"])
def test_a_backup_is_made_checked_and_restored(shell: Shell, tmp_path: Path, name: str) -> None:
    """All three say the same of it; the check writes nothing."""
    place = str(tmp_path / name)
    made = shell.json("backup", place)
    before = sorted(tmp_path.rglob("*"))
    checked = shell.json("restore", place, "--check")
    assert (checked["problems"], checked["position"], checked["files"]) == ([], made["position"], made["files"])
    said = shell("restore", place, "--check")
    assert said.code == Exit.OK
    assert f"holds: the log up to position {made['position']}" in said.out
    assert "holds no keys" in said.err
    assert sorted(tmp_path.rglob("*")) == before
    restored = shell.json("restore", place, "--into", str(tmp_path / "again"))
    assert {name: restored[name] for name in ("position", "files", "bytes", "made_at")} == {
        name: checked[name] for name in ("position", "files", "bytes", "made_at")
    }


def test_a_check_names_every_file_that_does_not_hold(shell: Shell, tmp_path: Path) -> None:
    """Not only the first; exit code 1."""
    place = tmp_path / "kept"
    shell("backup", str(place))
    first, second, *_ = sorted(place.glob("runs/*/stages/*/manifest.json"))
    first.write_bytes(first.read_bytes() + b" ")
    second.unlink()
    said, found = shell("restore", str(place), "--check"), shell.json("restore", str(place), "--check")
    assert said.code == Exit.FAILED
    assert all(path.relative_to(place).as_posix() in said.err for path in (first, second))
    assert "2 problems" in said.err
    assert len(found["problems"]) == 2


def test_a_file_that_was_added_is_named(shell: Shell, tmp_path: Path) -> None:
    """By check and restore; the backup holds all the same."""
    place = tmp_path / "kept"
    shell("backup", str(place))
    (place / "runs" / "strange.txt").write_text("x", encoding="utf-8")
    for options in (["--check"], ["--into", str(tmp_path / "again")]):
        said = shell("restore", str(place), *options)
        assert (said.code, "no part of the backup: runs/strange.txt" in " ".join(said.err.split())) == (Exit.OK, True)
    assert shell.json("restore", str(place), "--check")["unlisted"] == ["runs/strange.txt"]


@pytest.mark.parametrize("options", [[], ["--check", "--into", "again"]])
def test_either_a_folder_or_a_check(shell: Shell, tmp_path: Path, options: list[str]) -> None:
    """One of them has to be said, and not both."""
    said = shell("restore", str(tmp_path), *options)
    assert said.code == Exit.USAGE
    assert "--check" in said.err


@pytest.mark.parametrize("name", ["nothing", "empty"])
def test_what_is_no_backup_is_said_to_be_none(shell: Shell, tmp_path: Path, name: str) -> None:
    """A folder that is not there, and one without an inventory."""
    (tmp_path / "empty").mkdir()
    said = shell("restore", str(tmp_path / name), "--check")
    assert said.code == Exit.WORKSPACE
    assert name in said.err


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_backup_that_was_compressed_is_told_so(shell: Shell, tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    """With what to do; of a file that is something else it is said that it is no backup."""
    shell("backup", str(tmp_path / "kept.tar"))
    (tmp_path / "packed").write_bytes(pack((tmp_path / "kept.tar").read_bytes()))
    (tmp_path / "other").write_bytes(b"Notes\n" * 1000)
    said = shell("restore", str(tmp_path / "packed"), "--into", str(tmp_path / "new"))
    assert (said.code, "it is compressed" in said.err, "unpack it first" in said.err) == (Exit.WORKSPACE, True, True)
    assert "it is no whole .tar file of a backup" in shell("restore", str(tmp_path / "other"), "--check").err


@pytest.mark.parametrize("name", ["kept.tar.gz", "kept.zip"])
def test_no_folder_is_made_by_the_name_of_an_archive(shell: Shell, tmp_path: Path, name: str) -> None:
    """Whoever names a file that is no .tar wants none of our folders."""
    said = shell("backup", str(tmp_path / name))
    assert said.code == Exit.USAGE
    assert ".tar for one file" in said.err
    assert not (tmp_path / name).exists()


def test_a_tar_may_be_spelled_in_capitals(shell: Shell, tmp_path: Path) -> None:
    """As a .zip may."""
    assert shell("backup", str(tmp_path / "KEPT.TAR")).code == Exit.OK
    assert (tmp_path / "KEPT.TAR").is_file()


@pytest.mark.parametrize("said", [".", "../here/."])
def test_the_folder_that_one_is_in_is_not_put_in_its_place(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """It would be another one afterwards, and look empty; a path with `..` is understood."""
    shell("backup", str(tmp_path / "kept"))
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    refused = shell("restore", str(tmp_path / "kept"), "--into", said)
    assert refused.code == Exit.FAILED
    assert "where you are" in refused.err
    assert shell("restore", str(tmp_path / "kept"), "--into", "../there/..//./again").code == Exit.OK
    assert (tmp_path / "again" / "runs").is_dir()


def test_a_full_disk_is_that_of_the_new_workspace(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that of the .tar, which can be read."""

    def full(*_values: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    shell("backup", str(tmp_path / "kept.tar"))
    monkeypatch.setattr(restore, "copy_to", full)
    said = shell("restore", str(tmp_path / "kept.tar"), "--into", str(tmp_path / "again"))
    assert "again cannot be used: No space left" in " ".join(said.err.split())
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "vm") == ["kept.tar"]
