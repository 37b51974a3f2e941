"""The JSON object in what a model said: out of thoughts that were left in the text, greetings and code fences."""

import json
from collections.abc import Iterator
from typing import Any

_END_OF_THOUGHT = "</think>"
_SPACE = "\ufeff \t\r\n"
_MOST_TRIES = 50
_DECODER = json.JSONDecoder()


def unwrapped(said: str) -> str:
    """The longest JSON object that stands in the text by itself; the text as it is where there is none."""
    text = said.strip(_SPACE)
    if not text.startswith("{"):
        text = text.rpartition(_END_OF_THOUGHT)[2]
    return max(_objects(text), key=len, default=said)


def _objects(text: str) -> Iterator[str]:
    start = text.find("{")
    for _ in range(_MOST_TRIES):
        if start < 0:
            return
        found, end = _read(text, start)
        if isinstance(found, dict):
            yield text[start:end]
        start = text.find("{", end)


def _read(text: str, start: int) -> tuple[Any, int]:
    """The value that begins there with its end; None with the next place to look where none does."""
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, start + 1
