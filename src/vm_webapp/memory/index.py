"""The index over a workspace's published artifacts, for those who ask it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Connection

from vm_webapp.errors import NotReadable
from vm_webapp.memory.embeddings import QUERY_SECONDS, Embeddings, MeaningUnavailable, Vector
from vm_webapp.memory.intake import load_place
from vm_webapp.memory.provenance import made_with
from vm_webapp.memory.queries import Query, parse
from vm_webapp.memory.recall import recall
from vm_webapp.memory.search import Filters, Hit, Ranked, by_words, decode_rest, encode_rest, fuse, load_hits
from vm_webapp.memory.store import Store
from vm_webapp.memory.vectors import nearest
from vm_webapp.workspace import Workspace
from vm_webapp.writers import RecalledDocument

log = structlog.get_logger(__name__)

ANYTHING: Final = Filters()
_ASKED: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of what was found; `indexed_to` is the global position up to which the log is indexed.

    `meaning`: `off` where no embedding model is configured, `used`, or `unavailable` where it did not answer.
    """

    hits: list[Hit]
    indexed_to: int = 0
    next: str | None = None
    meaning: str = "off"


class MemoryIndex:
    """The index over the workspace below `root`; needs no database, and finds nothing where nothing is indexed."""

    def __init__(self, root: Path, *, embeddings: Embeddings | None = None) -> None:
        self.root = Path(root)
        self.workspace = Workspace(self.root)
        self.store = Store(self.workspace.recall)
        self.embeddings = embeddings
        self.distrust: Callable[[], None] = lambda: None

    def search(self, text: str, *, filters: Filters = ANYTHING, limit: int = 20, after: str | None = None) -> Found:
        """The deliverables with these words, or near them in meaning, the best first.

        Any text is a query. Raises Invalid for a cursor that is none and a text that is too long, NotReadable where the
        index is garbled.
        """
        query = parse(text)
        if not self.store.exists():
            return Found(hits=[])
        if after is not None:
            with self._reading() as connection:
                meaning, ranked = decode_rest(connection, after)
                return _page(connection, ranked, query, filters, limit=limit, meaning=meaning)
        vector, meaning = self._meaning_of(text) if query.terms else (None, "off")
        with self._reading() as connection:
            rankings = [by_words(connection, query, filters)]
            if vector is not None and self.embeddings is not None:
                rankings.append(nearest(connection, vector, filters, model=self.embeddings.name))
            return _page(connection, fuse(rankings), query, filters, limit=limit, meaning=meaning)

    def made_with(
        self, named: Mapping[str, str], *, filters: Filters = ANYTHING, limit: int = 50, before: int | None = None
    ) -> Found:
        """The deliverables that were made with all that is named (`provenance.KINDS`), the newest first."""
        if not self.store.exists():
            return Found(hits=[])
        with self._reading() as connection:
            hits = made_with(connection, named, filters, limit=limit, before=before)
            return Found(hits=hits, indexed_to=load_place(connection).position)

    def recall_for(
        self, *, brand_id: str, text: str, limit: int = 5, exclude_run_id: str | None = None
    ) -> tuple[RecalledDocument, ...]:
        """Passages of the brand's earlier approved deliverables that have to do with the text, the best first.

        Their texts have 6,000 characters at the most, and come from files whose digests hold now. A missing or garbled
        index recalls nothing: no run fails for it.
        """
        if not self.store.exists():
            return ()
        try:
            with self._reading() as connection:
                return tuple(
                    recall(
                        connection,
                        self.workspace,
                        brand_id=brand_id,
                        text=text,
                        limit=limit,
                        exclude_run_id=exclude_run_id,
                    )
                )
        except NotReadable as error:
            log.warning("recall.nothing", error=str(error))
            return ()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self.store.read() as connection:
                yield connection
        except NotReadable:
            self.distrust()
            raise

    def _meaning_of(self, text: str) -> "tuple[Vector | None, str]":
        """The text's vector, and what became of it."""
        if self.embeddings is None:
            return None, "off"
        try:
            (vector,) = self.embeddings.embed([text[:_ASKED]], seconds=QUERY_SECONDS)
        except MeaningUnavailable as error:
            log.warning("meaning.unavailable", error=str(error))
            return None, "unavailable"
        return vector, "used"


def _page(connection: Connection, ranked: Ranked, query: Query, filters: Filters, *, limit: int, meaning: str) -> Found:
    return Found(
        hits=load_hits(connection, ranked[:limit], query, filters),
        indexed_to=load_place(connection).position,
        next=encode_rest(connection, ranked[limit:], meaning),
        meaning=meaning,
    )
