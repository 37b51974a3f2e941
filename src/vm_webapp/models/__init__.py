"""Tables only: the log, what guards it, and the views that are rebuilt from it.

`events` is the truth and append-only by trigger; `event_keys` opens its texts until they are erased. `receipts`,
`sessions`, `checkpoints`, `dead_letters` and `pending_files` are bookkeeping written in the transaction of what they
guard. `signed_checkpoints` are evidence about the log and append-only as it is. Everything named `*_view` is derived,
and so is `tree_nodes`.
"""

from vm_webapp.models.access import PageSession, TokenView
from vm_webapp.models.base import Base, UtcText, utc_text
from vm_webapp.models.catalog import BrandView, ProjectView, RuleView
from vm_webapp.models.log import (
    Checkpoint,
    DeadLetter,
    EventKey,
    EventRow,
    PendingFiles,
    Receipt,
    SignedCheckpoint,
    TreeNode,
)
from vm_webapp.models.runs import RunView, SpendingView, ThreadRunsView
from vm_webapp.models.threads import CommentView, InboxView, TaskView, ThreadView
from vm_webapp.models.views import VIEWS
from vm_webapp.models.webhooks import WebhookAttempt, WebhookMessage, WebhookView

__all__ = [
    "VIEWS",
    "Base",
    "BrandView",
    "Checkpoint",
    "CommentView",
    "DeadLetter",
    "EventKey",
    "EventRow",
    "InboxView",
    "PageSession",
    "PendingFiles",
    "ProjectView",
    "Receipt",
    "RuleView",
    "RunView",
    "SignedCheckpoint",
    "SpendingView",
    "TaskView",
    "ThreadRunsView",
    "ThreadView",
    "TokenView",
    "TreeNode",
    "UtcText",
    "WebhookAttempt",
    "WebhookMessage",
    "WebhookView",
    "utc_text",
]
