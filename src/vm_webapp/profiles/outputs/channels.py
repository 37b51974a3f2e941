"""Channels: where to be, in which role, how often and with which share of the budget."""

from typing import Literal

from pydantic import Field, model_validator

from vm_webapp.profiles.outputs.base import Deliverable, Part, Percent, Text


class ChannelPlan(Part):
    """One channel's job in the plan."""

    key: Text = Field(description="A short key of the channel, such as instagram or email.")
    name: Text = Field(description="The channel's name as people write it.")
    source: Literal["request", "project", "suggested"] = Field(description="Who brought it up.")
    role: Text = Field(description="The one job this channel has in this plan.")
    why: Text = Field(description="Why this channel for this audience and objective.")
    pieces_per_month: int = Field(ge=0, le=90, description="Pieces planned in a normal month of four weeks.")
    cadence: Text = Field(description="How often and on which days, in words.")
    formats: list[Text] = Field(min_length=1, description="Formats to produce, the most important first.")
    budget_share: Percent = Field(
        description="Share of the media and production budget in per cent; all shares sum to 100."
    )
    first_steps: list[Text] = Field(min_length=1, description="What to do in the first two weeks.")
    measure: Text = Field(description="The one number that shows whether the channel does its job.")
    rule: Text = Field(description="When to scale, change or stop it, as a rule agreed before the start.")


class LeftOut(Part):
    """A channel that was considered and left out."""

    name: Text = Field(description="The channel's name.")
    because: Text = Field(description="Why it is not in the plan now, and what would bring it in.")


class Channels(Deliverable):
    """The channel mix; budget shares sum to 100."""

    kind: Literal["channels"] = "channels"
    summary: Text = Field(description="How the channels work together, in two or three sentences.")
    budget_note: Text = Field(description="What the shares apply to; amounts only where the request states a budget.")
    channels: list[ChannelPlan] = Field(
        min_length=1, description="Three to six channels, the one with the most weight first."
    )
    left_out: list[LeftOut] = Field(description="Channels considered and left out.")

    @model_validator(mode="after")
    def _shares_sum_to_100(self) -> "Channels":
        total = sum(channel.budget_share for channel in self.channels)
        if total != 100:  # noqa: PLR2004 - per cent
            raise ValueError(f"budget shares must sum to 100, they sum to {total}")
        return self
