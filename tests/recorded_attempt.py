"""A hand-written fake of the port `Attempt`: keeps what a writer says, refuses and stops on demand."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from vm_webapp.errors import StageError
from vm_webapp.writers import CallEstimate, CallUsage


class RecordedAttempt:
    """An attempt that any thread may stop."""

    def __init__(self, seconds: float = 60.0, *, refusal: StageError | None = None) -> None:
        self.deadline = datetime.now(UTC) + timedelta(seconds=seconds)
        self.reserved: list[CallEstimate] = []
        self.usages: list[CallUsage] = []
        self.texts: list[str] = []
        self.told = threading.Event()
        self._refusal = refusal
        self._reason: StageError | None = None
        self._callbacks: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raise where the work should stop."""
        if self._reason is not None:
            raise self._reason
        if datetime.now(UTC) >= self.deadline:
            raise StageError("stage_timeout", "The stage took longer than its profile allows.", retryable=True)

    def on_stop(self, callback: Callable[[], None]) -> None:
        """Keep the callback, or call it at once."""
        with self._lock:
            self._callbacks.append(callback)
            stopped = self._reason is not None
        if stopped:
            callback()

    def cancel(self) -> None:
        """Stop the work, as a cancelled run does."""
        with self._lock:
            self._reason = StageError("canceled", "The run was canceled while this stage was in work.", retryable=False)
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback()

    def reserve(self, estimate: CallEstimate) -> None:
        """Keep the estimate, or refuse it."""
        if self._refusal is not None:
            raise self._refusal
        assert len(self.reserved) == len(self.usages), "the request before this one was not settled"
        self.reserved.append(estimate)

    def spent(self, usage: CallUsage) -> None:
        """Keep the usage."""
        self.usages.append(usage)
        assert len(self.reserved) == len(self.usages), "settled without a reservation"

    def tell(self, text: str) -> None:
        """Keep the text."""
        self.texts.append(text)
        self.told.set()
