"""Runs that are asked for over HTTP: started, and seen through until they are settled or wait for a person.

The receipt stays open so long: whoever sends the same request meanwhile waits for the same run, and an answer that was
lost is made by whoever asks again. The first answer that is given is the stored one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from vm_webapp.api import writes
from vm_webapp.api.http import WatchOf, encode
from vm_webapp.api.prefer import WaitOf
from vm_webapp.api.run_shapes import RunShape
from vm_webapp.api.waiting import MOVING, Watch
from vm_webapp.api.writes import Write, WriteOf
from vm_webapp.domain.thread_messages import RequestRun
from vm_webapp.receipts import Answer, Found
from vm_webapp.records import run_record

_ACCEPTED: Final[dict[int | str, dict[str, Any]]] = {
    202: {
        "description": "The run is still going; look at Location.",
        "model": RunShape,
        "headers": {"Location": {"schema": {"type": "string"}}},
    }
}
RESPONSES: Final = {**writes.responses(404), **_ACCEPTED}
"""What the description of such a request says of its answers."""


@dataclass(frozen=True, slots=True)
class Start:
    """A request for a run: the write that it is, and how long its sender waits."""

    write: Write
    wait: float
    watch: Watch

    async def see_through(self, request: Callable[[], RequestRun]) -> Response:
        """Start the run unless it was started before, wait for it, keep the answer: 200, or 202 while it is going."""
        found = self.write.found
        if found is None:
            found = await run_in_threadpool(_begin, self.write, request)
        if found.answer is None and found.subject_id is not None:
            run = await self.watch.rest(found.subject_id, self.wait)
            answer = Answer(202 if run["status"] in MOVING else 200, encode(run_record(run)))
            found = await run_in_threadpool(self.write.complete, found, answer)
        return writes.send(found)


async def _start_of(write: WriteOf, wait: WaitOf, watch: WatchOf) -> Start:
    return Start(write, wait, watch)


StartOf = Annotated[Start, Depends(_start_of)]


def _begin(write: Write, request: Callable[[], RequestRun]) -> Found:
    command = request()
    return write.begin(command, command.run_id)
