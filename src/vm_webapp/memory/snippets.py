"""A short piece of a document with what was looked for marked, in pieces of plain text: nothing is ever markup."""

import re
import unicodedata
from typing import Final, TypeAlias

from vm_webapp.memory.queries import Query

Piece: TypeAlias = dict[str, str | bool]
_WIDTH: Final = 240
_LEAD: Final = 40
_SEARCHED: Final = 20_000
_SPACE: Final = re.compile(r"(?:[\s\x00-\x1f\x7f#*|`]|-{3,}|<br>)+")  # and what only Markdown reads


def snippet(query: Query, body: str) -> list[Piece]:
    """The part of the body with the most of what is looked for, in pieces `{text, match}`; else its beginning."""
    text = unicodedata.normalize("NFC", body[:_SEARCHED])
    marks = query.marks(text)
    start = _begin(text, max(0, _densest(text, marks) - _LEAD))
    end = start + _WIDTH
    pieces: list[Piece] = []
    at = start
    for begin, stop in marks:
        if begin >= start and stop <= end:
            _add(pieces, text[at:begin], match=False)
            _add(pieces, text[begin:stop], match=True)
            at = stop
    _add(pieces, text[at:end].rpartition(" ")[0] if end < len(text) else text[at:], match=False)
    return pieces


def _densest(text: str, marks: list[tuple[int, int]]) -> int:
    """Where the window begins that holds the most different marked words, the first of those."""
    best, most = 0, 0
    for at, (begin, _) in enumerate(marks[:200]):
        inside = {text[start:end].casefold() for start, end in marks[at : at + 20] if end <= begin + _WIDTH - _LEAD}
        if len(inside) > most:
            best, most = begin, len(inside)
    return best


def _begin(text: str, at: int) -> int:
    """The next place at or behind `at` where a word begins."""
    if at == 0:
        return 0
    space = text.find(" ", at, at + _LEAD)
    return at if space < 0 else space + 1


def _add(pieces: list[Piece], text: str, *, match: bool) -> None:
    plain = _SPACE.sub(" ", text)
    if plain:
        pieces.append({"text": plain, "match": match})
