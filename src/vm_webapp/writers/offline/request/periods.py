"""How long the work is to take, when it starts, and by when `in six weeks` is."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from vm_webapp.writers.offline.phrases import table
from vm_webapp.writers.offline.request.dates import NamedDay

_MOST_WEEKS = 52
_MONTH = 365 / 12


class Period(NamedTuple):
    """`weeks` is 0 and `starts_on` None where nothing is said; `days` are the days named that are no start.

    `words` is how the length was said.
    """

    weeks: int
    words: str
    starts_on: date | None
    days: tuple[NamedDay, ...]


def find_period(text: str, days: Sequence[NamedDay], *, today: date, is_dated: bool) -> Period:
    """The length and the start that the text states.

    A span such as `in six weeks` is a day where the objective has one (`is_dated`: a launch, an event, a sale), and
    else how long the work takes.
    """
    start = next((day for day in days if day.on and day.on >= today and _begins(text, day)), None)
    others = [day for day in days if day is not start]
    length = next((found for pattern in _patterns("lengths") for found in pattern.finditer(text)), None)
    spans = [found for pattern in _patterns("spans") for found in pattern.finditer(text)]
    if not is_dated:
        length, spans = length or next(iter(spans), None), []
    for found in spans:
        if length is None or found.end() <= length.start() or found.start() >= length.end():
            on = (start.on if start and start.on else today) + timedelta(days=_days_of(found))
            others.append(NamedDay(found.start(), on, found[0]))
    weeks = min(max(round(_days_of(length) / 7), 1), _MOST_WEEKS) if length else 0
    return Period(
        weeks,
        length[0] if length else "",
        start.on if start else None,
        tuple(sorted(others, key=lambda day: day.start)),
    )


def _begins(text: str, day: NamedDay) -> bool:
    """Whether the words before the day say that something starts then."""
    words = "|".join(table("periods")["starts"])
    return bool(re.search(rf"(?i)(?<!\w)(?:{words})[\s:]+$", text[max(0, day.start - 40) : day.start] + " "))


def _patterns(kind: str) -> list[re.Pattern[str]]:
    words = table("periods")
    number = "|".join([r"\d{1,3}", *words["numbers"]])
    unit = "|".join(words["units"])
    filled = [
        pattern.replace("NUMBER", f"(?P<number>{number})").replace("UNIT", f"(?P<unit>{unit})")
        for pattern in words[kind]
    ]
    return [re.compile(rf"(?<![\w-]){pattern}(?![\w-])", re.IGNORECASE) for pattern in filled]


def _days_of(found: re.Match[str]) -> int:
    words = table("periods")
    number = found["number"].lower()
    count = int(number) if number.isdigit() else int(words["numbers"][number])
    each = next(days for unit, days in words["units"].items() if re.fullmatch(unit, found["unit"].lower()))
    return min(round(count * (_MONTH if each == "month" else int(each))), 3650)
