"""The command events export: the log as CloudEvents, a line each, resumable by position."""

import errno
import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from sqlalchemy import Connection

from vm_webapp import event_store, repo
from vm_webapp.cli import choose
from vm_webapp.cli.catalog import ALL
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import Records, nothing_yet, reading
from vm_webapp.cli.runs import choose_thread
from vm_webapp.cli.screen import console
from vm_webapp.cli.text import counted
from vm_webapp.cloud_events import check_told, line_of, source_of, told_by
from vm_webapp.errors import Conflict, Invalid, NotReadable

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_BATCH: Final = 1_000
_LOOK_AGAIN_SECONDS: Final = 0.2
_STEP: Final = 65_536
_BEYOND_ANY_LINE: Final = 2**62
_NO_LOCKS: Final = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


class FileInUse(Conflict):
    """{path} is being written by another `events export`."""

    code = "file_in_use"
    remedy = "Let that one end, or name another file: what two write into one is there twice."


def export(
    call: Invocation, *, after: int | None, thread: str | None, brand: str | None, follow: bool, output: str | None
) -> int:
    """Write the events beyond a position, oldest first; a file is gone on with where its last whole line stands."""
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            return Exit.WORKSPACE
        with records.database.read() as connection:
            scope = _scope(connection, thread, brand)
        with _opened(records, output, after) as (file, position):
            count = _write(records, file, position, scope, follow=follow)
    if output not in (None, "-"):
        console(call, stderr=True).print(f"{counted(count, 'event')} written to {output}.")
    return Exit.OK


def _scope(connection: Connection, thread: str | None, brand: str | None) -> dict[str, str]:
    scope = {}
    if thread is not None:
        scope["thread_id"] = str(choose_thread(connection, thread)["thread_id"])
    if brand is not None:
        brands = repo.list_brands(connection, limit=ALL)
        scope["brand_id"] = choose.choose_named("brand", brand, brands, name="name")["brand_id"]
    return scope


@contextmanager
def _opened(records: Records, output: str | None, after: int | None) -> Iterator[tuple[IO[bytes], int]]:
    """Where lines go, and the position behind which they begin."""
    if output in (None, "-"):
        yield sys.stdout.buffer, after or 0
        return
    path = Path(output)
    try:
        with path.open("a+b") as file:
            _take(file, path)
            position, end = _end_of(file, records, path)
            if position is not None and after is not None:
                raise Invalid(f"{path} is gone on with where it ends; leave --after out, or name another file.")
            file.truncate(end)
            file.seek(0, os.SEEK_END)
            yield file, (after or 0) if position is None else position
            file.flush()
            os.fsync(file.fileno())
    except io.UnsupportedOperation as error:  # a pipe, a terminal
        raise NotReadable(path=path, problem="it has no end to go on from; leave -o out and redirect there") from error
    except OSError as error:
        raise NotReadable(path=path, problem=error.strerror or str(error)) from error


def _take(file: IO[bytes], path: Path) -> None:
    """Have the file for this process alone, until it is closed; FileInUse where another one writes it."""
    try:
        if sys.platform == "win32":
            file.seek(_BEYOND_ANY_LINE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _NO_LOCKS:  # a file system that knows no locks keeps nobody from writing
            raise FileInUse(path=path) from error


def _end_of(file: IO[bytes], records: Records, path: Path) -> tuple[int | None, int]:
    """The position of the file's last whole line, None for an empty file, and where that line ends.

    Invalid, with the file as it was, where the line is none of this log's.
    """
    end = file.seek(0, os.SEEK_END)
    tail, start = b"", end
    while start > 0 and tail.count(b"\n") < 2:  # noqa: PLR2004 - the end of the last whole line, and of the one before
        start = max(0, start - _STEP)
        file.seek(start)
        tail = file.read(end - start)
    whole, newline, _torn = tail.rpartition(b"\n")
    if not newline:
        if tail:
            raise Invalid("The file is no export of events; name another one.")
        return None, 0
    told = told_by(whole.rpartition(b"\n")[2])
    try:
        with records.database.read() as connection:
            check_told(connection, told)
    except Invalid as error:
        raise Invalid(f"{path} is no export of this log: {error}. Nothing was written; name another file.") from error
    return told.position, start + len(whole) + 1


def _write(records: Records, file: IO[bytes], position: int, scope: dict[str, str], *, follow: bool) -> int:
    """Write on to the end of the log, and with `follow` as it grows, until the reader or Ctrl+C ends it."""
    count = 0
    while True:
        with records.database.read() as connection:
            source = source_of(connection)
            events = event_store.read_after(connection, position, limit=_BATCH, **scope)
        for event in events:
            file.write(line_of(event, source))
            position = event.global_position
        count += len(events)
        if events:
            file.flush()
        elif follow:
            time.sleep(_LOOK_AGAIN_SECONDS)  # another process writes: there is no signal to wait for
        else:
            return count
