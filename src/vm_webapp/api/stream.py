"""Live events as a text/event-stream: first what happened since, then what happens, through one code path.

Between the events come the texts that are being written, as frames that are no events: nobody needs to have seen them.
"""

import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import Response, StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.concurrency import run_in_threadpool

from vm_webapp import event_store
from vm_webapp.api import problems
from vm_webapp.api.admission import still_admitted
from vm_webapp.api.fields import ThreadId
from vm_webapp.api.http import HostOf, WatchOf, check_thread, encode
from vm_webapp.api.identity import THE_OWNER, Caller, CallerOf
from vm_webapp.api.paging import LAST_POSITION
from vm_webapp.api.waiting import Watch
from vm_webapp.errors import Invalid
from vm_webapp.events import RecordedEvent
from vm_webapp.host import Host
from vm_webapp.live_text import kept_of
from vm_webapp.records import event_record
from vm_webapp.signals import first_arrival

router = APIRouter(prefix="/api/v2", tags=["live"])

HEARTBEAT_SECONDS: Final = 15.0
_RECONNECT_MS: Final = 1_000
_BATCH: Final = 200
ACCESS_AGGREGATES: Final = ("token", "access", "webhook")
_POSITION: Final = re.compile(r"[0-9]{1,19}")
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_EVENTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "`id` is the global position, `event` the event type, `data` an item of the timeline. Text while"
        " it is written comes as `draft` without an id: what the reader has becomes its first `keep` characters and"
        " `text`.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


class EventStream(StreamingResponse):
    """An answer that goes on."""

    media_type = "text/event-stream"


async def _since(
    after: Annotated[str | None, Query(description="Begin behind this global position; 0 is the beginning.")] = None,
    last_event_id: Annotated[str | None, Header(description="The same; it wins over `after`.")] = None,
) -> int | None:
    given = after if last_event_id is None else last_event_id
    if given is None:
        return None
    if not _POSITION.fullmatch(given) or int(given) > LAST_POSITION:
        raise Invalid("Last-Event-ID and `after` take a global position: a whole number from 0.")
    return int(given)


Since = Annotated[int | None, Depends(_since)]


@router.get(
    "/threads/{thread_id}/events",
    operation_id="followThread",
    summary="Follow a thread's events",
    response_class=EventStream,
    responses={**problems.responses(404, 422), **_EVENTS},
)
def follow_thread(thread_id: ThreadId, host: HostOf, watch: WatchOf, caller: CallerOf, since: Since) -> Response:
    """Replays the thread's events beyond the position given, then goes on with new ones."""
    with host.database.read() as connection:
        check_thread(connection, thread_id)
    return _stream(host, watch, caller, since=since, thread_id=thread_id)


@router.get(
    "/events",
    operation_id="followAll",
    summary="Follow the events of all threads",
    response_class=EventStream,
    responses={**problems.responses(422), **_EVENTS},
)
def follow_all(host: HostOf, watch: WatchOf, caller: CallerOf, since: Since) -> Response:
    """Replays all events beyond the position given, then goes on with new ones; of one brand for a token of one."""
    return _stream(host, watch, caller, since=since)


def _stream(host: Host, watch: Watch, caller: Caller, *, since: int | None, thread_id: str | None = None) -> Response:
    """The stream from `since`, or from now on; a position that the log has not reached yet means now as well."""
    with host.database.read() as connection:
        last = event_store.last_position(connection)
    position = last if since is None else min(since, last)
    follower = Follower(host, watch, thread_id, position, caller=caller)
    return EventStream(follower.lines(), headers=_HEADERS)


@dataclass(slots=True)
class Follower:
    """One client's way through the log; `position` is that of the last event it was sent."""

    host: Host
    watch: Watch
    thread_id: str | None
    position: int
    heartbeat: float = HEARTBEAT_SECONDS
    caller: Caller = THE_OWNER
    asked: int = -1
    shown: dict[tuple[str, str, int], str] = field(default_factory=dict)

    async def lines(self) -> AsyncIterator[bytes]:
        """What is sent, until the client leaves or the server stops."""
        committed, changed = self.host.database.committed, self.host.live.changed
        yield f"retry: {_RECONNECT_MS}\n\n".encode()
        spoke_at = time.monotonic()
        while not self.watch.closing:
            seen = {committed: committed.count, changed: changed.count}
            events = await run_in_threadpool(self._read)
            if not await self._may_go_on(quiet=not events):
                return
            for event in events:
                self.position = event.global_position
                yield _lines_of(event)
            frames = self._frames()
            for frame in frames:
                yield frame
            silence = time.monotonic() - spoke_at
            if silence >= self.heartbeat and not (events or frames):
                yield KEEPALIVE_COMMENT
            if events or frames or silence >= self.heartbeat:
                spoke_at, silence = time.monotonic(), 0.0
            if len(events) < _BATCH:
                await first_arrival(seen, self.heartbeat - silence)

    def _frames(self) -> list[bytes]:
        """What changed in the texts that are being written: no events, so without an id; the first one is whole."""
        drafts = self.host.live.drafts(thread_id=self.thread_id, brand_id=self.caller.brand_id)
        frames = []
        for draft in drafts:
            before = self.shown.get(draft.key, "")
            if draft.text != before:
                keep = kept_of(before, draft.text)
                said = {"run_id": draft.run_id, "stage_key": draft.stage_key, "attempt": draft.attempt}
                data = encode({**said, "keep": keep, "text": draft.text[keep:]})
                frames.append(format_sse_event(data_str=data.decode(), event="draft"))
        self.shown = {draft.key: draft.text for draft in drafts}
        return frames

    def _read(self) -> list[RecordedEvent]:
        with self.host.database.read() as connection:
            return event_store.read_after(
                connection,
                self.position,
                limit=_BATCH,
                thread_id=self.thread_id,
                brand_id=self.caller.brand_id,
                without=() if self._sees_access else ACCESS_AGGREGATES,
            )

    @property
    def _sees_access(self) -> bool:
        """Who is let in and who is refused is for admins of all brands."""
        return self.caller.brand_id is None and self.caller.role == "admin"

    async def _may_go_on(self, *, quiet: bool) -> bool:
        """Whether the token still lets its owner in: a revocation is a commit, so it wakes the stream and ends it.

        Asked behind the reading and for every event, so that nothing is sent that came after the revocation.
        """
        token, now = self.caller.token, self.host.commands.clock()
        commits = self.host.database.committed.count
        if token is None or (quiet and commits == self.asked and token.fault(now) is None):
            return True
        self.asked = commits
        return await run_in_threadpool(still_admitted, self.host, token.token_id, now)


def _lines_of(event: RecordedEvent) -> bytes:
    return format_sse_event(
        data_str=encode(event_record(event)).decode(), event=event.event_type, id=str(event.global_position)
    )
