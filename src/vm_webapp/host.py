"""The composition root: builds and connects everything that serves one workspace in this process.

One process owns a workspace: the lock beside it dies with the process, so it is never held by the dead. Ownership is a
matter of the process, so this is the one place with state at module level: a second host of the same workspace in the
same process is the same host, kept as long as anybody uses it.
"""

import json
import os
import threading
import weakref
from pathlib import Path

import structlog
from filelock import FileLock, Timeout
from sqlalchemy.exc import DatabaseError

from vm_webapp import logs, pending_files, projections
from vm_webapp.artifacts import make_folder
from vm_webapp.commands import Commands
from vm_webapp.db import build_engine, database_of, init_db
from vm_webapp.dispatch.embedded import EmbeddedDispatcher
from vm_webapp.erasures import ErasureFollower
from vm_webapp.errors import NotReadable, VmError, WorkspaceInUse
from vm_webapp.live_text import LiveText
from vm_webapp.log_tree import TreeFollower
from vm_webapp.log_tree.keys import check_setting
from vm_webapp.memory import MemoryIndex, RecallIndexer, embeddings_of
from vm_webapp.orchestrator_v2 import Orchestrator
from vm_webapp.profiles import ProfileLibrary
from vm_webapp.run_requests import RunRequests
from vm_webapp.settings import Settings
from vm_webapp.webhooks import WebhookFollower
from vm_webapp.webhooks.requests import WebhookRequests
from vm_webapp.webhooks.sending import Sender
from vm_webapp.workflow_runtime_v2 import WorkflowRuntimeV2
from vm_webapp.workspace import Workspace
from vm_webapp.writers import RecalledDocument, Writer
from vm_webapp.writers.library import build_library
from vm_webapp.writers.llm.addresses import list_open_keys

log = structlog.get_logger(__name__)

_CONFIRM_AFTER_SECONDS = 1.0
_CONFIRM_AT_LATEST_SECONDS = 30.0
_hosts: "weakref.WeakValueDictionary[tuple[Path, Path], Host]" = weakref.WeakValueDictionary()
_opening = threading.Lock()


def open_host(settings: Settings, *, llm: Writer | None = None, resume: bool = True) -> "Host":
    """The running host of the settings' workspace; without `resume` it leaves alone the runs that are open already.

    Raises WorkspaceInUse when another process owns it, NotReadable and DatabaseTooNew when its folder or database
    cannot be used; then nothing was changed.
    """
    key = (settings.vm_workspace_root.absolute(), settings.database_path.absolute())
    with _opening:
        logs.configure(settings.vm_log_level)
        host = _hosts.get(key)
        if host is None or host.closed:
            host = _hosts[key] = Host(settings, llm=llm, resume=resume)
        host.users += 1
        return host


