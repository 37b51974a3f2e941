"""Where a noun phrase begins and ends: by determiners, stop words and punctuation, without a parser."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from vm_webapp.writers.offline.phrases import table
from vm_webapp.writers.offline.request.language import Language
from vm_webapp.writers.offline.request.words import find_words

MAX_WORDS = 9
_TOKEN = re.compile(r"[^\s,.;:!?()\[\]{}<>|\"“”«»\n—\u2013]+(?:[.,](?=\w)[^\s,.;:!?()\[\]{}<>|\"“”«»—\u2013]+)*")
_QUOTED = re.compile('["“«\u2018\']([^"”»\u2019\n]{2,60})["”»\u2019\']')
_TIME = re.compile(
    r"(?:q[1-4]|20\d\d|\d.*|next|this|early|late|mid|time|order|under|less|general|particular|total|online|store|full|order)$",
    re.IGNORECASE,
)


class NounPhrase(NamedTuple):
    """The phrase without its determiner; `determiner` is empty where there is none."""

    words: str
    determiner: str
    end: int


def noun_phrase_at(text: str, start: int, language: Language) -> NounPhrase | None:
    """The noun phrase that begins at `start`; None where there is none."""
    grammar = table("grammar")[language]
    tokens = _tokens(text, start)
    determiner, tokens = _without_determiners(tokens, grammar["determiners"])
    if not tokens:
        return None
    quoted = _QUOTED.match(text, tokens[0].start() - 1) if tokens[0].start() else None
    if quoted:
        return NounPhrase(quoted[1].strip(), determiner, quoted.end())
    kept = _until_stop(tokens, grammar)
    while kept and kept[-1][0].lower() in {
        *grammar["determiners"],
        "and",
        "or",
        "e",
        "ou",
        "of",
        "new",
        "novo",
        "nova",
        "&",
        "-",
    }:
        kept.pop()
    if not kept:
        return None
    return NounPhrase(" ".join(token[0] for token in kept), determiner, kept[-1].end())


def _tokens(text: str, start: int) -> list[re.Match[str]]:
    """The words from `start` on, as long as only spaces stand between them."""
    found: list[re.Match[str]] = []
    end = start
    for token in _TOKEN.finditer(text, start):
        between = text[end : token.start()]
        if (
            (found and between.strip(" \t"))
            or (not found and between.strip(" \t\"“«\u2018'"))
            or len(found) > 2 * MAX_WORDS
        ):
            break
        found.append(token)
        end = token.end()
    return found


def _without_determiners(
    tokens: Sequence[re.Match[str]], determiners: Collection[str]
) -> tuple[str, list[re.Match[str]]]:
    first = ""
    for place, token in enumerate(tokens):
        if token[0].lower() not in determiners:
            return first, list(tokens[place:])
        first = first if first and token[0].lower() == "de" else token[0].lower()
    return first, []


def _until_stop(tokens: Sequence[re.Match[str]], grammar: Mapping[str, Any]) -> list[re.Match[str]]:
    kept: list[re.Match[str]] = []
    for place, token in enumerate(tokens[:MAX_WORDS]):
        following = tokens[place + 1][0] if place + 1 < len(tokens) else ""
        if place and _stops(token[0].lower(), following, grammar):
            break
        kept.append(token)
    return kept


def _stops(word: str, following: str, grammar: Mapping[str, Any]) -> bool:
    if word in grammar["stops"] or (following[:1].isdigit() and word in {"de", "of"}):
        return True
    if word in {"and", "e", "or", "ou", "&"}:
        return following.lower() in grammar["verbs"] or not following
    if word in grammar["maybe_stops"]:
        channels = [pattern for patterns in table("channels").values() for pattern in patterns]
        named = (
            bool(_TIME.match(following))
            or bool(find_words(following, channels))
            or bool(find_words(following, _days()))
        )
        return named or (word == "in" and following[:1].isupper())
    return False


def _days() -> list[str]:
    words = table("calendar_words")
    return [*words["months"]["en"], *(rf"{day.lower()}\w*" for day in words["weekdays"]["en"])]
