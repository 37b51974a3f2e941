"""What was found as JSON: the index's facts, with the names that run and thread have now."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection

from vm_webapp.db import execute
from vm_webapp.memory.search import Hit

Record = Mapping[str, Any]
_NAMES: Final = (
    "SELECT r.number, t.title FROM runs_view r LEFT JOIN threads_view t ON t.thread_id = r.thread_id WHERE r.run_id = ?"
)
_FACTS: Final = (
    "run_id",
    "thread_id",
    "brand_id",
    "project_id",
    "stage_key",
    "mode",
    "path",
    "title",
    "kind",
    "language",
    "sha256",
    "manifest_sha256",
    "writer",
    "model",
    "prompt_sha256",
    "created_at",
)


def deliverable_records(connection: Connection, hits: Sequence[Hit]) -> list[dict[str, Any]]:
    """The deliverables; one whose run the views do not have is left out. The connection is to the database."""
    return [record for _, record in _named(connection, hits)]


def result_records(connection: Connection, hits: Sequence[Hit]) -> list[dict[str, Any]]:
    """The same, each with how well it fits and a piece of it."""
    named = _named(connection, hits)
    return [{**record, "score": hit.score, "snippet": hit.snippet} for hit, record in named]


def _named(connection: Connection, hits: Sequence[Hit]) -> Iterator[tuple[Hit, dict[str, Any]]]:
    for hit in hits:
        names = execute(connection, _NAMES, (hit.facts["run_id"],)).fetchone()
        if names is not None:
            yield hit, _record(hit, number=names[0], thread_title=names[1] or "")


def _record(hit: Hit, *, number: int, thread_title: str) -> dict[str, Any]:
    facts = hit.facts
    name = facts["path"].partition("/")[2]
    place = "/".join(quote(part, safe="") for part in (facts["run_id"], "artifacts", facts["stage_key"], name))
    return {
        **{fact: facts[fact] for fact in _FACTS},
        "number": number,
        "thread_title": thread_title,
        "granted": None if facts["unknown"] else bool(facts["granted"]),
        "approved": bool(facts["granted"] or (facts["completed"] and not facts["unknown"])),
        "url": f"/api/v2/workflow-runs/{place}",
    }
