"""Given what happened, when something is asked of a run, then these events follow."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from vm_webapp.domain.plans import Approval, RetryPolicy, RunPlan, StagePlan, plan_from_json, plan_to_json
from vm_webapp.domain.policy import Done, WaitForPerson, WaitTurn, WaitUntil, Work
from vm_webapp.domain.retries import backoff_seconds, decide_retry
from vm_webapp.domain.run_commands import (
    AbandonRun,
    CompleteStage,
    ContinueRun,
    FailStage,
    GrantApproval,
    QueueRun,
    RejectApproval,
    RequestCancel,
    RunCommand,
)
from vm_webapp.domain.run_decisions import Decision, decide_run
from vm_webapp.domain.run_events import RunEvent
from vm_webapp.domain.runs import Run, evolve_run
from vm_webapp.domain.states import RunStatus, StageStatus
from vm_webapp.errors import Conflict, NotFound, RunSettled

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
RETRY = RetryPolicy(attempts=2, initial_seconds=10, factor=2, max_seconds=60)


def plan(*stages: StagePlan) -> RunPlan:
    """A plan of these stages."""
    return RunPlan(profile="test", version=1, title="Test", digest="0" * 64, stages=stages)


def stage(key: str, *needs: str, approval: Approval = "none") -> StagePlan:
    """A stage that needs these."""
    return StagePlan(key=key, title=key.title(), kind="document", needs=needs, approval=approval, retry=RETRY)


CHAIN = plan(stage("a"), stage("b", "a"))
DIAMOND = plan(stage("a"), stage("b", "a"), stage("c", "a"), stage("d", "b", "c"))


class Story:
    """A run told event by event."""

    def __init__(self, run_plan: RunPlan) -> None:
        self.run = Run()
        self.last: Decision = Decision((), Work())
        self.when(
            QueueRun(
                run_id="r",
                thread_id="t",
                brand_id="b",
                project_id="p",
                request_text="Go",
                mode="test",
                plan=run_plan,
                requested_by="me",
                dated_on="2026-11-22",
                facts={},
            )
        )

    def when(self, command: RunCommand) -> list[str]:
        """The names of the events that follow, with the stage they speak of."""
        self.last = decide_run(command, self.run)
        for event in self.last.events:
            self.run = evolve_run(self.run, event)
        return names(self.last.events)

    def go(self, *in_hand: str, turn: bool = True, now: datetime = NOW) -> list[str]:
        """Let the policy proceed."""
        return self.when(ContinueRun(run_id="r", now=now, turn=turn, in_hand=frozenset(in_hand)))

    def complete(self, key: str, *in_hand: str, digest: str = "d") -> list[str]:
        """Record the stage's files."""
        return self.when(
            CompleteStage(
                run_id="r",
                stage_key=key,
                attempt=self.run.stages[key].attempt,
                writer="w",
                manifest_sha256=digest,
                artifacts=(),
                started_at="",
                finished_at="",
                now=NOW,
                in_hand=frozenset(in_hand),
            )
        )

    def fail(self, key: str, *in_hand: str, retryable: bool = True, attempt: int | None = None) -> list[str]:
        """Record a failed attempt."""
        return self.when(
            FailStage(
                run_id="r",
                stage_key=key,
                attempt=attempt or self.run.stages[key].attempt,
                error_code="busy",
                error_message="Busy.",
                retryable=retryable,
                jitter=0.5,
                now=NOW,
                in_hand=frozenset(in_hand),
            )
        )


def names(events: Sequence[RunEvent]) -> list[str]:
    """Event names, with the stage in brackets."""
    keys = [getattr(event, "stage_key", None) for event in events]
    return [type(event).__name__ + (f"({key})" if key else "") for event, key in zip(events, keys, strict=True)]


def test_a_chain_goes_from_stage_to_stage() -> None:
    """Each completed stage starts the next in the same decision; the last one completes the run."""
    story = Story(CHAIN)
    assert story.go() == ["WorkflowRunStarted", "StageStarted(a)"]
    assert story.complete("a") == ["StageCompleted(a)", "StageStarted(b)"]
    assert story.complete("b") == ["StageCompleted(b)", "WorkflowRunCompleted"]
    assert story.last.step == Done()


