"""The audience: who decides, what moves and what stops them."""

from typing import Literal

from pydantic import Field

from vm_webapp.profiles.outputs.base import Deliverable, Part, Text


class Segment(Part):
    """A group of people who would act for the same reason."""

    name: Text = Field(description="A name the team will use: who they are in two to five words.")
    who: Text = Field(description="Who belongs to it, and how one would recognise them.")
    status: Literal["stated", "hypothesis"] = Field(
        description="Whether the request names them or they are to be validated."
    )
    job: Text = Field(description="What they want to get done, in their own words: When ..., I want ..., so that ...")
    triggers: list[Text] = Field(min_length=1, description="Moments at which they start looking.")
    barriers: list[Text] = Field(min_length=1, description="What keeps them from acting.")
    proof: list[Text] = Field(min_length=1, description="What they need to see before they believe.")
    meet_them: list[Text] = Field(min_length=1, description="Channels and places where they can be met.")
    first_message: Text = Field(description="The first sentence to say to them.")


class Audience(Deliverable):
    """Whom to address first, and how to find out whether that is right."""

    kind: Literal["audience"] = "audience"
    summary: Text = Field(description="Who comes first and why, in two or three sentences.")
    segments: list[Segment] = Field(min_length=1, description="Two to four segments in order of priority.")
    not_for: list[Text] = Field(description="Who is deliberately not addressed now, and why.")
    interview_questions: list[Text] = Field(
        min_length=1, description="Open questions for five short interviews per segment."
    )
    validation: list[Text] = Field(
        min_length=1, description="Checks that confirm or overturn the segments, cheapest first."
    )
