"""How it is to sound, and who is there to do the work, in the request's own words."""

import re

from vm_webapp.writers.offline.phrases import table
from vm_webapp.writers.offline.request.text import shorten

_LIMIT = 60


def find_tone(text: str) -> str:
    """The tone that the text asks for, such as `playful` or `leve e direto`; empty where it asks for none."""
    return _first(text, "tones")


def find_team(text: str) -> str:
    """What the text says of the team, such as `team of two`; empty where it says nothing."""
    return _first(text, "teams")


def _first(text: str, kind: str) -> str:
    for pattern in table("manner")[kind]:
        found = re.search(rf"(?<![\w-]){pattern}(?![\w-])", text, re.IGNORECASE)
        if found:
            return shorten(" ".join(found["said"].split()), _LIMIT)
    return ""
