"""Three ways to be understood, and which to start with."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from vm_webapp.profiles.outputs.positioning import Positioning, PositioningOption, Recommendation
from vm_webapp.writers.offline.context import Context
from vm_webapp.writers.offline.request import Reading

_PROOF = re.compile(
    r"(?i)\b(?:case stud\w+|years of|reviews?|awards?"
    r"|certif\w+|results?|anos de|avaliações|prêmios?|resultados?|depoimentos?)\b"
)
_PROBLEM = re.compile(
    r"(?i)\b(?:problem|struggl\w+|tired|pain|waste|intoleran\w+|allerg\w+|churn|problema|dificuldade|dor|desperdí\w+"
    r"|cansad\w+|sofre\w*)\b"
)
_VALUES = re.compile(
    r"(?i)\b(?:sustainab\w+|organic|fair|local|handmade|vegan\w*|ethical|craft|sustent\w+|orgânic\w+|artesana\w+|justo"
    r"|ético|social|feito à mão)\b"
)

_SPEAKS_FOR: Mapping[str, Callable[[Reading], bool]] = {
    "targets": lambda reading: bool(reading.amounts.targets),
    "problem": lambda reading: bool(_PROBLEM.search(reading.text)),
    "audience": lambda reading: bool(reading.audience),
    "proof": lambda reading: bool(_PROOF.search(f"{reading.text} {reading.brand.description}")),
    "values": lambda reading: bool(_VALUES.search(f"{reading.text} {reading.brand.description}")),
    "always": lambda _: True,
    "never": lambda _: False,
}
# What rests on the firmest fact is asked first.
_ORDER = ("audience", "values", "problem", "proof", "always", "targets", "never")


def build_positioning(context: Context) -> Positioning:
    """The objective's three options; the one that the known facts support best is recommended."""
    library = context.phrases.get("angles")
    angles = [library[key] for key in context.objective["angles"]]
    best = recommended(context)
    return Positioning(
        **context.head,
        alternatives=context.family["alternatives"],
        options=[_option(angle) for angle in angles],
        recommendation=Recommendation(
            option=best["name"], because=_because(context, best["fits"]), test=context.phrases.say("positioning_test")
        ),
        message_house=context.family["house"],
        decide=context.phrases.list("positioning_decide"),
    )


def recommended(context: Context) -> Mapping[str, Any]:
    """The option that the known facts support best; the first one where none speaks for any."""
    library = context.phrases.get("angles")
    angles: list[Mapping[str, Any]] = [library[key] for key in context.objective["angles"]]
    fitting = [angle for angle in angles if _SPEAKS_FOR[angle["fits"]](context.reading)]
    return min(fitting, key=lambda angle: _ORDER.index(angle["fits"])) if fitting else angles[0]


def _option(angle: Mapping[str, Any]) -> PositioningOption:
    return PositioningOption(
        name=angle["name"],
        statement=angle["statement"],
        promise=angle["promise"],
        headline=angle["headline"],
        proof_needed=angle["proof"],
        works_when=angle["works"],
        watch_out=angle["watch"],
    )


def _because(context: Context, fits: str) -> str:
    if not _SPEAKS_FOR[fits](context.reading):
        return context.phrases.say("because_none")
    return context.phrases.say(f"because_{fits}", a='", "'.join(context.reading.amounts.targets[:1]))
