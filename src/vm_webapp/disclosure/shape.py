"""The shape of a disclosure, vm-disclosure/1 (docs/bundles.md): what comes from elsewhere is held against it."""

import json
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from vm_webapp.artifacts import to_json
from vm_webapp.errors import Invalid

_TERM: Final = (
    r"^http://cv\.iptc\.org/newscodes/digitalsourcetype/"
    r"(digitalCreation|humanEdits|algorithmicMedia|trainedAlgorithmicMedia|compositeWithTrainedAlgorithmicMedia)$"
)
_LONGEST: Final = 80


class BadDisclosure(Invalid):
    """It is no disclosure: {problem}."""

    code = "bad_disclosure"


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Author(_Shape):
    id: int
    kind: Literal["model", "program", "person"]
    name: str
    at: str
    run_id: str
    event_id: str
    provider: str = ""
    model: str = ""
    prompt: dict[str, JsonValue] = {}


class _Part(_Shape):
    first: int = Field(alias="from")
    to: int
    source: Literal["model", "program", "person"]
    edited_by_person: bool
    authors: list[int] = Field(min_length=1)


class _Approval(_Shape):
    actor_id: str
    at: str
    run_id: str
    manifest_sha256: str
    waived: list[str]


class _Evidence(_Shape):
    event_id: str
    event_type: str
    sha256: str | None


class _Agent(_Shape):
    name: str


class _Action(_Shape):
    action: Literal["c2pa.created", "c2pa.edited"]
    when: str
    digitalSourceType: str = Field(pattern=_TERM)  # noqa: N815 - C2PA's name
    softwareAgent: _Agent | None = None  # noqa: N815 - likewise
    description: str = ""


class _Actions(_Shape):
    actions: list[_Action]


class _Assertion(_Shape):
    label: Literal["c2pa.actions.v2"]
    data: _Actions


class _Disclosure(_Shape):
    format: Literal["vm-disclosure/1"]
    run_id: str
    stage_key: str
    manifest_sha256: str
    path: str
    media_type: str
    sha256: str
    language: str
    digital_source_type: str = Field(pattern=_TERM)
    authors: list[_Author] = Field(min_length=1)
    unit: Literal["paragraph", "line", "file"]
    parts: list[_Part]
    removed: int = Field(ge=0)
    complete: bool
    unknown: list[Literal["origin", "history", "approvals"]] = []
    approvals: list[_Approval] | None
    assertions: list[_Assertion]
    evidence: list[_Evidence] = Field(min_length=1)
    statement: str

    def counts(self) -> bool:
        """Whether authors and parts are numbered from 1 without a gap, and no part is by somebody who is not there."""
        numbers = [author.id for author in self.authors]
        begins = [1, *(part.to + 1 for part in self.parts)]
        return (
            numbers == list(range(1, len(numbers) + 1))
            and all(part.first == begin <= part.to for part, begin in zip(self.parts, begins, strict=False))
            and all(set(part.authors) <= set(numbers) for part in self.parts)
        )


def read_disclosure(content: bytes) -> dict[str, Any]:
    """The disclosure in a file; BadDisclosure, which names the place, where it has not the shape of one."""
    try:
        record: dict[str, Any] = json.loads(content)
        found = _Disclosure.model_validate(record)
        to_json(record)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "/".join(str(part) for part in first["loc"])
        raise BadDisclosure(problem=f"at {place[:_LONGEST]!r}, {first['msg'][:_LONGEST].lower()}") from error
    except (ValueError, RecursionError, Invalid) as error:
        raise BadDisclosure(problem="it is not JSON") from error
    if not found.counts():
        raise BadDisclosure(problem="its parts or authors do not count from 1 without a gap")
    return record
