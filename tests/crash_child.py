"""A process that lives to be killed: it serves a workspace, does a piece of work, and dies where it is told to.

    python crash_child.py < jobs > replies          one JSON object a line each

The process itself opens nothing. For every job it forks a child, so that the imports are paid for once and no thread
ever crosses a fork. The child opens a host on the job's workspace and works. Every file operation below the workspace
and every commit is a *crash point*, named by what is about to happen or has just happened:

    before replace runs/r-one/stages/01-first/manifest.json #1

A job with `kill` dies at the point of that name by SIGKILL, one with `kill_after` is killed by its parent after so many
seconds, and any other works to the end; with `check` it then says which invariants do not hold.
"""

import faulthandler
import json
import os
import select
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from sqlalchemy.engine.default import DefaultDialect

from vm_webapp import artifacts, pending_files
from vm_webapp.commands import OWNER
from vm_webapp.dispatch import embedded
from vm_webapp.domain.thread_messages import AddComment
from vm_webapp.errors import StageError
from vm_webapp.host import Host, open_host
from vm_webapp.repo import get_run
from vm_webapp.settings import Settings
from vm_webapp.workflow_runtime_v2.drive import RunDrive
from vm_webapp.writers import Attempt, DraftFile, StageDraft, StageWork, Writer

import crash_people
from crash_desk import acknowledge, catalogue_of, note, request_run, tell, witness_of
from invariants import Witness, violations

MODE: Final = "crash"
PROFILE: Final = """\
title: Crash test
version: 1
stages:
  - {key: first, title: First, kind: brief, retry: {initial_seconds: 0, max_seconds: 0}}
  - {key: left, title: Left, kind: brief, needs: [first], retry: {initial_seconds: 0, max_seconds: 0}}
  - {key: right, title: Right, kind: brief, needs: [first], retry: {initial_seconds: 0, max_seconds: 0}}
  - {key: third, title: Third, kind: brief, needs: [left], retry: {initial_seconds: 0, max_seconds: 0}}
  - {key: last, title: Last, kind: brief, needs: [third, right], retry: {initial_seconds: 0, max_seconds: 0}}
"""
"""Four stages one after the other and one beside them."""
_HUNG_SECONDS: Final = 60.0
_FULL_FOR: Final = 3
"""How many commits a full disk refuses before somebody makes room."""


class WitnessedWriter:
    """Fixed text; every call is noted outside the workspace before it is answered.

    Names differ from attempt to attempt, as a language model's do; the first attempt at `third` fails.
    """

    name = "witnessed"
    cooperative = False
    recalls = False

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    def write(self, work: StageWork, attempt: Attempt) -> StageDraft:
        """The stage's fixed text."""
        key = work.stage.key
        note(self._witness.calls, [work.run_id, key, work.attempt])
        attempt.check()
        if key == "third" and work.attempt == 1:
            raise StageError("busy", "The first attempt fails.", retryable=True, raw="half an ans")
        text = f"# {work.stage.title}\n\n{work.request_text}\n" * 200
        return StageDraft(
            output={"title": work.stage.title, "reads": sorted(work.outputs)},
            files=(
                DraftFile(name=f"{key}.md", kind=key, media_type="text/markdown", text=text),
                DraftFile(name=f"{key}-{work.attempt}.csv", kind="table", media_type="text/csv", text="a,b\n1,2\n"),
            ),
        )


