"""The dispatcher of one process: worker threads, one line, and timers that hold no thread."""

import heapq
import random
import threading
from collections import Counter, deque
from datetime import UTC, datetime, timedelta

import structlog

from vm_webapp.dispatch import TROUBLE, Advance, GiveUp
from vm_webapp.domain.plans import RetryPolicy
from vm_webapp.domain.policy import WaitForPerson, WaitUntil
from vm_webapp.domain.retries import backoff_seconds

log = structlog.get_logger(__name__)

_ATTEMPTS = 3
_BACKOFF = RetryPolicy(attempts=_ATTEMPTS, initial_seconds=0.5, factor=2.0, max_seconds=30.0)


class EmbeddedDispatcher:
    """Advances runs in `workers` threads, which start when they are first needed.

    `give_up` is called for a run whose advance has failed three times on an error that lies in the run itself.
    """

    def __init__(self, advance: Advance, *, workers: int, give_up: GiveUp) -> None:
        self._advance = advance
        self._give_up = give_up
        self._limit = workers
        self._threads: list[threading.Thread] = []
        self._changed = threading.Condition()
        self._line: deque[str] = deque()
        self._timers: list[tuple[datetime, str]] = []
        self._patient: set[str] = set()
        self._active: set[str] = set()
        self._again: set[str] = set()
        self._failures: Counter[str] = Counter()
        self._closed = False

    def submit(self, run_id: str, *, not_before: datetime | None = None) -> None:
        """Put the run in line; one that is being advanced is advanced once more afterwards."""
        with self._changed:
            if self._closed:
                return
            if not_before is not None and not_before > datetime.now(UTC):
                heapq.heappush(self._timers, (not_before, run_id))
            elif run_id in self._active:
                self._again.add(run_id)
            elif run_id not in self._line:
                self._line.append(run_id)
            self._staff()
            self._changed.notify_all()

    def wait_idle(self, timeout: float | None = None) -> bool:
        """Block until there is nothing to do."""
        with self._changed:
            return self._changed.wait_for(self._is_idle, timeout)

    def close(self, timeout: float = 10.0) -> None:
        """Let the workers finish what they have in hand, `timeout` seconds each at the most."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(timeout)

    def _is_idle(self) -> bool:
        """A timer that minds how long a person may take is no work."""
        waiting = any(run_id not in self._patient for _, run_id in self._timers)
        return self._closed or not (self._line or waiting or self._active)

    def _staff(self) -> None:
        busy = len(self._active) + len(self._line) + bool(self._timers)
        if len(self._threads) < min(self._limit, busy):
            thread = threading.Thread(target=self._work, name=f"runs-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while (run_id := self._take()) is not None:
            not_before: datetime | None = datetime.now(UTC) + timedelta(seconds=_BACKOFF.max_seconds)
            try:
                not_before = self._attempt(run_id)
            except Exception:
                log.exception("run.not_given_up", run_id=run_id, correlation_id=run_id)
            finally:
                self._put_down(run_id, not_before)

    def _put_down(self, run_id: str, not_before: datetime | None) -> None:
        with self._changed:
            self._active.discard(run_id)
            again = run_id in self._again
            self._again.discard(run_id)
            if again:
                self._line.append(run_id)
            elif not_before is not None and not self._closed:
                heapq.heappush(self._timers, (not_before, run_id))
            self._changed.notify_all()

    def _take(self) -> str | None:
        """The next run whose time has come; None when the dispatcher is closed."""
        with self._changed:
            while not self._closed:
                now = datetime.now(UTC)
                while self._timers and self._timers[0][0] <= now:
                    run_id = heapq.heappop(self._timers)[1]
                    if run_id not in self._line and run_id not in self._active:
                        self._line.append(run_id)
                if self._line:
                    run_id = self._line.popleft()
                    self._active.add(run_id)
                    self._timers = [timer for timer in self._timers if timer[1] != run_id]  # its step sets another
                    heapq.heapify(self._timers)
                    return run_id
                self._changed.wait((self._timers[0][0] - now).total_seconds() if self._timers else None)
        return None

    def _attempt(self, run_id: str) -> datetime | None:
        """Advance the run; returns when it is to be looked at again."""
        try:
            step = self._advance(run_id)
        except Exception as error:  # noqa: BLE001 - one run's trouble must not end a worker
            return self._after(run_id, error)
        self._failures.pop(run_id, None)
        if isinstance(step, WaitForPerson):
            self._patient.add(run_id)
            return step.until
        self._patient.discard(run_id)
        return step.at if isinstance(step, WaitUntil) else None

    def _after(self, run_id: str, error: Exception) -> datetime | None:
        self._failures[run_id] += 1
        failures = self._failures[run_id]
        log.error("run.advance_failed", run_id=run_id, correlation_id=run_id, failures=failures, exc_info=error)
        if failures >= _ATTEMPTS and not isinstance(error, TROUBLE) and self._given_up(run_id, error):
            self._failures.pop(run_id, None)
            return None
        delay = backoff_seconds(_BACKOFF, failures, random.random())  # noqa: S311 - spreads retries, guards nothing
        return datetime.now(UTC) + timedelta(seconds=delay)

    def _given_up(self, run_id: str, error: Exception) -> bool:
        try:
            self._give_up(run_id, error)
        except Exception:
            log.exception("run.not_given_up", run_id=run_id, correlation_id=run_id)
            return False
        return True
