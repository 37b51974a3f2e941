"""The calendar: weeks from Monday to Sunday with what is published when."""

from datetime import date, timedelta
from typing import Literal

from pydantic import Field, model_validator

from vm_webapp.profiles.outputs.base import Deliverable, Part, Text


class CalendarEntry(Part):
    """One piece to publish."""

    entry_id: Text = Field(description="Week and place within it, such as w03-2; stays the same when the text changes.")
    on: date = Field(description="The day of publication, within its week.")
    channel: Text = Field(description="The channel's key.")
    channel_name: Text = Field(description="The channel's name as people write it.")
    format: Text = Field(description="The format to produce.")
    title: Text = Field(description="A working title specific enough to brief somebody with.")
    brief: Text = Field(description="What the piece must do and contain, in one or two sentences.")
    call_to_action: Text = Field(description="The one thing the reader is asked to do.")


class CalendarWeek(Part):
    """A week; it starts on a Monday."""

    number: int = Field(ge=1, description="Counts from 1.")
    starts_on: date = Field(description="The week's Monday.")
    phase: Text = Field(description="The name of the phase the week belongs to.")
    theme: Text = Field(description="The week's one idea; every piece of the week serves it.")
    entries: list[CalendarEntry] = Field(min_length=1, max_length=7, description="What is published, by day.")


class CalendarPhase(Part):
    """Some consecutive weeks with one aim."""

    name: Text = Field(description="The phase's name.")
    aim: Text = Field(description="What is true at its end that was not at its beginning.")
    first_week: int = Field(ge=1, description="The number of its first week.")
    last_week: int = Field(ge=1, description="The number of its last week.")
    exit_check: Text = Field(description="The question to answer with yes before the next phase starts.")


class Milestone(Part):
    """A day on which something is decided, starts or ends."""

    on: date = Field(description="The day.")
    label: Text = Field(description="What happens.")


class Calendar(Deliverable):
    """Weeks on consecutive Mondays, in phases."""

    kind: Literal["calendar"] = "calendar"
    starts_on: date = Field(description="The first Monday.")
    ends_on: date = Field(description="The last Sunday.")
    dating_note: Text = Field(description="How the dates were set, and what to move if the key date moves.")
    phases: list[CalendarPhase] = Field(min_length=1, description="The phases in order; every week belongs to one.")
    milestones: list[Milestone] = Field(description="Key dates, decisions and reviews, in order.")
    weeks: list[CalendarWeek] = Field(min_length=1, description="The weeks in order.")

    @model_validator(mode="after")
    def _weeks_follow_each_other(self) -> "Calendar":
        for place, week in enumerate(self.weeks):
            monday = self.starts_on + timedelta(weeks=place)
            if week.starts_on != monday or monday.weekday() != 0 or week.number != place + 1:
                raise ValueError(f"week {place + 1} must start on a Monday, one week after the week before it")
            if any(not monday <= entry.on <= monday + timedelta(days=6) for entry in week.entries):
                raise ValueError(f"every entry of week {place + 1} must lie within that week")
        return self
