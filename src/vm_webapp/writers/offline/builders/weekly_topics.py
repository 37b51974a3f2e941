"""An editorial calendar takes its pieces from the topic backlog: a pillar a week, its topics on the week's days."""

from collections.abc import Sequence
from typing import NamedTuple

from vm_webapp.profiles.outputs.calendar import CalendarEntry, CalendarWeek
from vm_webapp.profiles.outputs.pillars import Pillars
from vm_webapp.profiles.outputs.topics import Topic, Topics
from vm_webapp.writers.offline.context import Context


class WeekTopics(NamedTuple):
    """The week's theme and the topics of its pillar, in the order of the backlog."""

    theme: str
    topics: tuple[Topic, ...]


def topics_of_weeks(context: Context, weeks: int) -> list[WeekTopics]:
    """Pillars in turn, one for every week; empty where no earlier stage made a backlog."""
    backlog = context.earlier(Topics)
    if backlog is None:
        return []
    pillars = context.earlier(Pillars)
    promises = {pillar.name: pillar.promise for pillar in pillars.pillars} if pillars else {}
    names = list(dict.fromkeys(topic.pillar for topic in backlog.topics))
    turns = [names[week % len(names)] for week in range(weeks)]
    return [
        WeekTopics(
            f"{name}: {promises[name]}" if name in promises else name,
            tuple(topic for topic in backlog.topics if topic.pillar == name),
        )
        for name in turns
    ]


def with_topics(weeks: Sequence[CalendarWeek], topics: Sequence[WeekTopics]) -> list[CalendarWeek]:
    """The weeks with their pieces replaced by topics; a topic comes back, in another format, when all had one."""
    if not topics:
        return list(weeks)
    used: dict[str, int] = {}
    found = []
    for week, of_week in zip(weeks, topics, strict=True):
        # The piece of a key date stays what it is; it is recognised by a title that does not carry the theme.
        entries = [_entry(entry, of_week, used) if week.theme in entry.title else entry for entry in week.entries]
        found.append(week.model_copy(update={"entries": entries}))
    return found


def _entry(entry: CalendarEntry, of_week: WeekTopics, used: dict[str, int]) -> CalendarEntry:
    rare = min(used.get(topic.topic_id, 0) for topic in of_week.topics)
    waiting = [topic for topic in of_week.topics if used.get(topic.topic_id, 0) == rare]
    # A topic that was meant for this channel goes first.
    topic = next((topic for topic in waiting if topic.channel == entry.channel_name), waiting[0])
    used[topic.topic_id] = rare + 1
    return entry.model_copy(update={"title": f"{entry.format}: {topic.title}", "brief": f"{topic.angle} {entry.brief}"})
