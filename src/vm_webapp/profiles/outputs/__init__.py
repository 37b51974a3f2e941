"""The types of all deliverables: what a stage of each kind puts into its output.json.

Whoever writes a stage fills one of these types; the files that people read are rendered from the same object. The
published JSON Schemas in docs/schemas come from here: `python -m vm_webapp.profiles.outputs docs/schemas`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from vm_webapp.profiles.outputs.assets import Assets
from vm_webapp.profiles.outputs.audience import Audience
from vm_webapp.profiles.outputs.base import Deliverable
from vm_webapp.profiles.outputs.brief import Brief
from vm_webapp.profiles.outputs.calendar import Calendar
from vm_webapp.profiles.outputs.channels import Channels
from vm_webapp.profiles.outputs.document import Document
from vm_webapp.profiles.outputs.guide import Guide
from vm_webapp.profiles.outputs.kpis import Kpis
from vm_webapp.profiles.outputs.message import Message
from vm_webapp.profiles.outputs.pillars import Pillars
from vm_webapp.profiles.outputs.plan import Plan
from vm_webapp.profiles.outputs.positioning import Positioning
from vm_webapp.profiles.outputs.risks import Risks
from vm_webapp.profiles.outputs.topics import Topics

DIALECT = "https://json-schema.org/draft/2020-12/schema"

OUTPUT_TYPES: Mapping[str, type[Deliverable]] = MappingProxyType(
    {
        "assets": Assets,
        "audience": Audience,
        "brief": Brief,
        "calendar": Calendar,
        "channels": Channels,
        "document": Document,
        "guide": Guide,
        "kpis": Kpis,
        "message": Message,
        "pillars": Pillars,
        "plan": Plan,
        "positioning": Positioning,
        "risks": Risks,
        "topics": Topics,
    }
)

__all__ = ["DIALECT", "OUTPUT_TYPES", "Deliverable", "json_schema", "schema_of"]


def json_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of that kind's output; KeyError where there is no such kind."""
    return schema_of(OUTPUT_TYPES[kind], name=kind)


def schema_of(model: type[BaseModel], *, name: str) -> dict[str, Any]:
    """The model's JSON Schema (2020-12) as it is published under that name."""
    schema = model.model_json_schema(mode="validation")
    return {"$schema": DIALECT, "$id": f"urn:vm-webapp:schema:{name}", **schema}
