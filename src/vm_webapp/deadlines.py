"""Work that is waited for only so long, where nothing can stop it: a name that is looked up, a server that dawdles."""

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from typing import TypeVar

T = TypeVar("T")


def begin(work: Callable[[], T]) -> Future[T]:
    """Begin the work in a thread that keeps no process alive; `result(seconds)` waits for it, and may give up.

    Another may settle the future first: what comes of the work then goes nowhere.
    """
    outcome: Future[T] = Future()

    def carry_out() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - it is raised where the outcome is waited for
            with contextlib.suppress(InvalidStateError):
                outcome.set_exception(error)
        else:
            with contextlib.suppress(InvalidStateError):
                outcome.set_result(result)

    threading.Thread(target=carry_out, name="vm-deadline", daemon=True).start()
    return outcome
