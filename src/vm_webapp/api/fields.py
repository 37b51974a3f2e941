"""The values that request bodies are made of; the domain checks them once more, and says it in its own words."""

from typing import Annotated, Any, TypeAlias

from fastapi import Path
from pydantic import Field

from vm_webapp.domain.texts import NAME_LIMIT, TEXT_LIMIT

ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$"
DAY_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_DIGEST_PATTERN = "^[0-9a-f]{64}$"


def _drop_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


UNCHANGED: Any = Field(default=None, json_schema_extra=_drop_default)
"""The default of a value that a PATCH may leave out; null is no value of it."""

Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=NAME_LIMIT, description="One line.")]
Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT)]
OptionalText: TypeAlias = Annotated[str, Field(max_length=TEXT_LIMIT)]
OwnId: TypeAlias = Annotated[
    str | None, Field(pattern=ID_PATTERN, description="An id of your own; one is made where it is left out.")
]
Lines: TypeAlias = Annotated[list[Name], Field(max_length=50)]
SomeId: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
SomeRun: TypeAlias = Annotated[str | None, Field(pattern=ID_PATTERN, description="A run of this thread.")]
SomeStage: TypeAlias = Annotated[
    str | None, Field(pattern="^[a-z0-9_]{1,40}$", description="A stage of the run that is named.")
]
Day: TypeAlias = Annotated[
    str, Field(pattern=DAY_PATTERN, json_schema_extra={"format": "date"}, examples=["2027-01-31"])
]
Digest: TypeAlias = Annotated[str, Field(pattern=_DIGEST_PATTERN, description="The stage's manifest_sha256.")]

BrandId: TypeAlias = Annotated[str, Path(examples=["b-aurora"])]
ProjectId: TypeAlias = Annotated[str, Path(examples=["p-spring"])]
ThreadId: TypeAlias = Annotated[str, Path(examples=["t-launch"])]
RunId: TypeAlias = Annotated[str, Path(examples=["r-019a"])]
TaskId: TypeAlias = Annotated[str, Path(examples=["tsk-019a"])]
StageKey: TypeAlias = Annotated[str, Path(examples=["brief"])]
