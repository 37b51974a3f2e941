"""What a proof is about: one event, or the first events of a stream; claimed by its file, and told by its events.

Nobody has signed the claim, so it counts only as far as the events bear it out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vm_webapp.errors import Invalid

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """The versions of a stream that are in a proof, in the log's order."""

    stream_id: str
    versions: tuple[int, ...]

    @property
    def is_whole(self) -> bool:
        """Whether they are all from the first to the last that is there; later ones may exist."""
        return self.versions == tuple(range(1, len(self.versions) + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a file says that it proves: the event of that id, or that many events from a stream's beginning."""

    event_id: str = ""
    stream_id: str = ""
    events: int = 0

    @classmethod
    def parse(cls, found: object) -> "Subject":
        """The subject as it stands in a document; Invalid where it has not the form of one."""
        if isinstance(found, dict):
            one, stream, events = found.get("event_id"), found.get("stream_id"), found.get("events")
            if found.keys() == {"event_id"} and isinstance(one, str) and one:
                return cls(event_id=one)
            if (
                found.keys() == {"stream_id", "events"}
                and isinstance(stream, str)
                and type(events) is int
                and events > 0
            ):
                return cls(stream_id=stream, events=events)
        raise Invalid("A subject names either an event_id, or a stream_id and how many events.")

    def record(self) -> dict[str, Any]:
        """As it stands in a document."""
        if self.event_id:
            return {"event_id": self.event_id}
        return {"stream_id": self.stream_id, "events": self.events}

    def __str__(self) -> str:
        """As a sentence names it."""
        if self.event_id:
            return f"the event {self.event_id}"
        return f"the events 1 to {self.events} of {self.stream_id}"


def subject_of(facts: Sequence[Facts]) -> Subject | None:
    """What these events prove together; None where they are neither one event nor one whole stream."""
    if len(facts) == 1:
        return Subject(event_id=facts[0]["event_id"])
    streams = streams_of(facts)
    if len(streams) == 1 and streams[0].is_whole:
        return Subject(stream_id=streams[0].stream_id, events=len(facts))
    return None


def streams_of(facts: Sequence[Facts]) -> list[Stream]:
    """The streams that the events stand on, in the order in which they come."""
    found: dict[str, list[int]] = {}
    for one in facts:
        found.setdefault(one["stream_id"], []).append(one["stream_version"])
    return [Stream(stream_id=stream_id, versions=tuple(versions)) for stream_id, versions in found.items()]


def contradictions(claimed: Subject | None, facts: Sequence[Facts]) -> Iterator[str]:
    """What speaks against the claim, a sentence each; nothing does where none is made."""
    if claimed is None:
        return
    if claimed.event_id:
        holds = [one["event_id"] for one in facts] == [claimed.event_id]
    else:
        due = Stream(stream_id=claimed.stream_id, versions=tuple(range(1, len(facts) + 1)))
        holds = len(facts) == claimed.events and streams_of(facts) == [due]
    if not holds:
        yield f"It claims to prove {claimed}, and its events are not that."
