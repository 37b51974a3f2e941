"""What holds for every plan and every order of events: the policy alone, without disk, clock or threads."""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from vm_webapp.domain.forks import carried_stages
from vm_webapp.domain.plans import GatePolicy, RetryPolicy, RunPlan, StagePlan
from vm_webapp.domain.policy import (
    Done,
    Step,
    Surroundings,
    WaitForPerson,
    WaitTurn,
    WaitUntil,
    Work,
    next_step,
)
from vm_webapp.domain.run_commands import (
    AbandonRun,
    CompleteStage,
    ContinueRun,
    FailStage,
    GrantApproval,
    QueueRun,
    RejectApproval,
    RequestCancel,
    ReserveCall,
    ResumeRun,
    RunCommand,
    SettleCall,
)
from vm_webapp.domain.run_decisions import decide_run
from vm_webapp.domain.run_events import RUN_EVENTS, RunEvent, StageStarted
from vm_webapp.domain.runs import Run, evolve_run
from vm_webapp.domain.states import RunStatus, StageStatus
from vm_webapp.errors import VmError

from invariants import history_violations
from invariants_people import gate_violations, money_violations

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_BUDGET: Final = "1"
_EVENTS: Final = {event.__name__: event for event in RUN_EVENTS}


@st.composite
def policies(draw: st.DrawFn) -> GatePolicy:
    """Who may approve, how many of them, and for how long."""
    return GatePolicy(
        quorum=draw(st.integers(1, 3)),
        four_eyes=draw(st.booleans()),
        expires_after_seconds=draw(st.sampled_from([None, None, 10.0])),
        on_expiry=draw(st.sampled_from(["fail", "reject"])),
    )


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
                gate=draw(policies()),
                retry=RetryPolicy(attempts=draw(st.integers(1, 3)), initial_seconds=draw(st.sampled_from([0, 5]))),
            )
        )
    return RunPlan(profile="p", version=1, title="Plan", digest="0" * 64, stages=tuple(stages))


class World:
    """One run and whoever drives it: a fair scheduler that may crash, a clock, three persons, a model that costs."""

    def __init__(self, plan: RunPlan, *, carried: tuple[str, ...] | None = None) -> None:
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
                budget_usd=_BUDGET,
                forked_from=None if carried is None else {"run_id": "r-0", "stage_key": "s0"},
                carried=carried or (),
            )
        )

    def go_on(self, *, turn: bool = True) -> None:
        """The driver looks at the run."""
        self._send(ContinueRun(run_id="r-1", now=self.now, turn=turn, in_hand=frozenset(self.in_hand)))

    def finish(self, key: str, *, well: bool, retryable: bool = True, breaches: tuple[str, ...] = ()) -> None:
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
                    carried_from={"run_id": "r-0", "stage_key": key} if key in self.run.carried else None,
                    breaches=breaches,
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

    def decide(self, key: str, *, grant: bool, by: str = "ana") -> None:
        """A person decides on what waits, with a word of why."""
        digest = self.run.stages[key].manifest_sha256 or ""
        said = {"run_id": "r-1", "stage_key": key, "manifest_sha256": digest, "role": "approver"}
        if grant:
            self.send(GrantApproval(**said, approver=by, comment="It is a quotation."))
        else:
            self.send(RejectApproval(**said, reason="Not this."))

    def approve(self, key: str) -> None:
        """As many people as are asked for say yes."""
        for person in ("ana", "ben", "cleo"):
            if self.run.stages[key].status is StageStatus.WAITING_APPROVAL:
                self.decide(key, grant=True, by=person)

    def pay(self, key: str, *, cost: str | None, settled: str | None) -> None:
        """The writer at work on a stage reserves a request, and says what it cost where it comes that far."""
        call: dict[str, Any] = {
            "run_id": "r-1",
            "stage_key": key,
            "attempt": self.run.stages[key].attempt,
            "model": "m",
        }
        call |= {"input_tokens": 10, "output_tokens": 20}
        before = len(self.history)
        self.send(ReserveCall(**call, cost_usd=None if cost is None else Decimal(cost)))
        if settled is not None and len(self.history) > before:
            self.send(SettleCall(**call, cost_usd=Decimal(settled)))

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


@settings(max_examples=400)
@given(plan=plans(), data=st.data())
def test_whatever_happens_a_run_keeps_its_rules_and_comes_to_an_end(plan: RunPlan, data: st.DataObject) -> None:
    """Attempts 1..n, one active at a time, one completion, nothing after the end; a fair driver settles it or waits."""
    world = World(plan)
    for _ in range(data.draw(st.integers(0, 25), label="steps")):
        _disturb(world, data)
        assert _wrong(world) == []
    _drive_to_the_end(world)
    assert world.run.settled or world.run.status is RunStatus.WAITING_APPROVAL
    assert isinstance(world.step, Done if world.run.settled else WaitForPerson)
    assert _wrong(world) == []
    if world.run.settled:
        assert not world.run.keys(StageStatus.RUNNING)
        assert not world.run.keys(StageStatus.PENDING)


