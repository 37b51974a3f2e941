"""Text as people send it -> text that can be printed: no control characters, one kind of line break."""

import re
import unicodedata

# Overrides and isolates can make a line read other than it is; they have no place in a plan.
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff")
_BREAKS = re.compile("\r\n?|[\u2028\u2029\u0085\v\f]")


def clean(text: str) -> str:
    """The text without control characters, lone surrogates and direction overrides; line breaks are line feeds."""
    text = _BREAKS.sub("\n", text)
    kept = (char for char in text if char in "\n\t" or not _hidden(char))
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def one_line(text: str) -> str:
    """The cleaned text with every run of white space as one space."""
    return " ".join(clean(text).split())


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words where possible, with an ellipsis where something was cut."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at_word = head.rsplit(None, 1)[0] if re.search(r"\s", head[limit // 2 :]) else head
    return at_word.rstrip(" ,.;:-") + "…"


def capitalised(text: str) -> str:
    """The text with its first letter in upper case, the rest as it is."""
    return text[:1].upper() + text[1:]


def slug(text: str, limit: int = 40) -> str:
    """Lower-case ASCII letters, digits and hyphens; empty where none are left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower())[:limit].strip("-")


def _hidden(char: str) -> bool:
    return char in _BIDI or unicodedata.category(char) in {"Cc", "Cs"}
