"""A disk that fails or is full while a run writes: the run says so or goes on, and nothing is torn or lost."""

import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from vm_webapp import artifacts, pending_files, repo
from vm_webapp.commands import OWNER
from vm_webapp.domain.brands import CreateBrand
from vm_webapp.domain.projects import CreateProject
from vm_webapp.domain.thread_messages import CreateThread
from vm_webapp.host import Host, open_host
from vm_webapp.settings import Settings
from vm_webapp.writers import Cancellation, StageWork

import crash_child
from fixed_writer import FixedWriter
from invariants import violations

ENDLESS: Final = 1_000_000
CODES: Final = {errno.ENOSPC: "disk_full", errno.EIO: "disk_error"}
SENTENCES: Final = {errno.ENOSPC: "The disk is full", errno.EIO: "The disk did not take the stage's files"}


class Disk:
    """Makes file operations on paths that hold a part fail, a number of times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.failed = 0
        self._operation, self._part, self._times, self._errno, self._skip = "", "", 0, 0, 0
        self._paths: dict[int, str] = {}
        self._lock = threading.Lock()
        opening = os.open
        for name in ("write", "fsync"):
            monkeypatch.setattr(os, name, self._on_descriptor(name, getattr(os, name)))
        for name in ("replace", "mkdir"):
            monkeypatch.setattr(os, name, self._on_path(name, getattr(os, name)))

        def noted(path: Any, *arguments: Any, **options: Any) -> int:  # noqa: ANN401 - as os.open has it
            self._strike("open", str(path))
            descriptor = opening(path, *arguments, **options)
            self._paths[descriptor] = str(path)
            return descriptor

        monkeypatch.setattr(os, "open", noted)

    def fail(self, operation: str, part: str, *, error: int, times: int = ENDLESS, skip: int = 0) -> None:
        """From now on the operation fails on paths that hold the part, after `skip` that go well."""
        self._operation, self._part, self._times, self._errno = operation, part, times, error
        self._skip = skip

    def heal(self) -> None:
        """Nothing fails any more."""
        self._times = 0

    def _strike(self, operation: str, path: str) -> None:
        with self._lock:
            if not self._times or operation != self._operation or self._part not in path:
                return
            if self._skip:
                self._skip -= 1
                return
            self._times -= 1
            self.failed += 1
        raise OSError(self._errno, os.strerror(self._errno), path)

    def _on_descriptor(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(descriptor: int, *arguments: Any) -> Any:  # noqa: ANN401 - as the function has it
            self._strike(name, self._paths.get(descriptor, ""))
            return function(descriptor, *arguments)

        return call

    def _on_path(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the function has it
            self._strike(name, str(arguments[0]) if name == "replace" else str(path))
            return function(path, *arguments, **options)

        return call


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """A disk that works until it is told to fail."""
    return Disk(monkeypatch)


@pytest.fixture
def host(settings: Settings, writer: FixedWriter) -> Iterator[Host]:
    """A host with the profile of the crash tests, whose retries follow at once."""
    crash_child.prepare(settings.vm_workspace_root)
    opened = open_host(settings, llm=writer)
    opened.commands.handle(CreateBrand(brand_id="b-1", name="Aurora"), by=OWNER)
    opened.commands.handle(CreateProject(project_id="p-1", brand_id="b-1", name="Spring"), by=OWNER)
    for thread_id in ("t-1", "t-2"):
        opened.commands.handle(
            CreateThread(thread_id=thread_id, brand_id="b-1", project_id="p-1", title="Launch"), by=OWNER
        )
    yield opened
    opened.close()


def request(host: Host, thread_id: str = "t-1") -> str:
    """Ask for a run and return its id at once."""
    command = host.requests.new(
        thread_id=thread_id, request_text="Launch the cold brew", mode=crash_child.MODE, by=OWNER
    )
    host.commands.handle(command, by=OWNER)
    return command.run_id


def settle(host: Host) -> None:
    """Wait until nothing is left to do."""
    host.orchestrator.catch_up()
    assert host.orchestrator.settle(60)


def run_of(host: Host, run_id: str) -> Any:  # noqa: ANN401 - a row
    """The run as it is now."""
    with host.database.read() as connection:
        return repo.get_run(connection, run_id)


@pytest.mark.parametrize("error", CODES)
@pytest.mark.parametrize("part", ["left/input.json", "left/artifacts/left.md", "left/manifest.json"])
@pytest.mark.parametrize("operation", ["open", "write", "replace"])
def test_a_disk_that_fails_once_costs_an_attempt(host: Host, disk: Disk, operation: str, part: str, error: int) -> None:
    """The attempt is kept with the disk's code, the next one completes the stage and the run."""
    disk.fail(operation, f"02-{part}", error=error, times=1)
    run_id = request(host)
    settle(host)
    run = run_of(host, run_id)
    assert disk.failed == 1
    assert run["status"] == "completed"
    assert [attempt["error_code"] for attempt in run["stages"]["left"]["attempts"]] == [CODES[error], None]
    assert violations(host) == []


