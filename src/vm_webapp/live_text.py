"""Text while it is written: in memory only, for whoever looks now; what counts is published as files.

Readers look at the drafts there are and are woken when one changed. A draft is forgotten when its attempt ends.
"""

import threading
import time
from dataclasses import dataclass
from typing import Final

from vm_webapp.signals import Signal

LONGEST: Final = 200_000
_PAUSE_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveDraft:
    """What an attempt has written so far."""

    brand_id: str
    thread_id: str
    run_id: str
    stage_key: str
    attempt: int
    text: str

    @property
    def key(self) -> tuple[str, str, int]:
        """Which attempt this is."""
        return self.run_id, self.stage_key, self.attempt


class LiveText:
    """The drafts that are being written in this process; any thread may show and read."""

    def __init__(self) -> None:
        self.changed = Signal()
        self._drafts: dict[tuple[str, str, int], LiveDraft] = {}
        self._lock = threading.Lock()
        self._told_at = 0.0

    def show(self, draft: LiveDraft) -> None:
        """Replace what the attempt has shown; readers are woken ten times a second at the most."""
        with self._lock:
            self._drafts[draft.key] = draft
            now = time.monotonic()
            due = now - self._told_at >= _PAUSE_SECONDS
            if due:
                self._told_at = now
        if due:
            self.changed.notify()

    def forget(self, key: tuple[str, str, int]) -> None:
        """The attempt is over."""
        with self._lock:
            gone = self._drafts.pop(key, None)
        if gone:
            self.changed.notify()

    def drafts(self, *, thread_id: str | None = None, brand_id: str | None = None) -> list[LiveDraft]:
        """The drafts of a thread, or of a brand, or all."""
        with self._lock:
            drafts = list(self._drafts.values())
        return [
            draft for draft in drafts if thread_id in {None, draft.thread_id} and brand_id in {None, draft.brand_id}
        ]


def kept_of(before: str, after: str) -> int:
    """How many characters two texts begin with in common, found by halving."""
    low, high = 0, min(len(before), len(after))
    while low < high:
        middle = (low + high + 1) // 2
        if before[:middle] == after[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
