"""Taking runs out of the index again: every row, every word, and what was made of their texts."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

from vm_webapp.db import execute
from vm_webapp.memory.intake import words_row

_DOCUMENTS: Final = (
    "SELECT document_id, title, body, language FROM documents JOIN bodies USING (document_id)"
    " JOIN stages USING (stage_id) WHERE run_id = ?"
)
_UNINDEX: Final = "INSERT INTO words (words, rowid, title, body, stems) VALUES ('delete', ?, ?, ?, ?)"
_OF_DOCUMENT: Final = (
    "DELETE FROM vectors WHERE document_id = ?",
    "DELETE FROM bodies WHERE document_id = ?",
    "DELETE FROM documents WHERE document_id = ?",
)
_OF_RUN: Final = ("DELETE FROM stages WHERE run_id = ?", "DELETE FROM sources WHERE run_id = ?")


def forget_runs(connection: Connection, *, run_ids: Iterable[str]) -> None:
    """Take the runs out, in the caller's transaction; the words are merged anew, so that none of theirs is left.

    FTS5's `delete` and `optimize` commands: https://sqlite.org/fts5.html
    """
    for run_id in run_ids:
        for document_id, title, body, language in execute(connection, _DOCUMENTS, (run_id,)).fetchall():
            execute(connection, _UNINDEX, (document_id, *words_row(title, body, language)))
            for statement in _OF_DOCUMENT:
                execute(connection, statement, (document_id,))
        for statement in _OF_RUN:
            execute(connection, statement, (run_id,))
    execute(connection, "INSERT INTO words (words) VALUES ('optimize')")
