"""Text while it is written: frames on the live stream that are no events."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from paid_writer import PaidWriter
from test_engine import make_thread, request, run_of, settle
from vm_webapp.api.stream import Follower
from vm_webapp.api.waiting import Watch
from vm_webapp.host import Host, open_host
from vm_webapp.live_text import LiveDraft, LiveText, kept_of
from vm_webapp.settings import Settings

from api_client import Gate


def draft(text: str, *, thread_id: str = "t", brand_id: str = "b", attempt: int = 1) -> LiveDraft:
    """A draft of one stage."""
    return LiveDraft(brand_id=brand_id, thread_id=thread_id, run_id="r", stage_key="brief", attempt=attempt, text=text)


@given(st.text(), st.text(), st.text())
def test_a_reader_can_follow_from_any_text_to_any_other(common: str, before: str, after: str) -> None:
    """The first `keep` characters and the rest make the new text, and no more could have been kept."""
    old, new = common + before, common + after
    keep = kept_of(old, new)
    assert old[:keep] + new[keep:] == new
    assert keep >= len(common)


def test_drafts_are_those_of_the_thread_or_brand_and_forgotten_at_the_end() -> None:
    """A reader of one thread, or of one brand, sees no other's text; nothing stays behind."""
    live = LiveText()
    live.show(draft("mine"))
    live.show(draft("theirs", thread_id="t2", brand_id="b2", attempt=2))
    assert [each.text for each in live.drafts(thread_id="t")] == ["mine"]
    assert [each.text for each in live.drafts(brand_id="b2")] == ["theirs"]
    for each in live.drafts():
        live.forget(each.key)
    assert live.drafts() == []


def test_a_late_reader_gets_the_whole_text_then_what_changes(settings: Settings) -> None:
    """The frame has no id, so a reconnect goes on behind the last event; the events follow as ever."""
    writer = PaidWriter()
    host = open_host(settings, llm=writer)
    gate = Gate()
    writer.on("brief", gate)
    thread_id = make_thread(host)[2]
    run_id = request(host, thread_id)
    assert gate.reached.wait(30)
    frame = asyncio.run(_first_draft(host, thread_id))
    assert frame == {"run_id": run_id, "stage_key": "brief", "attempt": 1, "keep": 0, "text": "Brief: half a"}
    gate.opened.set()
    settle(host)
    assert run_of(host, run_id)["status"] == "completed"
    assert host.live.drafts() == []
    host.close()


async def _first_draft(host: Host, thread_id: str) -> Mapping[str, Any]:
    lines: AsyncIterator[bytes] = Follower(host, Watch(host.database), thread_id, 10**9).lines()
    async for frame in lines:
        text = frame.decode()
        if "event: draft" in text:
            assert "id:" not in text
            (data,) = (line for line in text.splitlines() if line.startswith("data: "))
            found: Mapping[str, Any] = json.loads(data.removeprefix("data: "))
            return found
    raise AssertionError
