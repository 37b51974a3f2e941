"""Runs checked side by side, a few at a time, while something else goes on.

Threads of this process will do for large files, for hashing lets go of the interpreter. Many runs are mostly small
files, which do not: there are processes for them as well (checks/worker), one for each further processor. They are
asked ahead, so that none of them waits until this one finds the time, and what none has begun is taken back where this
one would wait for them.
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Final, Self

from vm_webapp.cli.checks.files import check_runs_one_by_one
from vm_webapp.cli.checks.report import Report
from vm_webapp.cli.checks.worker import ASKED_AHEAD, NoAnswer, Worker
from vm_webapp.cli.opening import Records

_FEW_AT_ONCE: Final = 4
_MANY_AT_ONCE: Final = range(8, 65)
_SHARE: Final = 4
"""A process is given that part of what would be its share of the rest, so that all are done at about the same time
(guided self-scheduling: Polychronopoulos and Kuck, IEEE Transactions on Computers C-36, 1987)."""
_THREADS: Final = min(8, (os.cpu_count() or 1) + 1)


@dataclass(slots=True)
class _Task:
    run_ids: Sequence[str]
    report: Future[Report]


class Crew:
    """Checks runs in their order; `finished` gives the reports, each on the runs that follow on those before."""

    def __init__(self, records: Records, run_ids: Sequence[str], workers: Sequence[Worker] = ()) -> None:
        self._records = records
        self._workers = workers
        self._ending = False
        self._rest = cut(run_ids, len(workers))
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        for worker in [*workers] * ASKED_AHEAD:
            self._idle.put(worker)
        hands = len(workers) * ASKED_AHEAD or _THREADS
        self._pool = ThreadPoolExecutor(hands)
        self._under_way: deque[_Task] = deque()
        self._ahead = 4 * hands

    def __enter__(self) -> Self:
        self._fill()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending = True
        if kind is not None:
            for worker in self._workers:
                worker.end()  # whoever waits for an answer need not wait any longer
        self._pool.shutdown(cancel_futures=True)

    def finished(self, *, wait: bool) -> Iterator[Report]:
        """The reports that are there by now; all that are still to come, with `wait`."""
        while self._under_way and (wait or self._under_way[0].report.done()):
            while wait and self._workers and not self._under_way[0].report.done() and self._lend_a_hand():
                pass
            yield self._under_way.popleft().report.result()
            self._fill()

    def _lend_a_hand(self) -> bool:
        """Check here the last runs that nobody has begun; False where there are none."""
        for task in reversed(self._under_way):
            if task.report.cancel():
                task.report = Future()
                task.report.set_result(check_runs_one_by_one(self._records, task.run_ids))
                return True
        return False

    def _fill(self) -> None:
        while len(self._under_way) < self._ahead and (some := next(self._rest, None)):
            self._under_way.append(_Task(some, self._pool.submit(self._check, some)))

    def _check(self, run_ids: Sequence[str]) -> Report:
        """By a process that has nothing to do; by this one where there is none, or where it does not answer."""
        try:
            worker = self._idle.get_nowait()
        except Empty:
            return check_runs_one_by_one(self._records, run_ids)
        try:
            report = worker.check(run_ids)
        except NoAnswer:
            return Report() if self._ending else check_runs_one_by_one(self._records, run_ids)
        self._idle.put(worker)
        return report


def cut(run_ids: Sequence[str], workers: int) -> Iterator[Sequence[str]]:
    """The runs in their order, some at a time: few for threads; for processes many, and fewer towards the end."""
    start = 0
    while start < len(run_ids):
        share = (len(run_ids) - start) // (_SHARE * (workers + 1))
        size = min(max(share, _MANY_AT_ONCE[0]), _MANY_AT_ONCE[-1]) if workers else _FEW_AT_ONCE
        yield run_ids[start : start + size]
        start += size
