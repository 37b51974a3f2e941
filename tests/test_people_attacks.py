"""What somebody who reads the engine to break it would try on gates, forks and money."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from paid_writer import PaidWriter
from test_engine import make_thread, request, run_of, settle
from test_people_forks import perform
from test_people_gates import ANA, BEN, gated, inbox, stage_of, yes
from test_properties_runs import World
from vm_webapp import repo
from vm_webapp.commands import OWNER, Actor, new_id
from vm_webapp.db import build_engine, database_of
from vm_webapp.domain.brands import SetBrandBudget
from vm_webapp.domain.gates import expired_approvals
from vm_webapp.domain.plans import GatePolicy, RetryPolicy, RunPlan, StagePlan
from vm_webapp.domain.policy import WaitUntil
from vm_webapp.domain.run_commands import RejectApproval, RequestCancel
from vm_webapp.domain.thread_messages import CreateThread
from vm_webapp.errors import Conflict, StageError, VmError
from vm_webapp.host import Host, open_host
from vm_webapp.receipts import Answer, ReceiptKey
from vm_webapp.run_requests import Choices
from vm_webapp.settings import Settings
from vm_webapp.writers import Cancellation, StageWork

from api_client import Gate
from fixed_writer import FixedWriter
from invariants import violations

_TOGETHER = 8
ROW = """\
title: Three stages
version: 1
stages:
  - {key: one, title: One, kind: brief}
  - {key: two, title: Two, kind: audience, needs: [one]}
  - {key: three, title: Three, kind: risks, needs: [two]}
"""


def fails(code: str, message: str) -> Callable[[StageWork, Cancellation], None]:
    """A behaviour: the attempt fails for good."""

    def behave(_work: StageWork, _attempt: Cancellation) -> None:
        raise StageError(code, message, retryable=False)

    return behave


@pytest.mark.parametrize("message", ["\x1b[31mred\x07", "one\r\ntwo\ttwo\x00", "x" * 5_000, " ", "\ud800"])
def test_any_failure_opens_its_task(host: Host, writer: FixedWriter, message: str) -> None:
    """What a model or a server says of its failure is no reason to leave people without a task."""
    writer.on("brief", fails("odd", message))
    thread_id = make_thread(host)[2]
    request(host, thread_id)
    settle(host)
    with host.database.read() as connection:
        (task,) = repo.list_tasks(connection, thread_id, status="open")
    assert task["title"].startswith("A run failed:")
    assert violations(host) == []


def test_a_retried_revision_still_has_its_reason(settings: Settings) -> None:
    """The revision fails for another cause: its retry hands the writer the reason, and what was rejected."""
    writer = PaidWriter()
    host = open_host(settings, llm=writer)
    run_id, _ = gated(host)
    digest = stage_of(host, run_id)["manifest_sha256"]
    no = RejectApproval(run_id=run_id, stage_key="brief", manifest_sha256=digest, role="approver", reason="Too long.")
    host.commands.handle(no, by=ANA)
    settle(host)
    writer.on("brief", fails("llm_key_refused", "The key was refused."))
    revision = perform(host, host.requests.revise(run_id, stage_key=None, feedback=None, by=ANA), ANA)
    assert revision["status"] == "failed"
    retry = perform(host, host.requests.retry(revision["run_id"], by=ANA), ANA)
    assert retry["feedback"] == {"brief": "Too long."}
    assert (writer.works[-1].feedback, writer.works[-1].previous) == (("Too long.",), {"title": "Brief", "reads": []})
    host.close()


def test_a_retried_edit_is_still_the_persons_text(host: Host, writer: FixedWriter) -> None:
    """Canceled before anybody approved it, retried by another person: it is published under its author's name."""
    run_id, _ = gated(host)
    edit = perform(host, host.requests.edit(run_id, "brief", edit={"text": "# Ours"}, by=ANA), ANA)
    host.commands.handle(RequestCancel(run_id=edit["run_id"]), by=ANA)
    settle(host)
    writer.calls.clear()
    retry = perform(host, host.requests.retry(edit["run_id"], by=BEN), BEN)
    assert (retry["status"], retry["edited"]) == ("waiting_approval", ["brief"])
    assert (retry["stages"]["brief"]["writer"], writer.calls) == ("ana", [])
    assert violations(host) == []


def test_a_cancel_that_comes_after_the_last_stage_leaves_nothing_to_retry(host: Host, writer: FixedWriter) -> None:
    """Every stage is finished, the run is canceled all the same: a retry says so instead of failing itself."""
    thread_id = make_thread(host)[2]

    def cancel(work: StageWork, _attempt: Cancellation) -> None:
        host.commands.handle(RequestCancel(run_id=work.run_id), by=OWNER)

    folder = host.workspace.profiles
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "row.yaml").write_text(ROW)
    writer.on("three", cancel)
    run_id = request(host, thread_id, "row")
    settle(host)
    assert run_of(host, run_id)["status"] == "canceled"
    assert {stage["status"] for stage in run_of(host, run_id)["stages"].values()} == {"completed"}
    with pytest.raises(Conflict, match="finished"):
        host.requests.retry(run_id, by=OWNER)


