"""Where the children of crash_child.py are raised: processes that take jobs, and folders for their workspaces."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, TypeAlias

import crash_child

Job: TypeAlias = dict[str, Any]
Reply: TypeAlias = dict[str, Any]
KILLED: Final = -9
"""The exit code of a child that reached its crash point."""
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - SIGKILL does not care where the files are, and memory is quick


class Nursery:
    """A process of crash_child.py: takes jobs, tells how the children ended; `under` is a command that starts it."""

    def __init__(self, *, under: Sequence[str] = ()) -> None:
        self._process = subprocess.Popen(
            [*under, sys.executable, crash_child.__file__],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, job: Job) -> Reply:
        """Have the job done by a child of its own."""
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        reply: Reply = json.loads(self._process.stdout.readline())
        return reply

    def close(self) -> None:
        """No more jobs."""
        self._process.communicate()


class Nurseries:
    """Two of them, as many as a small machine has cores."""

    def __init__(self) -> None:
        self._all = [Nursery() for _ in range(2)]
        self._free: SimpleQueue[Nursery] = SimpleQueue()
        for nursery in self._all:
            self._free.put(nursery)

    def run(self, job: Job) -> Reply:
        """Have the job done by whichever is free."""
        nursery = self._free.get()
        try:
            return nursery.run(job)
        finally:
            self._free.put(nursery)

    def close(self) -> None:
        """No more jobs."""
        for nursery in self._all:
            nursery.close()


def last_words(reply: Reply) -> list[str]:
    """What did not hold when a life that was left alone had ended."""
    if reply["hung"]:
        return ["it hung"]
    if reply["code"] != 0:
        return [f"it ended with {reply['code']}"]
    return list(reply["violations"])


def points_of(nurseries: Nurseries, source: Path, job: Job) -> list[str]:
    """The names of all crash points in a life that starts from the source."""
    with copy_of(source) as place:
        reply = nurseries.run({"root": str(place / "workspace"), "work": "one", "list": True, **job})
    assert reply["code"] == 0
    return list(reply["points"])


def each_life(nurseries: Nurseries, lives: Sequence[tuple[Path, list[Job]]], *, then: Job | None = None) -> list[str]:
    """For each life `killed` or `not reached` where all invariants held afterwards, else what did not hold.

    `then` is the job of the start that has to make it good.
    """

    def live(life: tuple[Path, list[Job]]) -> str:
        source, jobs = life
        with copy_of(source) as place:
            job = {"root": str(place / "workspace"), "work": "one"}
            codes = [nurseries.run({**job, **kill})["code"] for kill in jobs]
            found = last_words(nurseries.run({**job, **(then or {}), "check": True}))
        if found or set(codes) - {0, KILLED}:
            return f"{jobs}: ended with {codes}; {'; '.join(found)}"
        return "killed" if codes[-1] == KILLED else "not reached"

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(live, lives))


@contextmanager
def copy_of(source: Path) -> Iterator[Path]:
    """A folder of one's own with the source's workspace in it."""
    with folder() as place:
        shutil.copytree(source / "workspace", place / "workspace")
        yield place


@contextmanager
def folder() -> Iterator[Path]:
    """An empty folder, in memory where that can be."""
    place = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="vm-crash-", dir=place) as name:
        yield Path(name)
