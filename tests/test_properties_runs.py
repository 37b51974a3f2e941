"""What holds for every plan and every order of events: the policy alone, without disk, clock or threads."""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from vm_webapp.domain.plans import RetryPolicy, RunPlan, StagePlan
from vm_webapp.domain.policy import Done, Step, WaitForPerson, WaitTurn, WaitUntil, Work
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
from vm_webapp.domain.run_decisions import decide_run
from vm_webapp.domain.run_events import RunEvent, StageStarted
from vm_webapp.domain.runs import Run, evolve_run
from vm_webapp.domain.states import RunStatus, StageStatus
from vm_webapp.errors import VmError

from invariants import history_violations

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def plans(draw: st.DrawFn) -> RunPlan:
    """A plan of one to six stages, each of which needs some of those before it."""
    stages: list[StagePlan] = []
    for at in range(draw(st.integers(1, 6))):
        keys = [stage.key for stage in stages]
        stages.append(
            StagePlan(
                key=f"s{at}",
                title=f"Stage {at}",
                kind="brief",
                needs=tuple(draw(st.lists(st.sampled_from(keys), unique=True, max_size=3)) if keys else ()),
                approval=draw(st.sampled_from(["none", "none", "required"])),
                retry=RetryPolicy(attempts=draw(st.integers(1, 3)), initial_seconds=draw(st.sampled_from([0, 5]))),
            )
        )
    return RunPlan(profile="p", version=1, title="Plan", digest="0" * 64, stages=tuple(stages))


class World:
    """One run and whoever drives it: a fair scheduler that may crash, a clock, a person."""

    def __init__(self, plan: RunPlan) -> None:
        self.run = Run()
        self.now = BEGIN
        self.in_hand: set[str] = set()
        self.history: list[tuple[str, Mapping[str, Any]]] = []
        self.step: Step = Work()
        self._send(
            QueueRun(
                run_id="r-1",
                thread_id="t-1",
                brand_id="b-1",
                project_id="p-1",
                request_text="Go",
                mode=plan.profile,
                plan=plan,
                requested_by="me",
                dated_on="2026-01-01",
                facts={},
            )
        )

    def go_on(self, *, turn: bool = True) -> None:
        """The driver looks at the run."""
        self._send(ContinueRun(run_id="r-1", now=self.now, turn=turn, in_hand=frozenset(self.in_hand)))

    def finish(self, key: str, *, well: bool, retryable: bool = True) -> None:
        """A stage in hand comes to its end."""
        self.in_hand.discard(key)
        attempt = self.run.stages[key].attempt
        left = frozenset(self.in_hand)
        if well:
            self._send(
                CompleteStage(
                    run_id="r-1",
                    stage_key=key,
                    attempt=attempt,
                    writer="w",
                    manifest_sha256=f"{attempt:064}",
                    artifacts=(),
                    started_at="",
                    finished_at="",
                    now=self.now,
                    in_hand=left,
                )
            )
        else:
            self._send(
                FailStage(
                    run_id="r-1",
                    stage_key=key,
                    attempt=attempt,
                    error_code="busy",
                    error_message="It failed.",
                    retryable=retryable,
                    jitter=0.5,
                    now=self.now,
                    in_hand=left,
                )
            )

    def crash(self) -> None:
        """The driver forgets what it had in hand."""
        self.in_hand.clear()

    def decide(self, key: str, *, grant: bool) -> None:
        """A person decides on what waits."""
        digest = self.run.stages[key].manifest_sha256 or ""
        if grant:
            self._send(
                GrantApproval(run_id="r-1", stage_key=key, manifest_sha256=digest, approver="ana", role="approver")
            )
        else:
            self._send(
                RejectApproval(run_id="r-1", stage_key=key, manifest_sha256=digest, reason="Not this.", role="approver")
            )

    def send(self, command: RunCommand | AbandonRun) -> None:
        """A command that may be refused."""
        try:
            self._send(command)
        except VmError:
            return

    def _send(self, command: Any) -> None:  # noqa: ANN401 - any command
        decision = decide_run(command, self.run)
        for event in decision.events:
            self._record(event)
        self.step = decision.step

    def _record(self, event: RunEvent) -> None:
        payload = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
        self.history.append((type(event).__name__, payload))
        self.run = evolve_run(self.run, event)
        if isinstance(event, StageStarted):
            self.in_hand.add(event.stage_key)


