"""Following a run until it is settled, waits for a person, or is left."""

import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import Enum, auto
from types import FrameType
from typing import Any, Final, Protocol

from vm_webapp.cli.work.desk import Desk, Record
from vm_webapp.domain.states import SETTLED, StageStatus
from vm_webapp.errors import Conflict

_LOOK_AGAIN_SECONDS: Final = 0.1
_LEAVE: Final = 2


class Ending(Enum):
    """Why a run is no longer followed."""

    SETTLED = auto()
    WAITING = auto()
    TIMED_OUT = auto()
    LEFT = auto()


class Display(Protocol):
    """Shows how a run goes."""

    def show(self, run: Record) -> None:
        """The run as it is now."""

    def say(self, text: str) -> None:
        """A sentence in between."""


class Interrupts:
    """How often the run was asked to stop: once cancels it, twice leaves it."""

    def __init__(self) -> None:
        self.count = 0

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Count Ctrl+C instead of raising KeyboardInterrupt; SIGTERM leaves at once."""
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        signal.signal(signal.SIGINT, self._interrupted)
        signal.signal(signal.SIGTERM, self._terminated)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _interrupted(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1

    def _terminated(self, _number: int, _frame: FrameType | None) -> None:
        self.count += _LEAVE


def follow(
    desk: Desk, run_id: str, *, display: Display, interrupts: Interrupts, timeout: float | None
) -> tuple[Ending, Record]:
    """Show the run until there is nothing to wait for; returns why, and the run as it is then."""
    deadline = None if timeout is None else time.monotonic() + timeout
    canceling = False
    while True:
        run = desk.get_run(run_id)
        display.show(run)
        if ending := _ending(run, interrupts, deadline):
            return ending, run
        if interrupts.count and not canceling:
            canceling = True
            display.say("Canceling the run; Ctrl+C again leaves it as it is.")
            with suppress(Conflict):  # it settled in this moment: the next look shows it
                desk.cancel(run_id)
        desk.wait(_LOOK_AGAIN_SECONDS)


def _ending(run: Mapping[str, Any], interrupts: Interrupts, deadline: float | None) -> Ending | None:
    if run["status"] in SETTLED:
        return Ending.SETTLED
    if interrupts.count >= _LEAVE:
        return Ending.LEFT
    if rests(run) and not interrupts.count:
        return Ending.WAITING
    if deadline is not None and time.monotonic() >= deadline:
        return Ending.TIMED_OUT
    return None


def rests(run: Mapping[str, Any]) -> bool:
    """Whether nothing happens until a person decides; a decision that was just made is acted on in a moment."""
    statuses = {stage["stage_key"]: stage["status"] for stage in run["stages"]}
    if run["status"] != "waiting_approval" or run["cancel_requested"] or StageStatus.FAILED in statuses.values():
        return False
    completed = {key for key, status in statuses.items() if status == StageStatus.COMPLETED}
    ready = any(
        stage["status"] == StageStatus.PENDING and completed.issuperset(stage["needs"]) for stage in run["stages"]
    )
    return StageStatus.WAITING_APPROVAL in statuses.values() and not ready
