"""What nobody knows of a run that was brought back from its folder: one question, asked of its RunRecovered.

The run's state, its view (and search, which reads the view) and disclosures all ask it here, of the event as it is read
today.
"""

from collections.abc import Collection
from typing import Final

APPROVALS: Final = "approvals"
"""In `unknown` of RunRecovered: which stages a person had to approve, and who did."""
UNKNOWN: Final = "unknown"
"""A stage's approval in a view where that is so."""


def approvals_lost(unknown: Collection[str], *, imported: bool) -> bool:
    """Whether nobody knows the run's approvals; `unknown` is that of RunRecovered.

    An imported run's bundle tells them. Version 1 of the event did not say which of the two it speaks of.
    """
    return APPROVALS in unknown and not imported
