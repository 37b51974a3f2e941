"""What must hold of gates, forks and money, whatever happened: the part of tests/invariants.py that is about people."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, select

from vm_webapp import artifacts, repo
from vm_webapp.domain.runs import Run
from vm_webapp.events import RecordedEvent
from vm_webapp.host import Host
from vm_webapp.models import InboxView, SpendingView
from vm_webapp.orchestrator_v2 import task_of

Payload: TypeAlias = Mapping[str, Any]
History: TypeAlias = Sequence[tuple[str, Payload]]
_COUNTED: Final = ("calls", "input_tokens", "output_tokens", "cost_nano", "reserved_nano")
_REFUSED: Final = {"ApprovalRejected", "ApprovalExpired"}
_NANO: Final = 10**9


@dataclass(slots=True)
class _Money:
    """What the calls of one run come to, read in order."""

    budget: Decimal | None = None
    spent: Decimal = Decimal(0)
    calls: dict[str, int] = field(default_factory=dict)
    open: dict[tuple[str, int], Payload] = field(default_factory=dict)


def gate_violations(run_id: str, history: History) -> Iterator[str]:
    """Asked once per stage; no more people than the quorum, each once; nothing of a stage after its rejection."""
    asked: dict[str, Payload] = {}
    granted: dict[str, list[str]] = defaultdict(list)
    refused: set[str] = set()
    for event_type, payload in history:
        key = payload.get("stage_key") or ""
        if refused and (key in refused or event_type == "StageStarted") and not event_type.startswith("WorkflowRun"):
            yield f"{run_id}: {event_type} of {key} after {sorted(refused)} was refused"
        if event_type == "ApprovalRequested":
            if key in asked:
                yield f"{run_id}: {key} was asked for twice"
            asked[key] = payload
        elif event_type in _REFUSED:
            refused.add(key)
        if event_type.startswith("Approval") and payload["approval_id"] != asked[key]["approval_id"]:
            yield f"{run_id}: {event_type} of {key} belongs to no request"
        if event_type == "ApprovalGranted":
            granted[key].append(payload["approver"])
            yield from _counted(run_id, payload, asked[key], granted[key])


def money_violations(run_id: str, history: History) -> Iterator[str]:
    """Calls are numbered, each is settled once at the most, and none is reserved beyond the run's budget."""
    money = _Money()
    for event_type, payload in history:
        if event_type == "WorkflowRunQueued" and payload["budget_usd"] is not None:
            money.budget = Decimal(payload["budget_usd"])
        elif event_type == "ModelCallReserved":
            yield from _reserved(run_id, payload, money)
        elif event_type == "ModelCallSettled":
            yield from _settled(run_id, payload, money)


def people_violations(
    host: Host, log: Sequence[RecordedEvent], runs: Mapping[str, list[RecordedEvent]], states: Mapping[str, Run]
) -> Iterator[str]:
    """All of it, for a host that has nothing left to do; `states` are the runs as their events fold."""
    for run_id, events in runs.items():
        history = [(event.event_type, event.payload) for event in events]
        yield from gate_violations(run_id, history)
        yield from money_violations(run_id, history)
    for check in (_live_states, _gated_stages, _carried, _inbox, _tasks, _spending):
        yield from check(host, log, states)


def _counted(run_id: str, payload: Payload, asked: Payload, granted: list[str]) -> Iterator[str]:
    key = payload["stage_key"]
    if len(granted) > asked["quorum"]:
        yield f"{run_id}: {len(granted)} grants of {key}, {asked['quorum']} were asked for"
    if payload["remaining"] != max(0, asked["quorum"] - len(granted)):
        yield f"{run_id}: {key} counts {payload['remaining']} remaining after {len(granted)}"
    if payload["approver"] and len(set(granted)) != len(granted):
        yield f"{run_id}: somebody approved {key} twice"
    if payload["waived"] != asked["breaches"]:
        yield f"{run_id}: the waiver of {key} names {payload['waived']}, not {asked['breaches']}"


