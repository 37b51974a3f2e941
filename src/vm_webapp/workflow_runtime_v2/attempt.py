"""One attempt at a stage: its cancellation, the call of the writer, and its failures as StageErrors."""

import errno
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import structlog

from vm_webapp.domain.run_commands import ReserveCall, SettleCall
from vm_webapp.errors import Conflict, IntegrityError, StageError, VmError
from vm_webapp.live_text import LONGEST, LiveDraft, LiveText
from vm_webapp.workflow_runtime_v2.holds import Holds
from vm_webapp.writers import Attempt, CallEstimate, CallUsage, StageDraft, StageWork, Writer

log = structlog.get_logger(__name__)
_TROUBLE = (errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE)
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class HaltedError(Exception):
    """The program ends; the attempt is left where it is."""


class AttemptCancellation:
    """Whether an attempt goes on; any thread may end it."""

    def __init__(self, timeout_seconds: float) -> None:
        self._deadline = datetime.now(UTC) + timedelta(seconds=timeout_seconds)
        self._reason: Exception | None = None
        self._changed = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def deadline(self) -> datetime:
        """When the attempt times out, UTC."""
        return self._deadline

    @property
    def seconds_left(self) -> float:
        """Until the attempt times out; below 0 after it."""
        return (self._deadline - datetime.now(UTC)).total_seconds()

    def check(self) -> None:
        """Raise when the work should stop: StageError `canceled` or `stage_timeout`, HaltedError at the end."""
        if self._reason:
            raise self._reason
        if datetime.now(UTC) >= self._deadline:
            raise StageError("stage_timeout", "The stage took longer than its profile allows.", retryable=True)

    def on_stop(self, callback: Callable[[], None]) -> None:
        """Call back once when the attempt is ended from outside; at once where it is already."""
        with self._lock:
            if self._reason is None:
                self._callbacks.append(callback)
                return
        callback()

    def cancel(self) -> None:
        """End the attempt on request."""
        self._end(StageError("canceled", "The run was canceled while this stage was in work.", retryable=False))

    def halt(self) -> None:
        """End the attempt without a result."""
        self._end(HaltedError())

    def wait_for(self, finished: threading.Event) -> None:
        """Block until `finished`, or raise as `check` does."""
        while not finished.is_set():
            self.check()
            self._changed.wait(self.seconds_left)

    def wake(self) -> None:
        """Let `wait_for` look again."""
        self._changed.set()

    def _end(self, reason: Exception) -> None:
        with self._lock:
            self._reason = self._reason or reason
            callbacks, self._callbacks = self._callbacks, []
        self._changed.set()
        for callback in callbacks:
            callback()


class WriterAttempt:
    """The attempt as its writer sees it: the port `Attempt` over a cancellation, the log and the readers' screens."""

    def __init__(
        self,
        cancellation: AttemptCancellation,
        *,
        record: Callable[[ReserveCall | SettleCall], object],
        holds: Holds,
        draft: LiveDraft,
        live: LiveText,
    ) -> None:
        self._cancellation = cancellation
        self._record = record
        self._holds = holds
        self._draft = draft
        self._live = live

    @property
    def deadline(self) -> datetime:
        """When the attempt times out, UTC."""
        return self._cancellation.deadline

    def check(self) -> None:
        """Raise when the work should stop."""
        self._cancellation.check()

    def on_stop(self, callback: Callable[[], None]) -> None:
        """Call back once when the work should stop."""
        self._cancellation.on_stop(callback)

    def reserve(self, estimate: CallEstimate) -> None:
        """Reserve the cost of a request, when others of the run leave room; StageError where a budget forbids it."""
        command = ReserveCall(
            **self._place,
            model=estimate.model,
            input_tokens=estimate.input_tokens,
            output_tokens=estimate.output_tokens,
            cost_usd=estimate.cost_usd,
        )
        try:
            self._holds.take(
                command.stage_key,
                estimate.cost_usd or Decimal(0),
                partial(self._record, command),
                end=self._cancellation,
            )
        except Conflict as error:
            raise StageError(error.code, f"{error} {error.hint}", retryable=False) from error

    def spent(self, usage: CallUsage) -> None:
        """Settle the request that was reserved last."""
        command = SettleCall(
            **self._place,
            model=usage.model,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost_usd=usage.cost_usd,
            estimated=usage.estimated,
        )
        try:
            self._record(command)
        finally:
            self._holds.release(command.stage_key)

    def tell(self, text: str) -> None:
        """Show readers the text so far, or its end where it is very long."""
        self._live.show(replace(self._draft, text=text[-LONGEST:]))

    @property
    def _place(self) -> dict[str, Any]:
        draft = self._draft
        return {"run_id": draft.run_id, "stage_key": draft.stage_key, "attempt": draft.attempt}


def call_writer(writer: Writer, work: StageWork, attempt: Attempt, *, cancellation: AttemptCancellation) -> StageDraft:
    """The writer's draft; a writer that does not stop in time is left behind and its result thrown away.

    Raises StageError for every failure of the writer, HaltedError when the program ends.
    """
    if writer.cooperative:
        return writer.write(work, attempt)
    finished = threading.Event()
    result: list[StageDraft | Exception] = []

    def call() -> None:
        try:
            result.append(writer.write(work, attempt))
        except Exception as error:  # noqa: BLE001 - handed to the thread that waits
            result.append(error)
        finished.set()
        cancellation.wake()

    threading.Thread(target=call, name=f"writer-{work.run_id}", daemon=True).start()
    cancellation.wait_for(finished)
    if isinstance(draft := result[0], StageDraft):
        return draft
    raise draft


def as_stage_error(error: Exception) -> StageError:
    """What an attempt's failure is called in the log; the unforeseen is an `internal_error`, with its trace logged."""
    if isinstance(error, StageError):
        return error
    if isinstance(error, OSError):
        return _disk_error(error)
    if isinstance(error, IntegrityError) and isinstance(cause := error.__cause__, OSError) and cause.errno in _TROUBLE:
        return _disk_error(cause)
    if isinstance(error, VmError):
        return StageError(error.code, f"The stage's files cannot be published: {error}", retryable=False)
    log.error("stage.unforeseen", exc_info=error)
    return StageError(
        "internal_error", f"The stage stopped on an unforeseen error ({type(error).__name__}).", retryable=True
    )


def guarded(action: Callable[[], Any]) -> Any:  # noqa: ANN401 - what the action returns
    """The action's result, its failures as StageErrors; HaltedError passes."""
    try:
        return action()
    except HaltedError:
        raise
    except Exception as error:
        raise as_stage_error(error) from error


def _disk_error(error: OSError) -> StageError:
    if error.errno in _NO_SPACE:
        return StageError("disk_full", "The disk is full: free some space, then retry the run.", retryable=True)
    reason = error.strerror or type(error).__name__
    return StageError("disk_error", f"The disk did not take the stage's files ({reason}).", retryable=True)
