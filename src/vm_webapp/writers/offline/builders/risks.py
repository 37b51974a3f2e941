"""Risks: those of this request first, then those of this kind of objective."""

from collections.abc import Iterator
from typing import Any

from vm_webapp.profiles.outputs.risks import Risk, Risks
from vm_webapp.writers.offline.builders.mix import permits
from vm_webapp.writers.offline.context import Context
from vm_webapp.writers.offline.phrases import table
from vm_webapp.writers.offline.wording import joined

_TIGHT_DAYS = 35
_MANY_CHANNELS = 4
_MOST = 10
_DIRECT = {"whatsapp", "email", "community"}
_LEVELS = ("low", "medium", "high")


def build_risks(context: Context) -> Risks:
    """Up to ten risks, the most pressing first."""
    library = context.phrases.get("risks")
    reasons = dict(_own_reasons(context))
    typical = context.phrases.say("risk_objective", a=context.objective["label"])
    for key in context.objective["risks"]:
        if key == "ad_costs" and not permits(context, "search_ads", "social_ads"):
            continue
        reasons.setdefault(key, typical)
    risks = [_risk(library[key], because) for key, because in reasons.items()]
    risks = sorted(risks, key=_pressing)[:_MOST]
    return Risks(
        **context.head,
        summary=context.phrases.say(
            "risks_summary", a=joined([_inline(risk.name) for risk in risks[:3]], context.reading.language)
        ),
        risks=risks,
        stop_rules=context.phrases.list("stop_rules"),
    )


def _own_reasons(context: Context) -> Iterator[tuple[str, str]]:
    """The risks that this very request brings, with what in it does."""
    reading = context.reading
    reasons = table("texts")["risk_reason"][reading.language]
    if reading.key_date and 0 <= (reading.key_date - reading.today).days < _TIGHT_DAYS:
        yield "tight_date", reasons["tight_date"]
    if not reading.audience:
        yield "no_audience", reasons["no_audience"]
    for field in reading.delicate:
        yield field, reasons["delicate"]
    if _DIRECT & {channel.key for channel in reading.channels}:
        yield "consent", reasons["consent"]
    if not reading.amounts.budget:
        yield "no_budget", reasons["no_budget"]
    if len(reading.channels) > _MANY_CHANNELS:
        yield "too_many_channels", reasons["too_many_channels"]


def _risk(entry: dict[str, Any], because: str) -> Risk:
    return Risk(
        name=entry["name"],
        what_happens=entry["what"],
        because=because,
        likelihood=entry["likelihood"],
        impact=entry["impact"],
        early_sign=entry["sign"],
        prevention=entry["prevent"],
        response=entry["respond"],
        owner=entry["owner"],
    )


def _pressing(risk: Risk) -> int:
    return -(_LEVELS.index(risk.likelihood) + 1) * (_LEVELS.index(risk.impact) + 1)


def _inline(name: str) -> str:
    return name[:1].lower() + name[1:]
