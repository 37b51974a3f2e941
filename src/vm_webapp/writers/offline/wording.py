"""Small pieces of wording that several builders and templates share: dates, lists, quotation marks."""

from collections.abc import Iterable, Sequence
from datetime import date

from vm_webapp.writers.offline.phrases import table


def spoken_date(day: date, language: str) -> str:
    """The day as people write it: `Mon 15 Mar 2027`, `seg. 15 mar. 2027`."""
    words = table("calendar_words")
    return f"{weekday(day, language)} {day.day} {words['short_months'][language][day.month - 1]} {day.year}"


def weekday(day: date, language: str) -> str:
    """The weekday, short."""
    return str(table("calendar_words")["weekdays"][language][day.weekday()])


def day_names(days: Iterable[int], language: str) -> list[str]:
    """The weekdays, short; 0 is Monday."""
    return [str(table("calendar_words")["weekdays"][language][day]) for day in days]


def joined(items: Sequence[str], language: str) -> str:
    """`a, b and c`."""
    if len(items) < 2:  # noqa: PLR2004 - one item needs no comma
        return "".join(items)
    return f"{', '.join(items[:-1])} {'and' if language == 'en' else 'e'} {items[-1]}"


def quoted(items: Sequence[str]) -> str:
    """The items in quotation marks, separated by commas."""
    return ", ".join(f'"{item}"' for item in items)
