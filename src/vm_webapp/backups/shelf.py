"""Where a backup stands: a folder, to which later backups add what is new, or one .tar file.

Both are written so that a crash at any instant leaves the backup before (or none) or the new one: in a folder each file
by temporary name, sync and rename, the inventory last; a .tar whole under a temporary name, synced, then renamed.
"""

import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import IO, Final, Protocol

from filelock import FileLock, Timeout

from vm_webapp import artifacts
from vm_webapp.backups.inventory import LARGEST, NAME, Inventory, Item, read_inventory
from vm_webapp.errors import Conflict, IntegrityError, Invalid, NotReadable

_CHUNK: Final = 1 << 20
_LOCK: Final = ".lock"
_OTHER_ARCHIVES: Final = frozenset({".gz", ".tgz", ".bz2", ".xz", ".zst", ".zip", ".7z"})

_COMPRESSED: Final = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c")
"""How files of gzip, bzip2, xz, zstd, zip and 7z begin."""


class Source(Protocol):
    """A backup that is read."""

    def inventory(self) -> Inventory:
        """What it says it holds."""

    def open(self, place: str) -> IO[bytes]:
        """A file of it; OSError or KeyError where there is none."""

    def at(self, place: str) -> AbstractContextManager[Path]:
        """The path of a file of it, to be read while this lasts."""

    def names(self) -> set[str]:
        """The place of every file that stands there, whether or not it belongs to the backup."""


class Shelf(Protocol):
    """A backup that is being written; `readable`: what was put can be read again before the end."""

    readable: bool

    def before(self) -> Inventory | None:
        """The backup that stands there already."""

    def holds(self, item: Item) -> bool:
        """Whether exactly this file stands there already."""

    def put(self, item: Item, content: IO[bytes]) -> None:
        """Write a file."""

    def finish(self, inventory: Inventory) -> None:
        """Make it the backup."""


class FolderSource:
    """A backup in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def inventory(self) -> Inventory:
        """What it says it holds; NotReadable where there is none."""
        path = self._folder / NAME
        try:
            return read_inventory(path.read_bytes(), where=path)
        except OSError as error:
            raise NotReadable(path=path, problem=error.strerror or str(error)) from error

    def open(self, place: str) -> IO[bytes]:
        """A file of it."""
        return (self._folder / place).open("rb")

    def at(self, place: str) -> AbstractContextManager[Path]:
        """The path of a file of it."""
        return nullcontext(self._folder / place)

    def names(self) -> set[str]:
        """The place of every file that stands there, but for the lock."""
        found = (path for path in self._folder.rglob("*") if path.is_symlink() or not path.is_dir())
        return {path.relative_to(self._folder).as_posix() for path in found} - {_LOCK}


class TarSource:
    """A backup in one file; nothing is unpacked but what the inventory names, and links not at all."""

    def __init__(self, archive: tarfile.TarFile, path: Path) -> None:
        self._archive = archive
        self._path = path
        self._members: dict[str, tarfile.TarInfo] = {}
        for member in archive:
            if not member.isreg() or member.name in self._members:
                raise IntegrityError(path=path, problem=f"it holds {member.name[:80]!r} twice, or as no plain file")
            self._members[member.name] = member

    def inventory(self) -> Inventory:
        """What it says it holds; IntegrityError where there is none."""
        member = self._members.get(NAME)
        if member is None or member.size > LARGEST:
            raise IntegrityError(path=self._path, problem=f"it has no {NAME}")
        with self.open(NAME) as file:
            return read_inventory(file.read(), where=f"{self._path}:{NAME}")

    def open(self, place: str) -> IO[bytes]:
        """A file of it."""
        found = self._archive.extractfile(self._members[place])
        if found is None:
            raise KeyError(place)
        return found

    @contextmanager
    def at(self, place: str) -> Iterator[Path]:
        """The path of a copy of the file among the system's temporary files, for this user alone, while this lasts."""
        with tempfile.TemporaryDirectory(prefix="vm-backup-") as folder, self.open(place) as packed:
            copy = Path(folder) / "copy"
            try:
                copy_to(copy, packed, mode=0o600)
            except OSError as error:
                problem = f"{error.strerror or error}; TMPDIR names another place for temporary files"
                raise NotReadable(path=folder, problem=problem) from error
            yield copy

    def names(self) -> set[str]:
        """The place of every file that it holds."""
        return set(self._members)


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """The backup at the path; NotReadable for what is none."""
    if path.is_dir():
        yield FolderSource(path)
        return
    try:
        with tarfile.open(path, "r:") as archive:
            yield TarSource(archive, path)
    except tarfile.TarError as error:
        raise NotReadable(path=path, problem=_what_it_is(path)) from error
    except OSError as error:
        raise NotReadable(path=path, problem=error.strerror or str(error)) from error


def _what_it_is(path: Path) -> str:
    """What a file is that is read as no .tar, as the rest of a sentence."""
    with path.open("rb") as file:
        begin = file.read(max(map(len, _COMPRESSED)))
    if begin.startswith(_COMPRESSED):
        return "it is compressed, and a backup is a plain .tar: unpack it first"
    return "it is no whole .tar file of a backup"


