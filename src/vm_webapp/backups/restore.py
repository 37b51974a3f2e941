"""Makes a workspace of a backup: verified whole before anything is written, and never half of one under its name.

It is put together in a folder beside the target (`NAME.vm-restoring`) and renamed at the end, so that a crash leaves
either nothing or such a folder, which the next restore removes.
"""

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from vm_webapp import artifacts
from vm_webapp.backups.backup import DATABASE
from vm_webapp.backups.check import Extent, extent_of, faults, is_secret
from vm_webapp.backups.inventory import Inventory, Item
from vm_webapp.backups.shelf import Source, copy_to, digest_of, opened
from vm_webapp.db import connect, driver_error
from vm_webapp.errors import Conflict, IntegrityError, NotReadable

_PART: Final = ".vm-restoring"
_OURS: Final = frozenset({"runs", "profiles", "keys"})


def restore_backup(backup: Path, target: Path, *, progress: Callable[[int], None] = lambda _: None) -> Extent:
    """Restore a backup into a folder that is new or empty; what it holds.

    Raises IntegrityError for a backup that does not hold, DatabaseTooNew for one of a newer program, Conflict for a
    target that holds something, NotReadable when the disk fails; the target is then as it was.
    """
    target = Path(os.path.abspath(target))  # noqa: PTH100 - `..` is gone, links are not followed
    _check_target(target)
    try:
        with opened(backup) as source:
            inventory = source.inventory()
            extent = extent_of(source, inventory)
            for problem in faults(source, inventory, backup, progress):
                raise problem
            _put_together(source, inventory, target)
    except OSError as error:
        raise NotReadable(path=target, problem=error.strerror or str(error)) from error
    return extent


def _put_together(source: Source, inventory: Inventory, target: Path) -> None:
    """Fill a folder beside the target and give it its name; a disk that fails here is the target's."""
    try:
        part = _begin(target)
        try:
            _fill(source, inventory, part)
            if target.exists():
                target.rmdir()
            part.rename(target)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        artifacts.sync_folders([str(target.parent)])
    except OSError as error:
        raise NotReadable(path=target, problem=error.strerror or str(error)) from error
    except driver_error() as error:
        raise NotReadable(path=target, problem=str(error)) from error


def _check_target(target: Path) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise Conflict(f"{target} is a file or a link; name a new folder.")
    if target.is_dir() and any(target.iterdir()):
        raise Conflict(f"{target} is not empty; name a new folder. Nothing was changed.")
    if target.exists() and target.samefile(Path.cwd()):
        raise Conflict(f"{target} is where you are, and would be another folder afterwards; name a new one.")


def _begin(target: Path) -> Path:
    """The folder in which it is put together; one that an earlier restore left is removed."""
    part = target.with_name(f"{target.name}{_PART}")
    if part.exists():
        strange = {path.name for path in part.iterdir() if not path.name.startswith(DATABASE)} - _OURS
        if part.is_symlink() or strange:
            raise Conflict(f"{part} is in the way, and no restore has left it; move it away.")
        shutil.rmtree(part)
    artifacts.make_folder(part)
    return part


def _fill(source: Source, inventory: Inventory, part: Path) -> None:
    for item in inventory.items:
        path = part / (DATABASE if item is inventory.database else item.path)
        _copy(source, item, path)
    with closing(connect(part / DATABASE)) as made:
        made.execute("PRAGMA journal_mode=WAL")
    for left in ("-wal", "-shm"):
        (part / f"{DATABASE}{left}").unlink(missing_ok=True)
    artifacts.sync_file(part / DATABASE)
    artifacts.sync_folders(str(path) for path in [part, *part.rglob("*")] if path.is_dir())


def _copy(source: Source, item: Item, path: Path) -> None:
    """Copy a file and read it back: what was checked a moment ago may be another by now."""
    secret = is_secret(item)
    with source.open(item.place) as file:
        copy_to(path, file, mode=0o600 if secret else 0o644)
    if secret:
        path.parent.chmod(0o700)
    with path.open("rb") as copied:
        if digest_of(copied) != (item.size, item.sha256):
            raise IntegrityError(path=item.place, problem="it changed while it was copied")
