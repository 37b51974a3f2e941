"""A run that was brought from another log: one event, WorkflowRunImported, carries what was recorded of it there.

The stream of such a run begins and ends with that event: state and view are folded from what it carries, so that it is
settled from its first moment, belongs to the thread it was brought into, and can be read, rebuilt and forked like any
other. What it cost was paid elsewhere, and the run that it was forked from is elsewhere, too: both are left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from vm_webapp.domain.run_commands import ImportRun
from vm_webapp.domain.run_events import RUN_EVENTS, WorkflowRunImported
from vm_webapp.errors import AlreadyExists
from vm_webapp.events import upcast

IMPORTED: Final = "WorkflowRunImported"
_PLACE: Final = ("thread_id", "brand_id", "project_id")
_MONEY: Final = frozenset({"ModelCallReserved", "ModelCallSettled"})
_CLASSES: Final[Mapping[str, type[Any]]] = {event.__name__: event for event in RUN_EVENTS}


class RunIsHere(AlreadyExists):
    """There is a run {run_id!r} here already, and it is another than that of the bundle."""

    remedy = "The run that is here stays as it is. To look at the bundle's, bring it into another workspace."


@dataclass(frozen=True, slots=True, kw_only=True)
class PastEvent:
    """An event of another log; the payload is in today's shape and names the place that the run was brought into."""

    event_id: str
    event_type: str
    actor_type: str
    actor_id: str
    occurred_at: str
    payload: Mapping[str, Any]

    @property
    def fact(self) -> Any:  # noqa: ANN401 - an event of the run's, of any class
        """The event as the domain knows it."""
        kind = _CLASSES[self.event_type]
        return kind(**{field.name: self.payload[field.name] for field in fields(kind)})


def past_events(payload: Mapping[str, Any]) -> Iterator[PastEvent]:
    """What a WorkflowRunImported carries, oldest first, in the shapes of today."""
    place = {name: payload[name] for name in _PLACE}
    for said in payload["past"]:
        if said["event_type"] in _MONEY:
            continue
        facts = upcast(said["event_type"], said["payload_version"], said["payload"], said["event_id"])
        if said["event_type"] == "WorkflowRunQueued":
            facts = {**facts, **place, "forked_from": None}
        names = ("event_id", "event_type", "actor_type", "actor_id", "occurred_at")
        yield PastEvent(**{name: said[name] for name in names}, payload=facts)


def decide_import(command: ImportRun, head_sha256: str | None, *, exists: bool) -> tuple[WorkflowRunImported, ...]:
    """The event of an import; none where the same run was brought in before: RunIsHere for a run of that id else.

    `head_sha256` is the digest of the last event that was brought in with a run of that id, None for one made here.
    """
    if exists:
        if head_sha256 == command.head_sha256:
            return ()
        made_here = f"The run {command.run_id!r} was made in this workspace; nothing needs to be brought in."
        raise RunIsHere(None if head_sha256 else made_here, run_id=command.run_id)
    return (
        WorkflowRunImported(
            run_id=command.run_id,
            thread_id=command.thread_id,
            brand_id=command.brand_id,
            project_id=command.project_id,
            bundle_sha256=command.bundle_sha256,
            origin=command.origin,
            key=command.key,
            fingerprint=command.fingerprint,
            checkpoint=command.checkpoint,
            head_sha256=command.head_sha256,
            past=[dict(said) for said in command.past],
        ),
    )
