"""What a run does next: `next_step` looks at the state and says; `proceed` takes every step that needs no work outside.

The same policy serves the embedded dispatcher and any engine behind the port.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from vm_webapp.domain.gates import expired_approvals, next_expiry
from vm_webapp.domain.run_events import (
    RunEvent,
    StageFailed,
    StageStarted,
    WorkflowRunCanceled,
    WorkflowRunCompleted,
    WorkflowRunFailed,
    WorkflowRunResumed,
    WorkflowRunStarted,
    WorkflowRunWaitingApproval,
)
from vm_webapp.domain.runs import INTERRUPTED, Run, Stage, evolve_run
from vm_webapp.domain.states import RunStatus, StageStatus
from vm_webapp.events import derive_id


@dataclass(frozen=True, slots=True)
class Append:
    """These events are due now."""

    events: tuple[RunEvent, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """Nothing is due; stages are in hand."""


@dataclass(frozen=True, slots=True)
class WaitTurn:
    """Another run of the thread is being executed."""


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """The next attempt is due at that time (UTC), or an approval expires before it."""

    at: datetime


@dataclass(frozen=True, slots=True)
class WaitForPerson:
    """A person has to decide; `until` (UTC) is when that expires, None where it never does."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The run is settled."""


Step: TypeAlias = Append | Work | WaitTurn | WaitUntil | WaitForPerson | Done


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the policy may know besides the run: the time, whether the thread is free, the stages in hand."""

    now: datetime
    turn: bool
    in_hand: frozenset[str] = frozenset()


def next_step(run: Run, around: Surroundings) -> Step:
    """The step that is due; pure, and total over every state that a stream can reach."""
    if run.settled:
        return Done()
    around = _around(around, around.in_hand.intersection(run.keys(StageStatus.RUNNING)))
    for rule in (_interrupted, _stopping, _turn, _ready):
        if step := rule(run, around):
            return step
    if around.in_hand:
        return Work()
    return _waiting(run, around) or Append((WorkflowRunCompleted(run_id=run.run_id),))


def proceed(run: Run, around: Surroundings) -> tuple[tuple[RunEvent, ...], Step]:
    """The events of every step due now, and the step that then needs the world outside.

    Stages that start along the way are in hand from then on.
    """
    events: list[RunEvent] = []
    in_hand = around.in_hand
    while isinstance(step := next_step(run, _around(around, in_hand)), Append):
        for event in step.events:
            run = evolve_run(run, event)
            events.append(event)
        in_hand |= {event.stage_key for event in step.events if isinstance(event, StageStarted)}
    return tuple(events), step


def failed_run(run: Run) -> WorkflowRunFailed:
    """The end of a run of which a stage has failed, with that stage's error; the first one's of several."""
    key = run.keys(StageStatus.FAILED)[0]
    stage = run.stages[key]
    return WorkflowRunFailed(
        run_id=run.run_id,
        stage_key=key,
        error_code=stage.error_code,
        error_message=stage.error_message,
        retryable=stage.retryable,
    )


def _around(around: Surroundings, in_hand: frozenset[str]) -> Surroundings:
    return Surroundings(now=around.now, turn=around.turn, in_hand=in_hand)


def _interrupted(run: Run, around: Surroundings) -> Step | None:
    """Attempts that nobody has in hand were cut off by a crash; they are recorded and due again at once."""
    events = tuple(
        StageFailed(
            run_id=run.run_id,
            stage_key=key,
            attempt=run.stages[key].attempt,
            error_code=INTERRUPTED,
            error_message="The program stopped while this stage was in work; it is begun again.",
            retryable=True,
            retry_at=around.now.astimezone(UTC).isoformat(),
            files={},
        )
        for key in run.keys(StageStatus.RUNNING)
        if key not in around.in_hand
    )
    return Append(events) if events else None


def _stopping(run: Run, around: Surroundings) -> Step | None:
    """A cancel or a final failure lets the stages in hand finish, then settles the run."""
    failed = run.keys(StageStatus.FAILED)
    if not (run.cancel_requested or failed):
        return None
    if around.in_hand:
        return Work()
    if run.cancel_requested:
        return Append((WorkflowRunCanceled(run_id=run.run_id),))
    return Append((failed_run(run),))


def _turn(run: Run, around: Surroundings) -> Step | None:
    """A queued run, or one whose person has decided, needs the thread to be free."""
    begin: Callable[..., Any]
    if run.status is RunStatus.QUEUED:
        begin = WorkflowRunStarted
    elif run.status is RunStatus.WAITING_APPROVAL and _can_go_on(run):
        begin = WorkflowRunResumed
    else:
        return None
    return Append((begin(run_id=run.run_id),)) if around.turn else WaitTurn()


def _ready(run: Run, around: Surroundings) -> Step | None:
    """Every stage whose needs are completed and whose time has come starts; independent ones side by side."""
    if run.status is not RunStatus.RUNNING:
        return None
    events = tuple(
        _started(run, key)
        for key, stage in run.stages.items()
        if _is_ready(run, key) and (stage.not_before is None or stage.not_before <= around.now)
    )
    return Append(events) if events else None


def _waiting(run: Run, around: Surroundings) -> Step | None:
    """With nothing in hand and nothing ready: what has expired, then the next timer, then a person."""
    if expired := expired_approvals(run, around.now):
        return Append(expired)
    times = [stage.not_before for key, stage in run.stages.items() if stage.not_before and _is_ready(run, key)]
    if times:
        expiry = next_expiry(run)
        return WaitUntil(min([*times, expiry] if expiry else times))
    waiting = run.keys(StageStatus.WAITING_APPROVAL)
    if not waiting:
        return None
    if run.status is RunStatus.WAITING_APPROVAL:
        return WaitForPerson(next_expiry(run))
    return Append((WorkflowRunWaitingApproval(run_id=run.run_id, stage_keys=list(waiting)),))


def _can_go_on(run: Run) -> bool:
    """Whether a person's decision left something to do: a stage is ready, or nobody is waited for any more."""
    return not run.keys(StageStatus.WAITING_APPROVAL) or any(_is_ready(run, key) for key in run.stages)


def _is_ready(run: Run, key: str) -> bool:
    done = StageStatus.COMPLETED
    pending = run.stages[key].status is StageStatus.PENDING
    return pending and all(run.stages[need].status is done for need in run.resolved.stage(key).needs)


def _started(run: Run, key: str) -> StageStarted:
    stage: Stage = run.stages[key]
    attempt = stage.attempt + 1
    return StageStarted(
        run_id=run.run_id,
        stage_key=key,
        stage_position=run.resolved.position(key),
        attempt=attempt,
        attempt_id=derive_id("evt", run.run_id, key, str(attempt)),
    )
