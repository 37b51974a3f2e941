"""What a text rules out, confines itself to, or asks for in addition: channels, and days of the week."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from vm_webapp.writers.offline.phrases import table
from vm_webapp.writers.offline.request.language import TAGS, Language
from vm_webapp.writers.offline.request.mentions import (
    Listed,
    Mention,
    find_mentions,
    is_meant,
    list_at,
    list_until,
    speaks_of_days,
)
from vm_webapp.writers.offline.request.words import find_words

WEEK = frozenset(range(7))
_Way = Literal["only", "excludes", "adds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one text says: channel -> words for it; `only` is empty where it confines itself to nothing.

    `named` are the channels that it mentions without ruling them out, `closed` the days on which nothing is to appear.
    """

    named: Mapping[str, str] = field(default_factory=dict)
    excluded: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    added: Mapping[str, str] = field(default_factory=dict)
    closed: frozenset[int] = frozenset()


def find_limits(text: str, language: Language, others: Sequence[str] = ()) -> Limits:
    """The limits that the text states; `others` are channels of one's own that it may speak of.

    People mix languages, so both are listened for; `language` decides whether `no TikTok` is *not there* or *on it*.
    """
    mentions = find_mentions(text, others)
    found = _Found()
    for spoken in sorted(TAGS, key=lambda tag: tag != language):
        for way, listed in _said(text, mentions, spoken, ambiguous=language == "en"):
            found.take(way, listed)
    if find_words(text, table("limits")["unpaid"]):
        found.words["excludes"] |= {key: key for key in table("limits")["groups"][0]["keys"]}
    if find_words(text, table("limits")["working_week"]):
        found.closed |= {5, 6}
    excluded = found.words["excludes"]
    named = [(mention.keys[0], mention.words) for mention in mentions if mention.single and mention.keys]
    return Limits(
        named=_without(dict(reversed(dict(reversed(named)).items())), excluded),
        excluded=excluded,
        only=_without(found.words["only"], excluded),
        added=_without(found.words["adds"], excluded),
        # A week without a single day is no wish that could be kept.
        closed=frozenset(found.closed) if found.closed != WEEK else frozenset(),
    )


class _Found:
    """What was said so far; of two things said of the same words, the first counts."""

    def __init__(self) -> None:
        self.words: dict[_Way, dict[str, str]] = {"only": {}, "excludes": {}, "adds": {}}
        self.closed: set[int] = set()
        self._taken: set[int] = set()

    def take(self, way: _Way, listed: Listed) -> None:
        """Note that list, unless something else was said of a part of it."""
        starts = {mention.start for mention in listed.mentions}
        if self._taken & starts:
            return
        if way != "adds":
            self._taken |= starts
        if not listed.days:
            self.words[way] |= {key: mention.words for mention in listed.mentions for key in mention.keys}
        elif way != "adds":
            self.closed |= WEEK - listed.days if way == "only" else listed.days


def _without(words: Mapping[str, str], excluded: Mapping[str, str]) -> dict[str, str]:
    return {key: said for key, said in words.items() if key not in excluded}


def _said(
    text: str, mentions: Sequence[Mention], language: Language, *, ambiguous: bool
) -> Iterator[tuple[_Way, Listed]]:
    """Every list with what is said of it; `only` first, as `nothing but e-mail` holds a word that rules out."""
    words = table("limits")
    ways: tuple[_Way, ...] = ("only", "excludes")
    for way in ways:
        openers = [word for word in words[way][language] if ambiguous or word != "no"]
        yield from _before(text, mentions, language, way, openers)
        for hit in find_words(text, words["only_behind" if way == "only" else "excluded_behind"][language]):
            listed = list_until(text, hit.start, mentions, language)
            # `on Instagram only on weekdays` confines the days, not the channel.
            if listed and not (way == "only" and list_at(text, hit.end, mentions, language)):
                yield way, listed
    for before, behind in words["around"][language]:
        for listed in _lists_behind(text, mentions, language, [before]):
            if re.compile(rf"\s+{behind}\b", re.IGNORECASE).match(text, listed.end):
                yield "excludes", listed
    yield from _before(text, mentions, language, "adds", words["adds"][language])


def _before(
    text: str, mentions: Sequence[Mention], language: Language, way: _Way, openers: Sequence[str]
) -> Iterator[tuple[_Way, Listed]]:
    for listed in _lists_behind(text, mentions, language, openers):
        days = speaks_of_days(text, listed, mentions, language) if way == "excludes" else None
        if days:
            # Taken first: the channels are named, and the days are what is ruled out.
            yield way, days
        elif is_meant(text, listed, language):
            yield way, listed


def _lists_behind(text: str, mentions: Sequence[Mention], language: Language, words: Sequence[str]) -> Iterator[Listed]:
    for hit in find_words(text, words):
        listed = list_at(text, hit.end, mentions, language)
        if listed:
            yield listed
