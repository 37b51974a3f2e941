"""What a writer is reminded of: passages of earlier approved deliverables of the same brand, read from their files.

The index says where to look; the text comes from the file, and only while its digest holds.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection

from vm_webapp import artifacts
from vm_webapp.db import execute
from vm_webapp.errors import VmError
from vm_webapp.memory.passages import split
from vm_webapp.memory.queries import any_of
from vm_webapp.memory.reading import plain_text
from vm_webapp.memory.words import stems, words
from vm_webapp.workspace import Workspace
from vm_webapp.writers import RecalledDocument

TOTAL: Final = 6_000
"""How many characters are recalled at the most."""

_EACH: Final = 1_800
_CANDIDATES: Final = 40
_GRANTED_WEIGHT: Final = 1.5
_QUERY: Final = (
    "SELECT s.run_id, s.stage_key, s.stage_position, s.manifest_sha256, d.path, d.title, d.language, d.sha256"
    " FROM words JOIN documents d ON d.document_id = words.rowid JOIN stages s ON s.stage_id = d.stage_id"
    " WHERE words MATCH ? AND s.brand_id = ? AND (s.granted OR s.completed) AND s.run_id <> ?"
    " ORDER BY bm25(words, 2.0, 1.0, 1.0) * (CASE s.granted WHEN 1 THEN ? ELSE 1 END), s.created_at DESC, s.run_id,"
    " s.stage_key, d.path LIMIT ?"
)


def recall(
    connection: Connection, workspace: Workspace, *, brand_id: str, text: str, limit: int, exclude_run_id: str | None
) -> Iterator[RecalledDocument]:
    """The documents that have most to do with the text, the best first, each in the passages that do."""
    question, asked = any_of(text)
    values = (question, brand_id, exclude_run_id or "", _GRANTED_WEIGHT, _CANDIDATES)
    found = execute(connection, _QUERY, values).fetchall() if question else []
    left, seen = TOTAL, set[str]()
    for run_id, stage_key, position, manifest_sha256, path, title, language, sha256 in found:
        if limit <= 0 or left <= 0:
            return
        if sha256 in seen:
            continue
        folder = workspace.stage_dir(run_id, position, stage_key)
        try:
            manifest = artifacts.read_manifest(folder, sha256=manifest_sha256)
            item = next(item for item in manifest["artifacts"] if item["path"] == path and item["sha256"] == sha256)
            content = plain_text(artifacts.read_listed(folder, item), item["media_type"])
        except (VmError, OSError, LookupError, TypeError, StopIteration):
            continue  # it is not what was published, so nobody is reminded of it
        seen.add(sha256)
        chosen = _fitting(content, asked, language, room=min(_EACH, left))
        if chosen:
            limit -= 1
            left -= len(chosen)
            yield RecalledDocument(
                run_id=run_id, stage_key=stage_key, title=title, path=path, sha256=sha256, text=chosen
            )


def _fitting(text: str, asked: frozenset[str], language: str, *, room: int) -> str:
    """The passages with most of what is asked for, in the order of the document, in as many characters as there are."""
    passages = [f"{one.heading}\n{one.text}" if one.heading else one.text for one in split(text)]
    worth = [len(asked & {stem for word in words(one) for stem in stems(word, language)}) for one in passages]
    order = sorted(range(len(passages)), key=lambda at: (-worth[at], at))
    chosen: list[int] = []
    for at in order:
        if worth[at] and len(passages[at]) + 2 <= room:
            chosen.append(at)
            room -= len(passages[at]) + 2
    return "\n\n".join(passages[at] for at in sorted(chosen))
