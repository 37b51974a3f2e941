"""The topic backlog by pillar."""

from vm_webapp.profiles.outputs.pillars import Pillars
from vm_webapp.profiles.outputs.topics import Topic, Topics
from vm_webapp.profiles.params import TopicsParams
from vm_webapp.writers.offline.builders.mix import mix_of
from vm_webapp.writers.offline.builders.pillars import build_pillars
from vm_webapp.writers.offline.context import Context


def build_topics(context: Context) -> Topics:
    """Topics for the pillars of the earlier stage; for pillars of other names, the own ones."""
    per_pillar = TopicsParams.model_validate(dict(context.work.stage.params)).per_pillar
    texts = context.phrases.get("pillars")
    decided = context.earlier(Pillars)
    known = decided is not None and all(pillar.key in texts["pillars"] for pillar in decided.pillars)
    pillars = (decided if decided and known else build_pillars(context)).pillars
    channels = [channel for channel in mix_of(context) if channel.pieces_per_month] or mix_of(context)
    topics = []
    for row, pillar in enumerate(pillars):
        for place, topic in enumerate(texts["pillars"][pillar.key]["topics"][:per_pillar]):
            channel = channels[(row + place) % len(channels)]
            shape = channel.texts["formats"][(row + place) % len(channel.texts["formats"])]
            topics.append(
                Topic(
                    topic_id=f"{pillar.key}-{place + 1}",
                    pillar=pillar.name,
                    title=topic["title"],
                    angle=topic["angle"],
                    format=shape["name"],
                    channel=channel.name,
                    intent=topic["intent"],
                    query=topic["query"].lower(),
                    needs=pillar.needs,
                    effort=topic["effort"],
                )
            )
    return Topics(**context.head, how_to_use=texts["how_to_use"], topics=topics)
