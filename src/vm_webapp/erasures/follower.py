"""The follower that sees to what an erasure leaves to do, in a thread of its own; whoever asked waits for it.

The event has destroyed the keys already. What follows only removes: doing it twice changes nothing, so the checkpoint
is saved last, and a crash anywhere means that it is done again. A run that is still in somebody's hands (its last files
are being written) is waited for: its claim is taken first. Files are removed under the lock of those who make published
files durable, since they would write them again.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Final

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from vm_webapp import event_store
from vm_webapp.db import Database
from vm_webapp.erasures.sweeping import sweep_database, sweep_files
from vm_webapp.errors import NotReadable, VmError
from vm_webapp.events import RecordedEvent
from vm_webapp.signals import Signal
from vm_webapp.workspace import Workspace

log = structlog.get_logger(__name__)

CHECKPOINT: Final = "erasures/2"
"""Its number grows when a sweep reaches further than before: what was swept already is swept once more."""

_BATCH: Final = 100
_CLAIM_SECONDS: Final = 30.0
_LONGEST_RETRY_SECONDS: Final = 60.0
_TROUBLE: Final = (DatabaseError, VmError, OSError)

Forget = Callable[[Sequence[str]], None]


class ErasureFollower:
    """Sweeps up behind the erasures of one workspace.

    `forget` takes runs out of the search index; `files` is held while published files are written or removed.
    """

    def __init__(
        self, database: Database, workspace: Workspace, *, forget: Forget, files: AbstractContextManager[object]
    ) -> None:
        self._database = database
        self._workspace = workspace
        self._forget = forget
        self._files = files
        self._wake = Signal()
        self._moved = Signal()
        self._ending = threading.Event()
        self._sweeping = threading.Lock()
        self._thread: threading.Thread | None = None
        database.listen(self._heard)

    def start(self) -> None:
        """Follow the log from now on; returns at once."""
        self._thread = threading.Thread(target=self._follow, name="erasures", daemon=True)
        self._thread.start()

    def wait(self, timeout: float) -> bool:
        """Return when nothing of any erasure is left to do; False when `timeout` seconds passed first."""
        until = time.monotonic() + timeout
        self._wake.notify()
        while True:
            seen = self._moved.count
            if not self._left():
                return True
            if not self._moved.wait(seen, max(0.0, until - time.monotonic())):
                return False

    def catch_up(self) -> int:
        """Do what is left; returns how many erasures that were. Errors of the disk and the database are raised."""
        count = 0
        with self._sweeping:
            while events := self._left():
                self._sweep(events)
                count += len(events)
        self._moved.notify()
        return count

    def close(self) -> None:
        """Stop; what is left is done at the next start."""
        self._ending.set()
        self._wake.notify()
        if self._thread:
            self._thread.join(30)

    def _heard(self, types: frozenset[str]) -> None:
        if event_store.ERASURE in types:
            self._wake.notify()

    def _follow(self) -> None:
        failures = 0
        while not self._ending.is_set():
            seen = self._wake.count
            try:
                self.catch_up()
            except _TROUBLE as error:
                failures += 1
                log.warning("erasures.trouble", error=f"{type(error).__name__}: {error}")
                self._ending.wait(min(_LONGEST_RETRY_SECONDS, 2.0**failures / 2))
                continue
            failures = 0
            self._wake.wait(seen)

    def _left(self) -> list[RecordedEvent]:
        with self._database.read() as connection:
            position = event_store.load_checkpoint(connection, CHECKPOINT)
            return event_store.read_after(connection, position, limit=_BATCH, types=[event_store.ERASURE])

    def _sweep(self, events: Sequence[RecordedEvent]) -> None:
        run_ids = [run_id for event in events for run_id in event.payload["runs"]]
        with ExitStack() as held:
            for run_id in run_ids:
                self._claim(run_id)
                held.callback(self._database.claims.release, run_id)
            with self._files:
                self._database.write(lambda line: _sweep_database(line, events))
                for event in events:
                    sweep_files(self._workspace, event)
        self._forget(run_ids)
        self._database.compact()
        position = events[-1].global_position
        self._database.write(lambda line: event_store.save_checkpoint(line, CHECKPOINT, position))

    def _claim(self, run_id: str) -> None:
        """Wait until nobody drives the run; it is settled, so that takes but a moment."""
        until = time.monotonic() + _CLAIM_SECONDS
        while not self._database.claims.claim(run_id):
            if time.monotonic() > until or self._ending.wait(0.01):
                raise NotReadable(path=self._workspace.run_dir(run_id), problem="the run is still being written")


def _sweep_database(line: Connection, events: Sequence[RecordedEvent]) -> None:
    for event in events:
        sweep_database(line, event)
