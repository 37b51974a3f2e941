"""Runs checked side by side, a few at a time, while something else goes on.

Threads of this process will do for large files, for hashing lets go of the interpreter. Many runs are mostly small
files, which do not: there are processes for them as well (checks/worker), one for each further processor.
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Final, Self

from vm_webapp.cli.checks.files import check_runs_one_by_one
from vm_webapp.cli.checks.report import Report
from vm_webapp.cli.checks.worker import NoAnswer, Worker
from vm_webapp.cli.opening import Records

_FEW_AT_ONCE: Final = 4
_MANY_AT_ONCE: Final = 64
_THREADS: Final = min(8, (os.cpu_count() or 1) + 1)


class Crew:
    """Checks runs in their order; `finished` gives the reports, each on the runs that follow on those before."""

    def __init__(self, records: Records, run_ids: Sequence[str], workers: Sequence[Worker] = ()) -> None:
        self._records = records
        self._workers = workers
        self._ending = False
        size = _MANY_AT_ONCE if workers else _FEW_AT_ONCE
        self._rest = iter([run_ids[at : at + size] for at in range(0, len(run_ids), size)])
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        for worker in workers:
            self._idle.put(worker)
        hands = len(workers) or _THREADS
        self._pool = ThreadPoolExecutor(hands)
        self._under_way: deque[Future[Report]] = deque()
        self._ahead = 2 * hands

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
        while self._under_way and (wait or self._under_way[0].done()):
            if wait and self._workers and not self._under_way[0].done():
                self._lend_a_hand()
            yield self._under_way.popleft().result()
            self._fill()

    def _lend_a_hand(self) -> None:
        """Check some runs here as well, rather than wait for the processes."""
        if some := next(self._rest, None):
            done: Future[Report] = Future()
            done.set_result(check_runs_one_by_one(self._records, some))
            self._under_way.append(done)

    def _fill(self) -> None:
        while len(self._under_way) < self._ahead and (some := next(self._rest, None)):
            self._under_way.append(self._pool.submit(self._check, some))

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