def _reserved(run_id: str, payload: Payload, money: _Money) -> Iterator[str]:
    key, call = payload["stage_key"], payload["call"]
    if call != money.calls.get(key, 0) + 1:
        yield f"{run_id}: call {call} of {key} after {money.calls.get(key, 0)}"
    money.calls[key] = call
    money.open[key, call] = payload
    money.spent += _usd(payload["cost_usd"])
    if money.budget is not None and money.spent > money.budget:
        yield f"{run_id}: {money.spent} reserved and spent of {money.budget}"


def _settled(run_id: str, payload: Payload, money: _Money) -> Iterator[str]:
    reserved = money.open.pop((payload["stage_key"], payload["call"]), None)
    if reserved is None:
        yield f"{run_id}: call {payload['call']} of {payload['stage_key']} was settled without a reservation"
    elif (reserved["attempt"], reserved["cost_usd"]) != (payload["attempt"], payload["reserved_usd"]):
        yield f"{run_id}: call {payload['call']} of {payload['stage_key']} settles another reservation"
    money.spent += _usd(payload["cost_usd"]) - _usd(payload["reserved_usd"])


def _live_states(host: Host, _log: Sequence[RecordedEvent], states: Mapping[str, Run]) -> Iterator[str]:
    """What the program goes on from is what the log says."""

    def load(connection: Connection) -> list[str]:
        return [
            run_id for run_id, state in states.items() if host.commands.load(connection, f"run:{run_id}")[1] != state
        ]

    yield from (f"{run_id}: its kept state is not what its events fold to" for run_id in host.database.write(load))


def _gated_stages(host: Host, log: Sequence[RecordedEvent], states: Mapping[str, Run]) -> Iterator[str]:
    """What the profile or a breach puts before people was asked for, and is completed by their grants alone."""
    asked = {
        (event.payload["run_id"], event.payload["stage_key"]): event.payload
        for event in log
        if event.event_type == "ApprovalRequested"
    }
    erased = {run_id for event in log if event.event_type == "ContentErased" for run_id in event.payload["runs"]}
    for event in log:
        if event.event_type != "StageCompleted" or event.payload["carried_from"] or event.payload["run_id"] in erased:
            continue
        run, key = states[event.payload["run_id"]], event.payload["stage_key"]
        manifest = artifacts.read_manifest(
            host.workspace.stage_dir(run.run_id, run.resolved.position(key), key),
            sha256=event.payload["manifest_sha256"],
        )
        breaches = [breach["rule_id"] for breach in manifest.get("rules", {}).get("breaches", ())]
        gate = asked.get((run.run_id, key))
        if breaches != event.payload["breaches"] or breaches != (gate["breaches"] if gate else []):
            yield f"{run.run_id}: {key} breaks {breaches}; the log has {event.payload['breaches']}, its gate {gate}"
        if gate is None and run.resolved.stage(key).approval != "none":
            yield f"{run.run_id}: {key} was published past its gate"


def _carried(host: Host, log: Sequence[RecordedEvent], states: Mapping[str, Run]) -> Iterator[str]:
    """A carried stage has the bytes of its source, was paid for by nobody and asked of nobody."""
    published: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for event in log:
        place = (event.payload.get("run_id", ""), event.payload.get("stage_key", ""))
        if event.event_type == "ArtifactPublished":
            published[place].append((event.payload["path"], event.payload["sha256"]))
        elif event.event_type in {"ApprovalRequested", "ModelCallReserved"} and place[1] in states[place[0]].carried:
            yield f"{place[0]}: {event.event_type} of {place[1]}, which was carried over"
    with host.database.read() as connection:
        for run in states.values():
            for key, stage in repo.get_run(connection, run.run_id)["stages"].items():
                if (source := stage["carried_from"]) is None:
                    continue
                if published[run.run_id, key] != published[source["run_id"], source["stage_key"]]:
                    yield f"{run.run_id}: {key} is not what it was carried over from"


