"""What kind of result a request is after, and whether businesses or people at home are to be reached."""

from typing import Literal, NamedTuple

from vm_webapp.profiles.outputs.brief import ObjectiveType
from vm_webapp.writers.offline.phrases import table
from vm_webapp.writers.offline.request.words import find_words, has_words, unique

Market = Literal["b2b", "b2c", "unknown"]


class Objective(NamedTuple):
    """The kind of objective with the words that led there; several words, one objective."""

    kind: ObjectiveType
    words: tuple[str, ...]


def find_objective(text: str) -> Objective:
    """The objective whose words weigh most; of equals, the one that is named first; `unstated` where none is."""
    scored: list[tuple[int, int, ObjectiveType, tuple[str, ...]]] = []
    for kind, weights in table("lexicon")["objectives"].items():
        hits = [(weight, hit) for weight, patterns in weights.items() for hit in find_words(text, patterns)]
        if hits:
            # A word that is said ten times says no more than one said twice.
            score = sum(weight for weight, _ in sorted(hits, reverse=True)[:2])
            first = min(hit.start for _, hit in hits)
            words = unique(hit.words for _, hit in sorted(hits, key=lambda item: item[1].start))
            scored.append((-score, first, kind, words[:3]))
    if not scored:
        return Objective("unstated", ())
    _, _, kind, words = min(scored)
    return Objective(kind, words)


def find_market(*texts: str) -> Market:
    """Who buys, by the first text that says anything; later texts count only where earlier are silent."""
    tables = table("lexicon")["markets"]
    for text in texts:
        business = len({hit.words.lower() for hit in find_words(text, tables["b2b"])})
        people = len({hit.words.lower() for hit in find_words(text, tables["b2c"])})
        if business != people:
            return "b2b" if business > people else "b2c"
    return "unknown"


def find_delicate(text: str) -> tuple[str, ...]:
    """The delicate fields that the text touches, such as health or finance."""
    return tuple(field for field, patterns in table("lexicon")["delicate"].items() if has_words(text, patterns))
