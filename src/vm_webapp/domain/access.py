"""Who may do what: for each operation of the API the least role that may do it, as data.

An operation is named by its id in the API's description; one that is not in the matrix is not served: the app refuses
to be built.
"""

from collections.abc import Mapping
from typing import Final

from vm_webapp.domain.roles import role_at_least

PUBLIC: Final = frozenset({"getHealth", "getPage", "getIcon", "startSession"})
"""What anybody may ask: the page without its data, whether the server lives, and to be let in with a token."""

MATRIX: Final[Mapping[str, str]] = {
    "getSession": "viewer",
    "getFirstLook": "viewer",
    "endSession": "viewer",
    "listBrands": "viewer",
    "getBrand": "viewer",
    "listBrandRules": "viewer",
    "previewBrandRule": "viewer",
    "listProjects": "viewer",
    "getProject": "viewer",
    "listThreads": "viewer",
    "getThread": "viewer",
    "listComments": "viewer",
    "listTasks": "viewer",
    "listTimeline": "viewer",
    "listThreadRuns": "viewer",
    "listRequesters": "viewer",
    "listRuns": "viewer",
    "getRun": "viewer",
    "getLineage": "viewer",
    "listInbox": "viewer",
    "getRunCost": "viewer",
    "getThreadCost": "viewer",
    "getProjectCost": "viewer",
    "getBrandCost": "viewer",
    "listArtifacts": "viewer",
    "getArtifact": "viewer",
    "downloadRun": "viewer",
    "exportRun": "viewer",
    "getDisclosure": "viewer",
    "listProfiles": "viewer",
    "listWriters": "viewer",
    "listSchemas": "viewer",
    "getSchema": "viewer",
    "followThread": "viewer",
    "followAll": "viewer",
    "search": "viewer",
    "searchProvenance": "viewer",
    "getLog": "viewer",
    "getLogCheckpoint": "viewer",
    "getLogKey": "viewer",
    "getLogInclusion": "viewer",
    "getLogConsistency": "viewer",
    "createBrand": "editor",
    "updateBrand": "editor",
    "createProject": "editor",
    "updateProject": "editor",
    "createThread": "editor",
    "renameThread": "editor",
    "closeThread": "editor",
    "markBestVersion": "editor",
    "reopenThread": "editor",
    "addThreadMode": "editor",
    "removeThreadMode": "editor",
    "addComment": "editor",
    "createTask": "editor",
    "completeTask": "editor",
    "startRun": "editor",
    "retryRun": "editor",
    "cancelRun": "editor",
    "resumeRun": "editor",
    "forkRun": "editor",
    "reviseRun": "editor",
    "editStage": "editor",
    "approveStage": "approver",
    "rejectStage": "approver",
    "addBrandRule": "approver",
    "retireBrandRule": "approver",
    "setBrandBudget": "admin",
    "setProjectBudget": "admin",
    "listTokens": "admin",
    "createToken": "admin",
    "revokeToken": "admin",
    "importRun": "admin",
    "eraseContent": "admin",
    "previewErasure": "viewer",
    "listErasures": "viewer",
    "exportEvents": "viewer",
    "listWebhooks": "admin",
    "getWebhook": "admin",
    "createWebhook": "admin",
    "updateWebhook": "admin",
    "deleteWebhook": "admin",
    "testWebhook": "admin",
    "redeliverWebhook": "admin",
    "rotateWebhookSecret": "admin",
    "listWebhookAttempts": "admin",
}
"""The least role of each operation."""

OF_ALL_BRANDS: Final = frozenset({"createBrand", "importRun"})
"""What a token of one brand may not do, whatever its role."""

OWN_IDS: Final[Mapping[str, str]] = {"createProject": "project_id", "createThread": "thread_id"}
"""Where the body may choose a new id. A token of one brand may not: an id that is taken would tell of other brands."""

NAMES_ITS_BRAND: Final = frozenset({"createToken", "createWebhook"})
"""Where a body without a brand speaks of all brands, which a token of one brand may not."""


def allows(role: str, operation: str) -> bool:
    """Whether the role may do the operation."""
    return role_at_least(role, MATRIX[operation])
