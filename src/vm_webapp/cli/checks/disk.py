"""The files of a run's folder, each read once and never waited for.

A small file costs one call to read it: its size is known, so a read that gives no more than that has reached the end. A
file of another size, a pipe or a device is not what was published, and is not read to an end that may not come.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from vm_webapp.cli.checks.report import Report

_PIECE: Final = 1 << 20
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


class Disk:
    """A run's folder; `strange` are the files in it that nobody asked for yet, by path relative to it."""

    def __init__(self, root: Path, report: Report) -> None:
        self.root = str(root)
        self.strange = set(_walk(self.root))
        self.report = report

    def read(self, path: str) -> bytes | str:
        """The bytes, or why they cannot be read."""
        self.strange.discard(path)
        try:
            descriptor = os.open(f"{self.root}/{path}", _FLAGS)
            try:
                found = os.fstat(descriptor)
                if not stat.S_ISREG(found.st_mode):
                    return "it is no plain file"
                if found.st_size < _PIECE:
                    return os.read(descriptor, found.st_size + 1)
                return b"".join(_pieces(descriptor, found.st_size))
            finally:
                os.close(descriptor)
        except OSError as error:
            return error.strerror or "it cannot be read"

    def fault(self, path: str, sha256: str, size: int | None, *, where: str) -> str:
        """Why the file is not the one of that digest; empty where it is. `size` is None where nothing names it."""
        self.strange.discard(path)
        try:
            descriptor = os.open(f"{self.root}/{path}", _FLAGS)
            try:
                found = self._digest(descriptor, size)
            finally:
                os.close(descriptor)
        except OSError as error:
            return self.say(path, error.strerror or "it cannot be read")
        return "" if found == sha256 else self.say(path, f"its digest is not the one in the {where}")

    def say(self, path: str, problem: str) -> str:
        """The sentence about a file."""
        return f"{Path(self.root, path)} is not what was published: {problem}."

    def _digest(self, descriptor: int, size: int | None) -> str:
        """The digest of the file; of one that is longer than it may be, of as much as shows that."""
        if size is None:
            found = os.fstat(descriptor)
            size = found.st_size if stat.S_ISREG(found.st_mode) else 0
        if size < _PIECE:  # one read shows all that it may be; most files are small
            content = os.read(descriptor, size + 1)
            self.report.bytes += len(content)
            return hashlib.sha256(content).hexdigest()
        made = hashlib.sha256()
        for piece in _pieces(descriptor, size):
            made.update(piece)
            self.report.bytes += len(piece)
        return made.hexdigest()


def _pieces(descriptor: int, size: int) -> Iterator[bytes]:
    """What the file holds, to its end or to one byte beyond `size`, whichever comes first."""
    left = size + 1
    while left > 0:
        wanted = min(left, _PIECE)
        piece = os.read(descriptor, wanted)
        yield piece
        left -= len(piece)
        if len(piece) < wanted:
            return


def _walk(root: str) -> Iterator[str]:
    """Every file below the folder, by path relative to it; a link is a file, wherever it leads."""
    folders = [""]
    for below in folders:
        try:
            with os.scandir(f"{root}/{below}") as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(f"{below}{entry.name}/")  # the loop comes to it
                    else:
                        yield below + entry.name
        except OSError:
            continue  # what is missing is found by its name
