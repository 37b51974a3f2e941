"""The editorial guide: how it should sound, and the check before publishing."""

from typing import Literal

from pydantic import Field

from vm_webapp.profiles.outputs.base import Deliverable, Part, Text


class VoiceRule(Part):
    """One trait of the voice, shown by example."""

    trait: Text = Field(description="The trait, in one to three words.")
    meaning: Text = Field(description="What it means in practice.")
    like_this: Text = Field(description="A sentence that has it.")
    not_like_this: Text = Field(description="A sentence that lacks it.")


class ChannelNote(Part):
    """What changes on one channel."""

    channel: Text = Field(description="The channel's name.")
    note: Text = Field(description="What to do differently there.")


class Guide(Deliverable):
    """How the brand writes, and how a piece becomes ready."""

    kind: Literal["guide"] = "guide"
    voice_source: Text = Field(description="Where the voice comes from: stated by the brand, or a proposal to confirm.")
    voice: list[VoiceRule] = Field(min_length=1, description="Three to five traits.")
    structure: list[Text] = Field(min_length=1, description="How a piece is built.")
    facts: list[Text] = Field(min_length=1, description="Rules for facts, sources, numbers and other people's words.")
    access: list[Text] = Field(min_length=1, description="Rules that let everybody read, see and hear it.")
    channels: list[ChannelNote] = Field(description="Notes by channel.")
    workflow: list[Text] = Field(
        min_length=1, description="Steps from idea to archive, with roles and days before publication."
    )
    checklist: list[Text] = Field(min_length=1, description="Yes-or-no questions to answer before publishing.")
