"""Which channels a work names, rules out or confines itself to, by everybody who has a say in it.

The brand's rules and the thread's comments come first, then the request, then what a revision asks for: what is said
later wins. The project's channels are used where nobody rules them out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from vm_webapp.writers import ProjectFacts, StageWork
from vm_webapp.writers.offline.request.language import Language
from vm_webapp.writers.offline.request.limits import WEEK, Limits, find_limits
from vm_webapp.writers.offline.request.mentions import find_mentions, list_at, other_key
from vm_webapp.writers.offline.request.text import clean, shorten

_READ = 4_000
_Role = Literal["rule", "comment", "request", "feedback"]


class NamedChannel(NamedTuple):
    """A channel that was named, and where; `words` is how."""

    key: str
    source: Literal["request", "project"]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What holds of channels and days; `only` is empty where all are allowed, `excluded` and `only` are key -> words.

    `asked` are the channels that a revision asks for by name, `closed` the days of the week (0 = Monday) on which
    nothing is to appear.
    """

    named: tuple[NamedChannel, ...]
    excluded: Mapping[str, str]
    only: Mapping[str, str]
    asked: tuple[str, ...]
    closed: frozenset[int]

    def allows(self, key: str) -> bool:
        """Whether the channel may be planned."""
        return key not in self.excluded and (not self.only or key in self.only)


def find_wishes(work: StageWork, text: str, *, project: ProjectFacts, language: Language) -> Wishes:
    """What the work as a whole says of channels and days; `text` is the request, cleaned."""
    found = _Found()
    others = tuple(name for name in project.channels if not find_mentions(name))
    for role, said in _texts(work, text, language):
        found.hear(role, find_limits(said, language, others))
    for name in project.channels:
        key = next((key for mention in find_mentions(name) for key in mention.keys[:1]), "") or other_key(name)
        found.named.setdefault(key, NamedChannel(key, "project", shorten(name, 40)))
    return found.wishes()


class _Found:
    """What was heard so far."""

    def __init__(self) -> None:
        self.named: dict[str, NamedChannel] = {}
        self._excluded: dict[str, str] = {}
        self._only: dict[str, str] = {}
        self._asked: dict[str, str] = {}
        self._closed: frozenset[int] = frozenset()

    def hear(self, role: _Role, found: Limits) -> None:
        """What is said later wins over what was said before it."""
        wanted = _wanted(role, found)
        self._excluded = {key: words for key, words in self._excluded.items() if key not in wanted}
        self._excluded |= found.excluded
        self._only = dict(found.only) or ({**self._only, **wanted} if self._only else {})
        for key, words in wanted.items():
            self.named.setdefault(key, NamedChannel(key, "request", words))
        if role == "feedback":
            self._asked |= wanted
        self._closed |= found.closed

    def wishes(self) -> Wishes:
        """All of it."""
        closed = self._closed if self._closed != WEEK else frozenset[int]()
        free = Wishes(named=(), excluded=self._excluded, only=self._only, asked=(), closed=closed)
        named = tuple(channel for key, channel in self.named.items() if free.allows(key))
        return replace(free, named=named, asked=tuple(key for key in self._asked if free.allows(key)))


def _wanted(role: _Role, found: Limits) -> Mapping[str, str]:
    """What is asked for: a request names what it wants, anybody else may only be speaking of it."""
    if role == "rule":
        return {}
    explicit = {**found.added, **(found.only if any(key in found.named for key in found.only) else {})}
    return {**found.named, **explicit} if role == "request" else explicit


def _texts(work: StageWork, request: str, language: Language) -> Iterator[tuple[_Role, str]]:
    """All texts that may limit the work, the least binding first."""
    for rule in (*work.brand.rules, *work.brand.dont):
        yield "rule", clean(rule)[:_READ]
    opener = {"en": "without", "pt": "sem"}[language]
    for item in work.brand.dont:
        # `TikTok`, `posting on weekends`: forbidden where the item is about nothing else.
        text = f"{opener} {clean(item)[:_READ]}".rstrip(" .!")
        listed = list_at(text, len(opener), find_mentions(text), language)
        if listed and listed.end == len(text):
            yield "rule", text
    for comment in work.comments:
        yield "comment", clean(comment.text)[:_READ]
    yield "request", request
    for wish in work.feedback:
        yield "feedback", clean(wish)[:_READ]
