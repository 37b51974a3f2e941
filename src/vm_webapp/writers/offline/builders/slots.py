"""Which channel publishes on which day: in proportion to the mix, two to four pieces a week, the key date included."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from vm_webapp.writers.offline.builders.mix import DAYS, Channel
from vm_webapp.writers.offline.timing import Timing, closed

_QUIET, _NORMAL, _BUSY = 2, 3, 4


class WeekSlots(NamedTuple):
    """One week (from 0): channels and days side by side, and how often each channel had a turn before."""

    week: int
    channels: tuple[Channel, ...]
    days: tuple[date, ...]
    turns: tuple[int, ...]


def pick_slots(
    mix: Sequence[Channel],
    timing: Timing,
    key_date: date | None,
    *,
    closed_days: Collection[int] = (),
    not_before: date = date.min,
) -> list[WeekSlots]:
    """The slots of every week, by day; on the key date the channel with the most weight publishes.

    Nothing is published on `closed_days` (0 = Monday), nor before the day `not_before`.
    """
    credit = dict.fromkeys((channel.key for channel in mix), 0.0)
    turns = dict.fromkeys(credit, 0)
    found = []
    for week in range(timing.weeks):
        monday = timing.monday(week)
        key = key_date if key_date and monday <= key_date <= monday + timedelta(days=6) else None
        channels = _channels_of_week(mix, timing, week, credit)
        days = _days_of_week(channels, monday, key, _open_days(monday, closed_days, not_before))
        by_day = sorted(zip(days, channels, strict=True), key=lambda pair: pair[0])
        ordered = tuple(channel for _, channel in by_day)
        found.append(WeekSlots(week, ordered, tuple(day for day, _ in by_day), _take_turns(ordered, turns)))
    return found


def _channels_of_week(
    mix: Sequence[Channel], timing: Timing, week: int, credit: dict[str, float]
) -> tuple[Channel, ...]:
    phase = timing.phase_of_week[week]
    count = _BUSY if phase == timing.peak else (_QUIET if week == 0 else _NORMAL)
    begins = week == 0 or timing.phase_of_week[week - 1] != phase
    paid = [channel for channel in mix if not channel.pieces_per_month] if begins else []
    unpaid = [channel for channel in mix if channel.pieces_per_month]
    paid = paid[: count - 1] if unpaid else paid[:count]
    return (*_by_credit(unpaid, count - len(paid), credit), *paid) or tuple(mix[:count])


def _by_credit(unpaid: Sequence[Channel], count: int, credit: dict[str, float]) -> list[Channel]:
    """Who waited longest, measured by their share of pieces, goes next."""
    whole = sum(channel.pieces_per_month for channel in unpaid)
    chosen: list[Channel] = []
    for _ in range(count if unpaid else 0):
        for channel in unpaid:
            credit[channel.key] += channel.pieces_per_month / whole
        # A channel has as many turns in a week as it has days of its own, two at most.
        free = [channel for channel in unpaid if chosen.count(channel) < min(2, len(channel.texts["days"]))]
        if not free and len(chosen) >= _QUIET:
            break
        free = free or list(unpaid)
        best = max(free, key=lambda channel: (round(credit[channel.key], 6), -unpaid.index(channel)))
        credit[best.key] -= 1
        chosen.append(best)
    return sorted(chosen, key=lambda channel: [item.key for item in unpaid].index(channel.key))


def _days_of_week(
    channels: Sequence[Channel], monday: date, key_date: date | None, open_days: Sequence[int]
) -> tuple[date, ...]:
    week = [monday + timedelta(days=day) for day in range(7)]
    # Two pieces a day crowd each other out; a day on which nobody reads is no day at all.
    taken = {day for day in week if closed(day)}
    days: list[date] = []
    for place, channel in enumerate(channels):
        wishes = [week[day] for day in (*channel.texts["days"], *open_days) if day in open_days]
        if place == 0 and key_date:
            day = key_date
        else:
            day = next((wish for wish in wishes if wish not in taken and wish != key_date), wishes[0])
        taken.add(day)
        days.append(day)
    return tuple(days)


def _open_days(monday: date, closed_days: Collection[int], not_before: date) -> list[int]:
    """The weekdays on which something may appear, in the order in which they are taken."""
    days = [day for day in DAYS if day not in closed_days]
    return [day for day in days if monday + timedelta(days=day) >= not_before] or days


def _take_turns(channels: Sequence[Channel], turns: dict[str, int]) -> tuple[int, ...]:
    found = []
    for channel in channels:
        found.append(turns[channel.key])
        turns[channel.key] += 1
    return tuple(found)
