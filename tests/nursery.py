"""Where the children of crash_child.py are raised: processes that take jobs, and folders for their workspaces."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, TypeAlias

import crash_child

Job: TypeAlias = dict[str, Any]
Reply: TypeAlias = dict[str, Any]
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
