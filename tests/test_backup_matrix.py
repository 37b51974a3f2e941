"""Every kind of file in a backup, times everything that can be done to it: `restore` names it, and writes nothing."""

import hashlib
import json
import resource
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bundle_kit import Made, a_run, a_thread, fresh_made, open_in
from vm_webapp.backups import check_backup, make_backup, restore_backup
from vm_webapp.bundles import Place, import_bundle
from vm_webapp.commands import OWNER
from vm_webapp.errors import IntegrityError, NotReadable
from vm_webapp.proof.canonical import canonical

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


def rewritten(backup: Path, change: Callable[[dict[str, Any]], object], *, signed: bool = True) -> None:
    """The inventory changed, with the digest that follows from it, or with none."""
    path = backup / "backup.json"
    said = json.loads(path.read_bytes())
    del said["sha256"]
    change(said)
    digest = {"sha256": hashlib.sha256(canonical(said)).hexdigest()} if signed else {}
    path.write_text(json.dumps({**said, **digest}), encoding="utf-8")


def test_an_inventory_without_its_digest_is_none(backup: Path) -> None:
    """Whoever takes the digest away could say anything: refused, whatever else it says."""
    rewritten(backup, lambda _said: None, signed=False)
    assert "no digest of itself" in refused(backup)


CLAIMS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "position": (lambda said: said.update(position=999_999), "the inventory says 999999"),
    "rows": (lambda said: said["tables"].update(events=5), "other numbers of rows"),
    "table": (lambda said: said["tables"].pop("events"), "other numbers of rows"),
    "log": (lambda said: said.update(source="urn:vm:log:" + "0" * 32), "another than the one that the inventory names"),
    "shape": (lambda said: said.update(tables=5), "no inventory of a backup"),
}


@pytest.mark.parametrize(("change", "why"), CLAIMS.values(), ids=CLAIMS.keys())
def test_an_inventory_says_of_the_database_what_is_in_it(
    backup: Path, change: Callable[[dict[str, Any]], object], why: str
) -> None:
    """With a digest that holds: check and restore open the database and count, and say the same."""
    rewritten(backup, change)
    assert why in refused(backup)


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_a_database_that_is_none_is_found_by_its_check(kept: Path, tmp_path: Path, name: str) -> None:
    """Its digest holds, SQLite's own check does not; in a folder and in one file, and nothing is left of the check."""
    place = tmp_path / "unpacked"
    if name.endswith(".tar"):
        with tarfile.open(kept / name) as archive:
            archive.extractall(place, filter="data")
    else:
        shutil.copytree(kept / name, place)
    (database,) = place.glob("log/*.sqlite3")
    content = bytearray(database.read_bytes())
    content[4096 * 3 : 4096 * 9] = bytes(4096 * 6)
    database.write_bytes(content)
    rewritten(place, lambda said: said["database"].update(sha256=hashlib.sha256(content).hexdigest()))
    if name.endswith(".tar"):
        with tarfile.open(tmp_path / name, "w") as archive:
            for path in sorted(one for one in place.rglob("*") if one.is_file()):
                archive.add(path, arcname=path.relative_to(place).as_posix())
        place = tmp_path / name
    assert "log/" in refused(place)


@pytest.mark.parametrize("name", ["runs/strange.txt", "log/x.sqlite3-journal", "link"])
def test_a_file_that_was_added_is_named_and_not_restored(backup: Path, tmp_path: Path, name: str) -> None:
    """A backup that was cut off leaves such files, too: the backup holds, and they are no part of it."""
    path = backup / name
    if name == "link":
        path.symlink_to("backup.json")
    else:
        path.write_bytes(b"x")
    checked = check_backup(backup)
    assert (checked.problems, checked.extent.unlisted) == ((), (name,))
    assert restore_backup(backup, tmp_path / "again").unlisted == (name,)
    assert not (tmp_path / "again" / name).exists()


def test_a_member_that_was_added_to_a_tar_is_named(kept: Path, tmp_path: Path) -> None:
    """Likewise."""
    path = tmp_path / "more.tar"
    path.write_bytes((kept / "backup.tar").read_bytes())
    with tarfile.open(path, "a") as archive:
        archive.addfile(tarfile.TarInfo("runs/strange.txt"))
    checked = check_backup(path)
    assert (checked.problems, checked.extent.unlisted) == ((), ("runs/strange.txt",))


def test_a_check_leaves_no_copy_of_the_database(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a .tar it is unpacked to be opened; where there is no room for that, the place is named."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert check_backup(kept / "backup.tar").problems == ()
    assert list(tmp_path.iterdir()) == []
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(NotReadable, match="TMPDIR"):
            check_backup(kept / "backup.tar")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


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
