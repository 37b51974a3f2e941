"""The vectors of passages: made in a thread of their own once the texts are indexed, and compared one by one.

Vectors have length 1 and are kept as float32, so that the cosine of two is the sum of their products.
"""

import threading
from array import array
from collections.abc import Mapping, Sequence
from functools import partial
from operator import mul
from typing import Final, TypeAlias

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from vm_webapp.db import execute, execute_many
from vm_webapp.errors import VmError
from vm_webapp.memory.embeddings import Embeddings, MeaningUnavailable, Vector
from vm_webapp.memory.passages import split
from vm_webapp.memory.search import Filters, Ranked
from vm_webapp.memory.store import Store
from vm_webapp.signals import Signal

log = structlog.get_logger(__name__)

_NEAR_ENOUGH: Final = 0.25
_NEAREST: Final = 50
_DOCUMENTS_AT_ONCE: Final = 8
_PASSAGES_EACH: Final = 24
_AGAIN_AFTER_SECONDS: Final = 30.0

VectorRow: TypeAlias = tuple[int, str, int, bytes]


def nearest(connection: Connection, vector: Vector, filters: Filters, *, model: str) -> Ranked:
    """The documents with a passage near the vector, the nearest first, and how near it is."""
    condition, values = filters.condition()
    rows = execute(
        connection,
        "SELECT v.document_id, v.vector, s.brand_id, s.stage_key, d.path, d.sha256 FROM vectors v"  # noqa: S608 - values are bound
        " JOIN documents d ON d.document_id = v.document_id JOIN stages s ON s.stage_id = d.stage_id"
        f" WHERE v.model = ? AND {condition}",
        (model, *values),
    )
    best: dict[tuple[str, ...], tuple[float, int]] = {}
    for document_id, blob, *place in rows:
        other = array("f", blob)
        if len(other) == len(vector):
            near = sum(map(mul, vector, other))
            key = tuple(place)
            best[key] = max(best.get(key, (_NEAR_ENOUGH, 0)), (near, document_id))
    ranked = sorted((one for one in best.values() if one[1]), reverse=True)[:_NEAREST]
    return [(document_id, near) for near, document_id in ranked]


def embed_pending(store: Store, embeddings: Embeddings) -> int:
    """Make the vectors of the oldest documents without any; returns how many documents those were."""
    with store.read() as connection:
        rows = execute(
            connection,
            "SELECT d.document_id, d.title, b.body FROM documents d JOIN bodies b ON b.document_id = d.document_id"
            " WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.document_id = d.document_id AND v.model = ?)"
            " ORDER BY d.document_id LIMIT ?",
            (embeddings.name, _DOCUMENTS_AT_ONCE),
        ).fetchall()
    texts = {document_id: _pieces(title, body) for document_id, title, body in rows}
    made = _embedded(embeddings, texts)
    if made:
        store.write(partial(_save, made=made))
    return len(rows)


def _embedded(embeddings: Embeddings, texts: Mapping[int, Sequence[str]]) -> list[VectorRow]:
    """The rows of some documents' vectors; one that the server refuses gets an empty vector, which is near nothing."""
    try:
        vectors = iter(embeddings.embed([text for pieces in texts.values() for text in pieces]) if texts else [])
    except MeaningUnavailable as error:
        if not error.refused:
            raise
        if len(texts) > 1:
            return [row for one in texts.items() for row in _embedded(embeddings, dict([one]))]
        log.warning("meaning.refused", documents=list(texts), error=str(error))
        return [(document_id, embeddings.name, 0, b"") for document_id in texts]
    return [
        (document_id, embeddings.name, ordinal, next(vectors).tobytes())
        for document_id, pieces in texts.items()
        for ordinal in range(len(pieces))
    ]


class VectorFollower:
    """Makes vectors as documents come; where the model does not answer it tries again later."""

    def __init__(self, store: Store, embeddings: Embeddings | None) -> None:
        self._store = store
        self._embeddings = embeddings
        self._wake = Signal()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Follow from now on, if there is an embedding model."""
        if self._embeddings is not None:
            self._thread = threading.Thread(target=self._follow, args=(self._embeddings,), name="meaning", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Say that there may be new documents."""
        self._wake.notify()

    def close(self) -> None:
        """Stop; a request that is under way is not waited for."""
        self._ending.set()
        self._wake.notify()

    def _follow(self, embeddings: Embeddings) -> None:
        while not self._ending.is_set():
            seen = self._wake.count
            try:
                while not self._ending.is_set() and self._store.exists() and embed_pending(self._store, embeddings):
                    pass
            except (VmError, DatabaseError, OSError) as error:
                log.warning("meaning.not_indexed", error=str(error))
                self._ending.wait(_AGAIN_AFTER_SECONDS)
                continue
            self._wake.wait(seen)


def _pieces(title: str, body: str) -> Sequence[str]:
    found = [f"{title}\n{one.heading}\n{one.text}" for one in split(body)[:_PASSAGES_EACH]]
    return found or [title or "-"]


def _save(connection: Connection, *, made: Sequence[VectorRow]) -> None:
    execute_many(connection, "INSERT OR IGNORE INTO vectors VALUES (?, ?, ?, ?)", made)
