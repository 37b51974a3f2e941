"""The follower that grows the tree over the log and signs checkpoints of it, in a thread of its own.

Appends never wait for it: it reads what was committed, a moment after things got quiet and within a second at the
latest, and signs when the tree has grown, at most once a second. The tree is derived: where its tables are garbled they
are made anew, with a warning. What was signed is not: a tree that does not begin with the newest signed one is reported
and nothing more is signed, for then the log is not the one that was signed; neither is one that does not begin with the
note that is kept beside the database (log_tree/kept). Crash argument: nodes are written with the
checkpoint that speaks of them, a note with its number, each in one transaction.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from vm_webapp import event_store
from vm_webapp.db import Database
from vm_webapp.errors import VmError
from vm_webapp.log_tree import kept, store
from vm_webapp.log_tree.keys import KeyProblem, signing_key, verifier_keys
from vm_webapp.proof.notes import BadNote, Checkpoint, SigningKey, VerifierKey, open_checkpoint, sign_checkpoint
from vm_webapp.proof.tree import Frontier, leaf_hash, root_at
from vm_webapp.settings import Settings
from vm_webapp.signals import Signal
from vm_webapp.workspace import Workspace

log = structlog.get_logger(__name__)

_BATCH: Final = 500
_QUIET_SECONDS: Final = 0.1
_LATEST_SECONDS: Final = 0.7
_BETWEEN_SIGNATURES_SECONDS: Final = 1.0
_LONGEST_RETRY_SECONDS: Final = 60.0
_LAST_MOMENT_SECONDS: Final = 1.0
_TROUBLE: Final = (DatabaseError, VmError, OSError, LookupError)
_KEPT: Final = "the checkpoint in keys/log.checkpoint"
_REWRITTEN: Final = "the log is not the one that was signed: {why}; `verify` names the place"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """How far the tree is: `size` events with their `root`, up to the global position `position` of `log_position`.

    `checkpoint_size` and `checkpoint_at` are the newest signed checkpoint's, None where nothing was signed yet.
    `problem` is what keeps the tree from growing or from being signed; empty where nothing does.
    """

    size: int
    root: bytes
    position: int
    log_position: int
    checkpoint_size: int | None
    checkpoint_at: str | None
    problem: str


class TreeFollower:
    """Grows and signs the tree over one log; `key` is None where there is none that can be used."""

    def __init__(self, database: Database, settings: Settings, workspace: Workspace) -> None:
        self.key: SigningKey | None = None
        self._database = database
        self._workspace = workspace
        self._wake = Signal()
        self._moved = Signal()
        self._growing = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._checked = self._rewritten = False
        self._signed_at = -_BETWEEN_SIGNATURES_SECONDS
        self._problem = self._key_problem = ""
        try:
            self.key = signing_key(settings, workspace)
        except KeyProblem as error:
            self._key_problem = f"nothing can be signed: {error}"
            log.error("log_tree.no_key", problem=str(error), hint=error.hint)  # noqa: TRY400 - told, not traced
        database.listen(self._heard)

    @property
    def problem(self) -> str:
        """What keeps the tree from growing or from being signed, as a sentence without its stop; empty for nothing."""
        return self._problem or self._key_problem

    @property
    def is_rewritten(self) -> bool:
        """Whether the log is not the one that was signed."""
        return self._rewritten

    def start(self) -> None:
        """Follow the log from now on; returns at once."""
        self._thread = threading.Thread(target=self._follow, name="log-tree", daemon=True)
        self._thread.start()

    def state(self) -> LogState:
        """How far the tree is now."""
        with self._database.read() as connection:
            size, signed = store.tree_size(connection), store.find_signed(connection)
            return LogState(
                size=size,
                root=root_at(size, store.node_reader(connection)),
                position=store.reach(connection),
                log_position=event_store.last_position(connection),
                checkpoint_size=signed.size if signed else None,
                checkpoint_at=signed.signed_at if signed else None,
                problem=self.problem,
            )

    def wait(self, timeout: float) -> bool:
        """Return when all that the log has now is signed; False when it is not within `timeout` seconds, or cannot."""
        with self._database.read() as connection:
            wanted = event_store.last_position(connection)
        until = time.monotonic() + timeout
        while True:
            seen = self._moved.count
            if self._has_signed(wanted):
                return True
            if self.problem or not self._moved.wait(seen, max(0.0, until - time.monotonic())):
                return False

    def catch_up(self) -> None:
        """Grow the tree to the log's end and sign it; errors of the database are raised."""
        with self._growing:
            self._check()
            self._grow(lambda: None)
            self._sign()

    def distrust(self) -> None:
        """Have the stored tree looked at again, since a reader found that it does not hold."""
        self._checked = False
        self._wake.notify()

    def close(self) -> None:
        """Stop; what was appended last is still signed if that takes but a moment, else at the next start."""
        self._ending.set()
        self._wake.notify()
        if self._thread is None:
            return
        self._thread.join(30)
        try:
            with self._growing:
                self._check()
                self._grow(_until(time.monotonic() + _LAST_MOMENT_SECONDS))
                self._sign()
        except (_TooLate, *_TROUBLE) as error:
            log.warning("log_tree.behind", error=str(error))

    def _follow(self) -> None:
        failures = 0
        while not self._ending.is_set():
            seen = self._wake.count
            self._wait_for_quiet()
            try:
                self._catch_up_politely()
            except _TooLate:
                return
            except Exception as error:  # noqa: BLE001 - the tree may fail, the program goes on
                log.warning("log_tree.trouble", error=f"{type(error).__name__}: {error}")
                self._problem = f"the tree does not grow: {str(error).rstrip('.')}"
                self._checked = False
                self._moved.notify()
                failures += 1
                self._ending.wait(min(_LONGEST_RETRY_SECONDS, 2.0**failures / 2))
                continue
            failures = 0
            self._wake.wait(seen)

    def _catch_up_politely(self) -> None:
        with self._growing:
            self._check()
            self._grow(self._rest)
        since = time.monotonic() - self._signed_at
        if self._ending.wait(max(0.0, _BETWEEN_SIGNATURES_SECONDS - since)):
            raise _TooLate
        with self._growing:
            self._grow(self._rest)
            self._sign()

    def _wait_for_quiet(self) -> None:
        """Let appends go first: return when nothing was committed for a moment, and in any case within a second."""
        committed, until = self._database.committed, time.monotonic() + _LATEST_SECONDS
        while time.monotonic() < until:
            seen = committed.count
            if self._ending.wait(_QUIET_SECONDS) or committed.count == seen:
                return

    def _rest(self) -> None:
        """Between two batches others have their turn."""
        if self._ending.wait(_QUIET_SECONDS / 10):
            raise _TooLate

    def _heard(self, types: frozenset[str]) -> None:
        if types:
            self._wake.notify()

    def _check(self) -> None:
        """Make the stored tree anew where it is garbled or none of this log's."""
        if self._checked:
            return
        with self._database.read() as connection:
            fault = _fault(connection, self._verifiers())
        if fault:
            log.warning("log_tree.rebuilt", reason=fault)
            self._database.write(store.forget_nodes)
        self._problem = ""
        self._checked = True

    def _grow(self, after_batch: Callable[[], None]) -> None:
        while True:
            with self._database.read() as connection:
                leaves = store.leaves_after(connection, store.reach(connection), limit=_BATCH)
                frontier = Frontier.at(store.tree_size(connection), store.node_reader(connection))
            if not leaves:
                return
            nodes = [node for leaf in leaves for node in frontier.append(leaf_hash(leaf.content))]
            self._database.write(partial(store.save_nodes, nodes=nodes, position=leaves[-1].position))
            self._moved.notify()
            if len(leaves) == _BATCH:
                after_batch()

    def _sign(self) -> None:
        """Sign the tree where it has grown, if it begins with what was signed before."""
        keys = self._verifiers()
        beside = self._read_kept(keys)
        with self._database.read() as connection:
            signed, size = store.find_signed(connection), store.tree_size(connection)
            root_of = partial(root_at, read=store.node_reader(connection))
            why = "" if signed is None else _contradiction(signed, size, root_of, keys)
            if beside is not None and not why:
                why = _differs(beside, size, root_of, name=_KEPT)
            root = root_of(size)
        self._tell(why)
        if self.key is not None and not why and size > (signed.size if signed else 0):
            note = sign_checkpoint(self.key, size=size, root=root)
            kept.keep(self._workspace, note)
            self._database.write(partial(store.save_signed, note=note, size=size, now=datetime.now(UTC)))
            self._signed_at = time.monotonic()
        elif signed is not None and not why and beside is None:
            kept.keep(self._workspace, signed.note)
        self._moved.notify()

    def _verifiers(self) -> list[VerifierKey]:
        """The keys that have signed here; this one's own where the list of them cannot be read."""
        own = [self.key.verifier] if self.key is not None else []
        try:
            return [*verifier_keys(self._workspace), *own]
        except KeyProblem as error:
            log.warning("log_tree.keys", problem=str(error), hint=error.hint)
            return own

    def _read_kept(self, keys: Sequence[VerifierKey]) -> Checkpoint | None:
        """What is kept beside the database; a note that none of the keys has signed is told, and replaced."""
        note = kept.read_kept(self._workspace)
        if note is None:
            return None
        try:
            return open_checkpoint(note, keys)
        except BadNote as error:
            log.warning("log_tree.kept", problem=str(error))
            return None

    def _tell(self, why: str) -> None:
        problem = _REWRITTEN.format(why=why) if why else ""
        if problem and problem != self._problem:
            log.error("log_tree.rewritten", why=why)
        self._problem, self._rewritten = problem, bool(why)

    def _has_signed(self, position: int) -> bool:
        with self._database.read() as connection:
            signed, size = store.find_signed(connection), store.tree_size(connection)
            return store.reach(connection) >= position and (signed.size if signed else 0) >= size


