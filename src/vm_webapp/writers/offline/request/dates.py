"""Days that a text names: written out, in figures, or by name; missing years follow from the run's date."""

import calendar
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from vm_webapp.writers.offline.phrases import table
from vm_webapp.writers.offline.request.language import Language
from vm_webapp.writers.offline.request.words import find_words

_ISO = re.compile(r"(?<!\d)(20\d\d)-(\d\d?)-(\d\d?)(?!\d)")
_FIGURES = re.compile(r"(?<![\d/.])(\d\d?)/(\d\d?)(?:/(20\d\d|\d\d))?(?![\d/%])")
_DEADLINE = re.compile(r"(?i)(?<!\w)(?:by|before|until|till|até|antes d[eo])(?: o)?(?: dia)? $")
_SEASONS = {
    "en": r"(?:(?:early|mid|late|end of|beginning of)[ -])?"
    r"(?:spring|summer|autumn|winter|Q[1-4]|{months})(?: (?:of )?20\d\d)?",
    "pt": r"(?:(?:início|meados|fim|final) d[eo] )?"
    r"(?:primavera|verão|outono|inverno|[1-4]º trimestre|{months})(?: de 20\d\d)?",
}


class NamedDay(NamedTuple):
    """A day or season the text names; `on` is None for a season, `start` where it stands."""

    start: int
    on: date | None
    words: str
    unsure: bool = False


def find_days(text: str, *, today: date, language: Language) -> list[NamedDay]:
    """Every day and season named, in the order of the text; past days of a named year stay past."""
    found = [*_iso(text), *_figures(text, today, language), *_written(text, today), *_named(text, today)]
    exact = [(day.start, day.start + len(day.words)) for day in found]
    months = "|".join(_months(language))
    for hit in find_words(text, [_SEASONS[language].format(months=months)]):
        # "may" is a month only where it is written like one.
        real = hit.words[0].isupper() or hit.words.lower() != "may"
        if real and not any(start <= hit.start < end for start, end in exact):
            found.append(NamedDay(hit.start, None, hit.words))
    return sorted(found, key=lambda day: day.start)


def key_day(text: str, days: Sequence[NamedDay], *, today: date) -> date | None:
    """The day that the work leads up to: the first by which something must be done, else the first that is named."""
    coming = [(day, day.on) for day in days if day.on and day.on >= today]
    by_then = [on for day, on in coming if _DEADLINE.search(text[max(0, day.start - 24) : day.start])]
    return next(iter(by_then), None) or next((on for _, on in coming), None)


def _iso(text: str) -> Iterator[NamedDay]:
    for match in _ISO.finditer(text):
        on = _date(int(match[1]), int(match[2]), int(match[3]))
        if on:
            yield NamedDay(match.start(), on, match[0])


def _figures(text: str, today: date, language: Language) -> Iterator[NamedDay]:
    for match in _FIGURES.finditer(text):
        first, second = int(match[1]), int(match[2])
        day_first = language == "pt" or first > 12  # noqa: PLR2004 - there are twelve months
        day, month = (first, second) if day_first else (second, first)
        on = _with_year(day, month, match[3], today)
        if on:
            unsure = language == "en" and max(first, second) <= 12 and first != second  # noqa: PLR2004 - likewise
            yield NamedDay(match.start(), on, match[0], unsure)


def _written(text: str, today: date) -> Iterator[NamedDay]:
    for language in ("en", "pt"):
        months = _months(language)
        names = "|".join(sorted(months, key=len, reverse=True))
        span = r"(?: ?(?:-|\u2013|a|e|to|and|&) ?\d\d?)?"
        day_first = rf"(\d\d?)(?:st|nd|rd|th|º)?{span} (?:of |de )?({names})\.?(?:,? (?:de )?(20\d\d))?"
        month_first = rf"({names})\.? (\d\d?)(?:st|nd|rd|th)?(?!\d)(?:,? (20\d\d))?"
        for match in re.finditer(rf"(?<!\w){day_first}(?!\w)", text, re.IGNORECASE):
            on = _with_year(int(match[1]), months[match[2].lower()], match[3], today)
            if on:
                yield NamedDay(match.start(), on, match[0])
        for match in re.finditer(rf"(?<!\w){month_first}(?!\w)", text, re.IGNORECASE):
            on = _with_year(int(match[2]), months[match[1].lower()], match[3], today)
            if on and language == "en":
                yield NamedDay(match.start(), on, match[0])


def _named(text: str, today: date) -> Iterator[NamedDay]:
    for entry in table("calendar_words")["named_days"]:
        for hit in find_words(text, entry["names"]):
            year = re.match(r"(?:,? (?:of |de )?)(20\d\d)", text[hit.end : hit.end + 9])
            if year:
                yield NamedDay(hit.start, _named_day(entry, int(year[1])), hit.words + year[0])
            else:
                coming = _named_day(entry, today.year)
                yield NamedDay(hit.start, coming if coming >= today else _named_day(entry, today.year + 1), hit.words)


def _named_day(entry: dict[str, Any], year: int) -> date:
    if "day" in entry:
        return date(year, entry["month"], entry["day"])
    first = date(year, entry["month"], 1)
    ahead = (entry["weekday"] - first.weekday()) % 7
    return first + timedelta(days=ahead + 7 * (entry["nth"] - 1) + entry["plus"])


def _with_year(day: int, month: int, year: str | None, today: date) -> date | None:
    if year:
        return _date(int(year) + (2000 if len(year) == 2 else 0), month, day)  # noqa: PLR2004 - two figures
    on = _date(today.year, month, day)
    if on and on < today:
        return _date(today.year + 1, month, day)
    return on


def _date(year: int, month: int, day: int) -> date | None:
    if not (1 <= month <= 12 and 1 <= day <= 31):  # noqa: PLR2004 - months and days
        return None
    return date(year, month, min(day, calendar.monthrange(year, month)[1])) if day <= 31 else None  # noqa: PLR2004


def _months(language: str) -> dict[str, int]:
    words = table("calendar_words")
    numbered = {name: place for place, name in enumerate(words["months"][language], start=1)}
    short = {name.lower().rstrip("."): place for place, name in enumerate(words["short_months"][language], start=1)}
    return {**short, **numbered}
