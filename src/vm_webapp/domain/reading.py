r"""A text as words and signs, folded so that case and accents do not count, with the place of each in the text.

A text is read twice. *As Markdown shows it*, escapes are resolved (`\-`, `&amp;`), emphasis, tags and where links lead
to vanish, and a word that is hyphenated over a line's end is whole. *As it is written*, each sign stands for itself.
What is looked for may stand in either. Both readings take time in proportion to the text, whatever it holds.

Words are separated by white space, by hyphens, dashes, quotation marks, apostrophes, underscores and square brackets;
other signs are read as words of one sign; an empty line is a word that nothing else equals. Scripts that are written
without spaces are read sign by sign. Folding: NFKD without combining accents, and casefold (Unicode 3.13, D145).
"""

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final, Literal

_ACCENTS: Final = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]+")
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_TRANSPARENT: Final = frozenset("\"'`[]_")
_PARAGRAPH: Final = "\n"
_PLACES: Final = r"""
  | (?P<paragraph> \n [ \t\r>]*+ \n )
  | (?P<gap> \n [ \t]*+ (?: > [ \t>]*+ )? | [^\S\n]++ )
  | (?P<word> [^\W_]++ )
  | (?P<sign> . )
"""
_SHOWN: Final = re.compile(
    r"""
    (?P<escaped> \\ [!-/:-@\[-`{-~] )
  | (?P<entity> & (?: \#[0-9]{1,7} | \#[xX][0-9a-fA-F]{1,6} | [A-Za-z][A-Za-z0-9]{1,31} ) ; )
  | (?P<nothing>
        (?<=\w) [-\u2010\u00ad] \r? \n [ \t>]*+ (?=\w)   # a word over a line's end
      | [*~`]++                                          # emphasis and code
      | </? [A-Za-z] [^<>]{0,300}+ >                     # a tag
      | \] \( [^()\s]{0,2000}+ \)                        # where a link leads to
    )
    """
    + _PLACES,
    re.VERBOSE | re.DOTALL,
)
_WRITTEN: Final = re.compile(_PLACES.lstrip().removeprefix("|"), re.VERBOSE | re.DOTALL)

Sort = Literal["word", "mark", "nothing", "gap", "sign"]


@dataclass(frozen=True, slots=True)
class Reading:
    """The words with a space before, between and behind them; where each stands in these and in the text."""

    words: str
    starts: Sequence[int]
    places: Sequence[int]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not self.places

    @property
    def flat(self) -> str:
        """The words without the ends of paragraphs."""
        return self.words.replace(f" {_PARAGRAPH}", "")

    def find(self, expression: "Reading") -> Iterator[int]:
        """The places in the text where the expression begins, in order."""
        at = self.words.find(expression.words)
        while at >= 0:
            yield self.places[bisect_right(self.starts, at) - 1]
            at = self.words.find(expression.words, at + 1)


def as_shown(text: str) -> Reading:
    """The text as Markdown shows it."""
    return _read(text, _SHOWN)


def as_written(text: str) -> Reading:
    """The text as it is written."""
    return _read(text, _WRITTEN)


def fold(text: str) -> str:
    """The text without accents and case."""
    if text.isascii():
        return text.lower()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    return "".join(_ACCENTS.sub("", unicodedata.normalize("NFKD", plain)).split())


class _Row:
    """Words on their way into a reading; a word may come in several pieces."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.places: list[int] = []
        self._pieces: list[str] = []
        self._begun = 0

    def piece(self, text: str, place: int) -> None:
        """Go on with the word at hand, or begin one."""
        if not self._pieces:
            self._begun = place
        self._pieces.append(text)

    def end(self) -> None:
        """The word at hand is whole."""
        if self._pieces:
            word = fold("".join(self._pieces))
            self._pieces.clear()
            if not _UNSPACED.search(word):
                self.add(word, self._begun)
                return
            for at, one in enumerate(word):
                self.add(one, self._begun + at)

    def add(self, word: str, place: int) -> None:
        """Add a whole word."""
        if word:
            self.words.append(word)
            self.places.append(place)

    def sign(self, sign: str, place: int) -> None:
        """Read one character that stands for itself."""
        match _sort(sign):
            case "word":
                self.piece(sign, place)
            case "mark" if self._pieces:
                self.piece(sign, place)
            case "gap":
                self.end()
            case "sign":
                self.end()
                for one in _words_of(sign):
                    self.add(one, place)
            case _:
                pass  # a mark without a letter, or a character that nobody sees


def _read(text: str, parts: re.Pattern[str]) -> Reading:
    row = _Row()
    for found in parts.finditer(text):
        part, place = found[0], found.start()
        match found.lastgroup:
            case "word":
                row.piece(part, place)
            case "gap":
                row.end()
            case "paragraph":
                row.end()
                row.add(_PARAGRAPH, place)
            case "nothing":
                pass  # Markdown shows nothing of it
            case _:
                for sign in _signs(part):
                    row.sign(sign, place)
    row.end()
    starts = list(accumulate((len(word) + 1 for word in row.words[:-1]), initial=0)) if row.words else []
    return Reading(f" {' '.join(row.words)} " if row.words else " ", starts, row.places)


def _signs(part: str) -> str:
    """What an escape or an entity stands for; a sign stands for itself."""
    if len(part) == 1:
        return part
    return part[1] if part[0] == "\\" else html.unescape(part)


@lru_cache(maxsize=4096)
def _words_of(sign: str) -> Sequence[str]:
    """The words that a sign is read as: itself, or what it folds into (™ is tm, … is three points)."""
    folded = fold(sign)
    return (folded,) if folded.isalnum() else tuple(folded)


@lru_cache(maxsize=4096)
def _sort(sign: str) -> Sort:
    """What a character is to words, by its general category (Unicode 4.5)."""
    category = unicodedata.category(sign)
    if sign.isspace() or sign in _TRANSPARENT or category in {"Pd", "Pi", "Pf", "Pc"}:
        return "gap"
    if sign.isalnum():
        return "word"
    if category[0] == "M":
        return "mark"
    return "nothing" if category[0] == "C" else "sign"
