"""Who is to be reached, and where, as far as the request names them."""

import re
from collections.abc import Iterator

from vm_webapp.writers.offline.phrases import table
from vm_webapp.writers.offline.request.language import Language
from vm_webapp.writers.offline.request.noun_phrase import noun_phrase_at
from vm_webapp.writers.offline.request.subject import label_value
from vm_webapp.writers.offline.request.text import shorten
from vm_webapp.writers.offline.request.words import find_words, has_words, unique

_LIMIT = 80
_NAME = r"[A-ZÀ-Ý][\w'\u2019-]+(?:\s+(?:d[aeo]s?\s+|of\s+|the\s+)?[A-ZÀ-Ý][\w'\u2019-]+){0,3}"
_NO_PLACE = re.compile(
    r"(?i)^(?:q[1-4]|ai|b2b|b2c|saas|portuguese|english|português|inglês|monday|tuesday|wednesday|thursday|friday|black|cyber|internet|i|we)\b"
)


def find_audience(text: str, *, language: Language, subject: str) -> str:
    """The people or companies the request names as its audience, in its own words; empty where it names none."""
    labelled = label_value(text, "audience")
    if labelled:
        return shorten(labelled, _LIMIT)
    for phrase in _candidates(text, language):
        if phrase.casefold() not in subject.casefold():
            return shorten(phrase, _LIMIT)
    return ""


def find_places(text: str, language: Language) -> tuple[str, ...]:
    """Places named behind words such as `in` or `em`, as written."""
    words = table("grammar")[language]["places"]
    found = re.finditer(rf"(?<!\w)(?:{'|'.join(words)})\s+(?:the\s+)?({_NAME})", text)
    return unique(match[1] for match in found if _is_place(match[1], language))[:4]


def _candidates(text: str, language: Language) -> Iterator[str]:
    grammar = table("grammar")[language]
    named_days = [pattern for entry in table("calendar_words")["named_days"] for pattern in entry["names"]]
    # `Dia das Mães` is a day, and says nothing of mothers.
    days = find_words(text, named_days)
    for pattern in grammar["leads_to_audience"]:
        for match in re.finditer(rf"(?<![\w-]){pattern}", text, re.IGNORECASE):
            if any(day.start <= match.end() < day.end for day in days):
                continue
            phrase = noun_phrase_at(text, match.end(), language)
            if phrase and _names_people(phrase.words, language):
                yield _with_attribute(text, phrase.words, phrase.end)


def _names_people(phrase: str, language: Language) -> bool:
    grammar = table("grammar")[language]
    first = phrase.split(maxsplit=1)[0].lower()
    return first not in grammar["not_audience"] and not first[0].isdigit() and has_words(phrase, grammar["people"])


def _with_attribute(text: str, phrase: str, end: int) -> str:
    """The phrase with what narrows it down: `parents` -> `parents with small kids`."""
    link = re.match(r"\s+(with|who|aged|that|over|under|between|de|com|que|entre|acima|sem)\s+", text[end : end + 12])
    if not link:
        return phrase
    narrowed = re.match(
        r"[^,.;:!?\n()]{2,60}?(?=[,.;:!?\n()]|\s+(?:in|by|on|before|until|using|em|no|na|até|com|antes|usando|via|through)\s|$)",
        text[end + link.end() :],
    )
    channels = [pattern for patterns in table("channels").values() for pattern in patterns]
    if (
        not narrowed
        or find_words(narrowed[0], channels)
        or re.search(r"\b(?:budget|verba|orçamento|plan|foco)\b", narrowed[0])
    ):
        return phrase
    return f"{phrase}{text[end : end + link.end()]}{narrowed[0]}".strip()


def _is_place(name: str, language: Language) -> bool:
    months = table("calendar_words")["months"][language]
    days = [pattern for entry in table("calendar_words")["named_days"] for pattern in entry["names"]]
    channels = [pattern for patterns in table("channels").values() for pattern in patterns]
    return not _NO_PLACE.match(name) and not has_words(name, [*months, *days, *channels])