class Host:
    """Everything that serves one workspace."""

    def __init__(self, settings: Settings, *, llm: Writer | None = None, resume: bool = True) -> None:
        self.settings = settings
        self.workspace = Workspace(settings.vm_workspace_root)
        self.users = 0
        self.closed = False
        self._ending = threading.Event()
        self._files = threading.Lock()
        self._locks = _own(self.workspace, settings.database_path)
        try:
            self._open(settings, llm, resume=resume)
        except BaseException:
            self._release()
            raise

    def _open(self, settings: Settings, llm: Writer | None, *, resume: bool) -> None:
        check_setting(settings)  # what the settings get wrong is said before a database is made
        self.writers, embeddings = build_library(settings, llm), embeddings_of(settings)
        for problem in list_open_keys(settings):
            log.warning("key.open", problem=problem)
        self.engine = build_engine(settings.database_path)
        self.database = database_of(self.engine)
        init_db(self.engine)
        self._recover()
        self.memory = MemoryIndex(self.workspace.root, embeddings=embeddings)
        self.commands = Commands(self.database)
        self.profiles = ProfileLibrary(self.workspace.profiles)
        self.requests = RunRequests(commands=self.commands, profiles=self.profiles, writers=self.writers)
        self.live = LiveText()
        self.runtime = WorkflowRuntimeV2(
            engine=self.engine,
            workspace=self.workspace,
            memory=self.memory,
            writers=self.writers,
            recall=self._recalled,
            live=self.live,
            commands=self.commands,
            profiles=self.profiles,
        )
        self.dispatcher = EmbeddedDispatcher(
            self.runtime.advance,
            workers=settings.vm_workers,
            give_up=self._give_up,
        )
        self.orchestrator = Orchestrator(
            database=self.database, commands=self.commands, runtime=self.runtime, dispatcher=self.dispatcher
        )
        self.recall = RecallIndexer(self.database, self.workspace, memory=self.memory)
        self.log_tree = TreeFollower(self.database, settings, self.workspace)
        self.webhooks = WebhookFollower(self.commands, self.workspace, sender=Sender(settings.vm_webhooks_reach))
        self.erasures = ErasureFollower(self.database, self.workspace, forget=self.recall.forget, files=self._files)
        self.announce(None)
        self.orchestrator.start(resume=resume)
        self.recall.start()
        self.webhooks.start()
        self.log_tree.start()
        self.erasures.start()
        self._confirmer = threading.Thread(target=self._confirm, name="confirm-files", daemon=True)
        self._confirmer.start()

    def announce(self, url: str | None) -> None:
        """Tell other processes where this one serves; None for one that serves no page."""
        content = json.dumps({"pid": os.getpid(), "url": url})
        try:
            self.workspace.owner.write_text(content, encoding="utf-8")
        except OSError as error:
            log.warning("owner.not_written", error=str(error))  # others then learn less of us, that is all

    def close(self) -> None:
        """Stop, leaving open runs where they are; the last user's call does it."""
        with _opening:
            self.users -= 1
            if self.users > 0 or self.closed:
                return
            self.closed = True
        self._ending.set()
        self.webhooks.close()
        self.runtime.halt()
        self.dispatcher.close()
        self.orchestrator.close()
        self.database.committed.notify()
        self._confirmer.join(30)
        self.erasures.close()
        self.recall.close()
        self.log_tree.close()
        self.database.close()
        self._release()

    @property
    def webhook_requests(self) -> WebhookRequests:
        """Requests about webhooks."""
        return WebhookRequests(self.commands, self.webhooks, self.settings.vm_webhooks_reach)

    def confirm_files(self) -> int:
        """Make all published files durable now; what was erased meanwhile is not written again."""
        with self._files:
            return pending_files.confirm(self.database, self.workspace)

    def _recalled(self, brand_id: str, text: str, run_id: str) -> tuple[RecalledDocument, ...]:
        return self.memory.recall_for(brand_id=brand_id, text=text, exclude_run_id=run_id)

    def _give_up(self, run_id: str, error: Exception) -> None:
        self.orchestrator.give_up(run_id, error)

    def _recover(self) -> None:
        """Make good what a crash left behind; nothing here keeps the host from starting."""
        try:
            pending_files.sweep(self.database, self.workspace)
            restored = pending_files.confirm(self.database, self.workspace)
            if restored:
                log.info("files.confirmed", files=restored)
        except (OSError, DatabaseError, VmError) as error:
            log.warning("files.not_confirmed", error=str(error))
        with self.database.read() as connection:
            current = projections.is_current(connection)
        if not current:
            log.warning("views.rebuilt", reason="they did not show what the log says")
            self.database.write(projections.restore)

    def _confirm(self) -> None:
        """Make published files durable when the line of writers is quiet, and at the latest after half a minute."""
        waited = 0.0
        while not self._ending.is_set():
            seen = self.database.committed.count
            if self._ending.wait(_CONFIRM_AFTER_SECONDS):
                break
            waited += _CONFIRM_AFTER_SECONDS
            if self.database.committed.count == seen or waited >= _CONFIRM_AT_LATEST_SECONDS:
                waited = 0.0
                self._confirm_once()
                if self.database.committed.count == seen:
                    self.database.committed.wait(seen)
        self._confirm_once()

    def _confirm_once(self) -> None:
        try:
            self.confirm_files()
        except (OSError, DatabaseError, VmError) as error:
            log.warning("files.not_confirmed", error=str(error))

    def _release(self) -> None:
        for lock in self._locks:
            lock.release()


class Ownership:
    """The workspace is this process's, without anything that serves it, until it is closed."""

    def __init__(self, settings: Settings) -> None:
        self._locks = _own(Workspace(settings.vm_workspace_root), settings.database_path)

    def close(self) -> None:
        """Leave it to others."""
        for lock in self._locks:
            lock.release()


def own_workspace(settings: Settings) -> Ownership:
    """Keep others out of a workspace whose database cannot be opened; WorkspaceInUse where somebody has it."""
    return Ownership(settings)


def read_owner(workspace: Workspace) -> dict[str, object]:
    """What the owning process said of itself: pid and url; empty where nothing is known."""
    try:
        said = json.loads(workspace.owner.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _own(workspace: Workspace, database_path: Path) -> list[FileLock]:
    """The locks of the workspace and of its database; WorkspaceInUse when another process has one of them."""
    locks: list[FileLock] = []
    try:
        for path in (workspace.lock, database_path.with_name(f"{database_path.name}.lock")):
            make_folder(path.parent)
            lock = FileLock(path, timeout=0, thread_local=False)
            lock.acquire()
            locks.append(lock)
    except Timeout as error:
        for lock in locks:
            lock.release()
        owner = read_owner(workspace)
        where = f", which serves it at {owner['url']}" if owner.get("url") else ""
        raise WorkspaceInUse(path=workspace.root, pid=owner.get("pid", "unknown"), where=where) from error
    except OSError as error:
        raise NotReadable(path=workspace.root, problem=error.strerror or str(error)) from error
    return locks
