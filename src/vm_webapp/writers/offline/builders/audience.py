"""The audience: the stated group first, the others as hypotheses."""

from typing import Any

from vm_webapp.profiles.outputs.audience import Audience, Segment
from vm_webapp.writers.offline.builders.mix import mix_of
from vm_webapp.writers.offline.context import Context
from vm_webapp.writers.offline.wording import joined


def build_audience(context: Context) -> Audience:
    """Three groups by their part in the decision."""
    say = context.phrases.say
    known = bool(context.reading.audience)
    groups = context.phrases.get("segments")[context.objective["family"]]
    return Audience(
        **context.head,
        summary=say("audience_summary_stated" if known else "audience_summary_unknown"),
        segments=[_segment(context, group, first=place == 0) for place, group in enumerate(groups)],
        not_for=context.phrases.list("not_for"),
        interview_questions=context.phrases.list("interviews"),
        validation=context.phrases.list("validation"),
    )


def _segment(context: Context, group: dict[str, Any], *, first: bool) -> Segment:
    reading, say = context.reading, context.phrases.say
    business = reading.market == "b2b" and context.objective["family"] == "acquire"
    who = group["who"]
    if first and reading.places:
        who = say("place_recognise", a=who, b=joined(reading.places, reading.language))
    return Segment(
        name=group["name"],
        who=who,
        status="stated" if first and reading.audience_source == "request" else "hypothesis",
        job=group["job"],
        triggers=group["triggers"],
        barriers=[*group["barriers"], *([say("b2b_barrier")] if business else [])],
        proof=[*group["proof"], *([say("b2b_proof")] if business else [])],
        meet_them=[channel.name for channel in mix_of(context)][:4],
        first_message=group["first"],
    )
