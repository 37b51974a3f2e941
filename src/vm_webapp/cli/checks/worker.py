"""A process of its own that checks runs for another: Python lets one process compute one thing at a time.

It is forked before anything is opened (a database must not be carried over a fork) and while there is one thread, so it
starts at once, with all that is imported. It reads lines, each a JSON list of run ids, and answers each with a report.
It ends when nothing more can come, so that it never outlives who asked, however that one ended.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final, TextIO

from vm_webapp.cli.checks.files import check_runs_one_by_one
from vm_webapp.cli.checks.report import Report, report_of
from vm_webapp.cli.loading import unsearched
from vm_webapp.cli.opening import Records
from vm_webapp.db import build_engine, database_of
from vm_webapp.workspace import Workspace

_MANY: Final = 300
"""From how many runs on processes are worth it."""
_MOST: Final = 8
ASKED_AHEAD: Final = 2
"""How many threads may ask one process: while it answers one it has the question of the next."""


class NoAnswer(Exception):
    """The process ended before it had answered."""


class Worker:
    """A process that checks the runs of a workspace; it is ended by `close`.

    Threads may ask it at once: it answers in the order in which it was asked.
    """

    def __init__(self, workspace: Path, database: Path) -> None:
        asked, ask = os.pipe()
        told, tell = os.pipe()
        self._process_id = os.fork()
        if self._process_id == 0:
            os.close(ask)
            os.close(told)
            _serve(workspace, database, asked, tell)
        os.close(asked)
        os.close(tell)
        self._ask: TextIO = os.fdopen(ask, "w", encoding="utf-8")
        self._told: TextIO = os.fdopen(told, encoding="utf-8")
        self._asking, self._hearing = threading.Lock(), threading.Lock()

    def check(self, run_ids: Sequence[str]) -> Report:
        """The report on these runs; NoAnswer where there is none."""
        try:
            with self._asking:
                self._ask.write(json.dumps(list(run_ids)) + "\n")
                self._ask.flush()
                self._hearing.acquire()  # before another may ask, whose answer comes after this one
            try:
                answer = self._told.readline()
            finally:
                self._hearing.release()
            return report_of(json.loads(answer))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NoAnswer from error

    def end(self) -> None:
        """End the process; what it was about is dropped, for it only reads."""
        with suppress(OSError):
            os.kill(self._process_id, signal.SIGKILL)

    def close(self) -> None:
        """End the process, and let go of all that belongs to it."""
        self.end()
        with suppress(OSError):
            os.waitpid(self._process_id, 0)
        for pipe in (self._ask, self._told):
            with suppress(OSError):
                pipe.close()


@contextmanager
def hired(workspace: Path, database: Path) -> Iterator[Sequence[Worker]]:
    """A process for each further processor, where there are many runs and a process can be forked safely; else none.

    Nothing of the workspace may be open yet. While they are there Python looks for no cycles, in none of the processes:
    a check makes next to none, and looking takes a tenth of its time.
    """
    workers: list[Worker] = []
    with unsearched():
        if sys.platform == "linux" and threading.active_count() == 1 and _has_many(workspace / "runs"):
            with suppress(OSError):
                further = min(_MOST, len(os.sched_getaffinity(0))) - 1
                workers.extend(Worker(workspace, database) for _ in range(further))
        try:
            yield workers
        finally:
            for worker in workers:
                worker.close()


def _has_many(runs: Path) -> bool:
    with suppress(OSError), os.scandir(runs) as entries:
        return sum(1 for _, _ in zip(range(_MANY), entries, strict=False)) == _MANY
    return False


def _serve(workspace: Path, database: Path, asked: int, tell: int) -> None:
    """Answer until nothing more comes, and end without a look at what was inherited."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for whoever asks, who ends this process
        opened = database_of(build_engine(database))
        records = Records(Workspace(workspace), opened)
        with os.fdopen(asked, encoding="utf-8") as lines, os.fdopen(tell, "w", encoding="utf-8") as answers:
            for line in lines:
                answers.write(json.dumps(asdict(check_runs_one_by_one(records, json.loads(line)))) + "\n")
                answers.flush()
        opened.close()
    finally:
        os._exit(0)
