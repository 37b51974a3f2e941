"""A signal that something happened; threads and event loops wait for it without polling.

Whoever waits first notes `count`, then looks at the state, then waits for the count to move on: nothing that happens in
between is missed.
"""

import asyncio
import threading
from collections.abc import Mapping


class Signal:
    """A counter that can be waited for; any thread may notify."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._count = 0
        self._loops: dict[asyncio.Future[None], asyncio.AbstractEventLoop] = {}

    @property
    def count(self) -> int:
        """How often it was notified."""
        return self._count

    def notify(self) -> None:
        """Wake everyone who waits."""
        with self._condition:
            self._count += 1
            loops, self._loops = self._loops, {}
            self._condition.notify_all()
        for future, loop in loops.items():
            try:
                loop.call_soon_threadsafe(_settle, future)
            except RuntimeError:
                continue  # the loop was closed while it waited

    def wait(self, seen: int, timeout: float | None = None) -> bool:
        """Block until the count is beyond `seen`; False when `timeout` seconds passed first."""
        with self._condition:
            return self._condition.wait_for(lambda: self._count > seen, timeout)

    async def arrival(self, seen: int, timeout: float) -> bool:  # noqa: ASYNC109 - the same shape as `wait`
        """Like `wait`, for an event loop."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        with self._condition:
            if self._count > seen:
                return True
            self._loops[future] = loop
        try:
            async with asyncio.timeout(timeout):
                await future
        except TimeoutError:
            return False
        finally:
            self._loops.pop(future, None)
        return True


def _settle(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


async def first_arrival(seen: Mapping[Signal, int], timeout: float) -> None:  # noqa: ASYNC109 - the same shape as `wait`
    """Return when any of the signals is beyond the count that was seen of it, or when `timeout` seconds have passed."""
    waiting = [asyncio.ensure_future(signal.arrival(count, timeout)) for signal, count in seen.items()]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
