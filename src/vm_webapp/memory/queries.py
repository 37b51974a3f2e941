"""What a person types becomes a question to FTS5: every word quoted, so that nothing in it is an operator.

A word is looked for as it stands and by its stem; a quoted phrase, and a word such as `e-mail`, as its words in a row;
the last word also as the beginning of one. Grammar: https://sqlite.org/fts5.html#full_text_query_syntax
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from vm_webapp.errors import Invalid
from vm_webapp.memory.words import FUNCTION_WORDS, fold, spans, stems, words

LONGEST_QUERY: Final = 1_000
"""How many characters a query may have."""

MOST_WORDS: Final = 32
"""How many words of a query count; those behind are left out."""

_PIECE: Final = re.compile(r'"([^"]*)"?|([^\s"]+)')
_SHORTEST_PREFIX: Final = 3
_MOST_STEMS: Final = 60


@dataclass(frozen=True, slots=True)
class Term:
    """Words that are to stand in a row; `prefix` says that the last may go on."""

    words: tuple[str, ...]
    prefix: bool = False

    @property
    def stems(self) -> tuple[str, ...]:
        """The stems of a single word, in both languages; a phrase is meant as it is."""
        return stems(self.words[0]) if len(self.words) == 1 else ()

    def places(self, standing: Sequence[str]) -> list[int]:
        """At which of the words of a text the term stands."""
        first, *rest = self.words
        if rest:
            starts = [at for at, word in enumerate(standing) if word == first]
            return [at for at in starts if self._goes_on(standing[at + 1 : at + len(self.words)])]
        wanted = frozenset(self.stems)
        beginnings = frozenset(stem[:2] for stem in wanted)
        return [
            at
            for at, word in enumerate(standing)
            if (word[:2] in beginnings and word not in FUNCTION_WORDS and not wanted.isdisjoint(stems(word)))
            or word == first
            or (self.prefix and word.startswith(first))
        ]

    def _goes_on(self, following: Sequence[str]) -> bool:
        *middle, last = self.words[1:]
        if list(following[:-1]) != middle or not following:
            return False
        return following[-1] == last or (self.prefix and following[-1].startswith(last))


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: all of the terms."""

    terms: tuple[Term, ...]

    @property
    def match(self) -> str:
        """The question to FTS5; empty where there is nothing to look for."""
        return " AND ".join(_expression(term) for term in self.terms)

    def marks(self, text: str) -> list[tuple[int, int]]:
        """Where the text has what is looked for: words, words with their stems, phrases word for word."""
        found = list(spans(text))
        standing = [word for _, _, word in found]
        marked: set[int] = set()
        for term in self.terms:
            places = term.places(standing)
            marked.update(at + offset for at in places for offset in range(len(term.words)))
        return [found[at][:2] for at in sorted(marked)]


def parse(text: str) -> Query:
    """The query that was typed; any text is one, Invalid where it is too long for one."""
    if len(text) > LONGEST_QUERY:
        raise Invalid(f"A query may have {LONGEST_QUERY:,} characters; this one has {len(text):,}.")
    terms: list[Term] = []
    last = None
    for found in _PIECE.finditer(text):
        phrase, word = found.groups()
        parts = tuple(words(word if phrase is None else phrase))
        last = word
        if parts:
            terms.append(Term(parts))
    content = [term for term in terms if len(term.words) > 1 or term.words[0] not in FUNCTION_WORDS] or terms
    content = content[:MOST_WORDS]
    if content and last and content[-1] is terms[-1] and len(content[-1].words[-1]) >= _SHORTEST_PREFIX:
        content[-1] = Term(content[-1].words, prefix=True)
    return Query(tuple(content))


def any_of(text: str) -> tuple[str, frozenset[str]]:
    """A question for documents that have to do with a text, and the stems that it asks for."""
    content = [word for word in words(text) if word not in FUNCTION_WORDS and len(word) > 1]
    asked = list(dict.fromkeys(stem for word in content for stem in stems(word)))[:_MOST_STEMS]
    return " OR ".join(_quoted(stem) for stem in asked), frozenset(asked)


def _expression(term: Term) -> str:
    exact = f"{{title body}} : {_quoted(' '.join(term.words))}{' *' if term.prefix else ''}"
    return f"({' OR '.join([exact, *_by_stem(term.stems)])})"


def _by_stem(found: Iterable[str]) -> list[str]:
    return [f"stems : {_quoted(stem)}" for stem in found]


def _quoted(text: str) -> str:
    return '"' + fold(text).replace('"', '""') + '"'
