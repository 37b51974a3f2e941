"""Content pillars: the few subjects one keeps coming back to."""

from typing import Literal

from pydantic import Field, model_validator

from vm_webapp.profiles.outputs.base import Deliverable, Part, Percent, Text


class Pillar(Part):
    """One recurring subject with a job."""

    key: Text = Field(description="A short key, lower case, such as how_to.")
    name: Text = Field(description="The pillar's name.")
    promise: Text = Field(description="What readers get from it every time.")
    why: Text = Field(description="Why it matters to this audience and this objective.")
    share: Percent = Field(description="Share of all pieces in per cent; the shares sum to 100.")
    formats: list[Text] = Field(min_length=1, description="Formats that suit it.")
    needs: Text = Field(description="Whose knowledge, data or material it needs.")
    not_this: Text = Field(description="What does not belong here.")


class Pillars(Deliverable):
    """Three to five pillars whose shares sum to 100."""

    kind: Literal["pillars"] = "pillars"
    mission: Text = Field(description="One sentence: for whom, about what, to what end.")
    pillars: list[Pillar] = Field(min_length=2, max_length=6, description="The pillars by weight.")
    how_chosen: Text = Field(description="How they were chosen and what would change them.")

    @model_validator(mode="after")
    def _shares_sum_to_100(self) -> "Pillars":
        total = sum(pillar.share for pillar in self.pillars)
        if total != 100:  # noqa: PLR2004 - per cent
            raise ValueError(f"shares must sum to 100, they sum to {total}")
        return self