def test_an_inbox_that_lost_a_gate_is_rebuilt_at_start(settings: Settings, writer: FixedWriter) -> None:
    """The view is derived: emptied, garbled or stale it is made again, and the gate is in the inbox."""
    host = open_host(settings, llm=writer)
    gated(host)
    before = inbox(host)
    host.close()
    database = database_of(build_engine(settings.database_path))
    database.write(lambda connection: connection.exec_driver_sql("DELETE FROM inbox_view"))
    database.close()
    host = open_host(settings, llm=writer)
    assert inbox(host) == before != []
    host.close()


def test_a_request_of_unknown_price_that_was_cut_off_says_unknown(settings: Settings) -> None:
    """Reserved without a price and never settled, it counts as unpriced, not as free."""
    writer = PaidWriter(estimate=None, cost=None)
    host = open_host(settings, llm=writer)
    writer.on("brief", fails("llm_unavailable", "Cut off."))
    run_id = request(host, make_thread(host)[2])
    settle(host)
    usage = run_of(host, run_id)["usage"]
    assert (usage["calls"], usage["unpriced"]) == (1, 1)
    assert violations(host) == []
    host.close()


def test_an_approval_expires_while_another_stage_waits_for_its_next_attempt() -> None:
    """The policy wakes at whichever comes first, the approval's end or the next attempt."""
    gate = GatePolicy(expires_after_seconds=60.0)
    later = RetryPolicy(attempts=3, initial_seconds=600, max_seconds=600)
    plan = RunPlan(
        profile="p",
        version=1,
        title="Plan",
        digest="0" * 64,
        stages=(
            StagePlan(key="gated", title="Gated", kind="brief", approval="required", gate=gate),
            StagePlan(key="frail", title="Frail", kind="brief", retry=later),
        ),
    )
    world = World(plan)
    world.go_on()
    world.finish("gated", well=True)
    world.finish("frail", well=False)
    assert world.step == WaitUntil(world.now + timedelta(seconds=60))
    world.now += timedelta(seconds=60)
    assert [event.stage_key for event in expired_approvals(world.run, world.now)] == ["gated"]
    world.go_on()
    assert world.run.stages["gated"].error_code == "approval_expired"
    assert world.run.settled


@pytest.fixture
def waiting(settings: Settings, writer: FixedWriter) -> Iterator[tuple[Host, str, str]]:
    """A run that waits for one of two people, at a time that tests move; its thread."""
    with time_machine.travel(datetime(2026, 11, 22, 9, tzinfo=UTC), tick=True):
        host = open_host(settings, llm=writer)
        run_id, thread_id = gated(host, "gate: {quorum: 2, expires_after_hours: 1}")
        yield host, run_id, thread_id
        host.close()


def together(*actions: Callable[[], object]) -> list[object]:
    """Each in a thread of its own, at the same moment; what they returned, or the error that refused them."""
    start = threading.Barrier(len(actions))

    def act(action: Callable[[], object]) -> object:
        start.wait(30)
        try:
            return action()
        except VmError as error:
            return error

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(act, actions))


