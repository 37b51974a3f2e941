"""Whose a thing is: the brand of whatever an id names."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from vm_webapp.db import first_value

BRAND_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "brand_id": ("SELECT brand_id FROM brands_view WHERE brand_id = ?",),
    "project_id": ("SELECT brand_id FROM projects_view WHERE project_id = ?",),
    "thread_id": (
        "SELECT brand_id FROM threads_view WHERE thread_id = ?",
        "SELECT brand_id FROM events WHERE thread_id = ? ORDER BY global_position LIMIT 1",
    ),
    "run_id": ("SELECT brand_id FROM runs_view WHERE run_id = ?",),
    "task_id": ("SELECT brand_id FROM tasks_view JOIN threads_view USING (thread_id) WHERE task_id = ?",),
    "comment_id": ("SELECT brand_id FROM comments_view JOIN threads_view USING (thread_id) WHERE comment_id = ?",),
    "rule_id": ("SELECT brand_id FROM rules_view WHERE rule_id = ?",),
    "webhook_id": ("SELECT brand_id FROM webhooks_view WHERE webhook_id = ?",),
    "token_id": ("SELECT brand_id FROM tokens_view WHERE token_id = ?",),
}
"""By the name that an id has in paths and bodies; the first query that finds a brand counts."""

WITHOUT_BRAND: Final = frozenset({"stage_key", "name", "mode", "kind"})
"""Names in paths that say nothing by themselves, or nothing of a brand."""


def brand_of(connection: Connection, name: str, value: str) -> str | None:
    """The brand of the thing; None where there is no such thing, or it belongs to no brand."""
    for query in BRAND_OF[name]:
        if found := first_value(connection, query, (value,)):
            return str(found)
    return None