def test_independent_stages_start_side_by_side() -> None:
    """B and c start together once a is completed; d waits for both."""
    story = Story(DIAMOND)
    story.go()
    assert story.complete("a") == ["StageCompleted(a)", "StageStarted(b)", "StageStarted(c)"]
    assert story.complete("b", "c") == ["StageCompleted(b)"]
    assert story.last.step == Work()
    assert story.complete("c") == ["StageCompleted(c)", "StageStarted(d)"]


def test_a_run_waits_for_its_turn() -> None:
    """While another run of the thread is executed nothing happens."""
    story = Story(CHAIN)
    assert story.go(turn=False) == []
    assert story.last.step == WaitTurn()


def test_a_retryable_failure_waits_for_its_time() -> None:
    """The stage is pending until its backoff is over, then starts its second attempt."""
    story = Story(CHAIN)
    story.go()
    assert story.fail("a") == ["StageFailed(a)"]
    assert story.last.step == WaitUntil(NOW + timedelta(seconds=7.5))
    assert story.go(now=NOW + timedelta(seconds=8)) == ["StageStarted(a)"]
    assert story.run.stages["a"].attempt == 2


def test_the_last_allowed_attempt_fails_the_run() -> None:
    """After two attempts of two the run fails with the stage's error; what never began is skipped."""
    story = Story(CHAIN)
    story.go()
    story.fail("a")
    story.go(now=NOW + timedelta(minutes=1))
    assert story.fail("a") == ["StageFailed(a)", "WorkflowRunFailed(a)"]
    assert story.run.status is RunStatus.FAILED
    assert story.run.stages["b"].status is StageStatus.SKIPPED


def test_a_failure_lets_stages_in_hand_finish() -> None:
    """C fails for good while b is in hand: the run fails only once b has been recorded, and b stays valid."""
    story = Story(DIAMOND)
    story.go()
    story.complete("a")
    assert story.fail("c", "b", retryable=False) == ["StageFailed(c)"]
    assert story.complete("b") == ["StageCompleted(b)", "WorkflowRunFailed(c)"]
    assert story.run.stages["b"].status is StageStatus.COMPLETED


def test_an_attempt_that_nobody_has_in_hand_was_interrupted() -> None:
    """After a crash the attempt is recorded as interrupted and begun again; it does not exhaust the retries."""
    story = Story(CHAIN)
    story.go()
    assert story.go() == ["StageFailed(a)", "StageStarted(a)"]
    assert (story.run.stages["a"].attempt, story.run.stages["a"].failures) == (2, 0)


def test_a_result_of_an_older_attempt_comes_too_late() -> None:
    """What an abandoned attempt reports changes nothing."""
    story = Story(CHAIN)
    story.go()
    story.go()
    assert story.fail("a", "a", attempt=1) == []


def test_a_queued_run_is_canceled_at_once() -> None:
    """Nothing is in work, so the cancel settles it; asking again changes nothing."""
    story = Story(CHAIN)
    assert story.when(RequestCancel(run_id="r")) == ["WorkflowRunCancelRequested", "WorkflowRunCanceled"]
    assert story.when(RequestCancel(run_id="r")) == []


def test_a_running_run_is_canceled_between_stages() -> None:
    """The stage in hand is recorded, then the run settles as canceled."""
    story = Story(CHAIN)
    story.go()
    assert story.when(RequestCancel(run_id="r")) == ["WorkflowRunCancelRequested"]
    assert story.complete("a") == ["StageCompleted(a)", "WorkflowRunCanceled"]


def test_a_settled_run_is_final() -> None:
    """A completed run refuses a cancel and has no next step."""
    story = Story(plan(stage("a")))
    story.go()
    story.complete("a")
    with pytest.raises(RunSettled):
        story.when(RequestCancel(run_id="r"))
    assert story.go() == []
    assert story.when(AbandonRun(run_id="r", error_code="x", error_message="x")) == []


