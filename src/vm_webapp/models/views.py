"""Every view, in the order in which they are emptied."""

from typing import Any

from vm_webapp.models.access import TokenView
from vm_webapp.models.catalog import BrandView, ProjectView, RuleView
from vm_webapp.models.runs import RunView, SpendingView, ThreadRunsView
from vm_webapp.models.threads import CommentView, InboxView, TaskView, ThreadView
from vm_webapp.models.webhooks import WebhookView

VIEWS: tuple[Any, ...] = (
    BrandView,
    RuleView,
    ProjectView,
    ThreadView,
    RunView,
    ThreadRunsView,
    CommentView,
    TaskView,
    InboxView,
    SpendingView,
    TokenView,
    WebhookView,
)
