"""The message: what one campaign says, and what must be true for it."""

from typing import Literal

from pydantic import Field

from vm_webapp.profiles.outputs.base import Deliverable, Part, Text


class KeyMessage(Part):
    """One thing people should remember."""

    message: Text = Field(description="The message in one sentence, in plain words.")
    for_whom: Text = Field(description="For whom it matters most, and at which moment.")
    support: list[Text] = Field(min_length=1, description="What supports it: evidence, demonstration, detail.")


class Claim(Part):
    """A statement that needs proof before it may be published."""

    claim: Text = Field(description="The statement.")
    evidence: Text = Field(description="What would prove it.")
    where: Text = Field(description="Where the evidence can be found, or who has it.")


class Hook(Part):
    """A first line."""

    text: Text = Field(description="The line as it would be published.")
    device: Text = Field(description="What makes it work: question, contrast, scene, number, objection ...")
    fits: Text = Field(description="The channels it fits.")


class Objection(Part):
    """A reason for not acting."""

    objection: Text = Field(description="The objection in the audience's words.")
    answer: Text = Field(description="How to answer it honestly.")


class Message(Deliverable):
    """What the campaign says."""

    kind: Literal["message"] = "message"
    proposition: Text = Field(description="The campaign's one sentence: for whom, what, why now.")
    call_to_action: Text = Field(description="The one thing people are asked to do, as a button would say it.")
    key_messages: list[KeyMessage] = Field(min_length=1, description="Three messages, the most important first.")
    claims: list[Claim] = Field(min_length=1, description="Statements to prove before they are published.")
    hooks: list[Hook] = Field(min_length=1, description="First lines to test against each other.")
    objections: list[Objection] = Field(min_length=1, description="The objections to expect.")
    say: list[Text] = Field(min_length=1, description="How it should sound.")
    avoid: list[Text] = Field(min_length=1, description="What not to say, and how not to sound.")
