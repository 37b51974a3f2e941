"""The profile files of a folder: what is there, whether it changed, and its bytes."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vm_webapp.errors import NotReadable
from vm_webapp.profiles.problem import Mark, Problem, Unreadable, shown

MAX_BYTES = 64 * 1024
MAX_FILES = 200
_ENDINGS = (".yaml", ".yml")

Signature = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """A file in the folder; `signature` changes when its content does (times, size and inode)."""

    mode: str
    path: Path
    shown: str
    signature: Signature


def list_files(folder: Path) -> list[ProfileFile]:
    """The profile files of a folder by name; a folder that is missing has none, NotReadable for one that is closed."""
    try:
        names = sorted(name for name in os.listdir(folder) if _is_profile_name(name))  # noqa: PTH208 - names only, no stat
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise NotReadable(path=folder, problem=error.strerror or str(error)) from error
    return list(_files(folder, names[:MAX_FILES]))


def read_bytes(file: ProfileFile, folder: Path) -> bytes:
    """The file's bytes; raises Unreadable for links out of the folder, special, oversized and closed files."""
    try:
        _refuse_outside(file.path, folder)
        with file.path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable(
            f"the file cannot be read ({error.strerror}); check that it exists and may be read"
        ) from error
    if len(content) > MAX_BYTES:
        raise _unreadable(f"the file is larger than {MAX_BYTES // 1024} KiB; a profile is a few lines, so shorten it")
    return content


def decoded(content: bytes) -> str:
    """The bytes as text; raises Unreadable with the line where they are not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        mark = Mark(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        raise Unreadable(Problem(mark, (), "this is not UTF-8 text; save the file as UTF-8")) from error


def _is_profile_name(name: str) -> bool:
    return name.endswith(_ENDINGS) and not name.startswith(".")


def _files(folder: Path, names: list[str]) -> Iterator[ProfileFile]:
    for name in names:
        path = folder / name
        yield ProfileFile(mode=path.stem, path=path, shown=f"{folder.name}/{shown(name)}", signature=_signature(path))


def _signature(path: Path) -> Signature:
    try:
        # The link and what it points at: exchanging either must be noticed.
        found = (path.lstat(), path.stat())
    except OSError:
        return ()
    return tuple(
        value for entry in found for value in (entry.st_mtime_ns, entry.st_ctime_ns, entry.st_size, entry.st_ino)
    )


def _refuse_outside(path: Path, folder: Path) -> None:
    if not path.resolve().is_relative_to(folder.resolve()):
        raise _unreadable("the file is a link that leads out of the folder; copy the file here instead")
    if not stat.S_ISREG(path.stat().st_mode):
        # Opening a pipe would wait for ever.
        raise _unreadable("this is no ordinary file; put a text file here")


def _unreadable(text: str) -> Unreadable:
    return Unreadable(Problem(Mark(1, 1), (), text))
