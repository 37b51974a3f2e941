"""The calendar: a theme a week, told on the channels of the mix."""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from vm_webapp.profiles.outputs.calendar import Calendar, CalendarEntry, CalendarPhase, CalendarWeek, Milestone
from vm_webapp.writers.offline.builders.mix import mix_of
from vm_webapp.writers.offline.builders.slots import WeekSlots, pick_slots
from vm_webapp.writers.offline.builders.weekly_topics import topics_of_weeks, with_topics
from vm_webapp.writers.offline.context import Context
from vm_webapp.writers.offline.request.reading import weeks_of
from vm_webapp.writers.offline.timing import Timing, time_plan, working_day
from vm_webapp.writers.offline.wording import spoken_date


def build_calendar(context: Context) -> Calendar:
    """Dated weeks in phases, the key date honoured."""
    reading = context.reading
    weeks = weeks_of(context.work, reading)
    phases = context.objective["phases"]
    timing = time_plan(phases, today=reading.first_monday, weeks=weeks, key_date=reading.key_date)
    topics = topics_of_weeks(context, weeks)
    themes = [topic.theme for topic in topics] or _themes(context, timing)
    mix = mix_of(context)
    slots = pick_slots(
        mix,
        timing,
        _peak_day(context, timing),
        closed_days=reading.wishes.closed,
        not_before=reading.period.starts_on or date.min,
    )
    return Calendar(
        **context.head,
        starts_on=timing.starts_on,
        ends_on=timing.ends_on,
        dating_note=_dating_note(context, timing),
        phases=_phases(timing, phases),
        milestones=_milestones(context, timing),
        weeks=with_topics([_week(context, timing, themes[slot.week], slot) for slot in slots], topics),
    )


def _week(context: Context, timing: Timing, theme: str, slot: WeekSlots) -> CalendarWeek:
    phase = timing.phase_of_week[slot.week]
    entries = [_entry(context, timing, theme, slot, place) for place in range(len(slot.days))]
    return CalendarWeek(
        number=slot.week + 1,
        starts_on=timing.monday(slot.week),
        phase=context.objective["phases"][phase]["name"],
        theme=theme,
        entries=entries,
    )


def _entry(context: Context, timing: Timing, theme: str, slot: WeekSlots, place: int) -> CalendarEntry:
    channel, on = slot.channels[place], slot.days[place]
    phase = timing.phase_of_week[slot.week]
    shape = channel.texts["formats"][slot.turns[place] % len(channel.texts["formats"])]
    title, brief = f"{shape['name']}: {theme}", _brief(context, shape["how"], place)
    if not channel.pieces_per_month:
        name = context.objective["phases"][phase]["name"]
        title, brief = context.phrases.say("paid_title", a=channel.name, b=name), _sentence(shape["how"])
    if on == _peak_day(context, timing):
        title = context.objective["phases"][timing.peak].get("peak", theme)
        brief = _peak_brief(context, on, f"{shape['name']}: {shape['how']}.")
    return CalendarEntry(
        entry_id=f"w{slot.week + 1:02}-{place + 1}",
        on=on,
        channel=channel.key,
        channel_name=channel.name,
        format=shape["name"],
        title=title,
        brief=brief,
        call_to_action=_ask(context, phase, timing),
    )


def _peak_day(context: Context, timing: Timing) -> date | None:
    """The day of the piece for the key date: that day, or the nearest in its week on which something may appear."""
    key, closed_days = context.reading.key_date, context.reading.wishes.closed
    if key is None or timing.alignment != "aligned":
        return None
    week = [key + timedelta(days=day - key.weekday()) for day in range(7)]
    # Rather before the day than behind it: it invites.
    return min(
        (day for day in week if day.weekday() not in closed_days), key=lambda day: (day > key, abs((day - key).days))
    )


