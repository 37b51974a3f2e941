"""The only writer of facts: receipt, load, decide, append, project, in one transaction.

A state that was loaded once is kept and only brought up to date by the events that came since: the log is append-only,
so a stream at version n is the same for ever.
"""

import dataclasses
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, TypeAlias

import uuid_utils.compat
from sqlalchemy import Connection, select

from vm_webapp import event_store, projections, receipts, repo
from vm_webapp.db import Database
from vm_webapp.domain.access_refusals import ACCESS_EVENTS, Access, RecordRefusal, decide_access, evolve_access
from vm_webapp.domain.access_tokens import (
    TOKEN_COMMANDS,
    TOKEN_EVENTS,
    Token,
    TokenCommand,
    decide_token,
    evolve_token,
)
from vm_webapp.domain.brands import BRAND_COMMANDS, BRAND_EVENTS, Brand, BrandCommand, decide_brand, evolve_brand
from vm_webapp.domain.budgets import from_nano
from vm_webapp.domain.policy import Step, Work
from vm_webapp.domain.projects import (
    PROJECT_COMMANDS,
    PROJECT_EVENTS,
    Project,
    ProjectCommand,
    decide_project,
    evolve_project,
)
from vm_webapp.domain.run_commands import ContinueRun, RequestCancel, ReserveCall, RunCommand
from vm_webapp.domain.run_decisions import decide_run
from vm_webapp.domain.run_events import RUN_EVENTS
from vm_webapp.domain.runs import Run, evolve_run
from vm_webapp.domain.spending import Limit, usd_of
from vm_webapp.domain.thread_messages import THREAD_EVENTS, CreateThread, EraseContent, RequestRun, ThreadCommand
from vm_webapp.domain.threads import Thread, decide_thread, evolve_thread
from vm_webapp.domain.webhooks import (
    WEBHOOK_COMMANDS,
    WEBHOOK_EVENTS,
    Webhook,
    WebhookCommand,
    decide_webhook,
    evolve_webhook,
)
from vm_webapp.errors import ThreadBusy
from vm_webapp.events import CATALOGUE, EventEnvelope, RecordedEvent, derive_id
from vm_webapp.models import ThreadView
from vm_webapp.receipts import Answer, Found, ReceiptKey

