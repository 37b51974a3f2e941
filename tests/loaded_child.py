"""A process that has loaded the program and is forked for each start of it: what is loaded is paid for once.

    python loaded_child.py DESK          the number of an inherited socket of packets

A packet is a job in JSON (`folder`, `environment` and `words`, as of a process; `held` for the writer of
test_cli_child.py) with four descriptors: the child's three streams, and the line on which its process id is told at the
beginning and its exit code at the end, each followed by a line break. The process itself opens nothing and starts no
thread. When nobody has the other side of the desk any more, all children are killed.
"""

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import time
from typing import Any, Final, TypeAlias

Job: TypeAlias = dict[str, Any]
_LOADED: Final = ("vm_webapp.api.server", "vm_webapp.app", "vm_webapp.cli", "test_cli_child")
# What the program loads when it is needed first, which most of the starts come to; SQLite is not there everywhere.
_LATER: Final = ("icalendar", "jinja2", "pysqlite3.dbapi2", "uvicorn.lifespan.on", "uvicorn.protocols.http.auto")
_LONGEST: Final = 1 << 20


def load() -> None:
    """Load all that a command may need; it is no garbage, so that the children's memory stays one with this one's."""
    gc.disable()
    for name in _LOADED:
        importlib.import_module(name)
    for package in ("vm_webapp.cli", "vm_webapp.writers.offline"):
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            importlib.import_module(found.name)
    for name in _LATER:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    sys.modules["vm_webapp.api.routes"].add_routes(sys.modules["fastapi"].FastAPI())
    gc.freeze()
    gc.enable()


def next_job(desk: socket.socket) -> Job:
    """The job of a child: this returns in each child that is forked, and only there."""
    children: dict[int, tuple[int, int]] = {}
    while True:
        for ready in select.select([desk.fileno(), *children], [], [])[0]:
            if ready in children:
                _tell_end(*children.pop(ready))
                os.close(ready)
                continue
            packet, received, _, _ = socket.recv_fds(desk, _LONGEST, 4)
            if not packet:
                _end_all(children)
            *streams, line = received
            ended, alive = os.pipe()  # the child has the one side until it ends, however it does
            process_id = os.fork()
            if process_id == 0:
                others = [number for ended, (_, line) in children.items() for number in (ended, line)]
                _take_place(streams, [ended, line, desk.detach(), *others])
                return dict(json.loads(packet))
            for descriptor in (*streams, alive):
                os.close(descriptor)
            children[ended] = (process_id, line)
            _tell(line, process_id)


def live(job: Job) -> int:
    """Be the program, with the job's words, environment and folder; its exit code."""
    os.environ.clear()
    os.environ.update(job["environment"])
    time.tzset()
    os.chdir(job["folder"])
    sys.argv = job["words"]
    sys.stdin = os.fdopen(0, closefd=False, encoding="utf-8")
    sys.stdout = os.fdopen(1, "w", closefd=False, encoding="utf-8")
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False, encoding="utf-8", errors="backslashreplace")
    cli, held = sys.modules["vm_webapp.cli"], sys.modules["test_cli_child"]
    return int(cli.main(writer=held.HeldWriter() if job["held"] else None))


def _take_place(streams: list[int], closed: list[int]) -> None:
    """Put the streams where a process has them; what belongs to the parent and to other children is closed."""
    for place, descriptor in enumerate(streams):
        os.dup2(descriptor, place)
    for descriptor in (*streams, *closed):
        os.close(descriptor)


def _tell_end(process_id: int, line: int) -> None:
    _, status = os.waitpid(process_id, 0)
    _tell(line, os.waitstatus_to_exitcode(status))
    os.close(line)


def _tell(line: int, number: int) -> None:
    with contextlib.suppress(OSError):  # nobody is waiting any more
        os.write(line, b"%d\n" % number)


def _end_all(children: dict[int, tuple[int, int]]) -> None:
    for process_id, _ in children.values():
        os.kill(process_id, signal.SIGKILL)
    sys.exit()


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        load()
        task = next_job(asked)
    sys.exit(live(task))
