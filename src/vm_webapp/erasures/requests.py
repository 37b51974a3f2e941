"""Requests to erase: what one would take, where copies are left that it does not reach, and the record of one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from vm_webapp import event_store, repo
from vm_webapp.commands import new_id
from vm_webapp.db import execute, first_value
from vm_webapp.domain.thread_messages import Erasable, EraseContent, ErasureScope
from vm_webapp.erasures.follower import CHECKPOINT
from vm_webapp.errors import NotFound, NotReadable
from vm_webapp.events import RecordedEvent
from vm_webapp.memory import MemoryIndex
from vm_webapp.models import utc_text

Record = Mapping[str, Any]
_ALL: Final = 1_000
_RULES: Final = "SELECT rule_id FROM rules_view WHERE json_extract(from_rejection_json, '$.run_id') = ?"
_LATER: Final = (
    "SELECT run_id FROM runs_view WHERE thread_id = ? AND erased_json IS NULL AND requested_position >"
    " (SELECT created_position FROM comments_view WHERE comment_id = ?) ORDER BY requested_position"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be erased: a comment, a run with all that was said of it, or a whole thread."""

    thread_id: str
    scope: ErasureScope
    subject_id: str


def subject_of(thread_id: str, *, run_id: str | None = None, comment_id: str | None = None) -> Subject:
    """The subject that is named; the thread where neither a run nor a comment is."""
    if comment_id is not None:
        return Subject(thread_id, "comment", comment_id)
    return Subject(thread_id, "run", run_id) if run_id is not None else Subject(thread_id, "thread", thread_id)


def erase_request(subject: Subject, *, reason: str) -> EraseContent:
    """The command, with an id of its own."""
    return EraseContent(
        thread_id=subject.thread_id,
        erasure_id=new_id("era"),
        scope=subject.scope,
        subject_id=subject.subject_id,
        reason=reason,
    )


def preview(connection: Connection, memory: MemoryIndex, subject: Subject) -> Record:
    """What an erasure would take, and what it would leave elsewhere; NotFound where there is no such subject."""
    found = repo.find_erasable(connection, subject.thread_id, scope=subject.scope, subject_id=subject.subject_id)
    return {
        "thread_id": subject.thread_id,
        "scope": subject.scope,
        "subject_id": subject.subject_id,
        "texts": len(found.events),
        **{name: list(getattr(found, name)) for name in ("runs", "comments", "tasks", "in_clear", "unsettled")},
        "elsewhere": list(_elsewhere(connection, memory, subject, found)),
    }


def get_erasure(connection: Connection, thread_id: str, erasure_id: str) -> Record:
    """The record of an erasure; NotFound where there is none."""
    for event in _erasures(connection, thread_id):
        if event.payload["erasure_id"] == erasure_id:
            return _record(connection, event)
    raise NotFound(kind="erasure", id=erasure_id)


def list_erasures(connection: Connection, thread_id: str) -> Sequence[Record]:
    """The erasures of a thread, newest first."""
    return [_record(connection, event) for event in reversed(list(_erasures(connection, thread_id)))]


def _erasures(connection: Connection, thread_id: str) -> Iterator[RecordedEvent]:
    after = 0
    while events := event_store.read_after(connection, after, thread_id=thread_id, types=[event_store.ERASURE]):
        yield from events
        after = events[-1].global_position


def _record(connection: Connection, event: RecordedEvent) -> Record:
    payload = event.payload
    said = {name: payload[name] for name in ("erasure_id", "thread_id", "scope", "subject_id", "reason")}
    return {
        **said,
        "by": event.actor_id,
        "at": utc_text(event.occurred_at),
        "texts": len(payload["events"]),
        **{name: list(payload[name]) for name in ("runs", "comments", "tasks", "in_clear")},
        "swept": event_store.load_checkpoint(connection, CHECKPOINT) >= event.global_position,
    }


def _elsewhere(
    connection: Connection, memory: MemoryIndex, subject: Subject, found: Erasable
) -> Iterator[dict[str, str]]:
    """Runs and rules that may hold what was copied from it: each with what it is, its id, and how it came there."""
    taken = set(found.runs)
    told: set[str] = set()
    for run_id in found.runs:
        for row in repo.list_descendants(connection, run_id):
            yield from _run(connection, row["run_id"], "forked_from_it", taken, told)
        for reminded in _reminded(memory, run_id):
            yield from _run(connection, reminded, "reminded_of_it", taken, told)
        for (rule_id,) in execute(connection, _RULES, (run_id,)):
            yield {"kind": "rule", "id": str(rule_id), "why": "made_of_its_rejection"}
    if subject.scope == "comment":
        for (run_id,) in execute(connection, _LATER, (subject.thread_id, subject.subject_id)).fetchall():
            yield from _run(connection, str(run_id), "asked_for_after_it", taken, told)


def _reminded(memory: MemoryIndex, run_id: str) -> Iterator[str]:
    """Runs whose writers had passages of it at hand; none where the index cannot tell."""
    try:
        for hit in memory.made_with({"source_run_id": run_id}, limit=_ALL).hits:
            yield str(hit.facts["run_id"])
    except NotReadable:
        return


def _run(connection: Connection, run_id: str, why: str, taken: set[str], told: set[str]) -> Iterator[dict[str, str]]:
    gone = first_value(connection, "SELECT erased_json FROM runs_view WHERE run_id = ?", (run_id,))
    if run_id not in taken | told and not gone:
        told.add(run_id)
        yield {"kind": "run", "id": run_id, "why": why}
