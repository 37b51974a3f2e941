"""Where a text names channels and days of the week, and lists of them: `TikTok, Instagram and e-mail`."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from vm_webapp.writers.offline.phrases import table
from vm_webapp.writers.offline.request.language import Language
from vm_webapp.writers.offline.request.words import find_words, has_words, same_words

_START, _END = attrgetter("start"), attrgetter("end")
_NUMBER = re.compile(r",?\s*\d")
_GOES_ON = re.compile(r"\s*[\w-]")
_WORD = re.compile(r"\s*([^\W\d_]+)")


class Mention(NamedTuple):
    """A place that names channels (`keys`) or days of the week (`days`, 0 = Monday), and the words there."""

    start: int
    end: int
    keys: tuple[str, ...]
    days: tuple[int, ...]
    words: str

    @property
    def single(self) -> bool:
        """Whether it names one channel, or one kind of day, and not a group of channels."""
        return len(self.keys) <= 1


class Listed(NamedTuple):
    """Mentions that stand side by side; `end` is where the last one ends."""

    mentions: tuple[Mention, ...]
    end: int

    @property
    def keys(self) -> tuple[str, ...]:
        """The channels, in order."""
        return tuple(dict.fromkeys(key for mention in self.mentions for key in mention.keys))

    @property
    def days(self) -> frozenset[int]:
        """The days of the week."""
        return frozenset(day for mention in self.mentions for day in mention.days)


def other_key(name: str) -> str:
    """The key of a channel of one's own, which no table knows."""
    return f"other:{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-') or 'channel'}"


def find_mentions(text: str, others: Sequence[str] = ()) -> list[Mention]:
    """Every mention, in order; `others` are channels of one's own. Of those that overlap, the longest counts."""
    found: list[Mention] = []
    for key, patterns in table("channels").items():
        found += [Mention(hit.start, hit.end, (key,), (), hit.words) for hit in find_words(text, patterns)]
    for name in others:
        hits = find_words(text, [re.escape(name)])
        found += [Mention(hit.start, hit.end, (other_key(name),), (), hit.words) for hit in hits]
    for group in table("limits")["groups"]:
        keys = tuple(group["keys"])
        found += [Mention(hit.start, hit.end, keys, (), hit.words) for hit in find_words(text, group["names"])]
    for entry in table("limits")["days"]:
        days = tuple(entry["days"])
        found += [Mention(hit.start, hit.end, (), days, hit.words) for hit in find_words(text, entry["names"])]
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda item: (item.start, -item.end, not item.single)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def list_at(text: str, start: int, mentions: Sequence[Mention], language: Language) -> Listed | None:
    """The list that begins at `start`, small words skipped; None where none does."""
    first = _mention_at(_skipped(text, start, language), mentions)
    found: list[Mention] = []
    while first:
        found.append(first)
        following = _linked(text, first.end, language)
        first = _mention_at(following, mentions) if following is not None else None
        if first and bool(first.days) != bool(found[0].days):
            break
    return Listed(tuple(found), found[-1].end) if found else None


def list_until(text: str, end: int, mentions: Sequence[Mention], language: Language) -> Listed | None:
    """The list that ends at `end`, white space aside; None where none does."""
    found: list[Mention] = []
    for at in range(bisect_right(mentions, end, key=_END) - 1, -1, -1):
        mention = mentions[at]
        before = found[-1] if found else None
        joined = (
            _linked(text, mention.end, language) == before.start and bool(before.days) == bool(mention.days)
            if before
            else not text[mention.end : end].strip()
        )
        if not joined:
            break
        found.append(mention)
    return Listed(tuple(reversed(found)), end) if found else None


def _mention_at(start: int, mentions: Sequence[Mention]) -> Mention | None:
    at = bisect_left(mentions, start, key=_START)
    return mentions[at] if at < len(mentions) and mentions[at].start == start else None


def is_meant(text: str, listed: Listed, language: Language) -> bool:
    """Whether the list speaks of channels as such: `no e-mail`, and not `no e-mail list yet`."""
    limits = table("limits")
    last = listed.mentions[-1]
    if last.days:
        return not _NUMBER.match(text, last.end)
    if set(last.keys) <= set(limits["proper"]) or not _GOES_ON.match(text, last.end):
        return True
    following = _WORD.match(text, last.end)
    return bool(following) and same_words(following[1] if following else "", limits["goes_on"][language])


def speaks_of_days(text: str, listed: Listed, mentions: Sequence[Mention], language: Language) -> Listed | None:
    """The days that stand behind the channels: `no newsletter on weekends` is about weekends."""
    behind = list_at(text, listed.end, mentions, language)
    near = behind and has_words(
        text[listed.end : behind.end], ["on", "at", "over", "during", "nos?", "aos?", "em", "às"]
    )
    return behind if behind and near and behind.days and not listed.days else None


def _skipped(text: str, start: int, language: Language) -> int:
    fillers = "|".join(table("limits")["fillers"][language])
    found = re.compile(rf"(?:\s+(?:{fillers})(?![\w-])){{0,5}}\s*[\"'“]?", re.IGNORECASE).match(text, start)
    return found.end() if found else start


def _linked(text: str, end: int, language: Language) -> int | None:
    """Where the next item of a list begins: behind a comma or a word such as `and`."""
    links = "|".join(table("limits")["links"][language])
    found = re.compile(rf"[\"'”]?(?:\s*,\s*(?:(?:{links})(?=\s))?|\s*/\s*|\s+(?:{links})(?=\s))", re.IGNORECASE).match(
        text, end
    )
    if not found:
        return None
    return _skipped(text, found.end() - 1 if text[found.end() - 1].isspace() else found.end(), language)
