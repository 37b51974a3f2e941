"""Every kind of run: what is exported holds and can be imported, and what cannot hold is not exported."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from bundle_kit import Made, a_run, a_thread, approve_stage, exported, fresh_made, open_in, settle
from vm_webapp import repo
from vm_webapp.backups import recover
from vm_webapp.bundles import DoesNotHold, IsRecovered, Place, import_bundle, verify_bundle
from vm_webapp.commands import OWNER
from vm_webapp.domain.run_commands import RejectApproval, RequestCancel
from vm_webapp.errors import StageError
from vm_webapp.host import Host
from vm_webapp.run_requests import Change
from vm_webapp.workspace import Workspace
from vm_webapp.writers import Attempt, CallEstimate, CallUsage, StageWork

from fixed_writer import FixedWriter

made = fresh_made
Kind = Callable[[Host, FixedWriter], str]


def refuse(_work: StageWork, _attempt: Attempt) -> None:
    """The writer fails for good."""
    raise StageError("refused", "No.", retryable=False)


def stumble(_work: StageWork, _attempt: Attempt) -> None:
    """The writer fails, and may be asked again."""
    raise StageError("busy", "Later.", retryable=True)


def pay(_work: StageWork, attempt: Attempt) -> None:
    """The writer asks a model twice, once for an unknown price."""
    for cost in (Decimal("0.01"), None):
        attempt.reserve(CallEstimate(model="m", input_tokens=10, output_tokens=10, cost_usd=cost))
        attempt.spent(CallUsage(model="m", input_tokens=9, output_tokens=8, cost_usd=cost))


def waiting(host: Host, thread_id: str) -> str:
    """A run that waits for an approval."""
    return a_run(host, thread_id, approve=False)


def completed(host: Host, _writer: FixedWriter) -> str:
    """Asked for, approved, published."""
    return a_run(host, a_thread(host))


def failed(host: Host, writer: FixedWriter) -> str:
    """With nothing published."""
    writer.on("brief", refuse)
    return a_run(host, a_thread(host), approve=False)


def failed_half_way(host: Host, writer: FixedWriter) -> str:
    """With its first stage published."""
    writer.on("plan", refuse)
    return a_run(host, a_thread(host))


def rejected(host: Host, _writer: FixedWriter) -> str:
    """By a person, for a reason."""
    run_id = waiting(host, a_thread(host))
    run = host.database.write(lambda connection: host.commands.load(connection, f"run:{run_id}")[1])
    sha256 = run.stages["brief"].manifest_sha256
    command = RejectApproval(run_id=run_id, stage_key="brief", manifest_sha256=sha256, role="admin", reason="Too long")
    host.commands.handle(command, by=OWNER)
    settle(host)
    return run_id


def canceled(host: Host, _writer: FixedWriter) -> str:
    """While it waited."""
    run_id = waiting(host, a_thread(host))
    host.commands.handle(RequestCancel(run_id=run_id), by=OWNER)
    settle(host)
    return run_id


def forked(host: Host, _writer: FixedWriter) -> str:
    """With a stage carried over."""
    command = host.requests.fork(a_run(host, a_thread(host)), stage_key="plan", change=Change(), by=OWNER)
    host.commands.handle(command, by=OWNER)
    settle(host)
    return command.run_id


def edited(host: Host, _writer: FixedWriter) -> str:
    """With a person's text in a model's place."""
    before = a_run(host, a_thread(host))
    command = host.requests.edit(before, "brief", edit={"text": "Mine."}, by=OWNER)
    host.commands.handle(command, by=OWNER)
    host.orchestrator.catch_up()
    host.orchestrator.settle(30)
    approve_stage(host, command.run_id, "brief")
    settle(host)
    return command.run_id


def after_a_retry(host: Host, writer: FixedWriter) -> str:
    """With an attempt that failed."""
    writer.on("plan", stumble)
    return a_run(host, a_thread(host))


def paid_for(host: Host, writer: FixedWriter) -> str:
    """With what its models cost."""
    writer.on("brief", pay)
    return a_run(host, a_thread(host))


KINDS: tuple[Kind, ...] = (
    completed,
    failed,
    failed_half_way,
    rejected,
    canceled,
    forked,
    edited,
    after_a_retry,
    paid_for,
)


@pytest.mark.parametrize("kind", KINDS, ids=[one.__name__ for one in KINDS])
def test_what_is_exported_holds_and_is_taken_in(tmp_path: Path, kind: Kind) -> None:
    """Under the log's key, in another workspace."""
    writer = FixedWriter()
    host, other = open_in(tmp_path / "here", writer), open_in(tmp_path / "there")
    try:
        run_id = kind(host, writer)
        content = exported(host, run_id)
        assert host.log_tree.key is not None
        keys = [host.log_tree.key.verifier]
        assert verify_bundle(content, keys).problems == []
        brought = import_bundle(other.commands, other.workspace, content, place=Place(), by=OWNER, keys=keys)
        with host.database.read() as connection:
            assert brought.run["status"] == repo.get_run(connection, run_id)["status"]
        assert exported(other, run_id) == content
    finally:
        host.close()
        other.close()


@pytest.fixture
def recovered(made: Made, tmp_path: Path) -> Iterator[tuple[Host, str]]:
    """A workspace whose database was lost, with a run of its own and an imported one; the former's id."""
    host = open_in(tmp_path)
    run_id = a_run(host, a_thread(host))
    import_bundle(host.commands, host.workspace, made.content, place=Place(), by=OWNER)
    settle(host)
    host.close()
    for one in (tmp_path / "vm").glob("workspace.sqlite3*"):
        one.unlink()
    recover(Workspace(tmp_path / "vm"), tmp_path / "vm" / "workspace.sqlite3")
    again = open_in(tmp_path)
    settle(again)
    yield again, run_id
    again.close()


def test_a_recovered_run_is_not_exported(recovered: tuple[Host, str]) -> None:
    """No log proves who asked for it: said, with what to do instead."""
    host, run_id = recovered
    with pytest.raises(IsRecovered, match="no log proves who asked") as caught:
        exported(host, run_id)
    assert "fork it" in caught.value.hint


def test_a_fork_of_a_recovered_run_is_exported(recovered: tuple[Host, str]) -> None:
    """It was asked for in this log."""
    host, run_id = recovered
    command = host.requests.fork(run_id, stage_key="plan", change=Change(), by=OWNER)
    host.commands.handle(command, by=OWNER)
    settle(host)
    approve_stage(host, command.run_id, "brief")
    settle(host)
    assert verify_bundle(exported(host, command.run_id)).problems == []


def test_an_imported_run_is_handed_on_after_a_recovery(recovered: tuple[Host, str], made: Made) -> None:
    """Its own log proves it still."""
    assert exported(recovered[0], made.run_id) == made.content


def test_what_would_not_hold_is_not_handed_out(tmp_path: Path) -> None:
    """A list that says something else than the log: found before anybody gets the file."""
    host = open_in(tmp_path)
    try:
        run_id = a_run(host, a_thread(host))
        with host.database.writer.begin() as connection:
            connection.exec_driver_sql("UPDATE runs_view SET requested_by = 'ceo' WHERE run_id = ?", (run_id,))
        with pytest.raises(DoesNotHold, match="says something else than the log, at '/requested_by'"):
            exported(host, run_id)
    finally:
        host.close()
