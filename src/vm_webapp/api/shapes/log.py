"""Health, and the log's events for other programs, as answers."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from vm_webapp.api.shapes.common import Time


class HealthShape(BaseModel):
    """That the server answers, and what it runs on."""

    ok: Literal[True]
    log: Literal["signed", "unsigned", "rewritten"] = Field(
        description="`unsigned`: nothing can be signed; `rewritten`: the log is not the one that was signed."
    )
    version: str
    schema_revision: str = Field(alias="schema")
    position: int | None = Field(description="The newest event's global position; null where authentication is on.")
    sqlite: str | None = Field(description="Likewise.")


class CloudEventShape(BaseModel):
    """An event as a CloudEvent 1.0 in JSON; ids that an event has not are left out."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    time: Time
    datacontenttype: Literal["application/json"]
    sequence: str
    streamversion: int
    actortype: str
    actorid: str
    brandid: str | None = None
    projectid: str | None = None
    threadid: str | None = None
    runid: str | None = None
    correlationid: str | None = None
    causationid: str | None = None
    data: dict[str, Any]
