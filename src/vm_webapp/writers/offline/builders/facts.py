"""What was stated, by whom: the only facts that a deliverable may use."""

import re
from collections.abc import Iterator
from typing import Literal

from vm_webapp.writers import BrandFacts
from vm_webapp.writers.offline.context import Context
from vm_webapp.writers.offline.phrases import table
from vm_webapp.writers.offline.wording import day_names, joined, spoken_date

Source = Literal["request", "brand", "project"]


def facts_of(context: Context) -> list[tuple[str, str, Source]]:
    """Label, statement and source of every stated fact."""
    labels = table("texts")["fact_labels"][context.reading.language]
    return [(labels[label], text, source) for label, text, source in _stated(context) if text]


def _stated(context: Context) -> Iterator[tuple[str, str, Source]]:
    reading = context.reading
    brand, project, amounts = reading.brand, reading.project, reading.amounts
    named = [channel.words for channel in reading.channels if channel.source == "request"]
    yield "audience", reading.audience if reading.audience_source == "request" else "", "request"
    yield "place", joined(reading.places, reading.language), "request"
    yield "channels", ", ".join(named), "request"
    excluded, closed = reading.wishes.excluded, sorted(reading.wishes.closed)
    yield "excluded", ", ".join(dict.fromkeys(excluded.values())), "request"
    yield "only", ", ".join(dict.fromkeys(reading.wishes.only.values())), "request"
    yield "closed", joined(day_names(closed, reading.language), reading.language), "request"
    start = reading.period.starts_on
    yield "start", spoken_date(start, reading.language) if start else "", "request"
    yield "period", reading.period.words, "request"
    yield "budget", amounts.budget, "request"
    yield "tone", reading.tone, "request"
    yield "team", reading.team, "request"
    for target in amounts.targets:
        yield "target", target, "request"
    for amount in amounts.sums[:6]:
        yield "sum", amount, "request"
    yield "objective", project.objective, "project"
    yield "project_channels", ", ".join(project.channels), "project"
    yield "kpis", ", ".join(project.kpis), "project"
    yield "due", spoken_date(project.due_on, reading.language) if project.due_on else "", "project"
    yield "brand", brand.description, "brand"
    yield "brand_audience", brand.audience, "brand"
    yield "voice", brand.voice, "brand"
    yield "do", "; ".join(brand.do), "brand"
    yield "dont", "; ".join(listable(reading.brand)), "brand"


def listable(brand: BrandFacts) -> list[str]:
    """What the brand does not do, without what a rule is about: its words must not stand in a deliverable at all."""
    rules = " ".join(brand.rules).casefold()
    return [item for item in brand.dont if not any(word in rules for word in re.findall(r"\w{4,}", item.casefold()))]
