"""Risks: what could go wrong, how one would notice and what to do."""

from typing import Literal

from pydantic import Field

from vm_webapp.profiles.outputs.base import Deliverable, Part, Text

Level = Literal["low", "medium", "high"]


class Risk(Part):
    """One thing that could go wrong."""

    name: Text = Field(description="The risk in a few words.")
    what_happens: Text = Field(description="Cause, event and consequence in one or two sentences.")
    because: Text = Field(description="Why it is on the list for this request.")
    likelihood: Level = Field(description="How likely it is as things stand.")
    impact: Level = Field(description="How much it would hurt.")
    early_sign: Text = Field(description="What one would notice first.")
    prevention: Text = Field(description="What to do now so that it does not happen.")
    response: Text = Field(description="What to do when it does.")
    owner: Text = Field(description="The role that watches it.")


class Risks(Deliverable):
    """The risks, the most pressing first."""

    kind: Literal["risks"] = "risks"
    summary: Text = Field(description="What needs attention first, in two or three sentences.")
    risks: list[Risk] = Field(min_length=1, description="Four to ten risks, the most pressing first.")
    stop_rules: list[Text] = Field(
        min_length=1, description="Conditions under which publishing stops at once, and who says so."
    )
