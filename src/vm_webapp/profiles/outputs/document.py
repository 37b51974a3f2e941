"""A document of one's own: sections as a user's profile lists them."""

from typing import Literal

from pydantic import Field

from vm_webapp.profiles.outputs.base import Deliverable, Part, Text


class Section(Part):
    """One section."""

    heading: Text = Field(description="The heading, as the profile gives it.")
    guidance: str = Field(description="What the section must answer, as the profile gives it; may be empty.")
    known: list[Text] = Field(description="What is known for it, from the request and earlier stages, with the source.")
    to_write: list[Text] = Field(min_length=1, description="What is still to be written or asked.")


class Document(Deliverable):
    """A document with the profile's own sections."""

    kind: Literal["document"] = "document"
    purpose: Text = Field(description="What the document is for and who decides with it.")
    sections: list[Section] = Field(min_length=1, description="The sections in the profile's order.")