class CrashPoints:
    """Counts what happens below a folder by name, and ends the process at one of the names."""

    def __init__(self, root: Path, kill: str | None) -> None:
        self.names: list[str] = []
        self._root = f"{root}/"
        self._kill = kill
        self._seen: Counter[str] = Counter()
        self._paths: dict[int, str] = {}
        self._lock = threading.Lock()

    def install(self) -> None:
        """Put the counters in front of the operating system and of the database's commit."""
        os.open = self._opening(os.open)
        os.write = self._writing(os.write)
        os.fsync = self._described(os.fsync, "fsync")  # type: ignore[assignment]  # only descriptors come this way
        os.close = self._closing(os.close)  # type: ignore[assignment]  # nobody names the argument
        for name, at in (("replace", 1), ("mkdir", 0), ("unlink", 0), ("rmdir", 0)):
            setattr(os, name, self._named(getattr(os, name), name, at))
        Path.write_text = self._named(Path.write_text, "write_text", 0)  # type: ignore[method-assign]  # this process only
        DefaultDialect.do_commit = self._committing(DefaultDialect.do_commit)  # type: ignore[method-assign]  # likewise

    def reach(self, name: str) -> None:
        """Here is a crash point."""
        with self._lock:
            self._seen[name] += 1
            full = f"{name} #{self._seen[name]}"
            self.names.append(full)
            if full == self._kill:
                os.kill(os.getpid(), signal.SIGKILL)

    def _relative(self, path: Any) -> str | None:  # noqa: ANN401 - whatever a path may be
        text = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
        return text.removeprefix(self._root) if text.startswith(self._root) else None

    def _around(self, name: str, action: Callable[[], Any]) -> Any:  # noqa: ANN401 - what the action returns
        self.reach(f"before {name}")
        result = action()
        self.reach(f"after {name}")
        return result

    def _named(self, function: Callable[..., Any], name: str, at: int) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the function has it
            relative = self._relative(arguments[at])
            if options.get("dir_fd") is not None:
                relative = str(arguments[at])  # a folder that is removed is walked by its descriptors
            if relative is None:
                return function(*arguments, **options)
            return self._around(f"{name} {relative}", lambda: function(*arguments, **options))

        return call

    def _opening(self, function: Callable[..., int]) -> Callable[..., int]:
        def call(path: Any, *arguments: Any, **options: Any) -> int:  # noqa: ANN401 - as os.open has it
            relative = self._relative(path)
            if relative is None:
                return function(path, *arguments, **options)
            descriptor: int = self._around(f"open {relative}", lambda: function(path, *arguments, **options))
            self._paths[descriptor] = relative
            return descriptor

        return call

    def _writing(self, function: Callable[..., int]) -> Callable[..., int]:
        def call(descriptor: int, content: Any) -> int:  # noqa: ANN401 - a buffer
            relative = self._paths.get(descriptor)
            if relative is None:
                return function(descriptor, content)
            half = bytes(content)[: len(content) // 2]
            self.reach(f"before write {relative}")
            if f"half write {relative} #{self._seen[f'half write {relative}'] + 1}" == self._kill:
                function(descriptor, half)
            self.reach(f"half write {relative}")
            written = function(descriptor, content)
            self.reach(f"after write {relative}")
            return written

        return call

    def _described(self, function: Callable[[int], None], name: str) -> Callable[[int], None]:
        def call(descriptor: int) -> None:
            relative = self._paths.get(descriptor)
            if relative is None:
                function(descriptor)
            else:
                self._around(f"{name} {relative}", lambda: function(descriptor))

        return call

    def _closing(self, function: Callable[[int], None]) -> Callable[[int], None]:
        def call(descriptor: int) -> None:
            self._paths.pop(descriptor, None)
            function(descriptor)

        return call

    def _committing(self, function: Callable[..., None]) -> Callable[..., None]:
        def call(dialect: Any, connection: Any) -> None:  # noqa: ANN401 - as the dialect has it
            self._around("commit", lambda: function(dialect, connection))

        return call


def prepare(root: Path) -> None:
    """An empty workspace with the profiles of these tests."""
    (root / "profiles").mkdir(parents=True)
    for mode, text in {MODE: PROFILE, **crash_people.PROFILES}.items():
        (root / "profiles" / f"{mode}.yaml").write_text(text, encoding="utf-8")


def one_run(host: Host, _job: dict[str, Any]) -> list[str]:
    """The whole way of one request, every part of it named in advance; what is there already is left alone."""
    catalogue_of(host, ["t-one"])
    return [_ask(host, "t-one", "r-one")]


def many_runs(host: Host, job: dict[str, Any]) -> list[str]:
    """Runs and comments in three threads; those of earlier lives are asked for again with their keys."""
    threads = ["t-one", "t-two", "t-three"]
    catalogue_of(host, threads)
    asked = []
    for cycle in range(max(0, job["cycle"] - 2), job["cycle"] + 1):
        for thread_id in threads[: 1 + cycle % 3]:
            asked.append(_ask(host, thread_id, f"r-{cycle}-{thread_id}"))
            acknowledge(host, AddComment(thread_id=thread_id, comment_id=f"c-{cycle}-{thread_id}", text="Go."))
    return asked


def nothing(_host: Host, _job: dict[str, Any]) -> list[str]:
    """A start and an end."""
    return []


def catalogue(host: Host, _job: dict[str, Any]) -> list[str]:
    """A thread and what it stands in."""
    catalogue_of(host, ["t-one"])
    return []


def on_a_full_disk(host: Host, job: dict[str, Any]) -> list[str]:
    """A run that meets the end of the disk: no file may grow, until the third commit in a row has failed."""
    catalogue_of(host, ["t-one"])
    import resource  # noqa: PLC0415 - not there on Windows, where none of this runs

    commit: Callable[..., None] = DefaultDialect.do_commit
    failed: list[int] = []

    def counted(dialect: Any, connection: Any) -> None:  # noqa: ANN401 - as the dialect has it
        try:
            commit(dialect, connection)
        except Exception:
            failed.append(1)
            if len(failed) == _FULL_FOR:
                resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            raise

    DefaultDialect.do_commit = counted  # type: ignore[method-assign]  # this process only
    asked = [_ask(host, "t-one", "r-one")]
    log = host.database.path.with_name(f"{host.database.path.name}-wal")
    room = log.stat().st_size + int(job["room"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    return asked


def _ask(host: Host, thread_id: str, run_id: str) -> str:
    made = host.requests.new(thread_id=thread_id, request_text="Launch the cold brew", mode=MODE, by=OWNER)
    return request_run(host, made, run_id)


WORK: Final = {
    "full": on_a_full_disk,
    "nothing": nothing,
    "catalogue": catalogue,
    "one": one_run,
    "many": many_runs,
    **crash_people.WORK,
}


def _commits_without_sync(host: Host) -> None:
    raw = host.database.writer.raw_connection()
    raw.cursor().execute("PRAGMA synchronous=OFF")
    raw.close()


def _tell_early(host: Host) -> None:
    handle_in = host.commands.handle_in

    def telling(*arguments: Any) -> Any:  # noqa: ANN401 - as the method has it
        outcome = handle_in(*arguments)
        for event in outcome.events:
            tell(host, {"kind": "event", "id": event.event_id})
        return outcome

    host.commands.handle_in = telling  # type: ignore[method-assign,assignment]  # a mutant


def _adopt_without_breaches() -> None:
    publish: Callable[..., Any] = RunDrive._publish

    def careless(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the method has it
        return publish(*arguments, **(options | ({"breaches": ()} if options.get("adopted") else {})))

    RunDrive._publish = careless  # type: ignore[method-assign]  # a mutant


def _leave_out(module: ModuleType, *names: str) -> Callable[[Host], None]:
    def mutate(_host: Host) -> None:
        for name in names:
            setattr(module, name, lambda *_arguments: None)

    return mutate


MUTANTS: Final[dict[str, Callable[[Host], None]]] = {
    "no sync of commits": _commits_without_sync,
    "no copies": _leave_out(pending_files, "keep"),
    "no sync of files": _leave_out(artifacts, "sync_descriptor"),
    "no sync of folders": _leave_out(artifacts, "sync_folders"),
    "told too early": _tell_early,
}
"""Ways to get it wrong, each of which the tests of power cuts must find out."""
EARLY_MUTANTS: Final[dict[str, Callable[[], None]]] = {"adopts without breaches": _adopt_without_breaches}
"""Those that have to be there before a start takes up what is open; the tests of crashes must find them out."""


def live(job: dict[str, Any]) -> dict[str, Any]:
    """One life: open, work, settle, look, close."""
    root = Path(job["root"])
    witness = witness_of(root)
    points = CrashPoints(root, job.get("kill"))
    points.install()
    embedded._BACKOFF = replace(embedded._BACKOFF, initial_seconds=0.02)
    settings = Settings(vm_workspace_root=root, vm_log_level="CRITICAL")
    mutant = job.get("mutant", "")
    if mutant in EARLY_MUTANTS:
        EARLY_MUTANTS[mutant]()
    host = open_host(settings, llm=_writer(job["work"], witness))
    if mutant in MUTANTS:
        MUTANTS[mutant](host)
    asked = WORK[job["work"]](host, job)
    host.orchestrator.catch_up()
    host.orchestrator.settle()
    with host.database.read() as connection:
        for run_id in asked:
            tell(host, {"kind": "settled", "id": run_id, "status": get_run(connection, run_id)["status"]})
    found = violations(host, witness) if job.get("check") else []
    host.close()
    return {"points": points.names if job.get("list") else len(points.names), "violations": found}


def _writer(work: str, witness: Witness) -> Writer:
    return crash_people.PaidWitness(witness) if work in crash_people.WORK else WitnessedWriter(witness)


def main() -> None:
    """Fork a child for every job and tell how it ended."""
    faulthandler.enable()
    for line in sys.stdin:
        print(json.dumps(_fork(json.loads(line))), flush=True)  # noqa: T201 - replies go to standard output


def _fork(job: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            os.write(writing, json.dumps(live(job)).encode())
            os._exit(0)
        except BaseException:  # noqa: BLE001 - the child's last words; nothing may run on in it
            sys.excepthook(*sys.exc_info())
            os._exit(1)
    os.close(writing)
    said, patience = b"", job.get("kill_after", _HUNG_SECONDS)
    hung = False
    while select.select([reading], [], [], patience)[0]:
        if not (part := os.read(reading, 1 << 16)):
            break
        said += part
    else:
        hung = "kill_after" not in job
        os.kill(child, signal.SIGABRT if hung else signal.SIGKILL)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return {"code": code, "hung": hung, **(json.loads(said) if code == 0 else {})}


if __name__ == "__main__":
    main()
