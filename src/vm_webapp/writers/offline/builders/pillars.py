"""Content pillars: one for each step of a decision, weighted by the objective."""

from vm_webapp.profiles.outputs.pillars import Pillar, Pillars
from vm_webapp.writers.offline.builders.mix import mix_of
from vm_webapp.writers.offline.context import Context


def build_pillars(context: Context) -> Pillars:
    """Four pillars whose shares sum to 100."""
    texts = context.phrases.get("pillars", a=context.objective["label"])
    shares = texts["shares"][context.objective["family"]]
    formats = [
        f"{channel.name}: {item['name']}" for channel in mix_of(context) for item in channel.texts["formats"][:4]
    ]
    pillars = [
        Pillar(
            key=key,
            name=pillar["name"],
            promise=pillar["promise"],
            why=pillar["why"],
            share=weight,
            # Every pillar gets formats of its own, in turn.
            formats=(formats[place::4] or formats)[:3],
            needs=pillar["needs"],
            not_this=pillar["not_this"],
        )
        for place, ((key, pillar), weight) in enumerate(zip(texts["pillars"].items(), shares, strict=True))
    ]
    return Pillars(
        **context.head,
        mission=texts["mission"],
        pillars=sorted(pillars, key=lambda pillar: -pillar.share),
        how_chosen=texts["how"],
    )
