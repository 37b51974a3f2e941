"""What every deliverable has in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1)]
Percent = Annotated[int, Field(ge=0, le=100)]


class Part(BaseModel):
    """A strict piece of a deliverable: nothing unknown, nothing converted."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


class Deliverable(Part):
    """The fields that every deliverable begins with; `kind` is fixed by each type."""

    title: Text = Field(description="The document's heading: what it is and for what, in the language of the request.")
    language: str = Field(
        pattern=r"^[a-z]{2}(-[A-Z]{2})?$",
        description="The language of all texts in this document: that of the request, such as en or pt-BR.",
    )
    written_by: Text = Field(description="Who wrote it: the writer's name. The program sets this.")
    edited_text: str | None = Field(
        default=None,
        description="A person's own text, where one took the place of the rendered document. The program sets this.",
    )