def test_many_yeses_at_once_count_each_person_once(waiting: tuple[Host, str, str]) -> None:
    """Two people click four times each, at the same moment: two grants, and the run goes on once."""
    host, run_id, _ = waiting
    clicks = [(person, yes(host, run_id, person)) for person in (ANA, BEN) for _ in range(_TOGETHER // 2)]
    together(*[lambda person=person, click=click: host.commands.handle(click, by=person) for person, click in clicks])
    settle(host)
    assert run_of(host, run_id)["status"] == "completed"
    assert sorted(grant["by"] for grant in stage_of(host, run_id)["gate"]["granted"]) == ["ana", "ben"]
    assert violations(host) == []


def test_a_yes_races_with_a_no_and_with_a_cancel(waiting: tuple[Host, str, str]) -> None:
    """Whatever comes first holds: the run is completed, rejected or canceled, never two of them."""
    host, run_id, _ = waiting
    digest = stage_of(host, run_id)["manifest_sha256"]
    no = RejectApproval(run_id=run_id, stage_key="brief", manifest_sha256=digest, role="approver", reason="No.")
    ends: list[Callable[[], object]] = [
        lambda: host.commands.handle(yes(host, run_id, ANA), by=ANA),
        lambda: host.commands.handle(yes(host, run_id, BEN), by=BEN),
        lambda: host.commands.handle(no, by=ANA),
        lambda: host.commands.handle(RequestCancel(run_id=run_id), by=OWNER),
    ]
    together(*ends)
    settle(host)
    assert run_of(host, run_id)["status"] in {"completed", "failed", "canceled"}
    assert inbox(host) == []
    assert violations(host) == []


def test_a_yes_races_with_the_end_of_its_time(settings: Settings, writer: FixedWriter) -> None:
    """At the moment of expiry either the yeses count or the end does; what is too late is refused."""
    with time_machine.travel(datetime(2026, 11, 22, 9, tzinfo=UTC), tick=True) as clock:
        host = open_host(settings, llm=writer)
        run_id, _ = gated(host, "gate: {quorum: 2, expires_after_hours: 1}")
        clicks = [(person, yes(host, run_id, person)) for person in (ANA, BEN)]
        clock.shift(timedelta(hours=2))
        grants = [lambda person=person, click=click: host.commands.handle(click, by=person) for person, click in clicks]
        together(*grants, lambda: host.dispatcher.submit(run_id), lambda: host.dispatcher.submit(run_id))
        settle(host)
        run = run_of(host, run_id)
        assert (run["status"], run["error"] and run["error"]["code"]) in {
            ("completed", None),
            ("failed", "approval_expired"),
        }
        assert violations(host) == []
        host.close()


def test_many_runs_share_one_budget_without_overrunning_it(settings: Settings) -> None:
    """Six runs in six threads at once, money for seven stages: no more is ever reserved or spent than there is."""
    writer = PaidWriter(estimate="0.20", cost="0.15")
    host = open_host(settings, llm=writer)
    host.workspace.profiles.mkdir(parents=True)
    (host.workspace.profiles / "row.yaml").write_text(ROW)
    brand_id, project_id, first = make_thread(host)
    host.commands.handle(SetBrandBudget(brand_id=brand_id, limit_usd="1.10"), by=OWNER)
    threads = [first, *_threads(host, brand_id, project_id, 5)]
    together(*[lambda thread_id=thread_id: request(host, thread_id, "row") for thread_id in threads])
    settle(host)
    with host.database.read() as connection:
        spent = Decimal(repo.spent_nano(connection, f"brand:{brand_id}")) / 10**9
        runs = repo.list_runs(connection)
    assert Decimal("0.90") < spent <= Decimal("1.10")
    assert [run.status for run in runs].count("failed") >= 4
    assert violations(host) == []
    host.close()


def test_a_retry_with_one_key_is_one_run_however_often_it_is_sent(host: Host, writer: FixedWriter) -> None:
    """Eight at once with the same key make one run; another key makes another one."""
    writer.on("brief", fails("llm_key_refused", "The key was refused."))
    run_id = request(host, make_thread(host)[2])
    settle(host)

    def retry(key: str) -> object:
        command = host.requests.retry(run_id, by=OWNER)
        return host.commands.answer(
            command,
            by=OWNER,
            receipt=ReceiptKey(actor_id=OWNER.id, route="retry", key=key, fingerprint=run_id),
            render=lambda _connection: Answer(200, command.run_id.encode()),
        ).answer

    answers = together(*[lambda: retry("k-1")] * _TOGETHER)
    assert len({answer.body for answer in answers if isinstance(answer, Answer)}) == 1
    retry("k-2")
    settle(host)
    with host.database.read() as connection:
        assert len(repo.list_descendants(connection, run_id)) == 2
    assert violations(host) == []


def test_interruptions_race_with_each_other(host: Host, writer: FixedWriter) -> None:
    """Several requests that will not wait: the run at work is canceled once, and every one of them settles."""
    gate = Gate()
    writer.on("audience", gate)
    thread_id = make_thread(host)[2]
    first = request(host, thread_id)
    assert gate.reached.wait(30)
    urgent = [
        host.requests.new(
            thread_id=thread_id, request_text="Go", mode="plan_90d", by=OWNER, choices=Choices(on_busy="interrupt")
        )
        for _ in range(4)
    ]
    together(*[lambda made=made: host.commands.handle(made, by=OWNER) for made in urgent])
    settle(host)
    assert run_of(host, first)["status"] == "canceled"
    assert {run_of(host, made.run_id)["status"] for made in urgent} <= {"completed", "canceled"}
    assert violations(host) == []


def _threads(host: Host, brand_id: str, project_id: str, count: int) -> list[str]:
    made = [new_id("t") for _ in range(count)]
    for thread_id in made:
        command = CreateThread(thread_id=thread_id, brand_id=brand_id, project_id=project_id, title="Another")
        host.commands.handle(command, by=Actor("human", "ana"))
    return made
