"""What is read becomes rows: stages, documents, their words and sources; taking a stage in twice changes nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import Connection

from vm_webapp.db import execute, execute_many, first_value
from vm_webapp.memory.published import PublishedStage
from vm_webapp.memory.reading import Document, StageTexts
from vm_webapp.memory.store import recollect, remember
from vm_webapp.memory.words import FUNCTION_WORDS, stems, words

_STAGE: Final = (
    "INSERT INTO stages (run_id, stage_key, stage_position, brand_id, project_id, thread_id, mode, manifest_sha256,"
    " writer, model, prompt_sha256, created_at, granted, unknown, completed, gap)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', ?, ?, ?, ?, '')"
    " ON CONFLICT (run_id, stage_key) DO UPDATE"
    " SET granted = excluded.granted, unknown = excluded.unknown, completed = excluded.completed"
)


class Place(NamedTuple):
    """How far the log is indexed, and the event that stands there."""

    position: int
    event_id: str


@dataclass(frozen=True, slots=True)
class Intake:
    """A stage, with its texts where they were read now."""

    stage: PublishedStage
    texts: StageTexts | None


def load_place(connection: Connection) -> Place:
    """How far the index has come; position 0 at first."""
    return Place(int(recollect(connection, "position") or 0), recollect(connection, "event_id"))


def known_stages(connection: Connection, stages: Sequence[PublishedStage]) -> set[tuple[str, str]]:
    """Those of the stages that are indexed without a gap."""
    query = "SELECT 1 FROM stages WHERE run_id = ? AND stage_key = ? AND gap = ''"
    return {stage.key for stage in stages if first_value(connection, query, stage.key)}


def list_gaps(connection: Connection) -> list[tuple[str, str]]:
    """The stages of which something could not be read: run and key."""
    found = execute(connection, "SELECT run_id, stage_key FROM stages WHERE gap <> '' ORDER BY stage_id LIMIT 50")
    return [(run_id, stage_key) for run_id, stage_key in found]


def take_in(connection: Connection, *, intake: Sequence[Intake], place: Place | None) -> None:
    """Write what is known of the stages and, where given, how far the log is indexed with it."""
    for one in intake:
        _save_stage(connection, one.stage)
        if one.texts is not None:
            _save_texts(connection, one.stage, one.texts)
    if place is not None:
        remember(connection, "position", place.position)
        remember(connection, "event_id", place.event_id)


def _save_stage(connection: Connection, stage: PublishedStage) -> None:
    was_granted, was_unknown = _before(connection, stage)
    granted = stage.granted or was_granted
    row = (
        *stage.key,
        stage.position,
        stage.brand_id,
        stage.project_id,
        stage.thread_id,
        stage.mode,
        stage.manifest_sha256,
        stage.writer,
        stage.created_at,
        int(granted),
        int(not granted and (stage.unknown or was_unknown)),
        int(stage.completed),
    )
    execute(connection, _STAGE, row)


def _before(connection: Connection, stage: PublishedStage) -> tuple[bool, bool]:
    """Whether what was taken over by digest was granted, and whether that is unknown: it stays so."""
    query = "SELECT granted, unknown FROM stages WHERE run_id = ? AND stage_key = ?"
    found = execute(connection, query, (stage.carried_from, stage.stage_key)).fetchone() or (0, 0)
    return bool(found[0]), bool(found[1])


def _save_texts(connection: Connection, stage: PublishedStage, texts: StageTexts) -> None:
    named = dict(sorted(texts.sources, key=lambda one: (len(one[1]), one), reverse=True))
    execute(
        connection,
        "UPDATE stages SET gap = ?, model = ?, prompt_sha256 = ? WHERE run_id = ? AND stage_key = ?",
        (texts.gap, named.get("model", ""), named.get("prompt_sha256", ""), *stage.key),
    )
    stage_id = first_value(connection, "SELECT stage_id FROM stages WHERE run_id = ? AND stage_key = ?", stage.key)
    for document in texts.documents:
        _save_document(connection, stage_id, document)
    rows = [(*stage.key, kind, value) for kind, value in sorted({*texts.sources, *_sources(stage)})]
    execute_many(connection, "INSERT OR IGNORE INTO sources (run_id, stage_key, kind, value) VALUES (?, ?, ?, ?)", rows)


def _save_document(connection: Connection, stage_id: int, document: Document) -> None:
    added = execute(
        connection,
        "INSERT INTO documents (stage_id, path, kind, title, language, sha256) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (
            stage_id,
            document.path,
            document.kind,
            document.title,
            document.language,
            document.sha256,
        ),
    )
    if added.rowcount:
        execute(
            connection,
            "INSERT INTO bodies (document_id, body) VALUES (?, ?)",
            (added.lastrowid, document.text),
        )
        execute(
            connection,
            "INSERT INTO words (rowid, title, body, stems) VALUES (?, ?, ?, ?)",
            (added.lastrowid, *words_row(document.title, document.text, document.language)),
        )


def words_row(title: str, text: str, language: str) -> tuple[str, str, str]:
    """What the words of a document are indexed as: those of its title, of its text, and the stems of both."""
    of_title, of_text = words(title), words(text)
    return " ".join(of_title), " ".join(of_text), _stems_of((*of_title, *of_text), language)


def _stems_of(said: tuple[str, ...], language: str) -> str:
    """The words' stems in the order of the words, each word looked up once; words that say little are left out."""
    found = {word: " ".join(stems(word, language)) for word in set(said) - FUNCTION_WORDS}
    return " ".join(found[word] for word in said if word in found)


def _sources(stage: PublishedStage) -> Iterator[tuple[str, str]]:
    """What the log knows it was made from: the stages that it read, and the run that it was taken over from."""
    yield from (("source_sha256", sha256) for sha256 in stage.reads)
    if stage.carried_from:
        yield "source_run_id", stage.carried_from