@pytest.mark.parametrize("error", CODES)
@pytest.mark.parametrize(
    ("operation", "part"),
    [("write", "02-left/"), ("open", "02-left/"), ("replace", "02-left/manifest.json"), ("mkdir", "02-left")],
)
def test_a_disk_that_goes_on_failing_fails_the_run_and_says_so(
    host: Host, disk: Disk, operation: str, part: str, error: int
) -> None:
    """What was finished stays, runs of other threads complete, and once the disk is well a retry does too."""
    other_id = request(host, "t-2")
    settle(host)
    run_id = request(host)
    disk.fail(operation, f"{run_id}/stages/{part}", error=error)
    later_id = request(host, "t-2")
    settle(host)
    run = run_of(host, run_id)
    disk.heal()
    assert (run["status"], run["error"]["code"], run["error"]["retryable"]) == ("failed", CODES[error], True)
    assert run["error"]["message"].startswith(SENTENCES[error])
    assert [run_of(host, done)["status"] for done in (other_id, later_id)] == ["completed", "completed"]
    retry = host.requests.retry(run_id, by=OWNER)
    host.commands.handle(retry, by=OWNER)
    settle(host)
    assert run_of(host, retry.run_id)["status"] == "completed"
    assert run_of(host, retry.run_id)["stages"]["first"]["carried_from"]["run_id"] == run_id
    assert violations(host) == []


