"""What answers look like, for the API's description; docs/http.md has the same in words.

Answers are rendered by `vm_webapp.records`; a test holds both against each other.
"""

from vm_webapp.api.shapes.access import EndedShape, FirstLookShape, NewTokenShape, SessionShape, TokenShape, TokensShape
from vm_webapp.api.shapes.catalog import (
    BrandShape,
    BrandsShape,
    BreachesShape,
    BreachShape,
    EvidenceShape,
    ProjectShape,
    ProjectsShape,
    RejectionShape,
    RuleShape,
    RulesShape,
)
from vm_webapp.api.shapes.common import Cursor, Day, RoleName, Time, Usd
from vm_webapp.api.shapes.log import CloudEventShape, HealthShape
from vm_webapp.api.shapes.profiles import (
    ProfileShape,
    ProfilesShape,
    ProfileStageShape,
    SchemaRowShape,
    SchemasShape,
    WritersShape,
)
from vm_webapp.api.shapes.search import DeliverableShape, DeliverablesShape, ResultShape, ResultsShape, SnippetShape
from vm_webapp.api.shapes.threads import (
    BestShape,
    CommentShape,
    CommentsShape,
    ItemShape,
    TaskShape,
    TasksShape,
    ThreadShape,
    ThreadsShape,
    TimelineShape,
)
from vm_webapp.api.shapes.webhooks import (
    NewWebhookShape,
    RedeliveryShape,
    WebhookAttemptShape,
    WebhookAttemptsShape,
    WebhookGoneShape,
    WebhookShape,
    WebhooksShape,
)

__all__ = [
    "BestShape",
    "BrandShape",
    "BrandsShape",
    "BreachShape",
    "BreachesShape",
    "CloudEventShape",
    "CommentShape",
    "CommentsShape",
    "Cursor",
    "Day",
    "DeliverableShape",
    "DeliverablesShape",
    "EndedShape",
    "EvidenceShape",
    "FirstLookShape",
    "HealthShape",
    "ItemShape",
    "NewTokenShape",
    "NewWebhookShape",
    "ProfileShape",
    "ProfileStageShape",
    "ProfilesShape",
    "ProjectShape",
    "ProjectsShape",
    "RedeliveryShape",
    "RejectionShape",
    "ResultShape",
    "ResultsShape",
    "RoleName",
    "RuleShape",
    "RulesShape",
    "SchemaRowShape",
    "SchemasShape",
    "SessionShape",
    "SnippetShape",
    "TaskShape",
    "TasksShape",
    "ThreadShape",
    "ThreadsShape",
    "Time",
    "TimelineShape",
    "TokenShape",
    "TokensShape",
    "Usd",
    "WebhookAttemptShape",
    "WebhookAttemptsShape",
    "WebhookGoneShape",
    "WebhookShape",
    "WebhooksShape",
    "WritersShape",
]
