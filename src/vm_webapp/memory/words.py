"""Words as the index has them: folded, without accents, and their stems in English and Portuguese.

Text and query go through the same functions, so what a person types finds what a person wrote, with or without accents.
Stems are Snowball's (https://snowballstem.org). Snowball knows Portuguese endings only with their accents, which people
leave out in searches, and it keeps the plural of `-ão` apart; so endings are restored on the folded word first.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Final

import Stemmer

_WORD: Final = re.compile(r"[^\W_]+")
_LONGEST: Final = 64
_SHORTEST_STEM: Final = 3
_ENDINGS: Final = (
    (re.compile(r"(?:coes|cao)$"), "ção"),
    (re.compile(r"(?:oes|aes|aos|ao)$"), "ão"),
    (re.compile(r"encia(s?)$"), r"ência\1"),
    (re.compile(r"ancia(s?)$"), r"ância\1"),
    (re.compile(r"([ai])ve(?:l|is)$"), r"\1vel"),
    (re.compile(r"(?<=\w\w)a(?:l|is)$"), "al"),
)
_ACCENTED: Final = {"avel": "ável", "ivel": "ível"}
_FUNCTION_WORDS: Final = """
a an and are as at be by for from has have in is it its of on or our that the their this to was we were will with you
your ao aos as ate com como da das de do dos e ela ele em entre era essa esse esta este eu foi isso mais mas na nas nem
no nos nossa nosso o os ou para pela pelas pelo pelos por que se sem ser seu seus sua suas um uma
"""
FUNCTION_WORDS: Final = frozenset(_FUNCTION_WORDS.split())
"""Folded words that say little by themselves; a search passes over them where there are others."""


def words(text: str) -> list[str]:
    """The text's words, folded, in order; what is neither letter nor digit separates them."""
    return [word[:_LONGEST] for word in _WORD.findall(fold(text))]


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each word of the text (in Unicode's composed form) stands, and the word, folded."""
    for found in _WORD.finditer(text):
        yield *found.span(), _folded(found.group())


@lru_cache(maxsize=50_000)
def _folded(word: str) -> str:
    return fold(word)[:_LONGEST]


def fold(text: str) -> str:
    """The text in lower case and without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in decomposed if not unicodedata.combining(one))


def stems(word: str, language: str = "") -> tuple[str, ...]:
    """The folded word's stem in its language (`pt-BR`, `en`), or its stems in both where the language is neither."""
    stem = _STEMS.get(language[:2].lower())
    if stem is not None:
        return (stem(word),)
    return tuple(dict.fromkeys(one(word) for one in _STEMS.values()))


@lru_cache(maxsize=50_000)
def _english(word: str) -> str:
    return str(_stemmer("english").stemWord(word))


@lru_cache(maxsize=50_000)
def _portuguese(word: str) -> str:
    restored = word
    for ending, accented in _ENDINGS:
        restored, changed = ending.subn(accented, word)
        if changed:
            break
    restored = restored[:-4] + _ACCENTED.get(restored[-4:], restored[-4:])
    stem = fold(_stemmer("portuguese").stemWord(restored))
    return _root(stem)


def _root(stem: str) -> str:
    """`promoção` and `promover` meet: a noun in -ção loses it, a verb in -over the v."""
    if stem.endswith("ca") and len(stem) > _SHORTEST_STEM + 2:
        return stem[:-2]
    if stem.endswith("ov") and len(stem) > _SHORTEST_STEM + 1:
        return stem[:-1]
    return stem


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(language, 0)  # without a cache of its own, which threads could not share


_STEMS: Final[dict[str, Callable[[str], str]]] = {"en": _english, "pt": _portuguese}
