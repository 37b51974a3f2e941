"""What a reader of the whole plan must remember of one deliverable."""

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from pydantic import ValidationError

from vm_webapp.profiles.outputs import OUTPUT_TYPES, Deliverable
from vm_webapp.profiles.outputs.assets import Assets
from vm_webapp.profiles.outputs.audience import Audience
from vm_webapp.profiles.outputs.brief import Brief
from vm_webapp.profiles.outputs.calendar import Calendar
from vm_webapp.profiles.outputs.channels import Channels
from vm_webapp.profiles.outputs.guide import Guide
from vm_webapp.profiles.outputs.kpis import Kpis
from vm_webapp.profiles.outputs.message import Message
from vm_webapp.profiles.outputs.pillars import Pillars
from vm_webapp.profiles.outputs.positioning import Positioning
from vm_webapp.profiles.outputs.risks import Risks
from vm_webapp.profiles.outputs.topics import Topics
from vm_webapp.writers.offline.context import Context

_READERS: Mapping[type[Deliverable], Callable[[Any], list[str]]] = {
    Assets: lambda it: [it.how_to_use, *(f"{item.name} ({item.format})" for item in it.production_list[:3])],
    Audience: lambda it: [it.summary, *(segment.name for segment in it.segments)],
    Brief: lambda it: [it.summary, *(goal.statement for goal in it.goals[:2])],
    Calendar: lambda it: [it.dating_note, *(f"{phase.name}: {phase.aim}" for phase in it.phases)],
    Channels: lambda it: [f"{channel.name}: {channel.role}" for channel in it.channels],
    Guide: lambda it: [f"{rule.trait}: {rule.meaning}" for rule in it.voice],
    Kpis: lambda it: [f"{kpi.name}: {kpi.answers}" for kpi in it.kpis[:4]],
    Message: lambda it: [it.proposition, *(message.message for message in it.key_messages)],
    Pillars: lambda it: [f"{pillar.name} ({pillar.share} %): {pillar.promise}" for pillar in it.pillars],
    Positioning: lambda it: [f"{it.recommendation.option}: {it.recommendation.because}"],
    Risks: lambda it: [it.summary],
    Topics: lambda it: [topic.title for topic in it.topics[:4]],
}


def read_output(output: Mapping[str, Any]) -> Deliverable | None:
    """The output of an earlier stage as its type; None where it is of no known kind."""
    model = OUTPUT_TYPES.get(str(output.get("kind")))
    try:
        # Through JSON, where dates are texts: the types are strict about what Python hands them.
        return model.model_validate_json(json.dumps(dict(output))) if model else None
    except ValidationError:
        return None


def takeaways_of(context: Context, output: Mapping[str, Any]) -> list[str]:
    """One to five points; the title where nothing more is known."""
    found = read_output(output)
    reader = _READERS.get(type(found)) if found else None
    points = reader(cast("Any", found)) if reader else []
    return points[:5] or [str(output.get("title") or context.subject_title)]
