"""Which language a request is written in: Portuguese or English, by its commonest words."""

import re
from typing import Literal

from vm_webapp.writers.offline.phrases import table

Language = Literal["en", "pt"]
TAGS: dict[Language, str] = {"en": "en", "pt": "pt-BR"}
_PROBE = 4000
_ADDRESS = re.compile(r"\S+[.@/]\S+")  # ".com" is no Portuguese word


def detect(*texts: str) -> Language:
    """The language of the first text that decides it; English where none does."""
    stop_words = table("lexicon")["stop_words"]
    for text in texts:
        told = _ADDRESS.sub(" ", text[:_PROBE].lower())
        words = re.findall(r"[^\W\d_]+", told)
        english = sum(word in stop_words["en"] for word in words)
        portuguese = sum(word in stop_words["pt"] for word in words) + len(re.findall("[ãõç]", told))
        if english != portuguese:
            return "pt" if portuguese > english else "en"
    return "en"
