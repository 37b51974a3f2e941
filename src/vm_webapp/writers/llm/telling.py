"""A model's JSON while it is written, as text that people can read along: headings and paragraphs, never raw JSON."""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic_core import from_json

_LEAST_NEW = 48
_SHARE_NEW = 40
_DEEPEST_HEADING = 4
# What a reader has no use for while the text is written.
_SILENT = frozenset({"language", "kind", "key", "entry_id", "topic_id", "stage_key"})


class Teller:
    """Hands readable text on as an answer grows; every few words at first, in larger steps when it is long."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._told = 0
        self._last = ""

    def is_due(self, length: int) -> bool:
        """Whether enough is new in an answer that is that long by now."""
        return length - self._told >= max(_LEAST_NEW, self._told // _SHARE_NEW)

    def show(self, answer: str) -> None:
        """Show the answer so far."""
        self._told = len(answer)
        text = readable(answer)
        if text and text != self._last:
            self._last = text
            self._tell(text)


def readable(answer: str) -> str:
    """The answer, whole or cut off anywhere, as headings and paragraphs; empty where it is no object."""
    start = answer.find("{")
    if start < 0:
        return ""
    try:
        found = from_json(answer[start:], allow_partial="trailing-strings")
    except ValueError:
        return ""
    if not isinstance(found, dict):
        return ""
    return "\n\n".join(_blocks(found, 2, heading=str(found.get("title", ""))))


def _blocks(found: dict[str, Any], level: int, *, heading: str = "") -> Iterator[str]:
    if heading:
        yield f"{'#' * (level - 1)} {_line(heading)}"
    for name, value in found.items():
        if name in _SILENT or value in ("", None, [], {}) or (heading and value == heading):
            continue
        if isinstance(value, list):
            yield _heading(name, level)
            yield from _items(value, level)
        elif isinstance(value, dict):
            yield _heading(name, level)
            yield from _blocks(value, level + 1)
        else:
            yield f"{_words(name)}: {_line(str(value))}"


def _items(values: list[Any], level: int) -> Iterator[str]:
    plain = [value for value in values if not isinstance(value, dict | list)]
    if plain:
        yield "\n".join(f"- {_line(str(value))}" for value in plain)
    for value in values:
        if isinstance(value, dict):
            first = next((item for item in value.values() if isinstance(item, str)), "")
            yield from _blocks(value, min(level + 2, _DEEPEST_HEADING + 1), heading=first)


def _heading(name: str, level: int) -> str:
    return f"{'#' * min(level, _DEEPEST_HEADING)} {_words(name)}"


def _words(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()


def _line(text: str) -> str:
    return " ".join(text.split())
