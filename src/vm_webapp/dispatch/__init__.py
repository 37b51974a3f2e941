"""The port `Dispatcher`: who executes the runs; adapters beside it.

A dispatcher is handed run ids and calls `advance` for each, in whatever thread, process or machine it likes. It keeps
no truth: what it forgets is found again in the log. `advance` answers with the step that the run then waits for.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol, TypeAlias

from sqlalchemy.exc import OperationalError

from vm_webapp.domain.policy import Step
from vm_webapp.errors import NotReadable

Advance: TypeAlias = Callable[[str], Step | None]
GiveUp: TypeAlias = Callable[[str, Exception], None]
TROUBLE: Final = (OperationalError, OSError, NotReadable)
"""Errors of the machine, not of a run or an event: they are waited out, however long it takes."""


class Dispatcher(Protocol):
    """Executes runs side by side up to its limit, first come first served."""

    def submit(self, run_id: str, *, not_before: datetime | None = None) -> None:
        """Have the run advanced, at once or when its time has come; a run in line stays in line once."""

    def wait_idle(self, timeout: float | None = None) -> bool:
        """Block until nothing is in line, in work or on a timer; False when `timeout` seconds passed first."""

    def close(self) -> None:
        """Take nothing more; what is in line is found again in the log."""
