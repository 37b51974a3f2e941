"""The topic backlog: what to write next, and why somebody would look for it."""

from typing import Literal

from pydantic import Field

from vm_webapp.profiles.outputs.base import Deliverable, Part, Text

Intent = Literal["learn", "compare", "act", "belong"]


class Topic(Part):
    """One piece that could be briefed tomorrow."""

    topic_id: Text = Field(description="Pillar and number, such as how_to-2.")
    pillar: Text = Field(description="The pillar's name.")
    title: Text = Field(description="A working title.")
    angle: Text = Field(description="What makes this piece different from what is already out there.")
    format: Text = Field(description="The main format.")
    channel: Text = Field(description="Where it is published first.")
    intent: Intent = Field(description="What the searcher wants: learn, compare, act, or belong.")
    query: Text = Field(description="What somebody would type or ask; to be checked in a keyword tool.")
    needs: Text = Field(description="What or whom the author needs.")
    effort: Literal["S", "M", "L"] = Field(description="S: hours, M: a day or two, L: a week.")


class Topics(Deliverable):
    """The backlog, in the order in which to work it."""

    kind: Literal["topics"] = "topics"
    how_to_use: Text = Field(description="How to choose from it and how to keep it alive.")
    topics: list[Topic] = Field(min_length=1, description="The topics by pillar.")
