"""The plan: everything before it, assembled for the people who decide."""

from datetime import date
from typing import Literal

from pydantic import Field

from vm_webapp.profiles.outputs.base import Deliverable, Part, Text


class PlanSection(Part):
    """One earlier deliverable within the plan."""

    stage_key: Text = Field(description="The key of the stage that made it.")
    heading: Text = Field(description="The section's heading.")
    takeaways: list[Text] = Field(min_length=1, description="What a reader must remember of it, one to four points.")


class Action(Part):
    """Something to do at the start."""

    what: Text = Field(description="The action, beginning with a verb.")
    by: date = Field(description="The day by which it is done.")
    role: Text = Field(description="The role that does it, not a name.")


class Plan(Deliverable):
    """The assembled plan: one page to decide with, then every section."""

    kind: Literal["plan"] = "plan"
    summary: list[Text] = Field(
        min_length=1, description="Three to six sentences: for whom, what, where, when, how it is judged."
    )
    decisions: list[Text] = Field(min_length=1, description="What somebody must decide before work starts.")
    first_actions: list[Action] = Field(min_length=1, description="What happens in the first two weeks, in order.")
    sections: list[PlanSection] = Field(description="The earlier deliverables, in the order of the plan.")
