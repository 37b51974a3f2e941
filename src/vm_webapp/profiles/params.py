"""The settings that each kind of stage understands under `params`."""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import Field

from vm_webapp.profiles.shape import Shape


class NoParams(Shape):
    """This kind has no settings."""


class CalendarParams(Shape):
    """Settings of a calendar."""

    weeks: int = Field(default=13, ge=1, le=52, description="How many weeks the calendar covers.")


class TopicsParams(Shape):
    """Settings of a topic backlog."""

    per_pillar: int = Field(default=5, ge=1, le=6, description="How many topics stand under each pillar.")


class SectionParams(Shape):
    """One section of a document."""

    heading: str = Field(min_length=1, max_length=120, description="The section's heading.")
    guidance: str = Field(default="", max_length=600, description="What the section must answer.")


class DocumentParams(Shape):
    """Settings of a document of one's own."""

    purpose: str = Field(default="", max_length=600, description="What the document is for and who decides with it.")
    sections: list[SectionParams] = Field(min_length=1, max_length=30, description="The sections, in order.")


PARAMS_TYPES: Mapping[str, type[Shape]] = MappingProxyType(
    {"calendar": CalendarParams, "topics": TopicsParams, "document": DocumentParams}
)


def params_type(kind: str) -> type[Shape]:
    """The settings that the kind understands; NoParams where it has none."""
    return PARAMS_TYPES.get(kind, NoParams)
