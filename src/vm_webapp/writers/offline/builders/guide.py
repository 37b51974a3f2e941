"""The editorial guide."""

from vm_webapp.profiles.outputs.guide import ChannelNote, Guide, VoiceRule
from vm_webapp.writers.offline.builders.mix import mix_of
from vm_webapp.writers.offline.context import Context


def build_guide(context: Context) -> Guide:
    """Voice, rules and the checklist, with a note per channel."""
    voice = context.phrases.get("voice", a=context.reading.brand.voice)
    notes = [
        ChannelNote(
            channel=channel.name,
            note="; ".join(f"{item['name']}: {item['how']}" for item in channel.texts["formats"][:2]),
        )
        for channel in mix_of(context)
    ]
    return Guide(
        **context.head,
        voice_source=voice["source_brand"] if context.reading.brand.voice else voice["source_none"],
        voice=[VoiceRule(**rule) for rule in voice["rules"]],
        structure=voice["structure"],
        facts=voice["facts"],
        access=voice["access"],
        channels=notes,
        workflow=voice["workflow"],
        checklist=voice["checklist"],
    )
