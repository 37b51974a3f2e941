"""Waiting for runs to come to rest, without a thread and without polling.

However many requests wait for one run in an event loop, one task looks at it: a thousand equal requests cost one look
per commit.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from vm_webapp import repo
from vm_webapp.db import Database
from vm_webapp.domain.states import RunStatus

MOVING: Final = frozenset({RunStatus.QUEUED, RunStatus.RUNNING})
_LOOK_AGAIN_SECONDS: Final = 60.0


@dataclass(slots=True)
class _Shared:
    task: "asyncio.Task[Mapping[str, Any]]"
    users: int = 0


class Watch:
    """Who waits for something in this app; `closing` tells all of them to answer now."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.closing = False
        self._shared: dict[tuple[asyncio.AbstractEventLoop, str], _Shared] = {}

    def close(self) -> None:
        """Wake everyone who waits, because the server stops."""
        self.closing = True
        self.database.committed.notify()

    async def rest(self, run_id: str, seconds: float) -> Mapping[str, Any]:
        """The run once it is settled or waits for a person, or as it is when `seconds` have passed."""
        if seconds <= 0:
            return await run_in_threadpool(self._look, run_id)
        key = (asyncio.get_running_loop(), run_id)
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = _Shared(asyncio.create_task(self._follow(run_id)))
        shared.users += 1
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(shared.task)
        except TimeoutError:
            return await run_in_threadpool(self._look, run_id)
        finally:
            shared.users -= 1
            if not shared.users:
                del self._shared[key]
                shared.task.cancel()

    async def _follow(self, run_id: str) -> Mapping[str, Any]:
        while True:
            seen = self.database.committed.count
            run = await run_in_threadpool(self._look, run_id)
            if self.closing or run["status"] not in MOVING:
                return run
            await self.database.committed.arrival(seen, _LOOK_AGAIN_SECONDS)

    def _look(self, run_id: str) -> Mapping[str, Any]:
        with self.database.read() as connection:
            return repo.get_run(connection, run_id)
