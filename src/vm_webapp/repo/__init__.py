"""The read side: rows of the views as they are, lists by keyset; and `append_event` for whoever holds a session.

A list is newest first. Its cursor is the position of the last row seen: rows that are added meanwhile move nothing.
"""

from vm_webapp.repo.access import (
    get_token,
    get_webhook,
    get_webhook_attempt,
    list_tokens,
    list_webhook_attempts,
    list_webhooks,
)
from vm_webapp.repo.appending import append_event
from vm_webapp.repo.catalog import get_brand, get_project, get_rule, list_brands, list_projects, list_rules
from vm_webapp.repo.erasures import find_erasable
from vm_webapp.repo.reading import DEFAULT_LIMIT, Reader, as_mapping
from vm_webapp.repo.runs import (
    get_kept_run,
    get_run,
    list_ancestors,
    list_busy_runs,
    list_descendants,
    list_newest_stages,
    list_open_runs,
    list_ready_runs,
    list_requesters,
    list_runs,
    list_runs_by_id,
    list_runs_by_thread,
    turn_is_free,
)
from vm_webapp.repo.spending import get_spending, spent_nano
from vm_webapp.repo.threads import (
    get_comment,
    get_task,
    get_thread,
    list_comments,
    list_inbox,
    list_newest_comments,
    list_tasks,
    list_threads,
    list_timeline_items_view,
)

__all__ = [
    "DEFAULT_LIMIT",
    "Reader",
    "append_event",
    "as_mapping",
    "find_erasable",
    "get_brand",
    "get_comment",
    "get_kept_run",
    "get_project",
    "get_rule",
    "get_run",
    "get_spending",
    "get_task",
    "get_thread",
    "get_token",
    "get_webhook",
    "get_webhook_attempt",
    "list_ancestors",
    "list_brands",
    "list_busy_runs",
    "list_comments",
    "list_descendants",
    "list_inbox",
    "list_newest_comments",
    "list_newest_stages",
    "list_open_runs",
    "list_projects",
    "list_ready_runs",
    "list_requesters",
    "list_rules",
    "list_runs",
    "list_runs_by_id",
    "list_runs_by_thread",
    "list_tasks",
    "list_threads",
    "list_timeline_items_view",
    "list_tokens",
    "list_webhook_attempts",
    "list_webhooks",
    "spent_nano",
    "turn_is_free",
]