@settings(max_examples=200)
@given(plan=plans(), data=st.data())
def test_a_fork_of_any_run_keeps_the_rules_too(plan: RunPlan, data: st.DataObject) -> None:
    """What is carried was completed in the source, whatever became of it, with its needs, and is asked of nobody."""
    source = World(plan)
    for _ in range(data.draw(st.integers(0, 15), label="steps of the source")):
        _disturb(source, data)
    key = data.draw(st.sampled_from([stage.key for stage in plan.stages]), label="stage")
    carried = carried_stages(source.run, plan, key)
    assert key not in carried
    for each in carried:
        assert source.run.stages[each].status is StageStatus.COMPLETED
        assert set(plan.stage(each).needs) <= set(carried)
    fork = World(plan, carried=carried)
    for _ in range(data.draw(st.integers(0, 10), label="steps of the fork")):
        _disturb(fork, data)
    _drive_to_the_end(fork)
    assert _wrong(fork) == []
    assert not {payload["stage_key"] for name, payload in fork.history if name == "ApprovalRequested"} & set(carried)


@settings(max_examples=200)
@given(plan=plans(), data=st.data())
def test_who_decides_too_late_decides_nothing(plan: RunPlan, data: st.DataObject) -> None:
    """Once its time is over and a driver has looked, an approval that somebody still waits for fails its run."""
    world = World(plan)
    _drive_to_the_end(world)
    expiring = [
        key for key in world.run.keys(StageStatus.WAITING_APPROVAL) if plan.stage(key).gate.expires_after_seconds
    ]
    if not expiring or world.run.settled:
        return
    for key in expiring:
        if data.draw(st.booleans(), label=f"one yes to {key}"):
            world.decide(key, grant=True)
    world.now += timedelta(seconds=11)
    waiting = world.run.keys(StageStatus.WAITING_APPROVAL)
    _drive_to_the_end(world)
    late = [key for key in expiring if key in waiting]
    assert world.run.status is (RunStatus.FAILED if late else world.run.status)
    before = list(world.history)
    for key in late:
        world.decide(key, grant=True, by="cleo")
    assert world.history == before


@settings(max_examples=200)
@given(plan=plans(), data=st.data())
def test_a_run_that_nothing_disturbs_completes(plan: RunPlan, data: st.DataObject) -> None:
    """With every stage written and every approval granted, each stage has one attempt and is completed."""
    world = World(plan)
    while True:
        _drive_to_the_end(world)
        waiting = world.run.keys(StageStatus.WAITING_APPROVAL)
        if not waiting:
            break
        world.approve(data.draw(st.sampled_from(waiting)))
    assert world.run.status is RunStatus.COMPLETED
    assert [stage.attempt for stage in world.run.stages.values()] == [1] * len(plan.stages)


@settings(max_examples=200)
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
        world.approve(waiting[0])


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


def _wrong(world: World) -> list[str]:
    """What does not hold in the run's history; folded again it has to be the state that decided."""
    folded = Run()
    for name, payload in world.history:
        folded = evolve_run(folded, _EVENTS[name](**payload))
    found = [] if folded == world.run else ["the history folds to another state"]
    for turn in (True, False):
        next_step(world.run, Surroundings(now=world.now, turn=turn, in_hand=frozenset(world.in_hand)))  # never raises
    for look in (history_violations, gate_violations, money_violations):
        found += look("r-1", world.history)
    return found


def _disturb(world: World, data: st.DataObject) -> None:
    ways = ["go on", "no turn", "crash", "cancel", "time", "abandon", "late", "resume"]
    active = [key for key in sorted(world.in_hand) if world.run.stages[key].status is StageStatus.RUNNING]
    waiting = world.run.keys(StageStatus.WAITING_APPROVAL) if not world.run.settled else ()
    ways += ["well", "well", "well", "breach", "badly", "badly for good", "pay", "pay"] if active else []
    ways += ["grant", "grant", "grant", "reject"] if waiting else []
    way = data.draw(st.sampled_from(ways), label="what")
    if way in {"well", "breach", "badly", "badly for good"}:
        key = data.draw(st.sampled_from(active))
        breaches = ("rul-1",) if way == "breach" and key not in world.run.carried else ()
        well = way in {"well", "breach"}
        world.finish(key, well=well, retryable=way != "badly for good", breaches=breaches)
    elif way == "pay":
        cost = data.draw(st.sampled_from(["0", "0.3", "0.4", "1.1", None]), label="estimate")
        settled = data.draw(st.sampled_from([None, "0", "0.1", "0.3"]), label="cost")
        world.pay(data.draw(st.sampled_from(active)), cost=cost, settled=settled)
    elif way in {"grant", "reject"}:
        by = data.draw(st.sampled_from(["ana", "ben", "cleo", "me"]), label="who")
        world.decide(data.draw(st.sampled_from(waiting)), grant=way == "grant", by=by)
    else:
        _UNPROVOKED[way](world)


def _late(world: World) -> None:
    """A result of an attempt that is over, for every stage that ever had one."""
    for key, stage in world.run.stages.items():
        if stage.attempt and stage.status is not StageStatus.RUNNING:
            world.finish(key, well=True)
            world.pay(key, cost="0.1", settled="0.1")


_UNPROVOKED: Mapping[str, Any] = {
    "go on": World.go_on,
    "no turn": lambda world: world.go_on(turn=False),
    "crash": World.crash,
    "cancel": lambda world: world.send(RequestCancel(run_id="r-1")),
    "resume": lambda world: world.send(ResumeRun(run_id="r-1")),
    "abandon": lambda world: world.crash() or world.send(AbandonRun(run_id="r-1", error_code="x", error_message="y")),
    "time": lambda world: setattr(world, "now", world.now + timedelta(seconds=7)),
    "late": _late,
}
