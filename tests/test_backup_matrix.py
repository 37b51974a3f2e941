"""Every kind of file in a backup, times everything that can be done to it: `restore` names it, and writes nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bundle_kit import Made, a_run, a_thread, fresh_made, open_in
from vm_webapp.backups import check_backup, make_backup, restore_backup
from vm_webapp.bundles import Place, import_bundle
from vm_webapp.commands import OWNER
from vm_webapp.errors import IntegrityError, NotReadable

made = fresh_made

KINDS = {
    "inventory": "backup.json",
    "database": "log/*.sqlite3",
    "manifest": "runs/*/stages/01-*/manifest.json",
    "input": "runs/*/stages/01-*/input.json",
    "output": "runs/*/stages/01-*/output.json",
    "artifact": "runs/*/stages/01-*/artifacts/*",
    "run.json": "runs/*/run.json",
    "imported bundle": "runs/*/bundle.zip",
    "own profile": "profiles/*",
    "verifier keys": "keys/log.vkeys",
}


@pytest.fixture(scope="module")
def kept(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The backup of a workspace with a run, an imported run and a profile of its own, in a folder and in one file."""
    folder = tmp_path_factory.mktemp("kept")
    host = open_in(folder)
    try:
        a_run(host, a_thread(host))
        import_bundle(host.commands, host.workspace, made.content, place=Place(), by=OWNER)
        assert host.log_tree.wait(30)
        make_backup(host.database, host.workspace, folder / "backup")
        make_backup(host.database, host.workspace, folder / "backup.tar")
    finally:
        host.close()
    return folder


@pytest.fixture
def backup(kept: Path, tmp_path: Path) -> Path:
    """A copy of it: hard links would be changed with it."""
    for path in (kept / "backup").rglob("*"):
        if path.is_file():
            target = tmp_path / "backup" / path.relative_to(kept / "backup")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return tmp_path / "backup"


def flip(path: Path) -> None:
    """One bit in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def swap(path: Path) -> None:
    """The content of another file, and it has this one's."""
    other = next(one for one in sorted(path.parents[0].rglob("*")) if one.is_file() and one != path)
    first, second = path.read_bytes(), other.read_bytes()
    path.write_bytes(second)
    other.write_bytes(first)


DEEDS: dict[str, Callable[[Path], object]] = {
    "flip": flip,
    "delete": Path.unlink,
    "truncate": lambda path: path.write_bytes(path.read_bytes()[:-3]),
    "add": lambda path: path.write_bytes(path.read_bytes() + b"x"),
    "reorder": lambda path: path.write_bytes(path.read_bytes()[::-1]),
}


def refused(backup: Path) -> str:
    """Why it is not restored; nothing is written."""
    target = backup.parent / "again"
    with pytest.raises((IntegrityError, NotReadable)) as caught:
        restore_backup(backup, target)
    assert not target.exists()
    assert said_by_check(backup)[0] == str(caught.value)
    return str(caught.value)


def said_by_check(backup: Path) -> list[str]:
    """What does not hold, as it is said without restoring."""
    try:
        return list(check_backup(backup).problems)
    except (IntegrityError, NotReadable) as error:
        return [str(error)]


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS.keys())
@pytest.mark.parametrize("pattern", KINDS.values(), ids=KINDS.keys())
def test_it_is_found_and_named(backup: Path, pattern: str, deed: Callable[[Path], object]) -> None:
    """By its place in the backup."""
    path = min(backup.glob(pattern))
    deed(path)
    assert path.relative_to(backup).as_posix() in refused(backup)


def test_files_that_were_swapped_are_found(backup: Path) -> None:
    """The first of them is named; both are, where nothing but a check was asked for."""
    path = min(backup.glob(KINDS["input"]))
    swap(path)
    assert path.parent.relative_to(backup).as_posix() in refused(backup)
    assert len(said_by_check(backup)) == 2


@pytest.mark.parametrize("word", [b"made_at", b"version", b"position", b"damaged", b"source", b"tables"])
def test_every_word_of_the_inventory_counts(backup: Path, word: bytes) -> None:
    """What it says of the backup as well as what it says of the files."""
    path = backup / "backup.json"
    content = bytearray(path.read_bytes())
    at = content.index(b'"' + word) + len(word) + 6
    content[at] ^= 1
    path.write_bytes(content)
    assert "backup.json" in refused(backup)


@pytest.mark.parametrize("part", range(1, 20))
def test_one_file_is_found_out_wherever_it_was_changed(kept: Path, tmp_path: Path, part: int) -> None:
    """A .tar with one byte another, or cut off: refused, or what was changed is padding and all files are whole."""
    content = bytearray((kept / "backup.tar").read_bytes())
    path = tmp_path / "cut.tar"
    path.write_bytes(content[: len(content) * part // 20])
    refused(path)
    at = len(content) * part // 20
    content[at] ^= 0x40
    path.write_bytes(content)
    try:
        done = restore_backup(path, tmp_path / "whole")
    except (IntegrityError, NotReadable):
        assert not (tmp_path / "whole").exists()
        assert said_by_check(path)
    else:
        assert done.damaged == 0
        assert said_by_check(path) == []
