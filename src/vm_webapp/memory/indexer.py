"""The follower that keeps the index up with the log, in a thread of its own.

It reads which runs have moved, then their files, then writes once: no transaction is open over a file. Files that do
not hold leave a gap that is noted and tried again when durable copies have been given up (ADR 2), which is a commit
without events. The checkpoint bears the id of the event it stands at: an index of another log, or of one that was put
back, is made anew. So is one that is garbled, with a warning; whatever happens here, no run and no start waits for it.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from vm_webapp import event_store
from vm_webapp.db import Database, first_value
from vm_webapp.errors import VmError
from vm_webapp.memory.forgetting import forget_runs
from vm_webapp.memory.index import MemoryIndex
from vm_webapp.memory.intake import Intake, Place, known_stages, list_gaps, load_place, take_in
from vm_webapp.memory.published import PublishedStage, published_stages
from vm_webapp.memory.reading import StageTexts, read_stage
from vm_webapp.memory.vectors import VectorFollower
from vm_webapp.signals import Signal
from vm_webapp.workspace import Workspace

log = structlog.get_logger(__name__)

_TYPES: Final = (
    "StageCompleted",
    "ApprovalGranted",
    "ApprovalRejected",
    "ApprovalExpired",
    "WorkflowRunCompleted",
    "WorkflowRunFailed",
    "WorkflowRunCanceled",
    "WorkflowRunImported",
)
_BATCH: Final = 200
_GAP_TRIES: Final = 5
_LONGEST_PAUSE_SECONDS: Final = 1.0
_QUIET_SECONDS: Final = 0.2
_LATEST_SECONDS: Final = 5.0
_LONGEST_RETRY_SECONDS: Final = 60.0
_LAST_MOMENT_SECONDS: Final = 2.0
_TROUBLE: Final = (DatabaseError, VmError, OSError)


class _TooLate(Exception):
    """The program ends; the rest is indexed at the next start."""


class RecallIndexer:
    """Indexes what one workspace publishes."""

    def __init__(self, database: Database, workspace: Workspace, *, memory: MemoryIndex | None = None) -> None:
        self.memory = memory or MemoryIndex(workspace.root)
        self._database = database
        self._workspace = workspace
        self._store = self.memory.store
        self._reading = threading.Lock()
        self._wake = Signal()
        self._moved = Signal()
        self._position = 0
        self._began = 0.0
        self._ending = threading.Event()
        self._checked = False
        self._gaps = False
        self._tries: Counter[tuple[str, str]] = Counter()
        self._thread: threading.Thread | None = None
        self._vectors = VectorFollower(self._store, self.memory.embeddings)
        self.memory.distrust = self._doubt
        database.listen(self._heard)

    def start(self) -> None:
        """Follow the log from now on; returns at once."""
        self._thread = threading.Thread(target=self._follow, name="recall", daemon=True)
        self._thread.start()
        self._vectors.start()

    def catch_up(self, *, progress: Callable[[int], None] | None = None) -> int:
        """Index what is not indexed yet; returns the number of events read. Errors of files and disk are raised."""
        return self._catch_up(lambda count: progress(count) if progress else None)

    def rebuild(self, *, progress: Callable[[int], None] | None = None) -> int:
        """Throw the index away and read the whole log again; returns the number of events read."""
        with self._reading:
            self._store.renew()
            self._begin_checked()
        return self.catch_up(progress=progress)

    def forget(self, run_ids: Sequence[str]) -> None:
        """Take runs out of the index for good; an index that cannot be changed is thrown away, and made anew."""
        if not (run_ids and self._store.exists()):
            return
        with self._reading:
            try:
                self._store.write(partial(forget_runs, run_ids=run_ids))
                self._store.compact()
            except (DatabaseError, VmError) as error:
                log.warning("recall.rebuilt", reason=f"erased runs could not be taken out: {error}")
                self._store.renew()
                self._store.compact()
                self._begin_checked()

    def wait(self, timeout: float) -> bool:
        """Return when all that the log has now is indexed; False when `timeout` seconds passed first."""
        with self._database.read() as connection:
            wanted = event_store.last_position(connection)
        until = time.monotonic() + timeout
        self._wake.notify()
        while True:
            seen = self._moved.count
            if self._position >= wanted:
                return True
            if not self._moved.wait(seen, max(0.0, until - time.monotonic())):
                return False

    def close(self) -> None:
        """Stop; what was published last is still indexed if that takes but a moment, else at the next start."""
        self._vectors.close()
        self._ending.set()
        self._wake.notify()
        if self._thread:
            self._thread.join(30)
            try:
                self._catch_up(_until(time.monotonic() + _LAST_MOMENT_SECONDS))
            except (_TooLate, *_TROUBLE) as error:
                log.warning("recall.behind", error=str(error))
        self._store.close()

    def _follow(self) -> None:
        failures = 0
        while not self._ending.is_set():
            seen = self._wake.count
            self._wait_for_quiet()
            self._began = time.monotonic()
            try:
                self._catch_up(self._rest)
            except _TooLate:
                return
            except Exception as error:  # noqa: BLE001 - the index may fail, the program goes on
                log.warning("recall.trouble", error=f"{type(error).__name__}: {error}")
                self._checked = False
                failures += 1
                self._ending.wait(min(_LONGEST_RETRY_SECONDS, 2.0**failures / 2))
                continue
            failures = 0
            self._wake.wait(seen)

    def _wait_for_quiet(self) -> None:
        """Let runs go first: return when nothing was committed for a moment, or after a few seconds."""
        committed, until = self._database.committed, time.monotonic() + _LATEST_SECONDS
        while time.monotonic() < until:
            seen = committed.count
            if self._ending.wait(_QUIET_SECONDS) or committed.count == seen:
                return

    def _catch_up(self, after_batch: Callable[[int], None]) -> int:
        with self._reading:
            self._check()
            count = self._read_on(after_batch)
            self._fill_gaps()
        self._vectors.wake()
        return count

    def _rest(self, _count: int) -> None:
        """Rest as long as the batch took, so that runs have the machine; what comes meanwhile is read in one batch."""
        now = time.monotonic()
        if self._ending.wait(min(_LONGEST_PAUSE_SECONDS, now - self._began)):
            raise _TooLate
        self._began = time.monotonic()

    def _heard(self, types: frozenset[str]) -> None:
        if not types.isdisjoint(_TYPES) or (self._gaps and not types):
            self._wake.notify()

    def _doubt(self) -> None:
        """A reader found the index garbled: look at it again."""
        self._checked = False
        self._wake.notify()

    def _check(self) -> None:
        """Make the index where there is none, and make it anew where it is garbled or none of this log's."""
        if self._checked:
            return
        if self._store.exists() and not (self._store.is_sound() and self._is_of_this_log()):
            log.warning("recall.rebuilt", reason="it was garbled, of another version, or not of this log")
            self._store.renew()
        self._store.make()
        self._begin_checked()

    def _begin_checked(self) -> None:
        self._tries.clear()
        self._gaps = self._checked = True

    def _is_of_this_log(self) -> bool:
        with self._store.read() as connection:
            place = load_place(connection)
        with self._database.read() as connection:
            return place == _place_at(connection, place.position)

    def _read_on(self, after_batch: Callable[[int], None]) -> int:
        with self._store.read() as connection:
            position = load_place(connection).position
        count = 0
        while True:
            with self._database.read() as connection:
                end = event_store.last_position(connection)
                events = event_store.read_after(connection, position, limit=_BATCH, types=_TYPES)
                place = _place_at(connection, events[-1].global_position if len(events) == _BATCH else end)
                runs = dict.fromkeys(event.payload["run_id"] for event in events)
                stages = [stage for run_id in runs for stage in published_stages(connection, run_id)]
            if place.position == position:
                self._moved_to(position)
                return count
            self._take_in(stages, place)
            position = place.position
            self._moved_to(position)
            count += len(events)
            after_batch(count)

    def _moved_to(self, position: int) -> None:
        self._position = position
        self._moved.notify()

    def _take_in(self, stages: Sequence[PublishedStage], place: Place | None) -> None:
        """Read the files of the stages that are new, then write all that is known of them, and how far that goes."""
        with self._store.read() as connection:
            known = known_stages(connection, stages)
        intake = [Intake(stage, None if stage.key in known else self._read(stage)) for stage in stages]
        self._store.write(partial(take_in, intake=intake, place=place))
        if any(one.texts is not None and one.texts.gap for one in intake):
            self._gaps = True

    def _fill_gaps(self) -> None:
        """Try the stages again whose files did not hold, a few times between two starts."""
        if not self._gaps:
            return
        with self._store.read() as connection:
            found = [key for key in list_gaps(connection) if self._tries[key] < _GAP_TRIES]
        self._tries.update(found)
        self._gaps = bool(found)
        if found:
            with self._database.read() as connection:
                runs = dict.fromkeys(run_id for run_id, _ in found)
                stages = [stage for run_id in runs for stage in published_stages(connection, run_id)]
            self._take_in([stage for stage in stages if stage.key in found], None)

    def _read(self, stage: PublishedStage) -> StageTexts:
        folder = self._workspace.stage_dir(stage.run_id, stage.position, stage.stage_key)
        return read_stage(folder, stage.manifest_sha256)


def _until(end: float) -> Callable[[int], None]:
    def check(_count: int) -> None:
        if time.monotonic() > end:
            raise _TooLate(_TooLate.__doc__)

    return check


def _place_at(connection: Connection, position: int) -> Place:
    """The place in the log at that position, with the event that stands there."""
    query = "SELECT event_id FROM events WHERE global_position = ?"
    return Place(position, first_value(connection, query, (position,)) or "")
