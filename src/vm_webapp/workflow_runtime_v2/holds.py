"""What the requests of one drive hold of the budgets until they are settled; a stage of the same run may wait for that.

Who waits holds nothing, and every hold ends with its request or its attempt: nobody waits for ever. What other runs
hold, or a crash left behind, is not waited for.
"""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from vm_webapp.errors import BudgetExhausted

if TYPE_CHECKING:
    from vm_webapp.workflow_runtime_v2.attempt import AttemptCancellation


class Holds:
    """The highest costs of the requests at work, by stage; any thread may take and release."""

    def __init__(self) -> None:
        self._held: dict[str, Decimal] = {}
        self._releases = 0
        self._turn = threading.Lock()
        self._changed = threading.Condition()

    def take(self, stage_key: str, cost: Decimal, reserve: Callable[[], object], *, end: "AttemptCancellation") -> None:
        """Reserve the cost, at once or when others of the run have settled.

        Raises BudgetExhausted where the budget would not reach without what they hold either, and as `end` says.
        """
        while True:
            with self._turn:  # a reservation is committed and held before the next one is tried
                seen = self._releases
                try:
                    reserve()
                except BudgetExhausted as error:
                    if self._is_final(error, seen):
                        raise
                else:
                    self._hold(stage_key, cost)
                    return
            self._wait(seen, end)

    def release(self, stage_key: str) -> None:
        """The stage holds nothing any more."""
        with self._changed:
            if self._held.pop(stage_key, None) is not None:
                self._releases += 1
                self._changed.notify_all()

    def _hold(self, stage_key: str, cost: Decimal) -> None:
        with self._changed:
            self._held[stage_key] = cost

    def _is_final(self, error: BudgetExhausted, seen: int) -> bool:
        limit, spent, cost = (Decimal(error.facts[name]) for name in ("limit", "spent", "cost"))
        with self._changed:
            return seen == self._releases and spent - sum(self._held.values()) + cost > limit

    def _wait(self, seen: int, end: "AttemptCancellation") -> None:
        end.on_stop(self._look_again)
        with self._changed:
            while seen == self._releases:
                end.check()
                self._changed.wait(end.seconds_left)

    def _look_again(self) -> None:
        with self._changed:
            self._changed.notify_all()
