"""A calendar for other programs: .csv for sheets, .ics for calendars, .json for everything else."""

import csv
import hashlib
import io
import json
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Calendar as ICalendar
from icalendar import Event

from vm_webapp.profiles.outputs.calendar import Calendar, CalendarEntry, CalendarWeek
from vm_webapp.writers import DraftFile, StageWork
from vm_webapp.writers.offline.phrases import Phrases
from vm_webapp.writers.offline.request.text import one_line
from vm_webapp.writers.offline.wording import weekday

COLUMNS = (
    "date",
    "weekday",
    "week",
    "phase",
    "theme",
    "channel",
    "format",
    "title",
    "brief",
    "call_to_action",
    "status",
    "owner",
    "source",
)
# What a sheet would take for a formula when a cell begins with it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def calendar_files(calendar: Calendar, work: StageWork, *, notice: str) -> list[DraftFile]:
    """The three files, from the same object as the Markdown."""
    key, kind = work.stage.key, work.stage.kind
    return [
        DraftFile(name=f"{key}.csv", kind=kind, media_type="text/csv", text=_csv(calendar, notice)),
        DraftFile(name=f"{key}.ics", kind=kind, media_type="text/calendar", text=_ics(calendar, work, notice)),
        DraftFile(name=f"{key}.json", kind=kind, media_type="application/json", text=_json(calendar, notice)),
    ]


def _csv(calendar: Calendar, notice: str) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for week in calendar.weeks:
        for entry in week.entries:
            writer.writerow([_plain(value) for value in _row(calendar, week, entry, notice)])
    return stream.getvalue()


def _row(calendar: Calendar, week: CalendarWeek, entry: CalendarEntry, notice: str) -> tuple[str, ...]:
    labels = Phrases(_language(calendar), {}).get("labels")
    return (
        entry.on.isoformat(),
        weekday(entry.on, _language(calendar)),
        str(week.number),
        week.phase,
        week.theme,
        entry.channel_name,
        entry.format,
        entry.title,
        entry.brief,
        entry.call_to_action,
        labels["status_planned"],
        "",
        notice,
    )


def _plain(value: str) -> str:
    """The value so that no sheet runs it as a formula."""
    text = one_line(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _ics(calendar: Calendar, work: StageWork, notice: str) -> str:
    found = ICalendar()
    found.add("prodid", "-//VM//offline//EN")
    found.add("version", "2.0")
    # The library escapes new lines in the properties that it knows, and this is none of them.
    found.add("x-wr-calname", one_line(calendar.title))
    found.add("x-wr-caldesc", one_line(notice))
    found.add("x-written-by", one_line(calendar.written_by))
    for number, milestone in enumerate(calendar.milestones, start=1):
        found.add_component(_event(work, f"m{number:02}", on=milestone.on, title=milestone.label, text=notice))
    for week in calendar.weeks:
        for entry in week.entries:
            text = f"{entry.brief}\n{entry.call_to_action}\n{week.phase}: {week.theme}\n\n{notice}"
            title = f"{entry.channel_name}: {entry.title}"
            found.add_component(_event(work, entry.entry_id, on=entry.on, title=title, text=text))
    return str(found.to_ical().decode("utf-8"))


def _event(work: StageWork, place: str, *, on: date, title: str, text: str) -> Event:
    event = Event()
    # The place in the plan of this thread: a new version of the plan updates the event instead of adding one.
    identity = hashlib.sha256(f"{work.thread_id}/{work.stage.key}/{place}".encode("utf-8", "replace")).hexdigest()[:32]
    event.add("uid", f"{identity}@vm")
    # The run's date, not a clock: the same run gives the same bytes, and a later run's events replace earlier ones.
    event.add("dtstamp", datetime.combine(work.dated_on, time(), UTC))
    event.add("dtstart", on)
    event.add("dtend", on + timedelta(days=1))
    event.add("summary", title)
    event.add("description", text)
    event.add("transp", "TRANSPARENT")
    return event


def _json(calendar: Calendar, notice: str) -> str:
    return json.dumps({**calendar.model_dump(mode="json"), "notice": notice}, ensure_ascii=False, indent=2) + "\n"


def _language(calendar: Calendar) -> str:
    return "pt" if calendar.language.startswith("pt") else "en"
