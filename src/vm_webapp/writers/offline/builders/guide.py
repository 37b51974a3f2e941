"""The editorial guide."""

from vm_webapp.profiles.outputs.guide import ChannelNote, Guide, VoiceRule
from vm_webapp.writers.offline.builders.facts import listable
from vm_webapp.writers.offline.builders.mix import mix_of
from vm_webapp.writers.offline.context import Context


def build_guide(context: Context) -> Guide:
    """Voice, rules and the checklist, with a note per channel."""
    reading, brand = context.reading, context.reading.brand
    voice = context.phrases.get("voice", a=brand.voice, tone=reading.tone)
    source = voice["source_brand"] if brand.voice else voice["source_none"]
    own = [context.phrases.get("voice", a=item)["say_do"] for item in brand.do]
    own += [context.phrases.get("voice", a=item)["avoid_dont"] for item in listable(brand)]
    notes = [
        ChannelNote(
            channel=channel.name,
            note="; ".join(f"{item['name']}: {item['how']}" for item in channel.texts["formats"][:2]),
        )
        for channel in mix_of(context)
    ]
    return Guide(
        **context.head,
        voice_source=f"{voice['source_tone']} {source}" if reading.tone else source,
        voice=[VoiceRule(**rule) for rule in voice["rules"]],
        structure=voice["structure"],
        facts=voice["facts"],
        access=voice["access"],
        channels=notes,
        workflow=voice["workflow"],
        checklist=[*own, *voice["checklist"]],
    )
