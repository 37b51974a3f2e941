"""Past deliverables by their words and, where vectors are there, by their meaning.

Words are ranked by BM25 with a title counting most; the two rankings are joined by reciprocal rank fusion (Cormack,
Clarke and Buettcher, SIGIR 2009). Of deliverables with the same bytes at the same place of one brand the newest is
shown. A search sees its best 200 and no more; the cursor of a page names those that are left, so that nothing that is
indexed meanwhile moves a page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection

from vm_webapp.db import execute
from vm_webapp.errors import Invalid
from vm_webapp.memory.queries import Query
from vm_webapp.memory.snippets import Piece, snippet
from vm_webapp.memory.store import recollect

MOST_RESULTS: Final = 200
MEANINGS: Final = ("off", "used", "unavailable")
"""What part meaning had in a search."""

_FETCHED: Final = 1_000
_SCALE: Final = 10**9
_LARGEST: Final = 2**53
_SMOOTHING: Final = 60
_FROM: Final = (
    "FROM documents d JOIN stages s ON s.stage_id = d.stage_id JOIN bodies b ON b.document_id = d.document_id"
)
_COLUMNS: Final = (
    "d.document_id",
    "s.run_id",
    "s.thread_id",
    "s.brand_id",
    "s.project_id",
    "s.stage_key",
    "s.mode",
    "d.path",
    "d.title",
    "d.kind",
    "d.language",
    "d.sha256",
    "s.manifest_sha256",
    "s.writer",
    "s.model",
    "s.prompt_sha256",
    "s.granted",
    "s.unknown",
    "s.completed",
    "s.created_at",
    "b.body",
)
_RECORD: Final = f"SELECT {', '.join(_COLUMNS)} {_FROM} WHERE d.document_id = ?"
_APPROVED: Final = "(s.granted OR (s.completed AND NOT s.unknown))"
Ranked: TypeAlias = list[tuple[int, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a deliverable has to be; None where anything will do.

    `approved`: granted, or of a completed run; where nobody knows whether it was granted, that is not enough.
    """

    brand_id: str | None = None
    project_id: str | None = None
    mode: str | None = None
    approved: bool | None = None

    def condition(self) -> tuple[str, list[Any]]:
        """The condition on `stages s`, and its values."""
        named = {"brand_id": self.brand_id, "project_id": self.project_id, "mode": self.mode}
        parts = [f"s.{name} = ?" for name, value in named.items() if value is not None]
        if self.approved is not None:
            parts.append(_APPROVED if self.approved else f"NOT {_APPROVED}")
        return " AND ".join(parts) or "1", [value for value in named.values() if value is not None]


@dataclass(frozen=True, slots=True)
class Hit:
    """A deliverable that was found: the facts of it by name, how well it fits, and a piece of it."""

    facts: dict[str, Any]
    score: float
    snippet: list[Piece]


def by_words(connection: Connection, query: Query, filters: Filters) -> Ranked:
    """The documents with all words of the query, the best first, and how well each fits."""
    if not query.match:
        return []
    condition, values = filters.condition()
    found = execute(
        connection,
        "SELECT d.document_id, -bm25(words, 6.0, 1.0, 0.6) AS score, s.brand_id, s.stage_key, d.path, d.sha256"  # noqa: S608 - values are bound
        " FROM words JOIN documents d ON d.document_id = words.rowid JOIN stages s ON s.stage_id = d.stage_id"
        f" WHERE words MATCH ? AND {condition}"
        " ORDER BY score DESC, s.created_at DESC, s.run_id, s.stage_key, d.path LIMIT ?",
        (query.match, *values, _FETCHED),
    )
    best: dict[tuple[str, ...], tuple[int, float]] = {}
    for document_id, score, *place in found:
        best.setdefault(tuple(place), (document_id, score))
    return list(best.values())[:MOST_RESULTS]


def fuse(rankings: Sequence[Ranked]) -> Ranked:
    """One ranking of several; a single one stays as it is."""
    if len(rankings) == 1:
        return rankings[0]
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, (document_id, _) in enumerate(ranking, start=1):
            scores[document_id] = scores.get(document_id, 0.0) + 1 / (_SMOOTHING + rank)
    return sorted(scores.items(), key=lambda one: (-one[1], -one[0]))[:MOST_RESULTS]


def load_hits(connection: Connection, ranked: Iterable[tuple[int, float]], query: Query, filters: Filters) -> list[Hit]:
    """The documents of a ranking, which have to be what is asked for, whoever named them."""
    condition, values = filters.condition()
    hits = []
    for document_id, score in ranked:
        row = execute(connection, f"{_RECORD} AND {condition}", (document_id, *values)).fetchone()
        if row is not None:
            facts = {name.partition(".")[2]: value for name, value in zip(_COLUMNS, row, strict=True)}
            body = facts.pop("body")
            hits.append(Hit(facts, float(f"{score:.4g}"), snippet(query, body)))
    return hits


def encode_rest(connection: Connection, rest: Ranked, meaning: str) -> str | None:
    """The cursor that names what is left of a ranking, and how meaning had a part in it; None where nothing is left."""
    if not rest:
        return None
    named = "~".join(f"{document_id:x}_{max(0, round(score * _SCALE)):x}" for document_id, score in rest)
    return f"{recollect(connection, 'generation')}~{meaning}~{named}"


def decode_rest(connection: Connection, cursor: str) -> tuple[str, Ranked]:
    """What a cursor names; Invalid for what no search of this index has given."""
    try:
        generation, meaning, *named = cursor.split("~")
        pairs = [one.split("_") for one in named]
        rest = [(int(document_id, 16), int(score, 16) / _SCALE) for document_id, score in pairs]
    except (ValueError, OverflowError):
        generation, meaning, rest = "", "", []
    sound = all(0 < document_id < _LARGEST and 0 <= score < _LARGEST for document_id, score in rest)
    if generation != recollect(connection, "generation") or meaning not in MEANINGS or not rest or not sound:
        raise Invalid("The cursor in `after` is none that this search has given; begin without it.")
    return meaning, rest[:MOST_RESULTS]