def _peak_brief(context: Context, on: date, shape: str) -> str:
    key, say = context.reading.key_date, context.phrases.say
    if key is None or on == key:
        return say("peak_brief", a=shape)
    return say("peak_brief_moved", a=shape, b=spoken_date(key, context.reading.language))


def _brief(context: Context, how: str, place: int) -> str:
    jobs = context.phrases.list("jobs")
    return f"{jobs[place % len(jobs)]} {_sentence(how)}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _ask(context: Context, phase: int, timing: Timing) -> str:
    asks: list[str] = context.family["asks"]
    return asks[2] if phase == timing.peak else asks[min(phase, len(asks) - 1)]


def _themes(context: Context, timing: Timing) -> list[str]:
    """A theme for every week; a phase longer than its list goes round again with a second part."""
    used: dict[int, int] = {}
    found = []
    for phase in timing.phase_of_week:
        own: list[str] = context.objective["phases"][phase]["themes"]
        turn = used.get(phase, 0)
        used[phase] = turn + 1
        theme = own[turn % len(own)]
        again = turn // len(own)
        found.append(context.phrases.say("theme_again", a=theme, b=str(again + 1)) if again else theme)
    return found


def _phases(timing: Timing, phases: list[Mapping[str, Any]]) -> list[CalendarPhase]:
    found = []
    for place, phase in enumerate(phases):
        weeks = [week + 1 for week, of in enumerate(timing.phase_of_week) if of == place]
        if weeks:
            found.append(
                CalendarPhase(
                    name=phase["name"],
                    aim=phase["aim"],
                    first_week=weeks[0],
                    last_week=weeks[-1],
                    exit_check=phase["exit"],
                )
            )
    return found


def _milestones(context: Context, timing: Timing) -> list[Milestone]:
    say, phases = context.phrases.say, context.objective["phases"]
    closed_days = context.reading.wishes.closed
    found = [
        Milestone(
            on=max(timing.starts_on, context.reading.period.starts_on or timing.starts_on), label=say("miles_start")
        ),
        Milestone(on=_tracking_day(context, timing), label=say("miles_tracking")),
        Milestone(on=working_day(timing.ends_on - timedelta(days=2), closed_days), label=say("miles_end")),
    ]
    for week, (before, after) in enumerate(pairwise(timing.phase_of_week), start=1):
        if before != after:
            label = say("miles_gate", a=phases[after]["name"], b=phases[before]["exit"])
            found.append(Milestone(on=working_day(timing.monday(week) - timedelta(days=3), closed_days), label=label))
    found += _stated_days(context, timing)
    return sorted(found, key=lambda milestone: (milestone.on, milestone.label))


def _tracking_day(context: Context, timing: Timing) -> date:
    """In the second week, and before the key date where that comes sooner."""
    usual, key = timing.starts_on + timedelta(days=9), context.reading.key_date
    sooner = key - timedelta(days=2) if key and timing.alignment == "aligned" else usual
    return max(timing.starts_on, working_day(min(usual, sooner), context.reading.wishes.closed))


def _stated_days(context: Context, timing: Timing) -> list[Milestone]:
    reading = context.reading
    days: dict[date, str] = {
        day.on: context.phrases.say("miles_named", a=day.words)
        for day in reading.days
        if day.on and timing.starts_on <= day.on <= timing.ends_on
    }
    if reading.key_date:
        days[reading.key_date] = context.objective["phases"][timing.peak].get("peak", context.subject_title)
    return [Milestone(on=on, label=label) for on, label in days.items()]


def _dating_note(context: Context, timing: Timing) -> str:
    reading, say = context.reading, context.phrases.say
    if timing.alignment == "none" or not reading.key_date:
        start = reading.period.starts_on
        return say("dating_start", a=spoken_date(start, reading.language)) if start else say("dating_none")
    return say(
        f"dating_{timing.alignment}",
        a=context.objective["phases"][timing.peak]["name"],
        b=spoken_date(reading.key_date, reading.language),
        c=say(f"from_{reading.key_date_source}"),
    )