class _TooLate(Exception):
    """The program ends; the rest is done at the next start."""


def _until(end: float) -> Callable[[], None]:
    def check() -> None:
        if time.monotonic() > end:
            raise _TooLate(_TooLate.__doc__)

    return check


def _contradiction(
    signed: store.Signed, size: int, root_of: Callable[[int], bytes], keys: Sequence[VerifierKey]
) -> str:
    """Why the tree does not begin with what was signed; empty where it does."""
    if size < signed.size:
        return f"{signed.size} events were signed, and it has {size}"
    try:
        checkpoint = open_checkpoint(signed.note, keys)
    except BadNote as error:
        return f"checkpoint {signed.number} does not hold ({error.facts['problem']})"
    if checkpoint.size != signed.size:
        return f"checkpoint {signed.number} is of {checkpoint.size} events, and was stored as one of {signed.size}"
    return _differs(checkpoint, size, root_of, name=f"checkpoint {signed.number}")


def _differs(checkpoint: Checkpoint, size: int, root_of: Callable[[int], bytes], *, name: str) -> str:
    """Why the tree does not begin with the checkpoint; empty where it does."""
    if size < checkpoint.size:
        return f"{checkpoint.size} events were signed ({name}), and it has {size}"
    if checkpoint.root != root_of(checkpoint.size):
        return f"its first {checkpoint.size} events have another root than {name} says"
    return ""


def _fault(connection: Connection, keys: Sequence[VerifierKey]) -> str:
    """What is wrong with the stored tree, as far as is found without reading the whole log; empty for nothing."""
    size, position = store.tree_size(connection), store.reach(connection)
    if not store.is_whole(connection, size):
        return "nodes are missing, or there are too many"
    if not size:
        return "its checkpoint is ahead of it" if position else ""
    read = store.node_reader(connection)
    leaves = store.leaves_after(connection, position - 1, limit=1)
    if store.index_of(connection, position) != size - 1 or [leaf.position for leaf in leaves] != [position]:
        return "it is not as large as its checkpoint says"
    if leaf_hash(leaves[0].content) != read(0, size - 1):
        return "its last leaf is not the log's event"
    signed = store.find_signed(connection)
    return "" if signed is None else _contradiction(signed, size, partial(root_at, read=read), keys)