def check_item(source: Source, item: Item) -> None:
    """Read a file whole and hold it against the inventory; IntegrityError where it does not hold."""
    try:
        with source.open(item.place) as file:
            size, sha256 = digest_of(file)
    except (OSError, KeyError, tarfile.TarError) as error:
        raise IntegrityError(path=item.place, problem="it is not in the backup, or cannot be read") from error
    if (size, sha256) != (item.size, item.sha256):
        raise IntegrityError(path=item.place, problem="its digest is not the one in the inventory")


def digest_of(file: IO[bytes]) -> tuple[int, str]:
    """Size and SHA-256 of what is read."""
    hashed = hashlib.sha256()
    size = 0
    while chunk := file.read(_CHUNK):
        hashed.update(chunk)
        size += len(chunk)
    return size, hashed.hexdigest()


def copy_to(target: Path, content: IO[bytes], *, mode: int = 0o644) -> None:
    """Write a file by temporary name, sync and rename; its folder's entry is synced by the caller."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f"{target.name}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            while chunk := content.read(_CHUNK):
                file.write(chunk)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


class FolderShelf:
    """A folder of backups; the newest is the one that counts."""

    readable = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def before(self) -> Inventory | None:
        """The backup that stands there already."""
        return FolderSource(self._folder).inventory() if (self._folder / NAME).is_file() else None

    def holds(self, item: Item) -> bool:
        """Whether exactly this file stands there already; it is read whole."""
        try:
            with (self._folder / item.place).open("rb") as file:
                return digest_of(file) == (item.size, item.sha256)
        except OSError:
            return False

    def put(self, item: Item, content: IO[bytes]) -> None:
        """Write a file."""
        copy_to(self._folder / item.place, content, mode=0o600)

    def finish(self, inventory: Inventory) -> None:
        """Sync the folders, let the inventory name the new files, and only then remove what is in it no more."""
        artifacts.sync_folders(str(path) for path in [self._folder, *self._folder.rglob("*")] if path.is_dir())
        copy_to(self._folder / NAME, io.BytesIO(inventory.to_bytes()), mode=0o600)
        artifacts.sync_folders([str(self._folder)])
        kept = {NAME, _LOCK, *(item.place for item in inventory.items)}
        for path in sorted(self._folder.rglob("*"), reverse=True):
            if path.is_file() and path.relative_to(self._folder).as_posix() not in kept:
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()):
                path.rmdir()


class TarShelf:
    """One .tar file, made anew each time, and read again when it is whole."""

    readable = False

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive

    def before(self) -> Inventory | None:
        """There is none."""
        return None

    def holds(self, item: Item) -> bool:  # noqa: ARG002 - the port's
        """Nothing stands there already."""
        return False

    def put(self, item: Item, content: IO[bytes]) -> None:
        """Add a file."""
        self._add(item.place, item.size, content)

    def finish(self, inventory: Inventory) -> None:
        """Add the inventory."""
        said = inventory.to_bytes()
        self._add(NAME, len(said), io.BytesIO(said))

    def _add(self, name: str, size: int, content: IO[bytes]) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        self._archive.addfile(member, content)


@contextmanager
def shelf_at(target: Path) -> Iterator[Shelf]:
    """A shelf for the target: a .tar file by its name, else a folder; held by one process at a time."""
    if is_one_file(target):
        with _tar_at(target) as shelf:
            yield shelf
        return
    _check_folder(target)
    artifacts.make_folder(target)
    lock = FileLock(target / _LOCK, timeout=0)
    try:
        with lock:
            _check_folder(target)
            yield FolderShelf(target)
    except Timeout as error:
        raise Conflict(f"Another backup is being written to {target}; wait until it is done.") from error


def is_one_file(target: Path) -> bool:
    """Whether the name is that of a .tar, else it is a folder's; Invalid for the name of another archive."""
    ending = target.suffix.lower()
    if ending in _OTHER_ARCHIVES and not target.is_dir():
        raise Invalid(f"{target} is no name for a backup: end it in .tar for one file, or name a folder.")
    return ending == ".tar"


def _check_folder(target: Path) -> None:
    """A folder that holds something else is left alone; one in which a first backup was cut off is gone on with."""
    if target.exists() and not target.is_dir():
        raise Conflict(f"{target} is a file; name a folder, or a file that ends in .tar.")
    names = {path.name for path in target.iterdir()} if target.is_dir() else set()
    if names and NAME not in names and _LOCK not in names:
        raise Conflict(f"{target} holds something else than backups; name an empty folder, or a new one.")


@contextmanager
def _tar_at(target: Path) -> Iterator[TarShelf]:
    if target.exists():
        raise Conflict(f"{target} is there already; name another file.")
    artifacts.make_folder(target.parent)
    temporary = target.with_name(f"{target.name}.tmp")
    try:
        with temporary.open("wb") as file:
            temporary.chmod(0o600)
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
                yield TarShelf(archive)
            file.flush()
            os.fsync(file.fileno())
        with opened(temporary) as source:
            for item in source.inventory().items:
                check_item(source, item)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    artifacts.sync_folders([str(target.parent)])