def _inbox(host: Host, log: Sequence[RecordedEvent], states: Mapping[str, Run]) -> Iterator[str]:
    """What is open in the inbox is what waits: gates of open runs, and tasks."""
    waits = {
        stage.gate.asked.approval_id
        for run in states.values()
        for stage in run.stages.values()
        if not run.settled and stage.gate and stage.status.value == "waiting_approval"
    }
    waits |= {event.payload["task_id"] for event in log if event.event_type == "TaskCreated"}
    waits -= {event.payload["task_id"] for event in log if event.event_type == "TaskCompleted"}
    with host.database.read() as connection:
        shown = set(connection.scalars(select(InboxView.item_id).where(InboxView.status == "open")))
    if shown != waits:
        yield f"the inbox shows {sorted(shown)}, open is {sorted(waits)}"


def _tasks(_host: Host, log: Sequence[RecordedEvent], states: Mapping[str, Run]) -> Iterator[str]:
    """A run that failed for good leaves one task, unless somebody wanted it so; a run that goes on from it ends it."""
    made = Counter(event.payload["task_id"] for event in log if event.event_type == "TaskCreated")
    done = {event.payload["task_id"] for event in log if event.event_type == "TaskCompleted"}
    threads = {event.thread_id for event in log if event.event_type == "ThreadCreated"}
    for event in log:
        if event.event_type != "WorkflowRunFailed" or event.thread_id not in threads:
            continue
        run_id, wanted = event.payload["run_id"], event.payload["error_code"] != "rejected"
        if made[task_of(run_id)] != int(wanted):
            yield f"{run_id}: {made[task_of(run_id)]} tasks of its failure"
    for run in states.values():
        source = task_of(run.forked_from["run_id"]) if run.forked_from else ""
        if made[source] and source not in done:
            yield f"{run.run_id}: goes on from a failure whose task is still open"


def _spending(host: Host, log: Sequence[RecordedEvent], states: Mapping[str, Run]) -> Iterator[str]:
    """The sums in the views are those over the log."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for event in log:
        if not event.event_type.startswith("ModelCall"):
            continue
        payload = event.payload
        run, change = states[payload["run_id"]], _CHANGES[event.event_type](payload)
        attempt = f"{run.run_id}/{payload['stage_key']}/{payload['attempt']}"
        scopes = (f"{name}:{getattr(run, f'{name}_id')}" for name in ("thread", "project", "brand"))
        for scope in (attempt, run.run_id, *scopes):
            sums[scope].update(change)
    with host.database.read() as connection:
        shown = dict(_shown(connection, states))
    for scope in sums.keys() | shown.keys():
        expected = {name: sums[scope][name] for name in _COUNTED}
        if shown.get(scope) != expected:
            yield f"{scope}: the views say {shown.get(scope)}, the log {expected}"
    for run in states.values():
        spent = sums[run.run_id]["cost_nano"] + sums[run.run_id]["reserved_nano"]
        if run.spent_usd * _NANO != spent:
            yield f"{run.run_id}: its state has spent {run.spent_usd}, the log {spent} nano-dollars"


def _shown(connection: Connection, states: Mapping[str, Run]) -> Iterator[tuple[str, dict[str, int]]]:
    for row in connection.execute(select(SpendingView.__table__)).mappings():
        yield row["scope_id"], {name: row[name] for name in _COUNTED}
    for run_id in states:
        run = repo.get_run(connection, run_id)
        usages = {run_id: run["usage"]}
        for key, stage in run["stages"].items():
            usages |= {f"{run_id}/{key}/{each['attempt']}": each["usage"] for each in stage["attempts"]}
        for scope, usage in usages.items():
            if usage:
                yield scope, {name: usage[name] for name in _COUNTED}


def _usd(text: str | None) -> Decimal:
    return Decimal(text or 0)


def _nano(text: str | None) -> int:
    return int(_usd(text) * _NANO)


_CHANGES: Final[Mapping[str, Callable[[Payload], dict[str, int]]]] = {
    "ModelCallReserved": lambda payload: {"calls": 1, "reserved_nano": _nano(payload["cost_usd"])},
    "ModelCallSettled": lambda payload: {
        "input_tokens": payload["input_tokens"],
        "output_tokens": payload["output_tokens"],
        "cost_nano": _nano(payload["cost_usd"]),
        "reserved_nano": -_nano(payload["reserved_usd"]),
    },
}
