"""Which parts of a text are whose: a person's text is compared with the one that they began with (difflib).

A part is a paragraph of Markdown or plain text, a line of a table or calendar, or else the whole file. A part that
stands in the text before, be it elsewhere, keeps its authors; one that resembles the part whose place it took is an
edit of that; any other is the person's own.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

_PARAGRAPHS: Final = re.compile(r"\n[ \t]*\n\s*")
_RESEMBLES: Final = 0.5
_LONGEST_WORDS: Final = 400
_MOST_COMPARED: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """A part: its text, the kind of its author (model, program, person), its authors' numbers, if it was edited."""

    text: str
    source: str
    authors: tuple[int, ...]
    edited: bool = False


def unit_of(media_type: str) -> str:
    """What a file of that type is divided into: paragraph, line or file."""
    return {
        "text/markdown": "paragraph",
        "text/plain": "paragraph",
        "text/csv": "line",
        "text/calendar": "line",
    }.get(media_type, "file")


def split(content: bytes, unit: str) -> list[str]:
    """The parts of a file, in order; parts without a visible character are none."""
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    return [one for one in _SPLIT[unit](text) if one.strip()]


def merged(base: Sequence[Part], texts: Sequence[str], *, author: int) -> list[Part]:
    """The parts of a person's text that began as `base`."""
    before = [_plain(part.text) for part in base]
    after = [_plain(text) for text in texts]
    known = {text: base[at] for at, text in reversed(list(enumerate(before)))}
    found: list[Part] = []
    for tag, first, last, start, end in _opcodes(before, after):
        for at in range(start, end):
            place = first + at - start
            here = base[place] if tag != "insert" and place < last else None
            found.append(_attributed(texts[at], here if tag != "equal" else None, known.get(after[at]), author))
    return found


def _attributed(text: str, replaced: Part | None, same: Part | None, author: int) -> Part:
    if same is not None:
        return Part(text, same.source, same.authors, same.edited)
    if replaced is not None and replaced.source != "person" and _resembles(replaced.text, text):
        return Part(text, replaced.source, tuple(dict.fromkeys((*replaced.authors, author))), edited=True)
    return Part(text, "person", (author,))


def _opcodes(before: Sequence[str], after: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    """What was done to the parts; texts too long to be compared count as replaced, part by part."""
    if len(before) * len(after) > _MOST_COMPARED:
        return [("replace", 0, len(before), 0, len(after))]
    return SequenceMatcher(None, before, after, autojunk=False).get_opcodes()


def _resembles(old: str, new: str) -> bool:
    first, second = (text.split()[:_LONGEST_WORDS] for text in (old, new))
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= _RESEMBLES


def _plain(text: str) -> str:
    return " ".join(text.split())


_SPLIT: Final[Mapping[str, Callable[[str], list[str]]]] = {
    "paragraph": _PARAGRAPHS.split,
    "line": str.splitlines,
    "file": lambda text: [text],
}
