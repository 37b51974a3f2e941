"""One attempt at a stage: its cancellation, the call of the writer, and its failures as StageErrors."""

import errno
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from vm_webapp.errors import IntegrityError, StageError, VmError
from vm_webapp.writers import StageDraft, StageWork, Writer

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

    @property
    def deadline(self) -> datetime:
        """When the attempt times out, UTC."""
        return self._deadline

    def check(self) -> None:
        """Raise when the work should stop: StageError `canceled` or `stage_timeout`, HaltedError at the end."""
        if self._reason:
            raise self._reason
        if datetime.now(UTC) >= self._deadline:
            raise StageError("stage_timeout", "The stage took longer than its profile allows.", retryable=True)

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
            self._changed.wait((self._deadline - datetime.now(UTC)).total_seconds())

    def wake(self) -> None:
        """Let `wait_for` look again."""
        self._changed.set()

    def _end(self, reason: Exception) -> None:
        self._reason = self._reason or reason
        self._changed.set()


def call_writer(writer: Writer, work: StageWork, cancellation: AttemptCancellation) -> StageDraft:
    """The writer's draft; a writer that does not stop in time is left behind and its result thrown away.

    Raises StageError for every failure of the writer, HaltedError when the program ends.
    """
    if writer.cooperative:
        return writer.write(work, cancellation)
    finished = threading.Event()
    result: list[StageDraft | Exception] = []

    def call() -> None:
        try:
            result.append(writer.write(work, cancellation))
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
