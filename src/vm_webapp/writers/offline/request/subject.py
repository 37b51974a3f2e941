"""What is marketed: the noun phrase behind words such as `launch` or `vender`, and the forms a text needs of it."""

import re
from typing import Literal, NamedTuple

from vm_webapp.writers.offline.phrases import table
from vm_webapp.writers.offline.request.language import Language
from vm_webapp.writers.offline.request.noun_phrase import NounPhrase, noun_phrase_at
from vm_webapp.writers.offline.request.text import shorten
from vm_webapp.writers.offline.request.words import find_words

_LIMIT = 60
# These can be what is marketed as well as where.
_ALSO_SUBJECTS = {"webinar", "events", "podcast", "community", "press", "partners"}
_GENERIC = re.compile(
    r"^(?:marketing|campaign|plan|strategy|campanha|plano|estratégia|sales|vendas|leads?|clients?|customers?|clientes|product|produto|"
    r"business|negócio|brand|marca|company|empresa|store|loja|awareness|more|mais|it|this|them|isso|projeto?|project|test|teste|people|\d.*)$",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"^(?:for|to|with|without|except|not|in|at|on|of|sem|exceto|para|com|em|no|na|nos|nas|por|de)\s", re.IGNORECASE
)
_AMOUNT = re.compile(r"^(?:\+?\d[\d.,%]*(?:k|x)?|one|two|three|um|uma|dois|duas|três|more|mais)\s+", re.IGNORECASE)


class Subject(NamedTuple):
    """The subject as a bare phrase (`subject`), with its article (`the`) and as `of the subject` (`of`)."""

    phrase: str
    the: str
    of: str
    source: Literal["request", "project", "brand"]


def find_subject(text: str, *, language: Language, project: str, brand: str) -> Subject:
    """What the request markets; the project's name, then the brand's, where its words do not tell."""
    labelled = _labelled(text)
    if labelled:
        return _forms(labelled, "", language, "request")
    for found in _candidates(text, language):
        phrase = _AMOUNT.sub("", found.words)
        if _is_subject(phrase):
            return _forms(shorten(phrase, _LIMIT), found.determiner, language, "request")
    if project and not _GENERIC.match(project):
        return Subject(
            shorten(project, _LIMIT), shorten(project, _LIMIT), _of(shorten(project, _LIMIT), language), "project"
        )
    name = shorten(brand or project, _LIMIT) or {"en": "the offer", "pt": "a oferta"}[language]
    return Subject(name, name, _of(name, language), "brand")


def _is_subject(phrase: str) -> bool:
    """Whether the phrase can be what is marketed: not `for runners`, a generic word, a place or a day."""
    if len(phrase) <= 2 or _PREPOSITION.match(phrase):  # noqa: PLR2004 - two letters name nothing
        return False
    return not _GENERIC.match(phrase) and not _is_place_or_day(phrase)


def label_value(text: str, label: str) -> str:
    """What stands behind `label:` in a structured brief, to the end of its line; empty where it is not there."""
    names = "|".join(sorted(table("lexicon")["labels"][label], key=len, reverse=True))
    found = re.search(rf"(?im)^[ \t>*_#-]*(?:{names})[ \t*_]*[:=][ \t*_]*(\S[^\n]*)$", text)
    return shorten(found[1].strip(" *_.;"), 160) if found else ""


def _is_place_or_day(phrase: str) -> bool:
    """Whether the phrase begins with a channel or a named day: `blog and LinkedIn of ...` is where, not what."""
    channels = [
        pattern for key, patterns in table("channels").items() if key not in _ALSO_SUBJECTS for pattern in patterns
    ]
    days = [pattern for entry in table("calendar_words")["named_days"] for pattern in entry["names"]]
    hits = find_words(phrase, [*channels, *days])
    return bool(hits) and hits[0].start == 0


def _labelled(text: str) -> str:
    return shorten(label_value(text, "subject").split(",")[0], _LIMIT)


def _candidates(text: str, language: Language) -> list[NounPhrase]:
    found: list[NounPhrase] = []
    for pattern in table("grammar")[language]["leads_to_subject"]:
        for match in re.finditer(rf"(?<![\w-]){pattern}", text, re.IGNORECASE):
            phrase = noun_phrase_at(text, match.end(), language)
            if phrase:
                found.append(phrase)
    return found


def _forms(phrase: str, determiner: str, language: Language, source: Literal["request", "project", "brand"]) -> Subject:
    if _is_name(phrase) and (language == "en" or not determiner):
        return Subject(phrase, phrase, _of(phrase, language), source)
    bare = phrase
    if language == "en":
        # Without an article in the request it is a plural or a mass: `handmade candles`, `personal finance`.
        the = f"the {bare}" if determiner else bare
        return Subject(bare, the, f"of {the}", source)
    article = _article(bare, determiner)
    return Subject(bare, f"{article} {bare}", f"d{article} {bare}", source)


def _is_name(phrase: str) -> bool:
    """Whether the phrase is a proper name: it begins with a capital or a quoted title."""
    return phrase[:1].isupper() or phrase[:1].isdigit()


def _of(name: str, language: Language) -> str:
    return f"of {name}" if language == "en" else f"de {name}"


def _article(phrase: str, determiner: str) -> str:
    """The Portuguese article: from the request's determiner where there is one, else from the noun's ending."""
    plural = "s" if determiner.endswith("s") else ""
    if determiner and determiner not in {"de", "sua", "seu"}:
        feminine = determiner.rstrip("s").endswith("a") or determiner.rstrip("s").endswith("à")
        return ("a" if feminine else "o") + plural
    words = [word for word in phrase.lower().split() if word not in {"nova", "novo", "novas", "novos"}] or [
        phrase.lower()
    ]
    head = words[0]
    plural = "s" if head.endswith("s") and not head.endswith(("ês", "us")) else ""
    stem = head.removesuffix("s") if plural else head
    feminine = stem.endswith(("a", "ção", "ções", "çõe", "dade", "gem", "ã", "são", "õe")) and not stem.endswith(
        ("ma", "pa")
    )
    return ("a" if feminine else "o") + plural


def openings_for(subject: Subject, language: Language) -> Subject:
    """What a search for staff markets: the openings, not the people."""
    if subject.source != "request":
        return subject
    phrase = f"{'openings for' if language == 'en' else 'vagas para'} {subject.phrase}"
    return _forms(phrase, "" if language == "en" else "as", language, "request")
