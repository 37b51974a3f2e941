"""Finding words of the tables in a text."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple


class Hit(NamedTuple):
    """A place in the text: from `start` to `end`, and the words there as written."""

    start: int
    end: int
    words: str


def find_words(text: str, patterns: Sequence[str]) -> list[Hit]:
    """Every whole-word match of the patterns, case ignored, in order."""
    return [Hit(found.start(), found.end(), found[0]) for found in _compiled(tuple(patterns)).finditer(text)]


def has_words(text: str, patterns: Sequence[str]) -> bool:
    """Whether one of the patterns stands in the text as a whole word."""
    return _compiled(tuple(patterns)).search(text) is not None


def same_words(text: str, patterns: Sequence[str]) -> bool:
    """Whether the whole text is one of the patterns, case ignored."""
    return any(found.start == 0 and found.end == len(text) for found in find_words(text, patterns))


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """The values without repeats (case ignored), in order."""
    return tuple({value.casefold(): value for value in reversed(list(values))}.values())[::-1]


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(patterns, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(longest_first)})(?![\w-])", re.IGNORECASE)
