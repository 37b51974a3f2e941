"""Builders: one pure function per kind, from the work and what was read of it to the kind's output type."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from vm_webapp.profiles.outputs import Deliverable
from vm_webapp.writers.offline.builders.assets import build_assets
from vm_webapp.writers.offline.builders.audience import build_audience
from vm_webapp.writers.offline.builders.brief import build_brief
from vm_webapp.writers.offline.builders.calendar import build_calendar
from vm_webapp.writers.offline.builders.channels import build_channels
from vm_webapp.writers.offline.builders.document import build_document
from vm_webapp.writers.offline.builders.guide import build_guide
from vm_webapp.writers.offline.builders.kpis import build_kpis
from vm_webapp.writers.offline.builders.message import build_message
from vm_webapp.writers.offline.builders.pillars import build_pillars
from vm_webapp.writers.offline.builders.plan import build_plan
from vm_webapp.writers.offline.builders.positioning import build_positioning
from vm_webapp.writers.offline.builders.risks import build_risks
from vm_webapp.writers.offline.builders.topics import build_topics
from vm_webapp.writers.offline.context import Context

BUILDERS: Mapping[str, Callable[[Context], Deliverable]] = MappingProxyType(
    {
        "assets": build_assets,
        "audience": build_audience,
        "brief": build_brief,
        "calendar": build_calendar,
        "channels": build_channels,
        "document": build_document,
        "guide": build_guide,
        "kpis": build_kpis,
        "message": build_message,
        "pillars": build_pillars,
        "plan": build_plan,
        "positioning": build_positioning,
        "risks": build_risks,
        "topics": build_topics,
    }
)