@settings(max_examples=400, deadline=None)
@given(plan=plans(), data=st.data())
def test_whatever_happens_a_run_keeps_its_rules_and_comes_to_an_end(plan: RunPlan, data: st.DataObject) -> None:
    """Attempts 1..n, one active at a time, one completion, nothing after the end; a fair driver settles it or waits."""
    world = World(plan)
    for _ in range(data.draw(st.integers(0, 25), label="steps")):
        _disturb(world, data)
        assert list(history_violations("r-1", world.history)) == []
    _drive_to_the_end(world)
    assert world.run.settled or world.run.status is RunStatus.WAITING_APPROVAL
    assert isinstance(world.step, Done if world.run.settled else WaitForPerson)
    assert list(history_violations("r-1", world.history)) == []
    if world.run.settled:
        assert not world.run.keys(StageStatus.RUNNING)
        assert not world.run.keys(StageStatus.PENDING)


@settings(max_examples=200, deadline=None)
@given(plan=plans(), data=st.data())
def test_a_run_that_nothing_disturbs_completes(plan: RunPlan, data: st.DataObject) -> None:
    """With every stage written and every approval granted, each stage has one attempt and is completed."""
    world = World(plan)
    while True:
        _drive_to_the_end(world)
        waiting = world.run.keys(StageStatus.WAITING_APPROVAL)
        if not waiting:
            break
        world.decide(data.draw(st.sampled_from(waiting)), grant=True)
    assert world.run.status is RunStatus.COMPLETED
    assert [stage.attempt for stage in world.run.stages.values()] == [1] * len(plan.stages)


@settings(max_examples=200, deadline=None)
@given(plan=plans())
def test_one_decision_of_two_is_enough_for_what_needs_only_that(plan: RunPlan) -> None:
    """While one stage waits for a person, whatever does not need it goes on: a waiting run has nothing ready."""
    world = World(plan)
    for _ in range(20):
        _drive_to_the_end(world)
        done = world.run.keys(StageStatus.COMPLETED)
        ready = [key for key in world.run.keys(StageStatus.PENDING) if set(plan.stage(key).needs) <= set(done)]
        assert not ready
        if not (waiting := world.run.keys(StageStatus.WAITING_APPROVAL)):
            break
        world.decide(waiting[0], grant=True)


def _drive_to_the_end(world: World) -> None:
    """A fair driver: it looks, finishes what it has in hand, and lets the time pass that a retry waits for."""
    for _ in range(200):
        world.go_on()
        if isinstance(world.step, Work):
            world.finish(min(world.in_hand), well=True)
        elif isinstance(world.step, WaitUntil):
            world.now = max(world.now, world.step.at)
        else:
            assert not isinstance(world.step, WaitTurn)
            return
    raise AssertionError(world.step)


def _disturb(world: World, data: st.DataObject) -> None:
    ways = ["go on", "no turn", "crash", "cancel", "time", "abandon", "late"]
    active = [key for key in sorted(world.in_hand) if world.run.stages[key].status is StageStatus.RUNNING]
    waiting = world.run.keys(StageStatus.WAITING_APPROVAL) if not world.run.settled else ()
    ways += ["well", "well", "well", "badly", "badly for good"] if active else []
    ways += ["grant", "grant", "reject"] if waiting else []
    way = data.draw(st.sampled_from(ways), label="what")
    if way in {"well", "badly", "badly for good"}:
        world.finish(data.draw(st.sampled_from(active)), well=way == "well", retryable=way != "badly for good")
    elif way in {"grant", "reject"}:
        world.decide(data.draw(st.sampled_from(waiting)), grant=way == "grant")
    else:
        _UNPROVOKED[way](world)


def _late(world: World) -> None:
    """A result of an attempt that is over, for every stage that ever had one."""
    for key, stage in world.run.stages.items():
        if stage.attempt and stage.status is not StageStatus.RUNNING:
            world.finish(key, well=True)


_UNPROVOKED: Mapping[str, Any] = {
    "go on": World.go_on,
    "no turn": lambda world: world.go_on(turn=False),
    "crash": World.crash,
    "cancel": lambda world: world.send(RequestCancel(run_id="r-1")),
    "abandon": lambda world: world.crash() or world.send(AbandonRun(run_id="r-1", error_code="x", error_message="y")),
    "time": lambda world: setattr(world, "now", world.now + timedelta(seconds=7)),
    "late": _late,
}
