"""Which deliverables were made with a prompt, a model, a writer, a rule or a source."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from vm_webapp.db import execute
from vm_webapp.memory.queries import Query
from vm_webapp.memory.search import Filters, Hit, Ranked, load_hits

KINDS: Final = ("prompt_sha256", "model", "writer", "rule_id", "source_sha256", "source_run_id")
"""What can be asked for; each names exactly one thing."""


def made_with(
    connection: Connection, named: Mapping[str, str], filters: Filters, *, limit: int, before: int | None
) -> list[Hit]:
    """The deliverables of the stages that were made with all that is named, the newest first."""
    condition, values = filters.condition()
    parts = [condition]
    for kind, value in named.items():
        parts.append(
            "EXISTS (SELECT 1 FROM sources o WHERE o.kind = ? AND o.value = ? AND o.run_id = s.run_id"
            " AND o.stage_key = s.stage_key)"
        )
        values += [kind, value]
    if before is not None:
        parts.append("d.document_id < ?")
        values.append(before)
    found: Ranked = [
        (document_id, 0.0)
        for (document_id,) in execute(
            connection,
            "SELECT d.document_id FROM documents d JOIN stages s ON s.stage_id = d.stage_id"  # noqa: S608 - values are bound
            f" WHERE {' AND '.join(parts)} ORDER BY d.document_id DESC LIMIT ?",
            (*values, limit),
        )
    ]
    return load_hits(connection, found, Query(()), filters)
