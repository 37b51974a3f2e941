"""Positioning: the place to take in people's minds, as options to choose from."""

from typing import Literal

from pydantic import Field, model_validator

from vm_webapp.profiles.outputs.base import Deliverable, Part, Text


class PositioningOption(Part):
    """One way to be understood."""

    name: Text = Field(description="A working name of two to four words.")
    statement: Text = Field(
        description="For <whom> who <situation>, <subject> is <what> that <promise>, unlike <alternative>."
    )
    promise: Text = Field(description="The promise in one short sentence a customer would repeat.")
    headline: Text = Field(description="A headline that could go live if the proof holds.")
    proof_needed: list[Text] = Field(min_length=1, description="Evidence that must exist before this may be said.")
    works_when: Text = Field(description="The situation in which this option is the strongest.")
    watch_out: Text = Field(description="How this option fails.")


class Recommendation(Part):
    """Which option to start with, and how to test it."""

    option: Text = Field(description="The name of the recommended option, exactly as above.")
    because: Text = Field(description="Why, from what is known of this request.")
    test: Text = Field(
        description="The cheapest test that could overturn the recommendation, with the rule for deciding."
    )


class Positioning(Deliverable):
    """Three options with a recommendation."""

    kind: Literal["positioning"] = "positioning"
    alternatives: list[Text] = Field(min_length=1, description="What people do today instead, doing nothing included.")
    options: list[PositioningOption] = Field(min_length=2, max_length=5, description="Options that exclude each other.")
    recommendation: Recommendation = Field(description="The option to start with.")
    message_house: list[Text] = Field(
        min_length=1, description="Three supporting messages under the recommended promise."
    )
    decide: list[Text] = Field(min_length=1, description="Questions that the team must answer to choose.")

    @model_validator(mode="after")
    def _recommends_an_option(self) -> "Positioning":
        if self.recommendation.option not in [option.name for option in self.options]:
            raise ValueError("the recommendation must name one of the options")
        return self