def gated() -> Story:
    """A run whose first stage waits for approval."""
    story = Story(plan(stage("a", approval="required"), stage("b", "a")))
    story.go()
    story.complete("a", digest="shown")
    return story


def test_a_gate_waits_for_a_person() -> None:
    """The stage is published and waits; the run holds nothing but its place."""
    story = gated()
    assert names(story.last.events) == [
        "StageCompleted(a)",
        "ApprovalRequested(a)",
        "WorkflowRunWaitingApproval",
    ]
    assert story.last.step == WaitForPerson()


def test_an_approval_names_the_bytes() -> None:
    """Other bytes than those shown are refused; the right ones let the run go on when its turn comes."""
    story = gated()
    with pytest.raises(Conflict):
        story.when(GrantApproval(run_id="r", stage_key="a", manifest_sha256="other", approver="ana", role="approver"))
    granted = GrantApproval(run_id="r", stage_key="a", manifest_sha256="shown", approver="ana", role="approver")
    assert story.when(granted) == ["ApprovalGranted(a)"]
    assert story.go(turn=False) == []
    assert story.go() == ["WorkflowRunResumed", "StageStarted(b)"]
    with pytest.raises(Conflict):
        story.when(granted)


def test_a_rejection_fails_the_run_with_its_reason() -> None:
    """The reason becomes the run's error."""
    story = gated()
    no = RejectApproval(run_id="r", stage_key="a", manifest_sha256="shown", reason="Too loud", role="approver")
    assert story.when(no) == ["ApprovalRejected(a)", "WorkflowRunFailed(a)"]
    assert story.go() == []
    assert story.run.stages["a"].error_message == "Too loud"


def test_an_unknown_run_or_stage_is_not_found() -> None:
    """Commands for what is not there name it."""
    with pytest.raises(NotFound, match="r-none"):
        decide_run(RequestCancel(run_id="r-none"), Run())
    with pytest.raises(NotFound, match="zzz"):
        gated().when(
            GrantApproval(run_id="r", stage_key="zzz", manifest_sha256="shown", approver="ana", role="approver")
        )


def test_queueing_twice_is_queueing_once() -> None:
    """A run that is there already is not put in line again."""
    story = Story(CHAIN)
    command = QueueRun(
        run_id="r",
        thread_id="t",
        brand_id="b",
        project_id="p",
        request_text="Go",
        mode="test",
        plan=CHAIN,
        requested_by="me",
        dated_on="2026-11-22",
        facts={},
    )
    assert story.when(command) == []


def test_backoff_doubles_up_to_its_limit() -> None:
    """Half of the delay is fixed, half is jitter; the limit holds for any number of failures."""
    assert [backoff_seconds(RETRY, failures, 0.0) for failures in (1, 2, 3, 4, 5000)] == [5, 10, 20, 30, 30]
    assert backoff_seconds(RETRY, 1, 0.999) < 10


def test_a_retry_is_decided_by_count_and_kind() -> None:
    """What is not retryable, or was tried often enough, is final."""
    assert decide_retry(RETRY, failures=1, retryable=False, now=NOW, jitter=0) is None
    assert decide_retry(RETRY, failures=2, retryable=True, now=NOW, jitter=0) is None
    assert decide_retry(RETRY, failures=1, retryable=True, now=NOW, jitter=0) == NOW + timedelta(seconds=5)


def test_a_plan_survives_its_event() -> None:
    """What is written as JSON is read as the same plan."""
    assert plan_from_json(plan_to_json(DIAMOND)) == DIAMOND


def test_a_late_result_gives_a_run_no_turn() -> None:
    """A run whose person has decided waits for its thread; a result that comes too late lets it go on no sooner."""
    story = gated()
    story.when(GrantApproval(run_id="r", stage_key="a", manifest_sha256="shown", approver="ana", role="approver"))
    assert story.complete("a", digest="late") == []
    assert story.last.step == WaitTurn()
    assert story.run.status is RunStatus.WAITING_APPROVAL
