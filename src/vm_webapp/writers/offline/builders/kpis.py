"""KPIs by objective, with formulas and rules; values stay open."""

from typing import Any

from vm_webapp.profiles.outputs.kpis import Kpi, Kpis, Tracking
from vm_webapp.writers.offline.builders.mix import mix_of
from vm_webapp.writers.offline.context import Context
from vm_webapp.writers.offline.request.text import slug

_FILES = ("acquire", "keep", "occasion")


def build_kpis(context: Context) -> Kpis:
    """The objective's KPIs, the main one first, and how links are marked."""
    types = context.phrases.get("kpi_types")
    library: dict[str, Any] = {}
    for name in _FILES:
        library |= context.phrases.get(f"kpis/{name}")
    kpis = [_kpi(library[key], types) for key in context.objective["kpis"]]
    return Kpis(
        **context.head,
        main=kpis[0].name,
        kpis=kpis,
        stated_targets=[
            *(context.phrases.say("project_kpi", a=kpi) for kpi in context.reading.project.kpis),
            *(context.phrases.say("stated_target", a=f'"{target}"') for target in context.reading.amounts.targets),
        ],
        tracking=_tracking(context),
        before_start=types["before_start"],
        rhythm=types["rhythm"],
    )


def _kpi(entry: dict[str, Any], types: dict[str, Any]) -> Kpi:
    shared = types["types"][entry["type"]]
    return Kpi(
        name=entry["name"],
        answers=entry["answers"],
        formula=entry["formula"],
        unit=shared["unit"],
        source=entry["source"],
        rhythm=types["rhythms"][entry["rhythm"]],
        baseline=types["baseline"],
        target=shared["target"],
        how_to_read=entry["read"],
        act_when=entry["act"],
    )


def _tracking(context: Context) -> list[Tracking]:
    campaign = (
        slug(f"{context.reading.subject.phrase}-{context.reading.today:%Y-%m}") or f"{context.reading.today:%Y-%m}"
    )
    return [_tracking_of(channel.key, channel.name, channel.texts["utm"], campaign) for channel in mix_of(context)]


def _tracking_of(key: str, name: str, utm: list[str], campaign: str) -> Tracking:
    source = slug(key.removeprefix("other:")) or utm[0] if key.startswith("other:") else utm[0]
    return Tracking(channel=name, utm_source=source, utm_medium=utm[1], utm_campaign=campaign)