def test_a_file_that_cannot_be_read_for_now_costs_an_attempt(
    host: Host, writer: FixedWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failing read of what an earlier stage published is trouble of the disk, not damage to the file."""
    reading = Path.read_bytes
    failures = iter([OSError(errno.EIO, os.strerror(errno.EIO))])

    def failing(path: Path) -> bytes:
        if path.name == "manifest.json" and "01-first" in str(path):
            for failure in failures:
                raise failure
        return reading(path)

    def forget(_work: StageWork, _cancellation: Cancellation) -> None:
        host.runtime._drives[run_id]._outputs.clear()
        monkeypatch.setattr(Path, "read_bytes", failing)

    host.recall.close()  # it would read the same file
    writer.on("left", forget)
    run_id = request(host)
    settle(host)
    run = run_of(host, run_id)
    codes = [attempt["error_code"] for stage in run["stages"].values() for attempt in stage["attempts"]]
    assert run["status"] == "completed"
    assert [code for code in codes if code] == ["disk_error"]
    assert violations(host) == []


@pytest.mark.parametrize("operation", ["open", "fsync"])
def test_files_that_cannot_be_made_durable_keep_their_copies(host: Host, disk: Disk, operation: str) -> None:
    """A failing sync gives no copy up; when the disk is well the files are confirmed."""
    run_id = request(host)
    settle(host)
    disk.fail(operation, f"{run_id}/stages", error=errno.EIO)
    before = pending_files.count_pending(host.database)
    if before:
        with pytest.raises(OSError, match="Input/output error"):
            pending_files.confirm(host.database, host.workspace)
    assert pending_files.count_pending(host.database) == before
    disk.heal()
    assert violations(host) == []


def test_a_lost_file_is_written_again_from_its_copy(host: Host) -> None:
    """Published files that a power cut took, tore or emptied are restored before their copies are given up."""
    run_id = request(host)
    settle(host)
    if not pending_files.count_pending(host.database):
        pytest.skip("the files were confirmed before they could be lost")
    stages = host.workspace.run_dir(run_id) / "stages"
    (stages / "01-first" / "manifest.json").unlink()
    (stages / "02-left" / "artifacts" / "left.md").write_bytes(b"")
    (stages / "03-right" / "output.json").write_bytes(b"\x00" * 40)
    assert violations(host) == []


@pytest.mark.parametrize("at", range(7))
def test_a_commit_that_fails_loses_nothing_and_the_run_goes_on(
    host: Host, writer: FixedWriter, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Whichever commit of a run fails, the run completes, and no stage that was written is written again."""
    monkeypatch.setattr("vm_webapp.dispatch.embedded.backoff_seconds", lambda *_: 0.0)
    with monkeypatch.context() as patch:
        failed = fail_commits(host, patch, skip=at + 1, times=1)
        run_id = request(host)
        settle(host)
    assert run_of(host, run_id)["status"] == "completed"
    assert len(failed) <= 1
    assert len({call[1] for call in writer.calls}) == len(writer.calls) == 5
    assert violations(host) == []


def test_two_stages_beside_each_other_survive_the_failed_commit_of_one(
    host: Host, writer: FixedWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files of the stage whose commit failed are adopted, though the other's was recorded in between."""
    monkeypatch.setattr("vm_webapp.dispatch.embedded.backoff_seconds", lambda *_: 0.0)
    failed: list[int] = []

    def wait_for_the_failure(_work: StageWork, cancellation: Cancellation) -> None:
        while not failed:
            cancellation.check()
            threading.Event().wait(0.005)

    def fail_the_next(_work: StageWork, _cancellation: Cancellation) -> None:
        fail_commits(host, monkeypatch, skip=0, times=1, note=failed)

    writer.on("right", wait_for_the_failure)
    writer.on("left", fail_the_next)
    run_id = request(host)
    settle(host)
    run = run_of(host, run_id)
    assert run["status"] == "completed"
    assert sorted(call[1] for call in writer.calls) == ["first", "last", "left", "right", "third"]
    assert violations(host) == []


def test_a_run_in_the_callers_thread_is_taken_over_when_its_commit_fails(
    host: Host, writer: FixedWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller gets the error; the run is not stranded but completed by the dispatcher."""

    def fail_the_next(_work: StageWork, _cancellation: Cancellation) -> None:
        fail_commits(host, monkeypatch, skip=0, times=1)

    writer.on("left", fail_the_next)
    values = {"thread_id": "t-1", "brand_id": "b-1", "project_id": "p-1", "request_text": "Go"}
    with pytest.raises(Exception, match="disk is full"):
        host.runtime.execute_thread_run(**values, mode=crash_child.MODE, actor_id="me")
    settle(host)
    with host.database.read() as connection:
        (run,) = repo.list_runs_by_thread(connection, "t-1")
    assert run.status == "completed"
    assert violations(host) == []


def test_a_disk_that_is_full_at_the_end_keeps_nothing_from_closing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host closes and lets its locks go, whatever it could not write; the next one starts."""
    host = open_host(settings, llm=FixedWriter())
    host.commands.handle(CreateBrand(brand_id="b-1", name="Aurora"), by=OWNER)
    with monkeypatch.context() as patch:
        fail_commits(host, patch, skip=0, times=ENDLESS)
        host.close()
    again = open_host(settings, llm=FixedWriter())
    assert violations(again) == []
    again.close()


def test_a_full_disk_at_the_start_keeps_nothing_from_starting(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither owner.json nor files that cannot be confirmed are reasons not to serve what is there."""
    host = open_host(settings, llm=FixedWriter())
    host.commands.handle(CreateBrand(brand_id="b-1", name="Aurora"), by=OWNER)
    host.close()

    def full(*_arguments: object, **_options: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        again = open_host(settings, llm=FixedWriter())
    with again.database.read() as connection:
        assert repo.get_brand(connection, "b-1")["name"] == "Aurora"
    again.close()


@pytest.mark.parametrize("operation", ["open", "write", "replace", "fsync", "mkdir"])
@pytest.mark.parametrize("sync", [True, False])
def test_a_stage_writer_that_fails_anywhere_leaves_no_manifest_or_one_that_holds(
    tmp_path: Path,
    disk: Disk,
    operation: str,
    sync: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Whichever operation fails, first or last: no temporary file, and a manifest only with all that it lists."""
    for skipped in range(40):
        stage_dir = tmp_path / f"run-{skipped}" / "stages" / "01-brief"
        disk.fail(operation, "", error=errno.EIO, times=1, skip=skipped)
        with suppress(OSError):
            write_stage(stage_dir, sync=sync)
        disk.heal()
        assert list(tmp_path.rglob("*.tmp")) == []
        if (stage_dir / artifacts.MANIFEST).exists():
            assert artifacts.verify_stage(stage_dir) == []


def write_stage(stage_dir: Path, *, sync: bool) -> None:
    """A stage of three artifacts."""
    artifacts.write_stage_outputs(
        stage_dir=stage_dir,
        run_id="r-1",
        thread_id="t-1",
        stage_key="brief",
        stage_position=1,
        attempt=1,
        input_payload={"a": 1},
        output_payload={"b": 2},
        artifacts={"a.md": "# A\n", "b.md": "# B\n", "c.csv": "1,2\n"},
        event_id="evt-1",
        status="completed",
        sync=sync,
    )


def fail_commits(
    host: Host, monkeypatch: pytest.MonkeyPatch, *, skip: int, times: int, note: list[int] | None = None
) -> list[int]:
    """Make commits fail as on a full disk, `times` of them after the next `skip`; returns the list of those failed."""
    dialect = host.database.writer.dialect
    commit = dialect.do_commit
    failed: list[int] = [] if note is None else note
    count = iter(range(ENDLESS))

    def failing(connection: Any) -> None:  # noqa: ANN401 - the driver's connection
        at = next(count)
        if skip <= at < skip + times:
            connection.rollback()
            failed.append(at)
            driver: Any = dialect.dbapi
            raise driver.OperationalError("database or disk is full")
        commit(connection)

    monkeypatch.setattr(dialect, "do_commit", failing)
    return failed
