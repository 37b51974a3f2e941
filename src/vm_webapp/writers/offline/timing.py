"""The weeks and phases of a plan, around a key date where there is one.

Phases have weights; one of them is the peak. With a key date inside the weeks, the peak begins in its week, the
phases before it share the weeks before by weight, those behind it the weeks behind. Without one, all share all weeks
by weight.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

Alignment = Literal["aligned", "after", "before", "none"]


class Timing(NamedTuple):
    """The Monday of week 1, the number of weeks, and the phase (its place from 0) of every week."""

    starts_on: date
    weeks: int
    phase_of_week: tuple[int, ...]
    alignment: Alignment
    peak: int

    def monday(self, week: int) -> date:
        """The Monday of the week, which counts from 0."""
        return self.starts_on + timedelta(weeks=week)

    @property
    def ends_on(self) -> date:
        """The last Sunday."""
        return self.starts_on + timedelta(weeks=self.weeks, days=-1)


def first_monday(day: date) -> date:
    """The first Monday on or after the day."""
    return day + timedelta(days=-day.weekday() % 7)


def time_plan(phases: Sequence[Mapping[str, Any]], *, today: date, weeks: int, key_date: date | None) -> Timing:
    """Spread the phases over the weeks."""
    start = first_monday(today)
    peak = next((place for place, phase in enumerate(phases) if "peak" in phase), len(phases) - 1)
    weights = [int(phase["weight"]) for phase in phases]
    alignment = _alignment(start, weeks, key_date)
    if alignment == "aligned" and key_date:
        counts = _around((key_date - start).days // 7, weeks=weeks, weights=weights, peak=peak)
    elif alignment == "after":
        counts = share(weeks, weights[:peak] or weights)
    elif alignment == "before":
        counts = [0] * peak + share(weeks, weights[peak:])
    else:
        counts = share(weeks, weights)
    return Timing(
        start, weeks, tuple(place for place, count in enumerate(counts) for _ in range(count)), alignment, peak
    )


def closed(day: date) -> bool:
    """Whether hardly anybody reads or works: Christmas and New Year's Day; other holidays differ by place."""
    return (day.month, day.day) in {(12, 25), (1, 1)}


def working_day(day: date, closed_days: Collection[int] = ()) -> date:
    """The day itself, or the nearest day before it that is not closed; `closed_days` are weekdays (0 = Monday)."""
    return next(
        (earlier for earlier in (day - timedelta(days=back) for back in range(14)) if _is_open(earlier, closed_days)),
        day,
    )


def _is_open(day: date, closed_days: Collection[int]) -> bool:
    return not closed(day) and day.weekday() not in closed_days


def share(total: int, weights: Sequence[int]) -> list[int]:
    """Whole numbers in proportion to the weights that sum to the total (largest remainder; ties go to the first)."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    exact = [total * weight / whole for weight in weights]
    counts = [int(value) for value in exact]
    by_rest = sorted(range(len(weights)), key=lambda place: (counts[place] - exact[place], place))
    for place in by_rest[: total - sum(counts)]:
        counts[place] += 1
    return counts


def _alignment(start: date, weeks: int, key_date: date | None) -> Alignment:
    if key_date is None:
        return "none"
    if key_date < start:
        return "before"
    return "aligned" if key_date < start + timedelta(weeks=weeks) else "after"


def _around(week: int, *, weeks: int, weights: Sequence[int], peak: int) -> list[int]:
    before = share(week, weights[:peak])
    left = weeks - week
    # At least the week itself belongs to the peak; what is behind it shares the rest.
    after = share(left - 1, weights[peak:])
    return [*before, after[0] + 1, *after[1:]]