Command: TypeAlias = (
    BrandCommand | ProjectCommand | ThreadCommand | RunCommand | TokenCommand | RecordRefusal | WebhookCommand
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `type` is human, agent or system."""

    type: str
    id: str


OWNER: Final = Actor("human", "workspace-owner")
SYSTEM: Final = Actor("system", "vm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command led to: the events recorded, the aggregate's state after them, the run's next step."""

    events: Sequence[RecordedEvent]
    state: Any
    step: Step = dataclasses.field(default_factory=Work)


@dataclass(frozen=True, slots=True)
class _Aggregate:
    initial: Callable[[], Any]
    evolve: Callable[[Any, Any], Any]
    events: Mapping[str, type]


_AGGREGATES: Final[Mapping[str, _Aggregate]] = {
    "brand": _Aggregate(Brand, evolve_brand, {event.__name__: event for event in BRAND_EVENTS}),
    "project": _Aggregate(Project, evolve_project, {event.__name__: event for event in PROJECT_EVENTS}),
    "thread": _Aggregate(Thread, evolve_thread, {event.__name__: event for event in THREAD_EVENTS}),
    "token": _Aggregate(Token, evolve_token, {event.__name__: event for event in TOKEN_EVENTS}),
    "access": _Aggregate(Access, evolve_access, {event.__name__: event for event in ACCESS_EVENTS}),
    "webhook": _Aggregate(Webhook, evolve_webhook, {event.__name__: event for event in WEBHOOK_EVENTS}),
    "run": _Aggregate(Run, evolve_run, {event.__name__: event for event in RUN_EVENTS}),
}
_FIELDS: Final = {
    name: tuple(field.name for field in dataclasses.fields(event))
    for aggregate in _AGGREGATES.values()
    for name, event in aggregate.events.items()
}
_KEPT_STATES: Final = 512


def new_id(prefix: str) -> str:
    """A new id: the prefix and a UUID of version 7 (RFC 9562), which sorts by time."""
    return f"{prefix}-{uuid_utils.compat.uuid7().hex}"


class Commands:
    """Handles commands against one database."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.database = database
        self.clock = clock
        self._states: OrderedDict[str, tuple[int, Any]] = OrderedDict()
        database.on_failed_commit(self._states.clear)

    def handle(self, command: Command, *, by: Actor, expected_version: int | None = None) -> Outcome:
        """Decide and record; raises what the decider raises, and VersionConflict, with nothing written."""
        return self.database.write(lambda connection: self.handle_in(connection, command, by, expected_version))

    def answer(
        self,
        command: Command,
        *,
        by: Actor,
        receipt: ReceiptKey,
        subject_id: str | None = None,
        render: Callable[[Connection], Answer] | None,
    ) -> Found:
        """Handle the command unless its receipt is there; what `render` reads afterwards becomes the stored answer.

        Without `render` the receipt is kept open, naming its subject, until `complete`.
        """

        def job(connection: Connection) -> Found:
            if found := receipts.find_receipt(connection, receipt):
                return found
            self.handle_in(connection, command, by)
            answer = render(connection) if render else None
            now = self.clock()
            receipts.store_receipt(connection, receipt, subject_id=subject_id, answer=answer, now=now)
            return Found(subject_id, answer)

        return self.database.write(job)

    def complete(self, receipt: ReceiptKey, answer: Answer) -> Answer:
        """Keep the answer of an open receipt; the first one stays, and is returned."""
        with self.database.read() as connection:
            found = receipts.find_receipt(connection, receipt)
        if found and found.answer:
            return found.answer
        return self.database.write(lambda writing: receipts.complete_receipt(writing, receipt, answer))

    def handle_in(
        self, connection: Connection, command: Command, by: Actor, expected_version: int | None = None
    ) -> Outcome:
        """The same inside a transaction of the caller's, who holds the writing connection."""
        kind = _kind_of(command)
        stream_id = f"{kind}:{getattr(command, f'{kind}_id')}"
        version, state = self.load(connection, stream_id)
        if expected_version is not None and expected_version != version:
            raise event_store.version_conflict(stream_id, actual=version, expected=expected_version)
        events, step = self._decide(connection, command, state)
        if isinstance(command, RequestRun):
            self._make_way(connection, command, by)
        recorded = self._append(connection, _envelopes(events, state, by, self.clock()), {stream_id: version})
        return Outcome(events=recorded, state=self._states.get(stream_id, (version, state))[1], step=step)

    def load(self, connection: Connection, stream_id: str) -> tuple[int, Any]:
        """The version and state of the aggregate whose stream this is."""
        kind, _, aggregate_id = stream_id.partition(":")
        aggregate = _AGGREGATES[kind]
        version, state = self._states.get(stream_id) or (0, aggregate.initial())
        for event in event_store.load_stream(connection, stream_id, after=version):
            state = _evolved(aggregate, state, event)
            version = event.stream_version
        if kind == "thread" and not state.exists:
            return version, _thread_without_events(connection, aggregate_id)
        self._keep(stream_id, version, state)
        return version, state

    def _decide(self, connection: Connection, command: Any, state: Any) -> tuple[Sequence[Any], Step]:  # noqa: ANN401
        if isinstance(command, BRAND_COMMANDS):
            return decide_brand(command, state), Work()
        if isinstance(command, PROJECT_COMMANDS):
            brand = self._state(connection, "brand", getattr(command, "brand_id", ""))
            return decide_project(command, state, brand), Work()
        if isinstance(command, (*TOKEN_COMMANDS, *WEBHOOK_COMMANDS, RecordRefusal)):
            return self._decide_access(connection, command, state), Work()
        if _kind_of(command) == "thread":
            return self._decide_thread(connection, command, state), Work()
        decision = decide_run(self._informed(connection, command, state), state)
        return decision.events, decision.step

    def _decide_thread(self, connection: Connection, command: Any, state: Any) -> Sequence[Any]:  # noqa: ANN401
        named = command if isinstance(command, CreateThread) else state
        brand = self._state(connection, "brand", named.brand_id)
        project = self._state(connection, "project", named.project_id)
        if isinstance(command, RequestRun):
            command = replace(command, comments=repo.list_newest_comments(connection, command.thread_id))
        if isinstance(command, EraseContent):
            found = repo.find_erasable(
                connection, command.thread_id, scope=command.scope, subject_id=command.subject_id
            )
            command = replace(command, found=found)
        return decide_thread(command, state, brand, project)

    def _informed(self, connection: Connection, command: Any, run: Run) -> Any:  # noqa: ANN401 - a run's command
        """The command with what its decision needs to know of the world around the run."""
        if isinstance(command, ContinueRun) and run.exists:
            turn = repo.turn_is_free(connection, thread_id=run.thread_id, run_id=run.run_id)
            return replace(command, turn=turn)
        if isinstance(command, ReserveCall) and run.exists:
            return replace(command, limits=self._limits(connection, run))
        return command

    def _make_way(self, connection: Connection, command: RequestRun, by: Actor) -> None:
        """Refuse, or cancel the run at work, where the request does not want to wait; else it waits in line."""
        if command.on_busy == "enqueue":
            return
        busy = repo.list_busy_runs(connection, command.thread_id)
        if busy and command.on_busy == "reject":
            raise ThreadBusy(thread_id=command.thread_id, run_id=busy[0][0])
        for run_id, status in busy:
            if status == "running":
                self.handle_in(connection, RequestCancel(run_id=run_id), by)

    def _limits(self, connection: Connection, run: Run) -> tuple[Limit, ...]:
        """The budgets of the run's project and brand, with what is spent of them by now."""
        found = []
        for scope in ("project", "brand"):
            scope_id = getattr(run, f"{scope}_id")
            budget = self._state(connection, scope, scope_id).budget_usd
            if budget is not None:
                spent = repo.spent_nano(connection, f"{scope}:{scope_id}")
                found.append(Limit(scope=scope, limit_usd=usd_of(budget), spent_usd=from_nano(spent)))
        return tuple(found)

    def _decide_access(
        self,
        connection: Connection,
        command: TokenCommand | WebhookCommand | RecordRefusal,
        state: Any,  # noqa: ANN401 - the kind's
    ) -> Sequence[Any]:
        if isinstance(command, RecordRefusal):
            return decide_access(command)
        brand = self._state(connection, "brand", getattr(command, "brand_id", None) or "")
        if isinstance(command, WEBHOOK_COMMANDS):
            return decide_webhook(command, state, brand_exists=brand.exists)
        return decide_token(command, state, brand_exists=brand.exists)

    def _state(self, connection: Connection, kind: str, aggregate_id: str) -> Any:  # noqa: ANN401 - the kind's state
        return self.load(connection, f"{kind}:{aggregate_id}")[1]

    def _append(
        self, connection: Connection, envelopes: Sequence[EventEnvelope], versions: Mapping[str, int]
    ) -> list[RecordedEvent]:
        recorded: list[RecordedEvent] = []
        for stream_id in dict.fromkeys(envelope.stream_id for envelope in envelopes):
            of_stream = [envelope for envelope in envelopes if envelope.stream_id == stream_id]
            recorded += event_store.append(connection, of_stream, known_version=versions.get(stream_id))
            self.load_recorded(stream_id, recorded[-len(of_stream) :])
        if recorded:
            projections.project(connection, recorded)
        return recorded

    def load_recorded(self, stream_id: str, events: Sequence[RecordedEvent]) -> None:
        """Bring the kept state up to events that were just appended."""
        aggregate = _AGGREGATES[events[0].aggregate_type]
        self._forget_erased(events)
        version, state = self._states.get(stream_id) or (0, aggregate.initial())
        if version + 1 != events[0].stream_version:
            self._states.pop(stream_id, None)
            return
        for event in events:
            state = _evolved(aggregate, state, event)
        self._keep(stream_id, events[-1].stream_version, state)

    def _forget_erased(self, events: Sequence[RecordedEvent]) -> None:
        """States that still know the texts that were just erased are read anew from the log."""
        for event in events:
            if event.event_type == event_store.ERASURE:
                for run_id in event.payload["runs"]:
                    self._states.pop(f"run:{run_id}", None)
                self._states.pop(event.stream_id, None)

    def _keep(self, stream_id: str, version: int, state: Any) -> None:  # noqa: ANN401 - any aggregate's state
        self._states[stream_id] = (version, state)
        self._states.move_to_end(stream_id)
        if len(self._states) > _KEPT_STATES:
            self._states.popitem(last=False)


def _evolved(aggregate: _Aggregate, state: Any, event: RecordedEvent) -> Any:  # noqa: ANN401 - any aggregate's state
    """The state after the event; one that was appended from outside in another shape says nothing to the state."""
    fact = aggregate.events.get(event.event_type)
    if fact is None or not _fields(fact) <= event.payload.keys():
        return state
    return aggregate.evolve(state, fact(**{name: event.payload[name] for name in _fields(fact)}))


@cache
def _fields(fact: Any) -> frozenset[str]:  # noqa: ANN401 - any event's class
    return frozenset(field.name for field in dataclasses.fields(fact))


def _kind_of(command: Any) -> str:  # noqa: ANN401 - any command
    if isinstance(command, BRAND_COMMANDS):
        return "brand"
    if isinstance(command, PROJECT_COMMANDS):
        return "project"
    if isinstance(command, TOKEN_COMMANDS):
        return "token"
    if isinstance(command, WEBHOOK_COMMANDS):
        return "webhook"
    if isinstance(command, RecordRefusal):
        return "access"
    return "thread" if type(command).__module__.endswith("thread_messages") else "run"


def _envelopes(events: Sequence[Any], state: Any, by: Actor, now: datetime) -> list[EventEnvelope]:  # noqa: ANN401
    return [_envelope(event, state, by, now) for event in events]


def _envelope(event: Any, state: Any, by: Actor, now: datetime) -> EventEnvelope:  # noqa: ANN401 - any event, any state
    event_type = type(event).__name__
    aggregate_id = getattr(event, f"{event.aggregate}_id")
    run_id = getattr(event, "run_id", None)

    def scope(name: str) -> str | None:
        return getattr(event, name, None) or getattr(state, name, None) or None

    return EventEnvelope(
        event_id=_event_id(event, event_type),
        event_type=event_type,
        aggregate_type=event.aggregate,
        aggregate_id=aggregate_id,
        stream_id=f"{event.aggregate}:{aggregate_id}",
        actor_type=by.type,
        actor_id=by.id,
        payload={name: getattr(event, name) for name in _FIELDS[event_type]},
        payload_version=CATALOGUE[event_type],
        brand_id=scope("brand_id"),
        project_id=scope("project_id"),
        thread_id=scope("thread_id"),
        run_id=run_id,
        correlation_id=run_id,
        occurred_at=now,
    )


def _event_id(event: Any, event_type: str) -> str:  # noqa: ANN401 - any event
    """Ids of what follows from other events are derived, so that doing it twice is refused by the log itself."""
    if event_type == "StageStarted":
        return str(event.attempt_id)
    if event_type in {"WorkflowRunQueued", "WorkflowRunImported"}:
        return derive_id("evt", event.run_id, "queued")
    return new_id("evt")


def _thread_without_events(connection: Connection, thread_id: str) -> Thread:
    """A thread that stands in the view alone, put there by hand."""
    row = connection.execute(select(ThreadView.__table__).where(ThreadView.thread_id == thread_id)).first()
    if row is None:
        return Thread()
    return Thread(
        exists=True,
        thread_id=row.thread_id,
        brand_id=row.brand_id,
        project_id=row.project_id,
        title=row.title,
        status=row.status,
    )
