"""The plan per channel."""

from vm_webapp.profiles.outputs.channels import ChannelPlan, Channels, LeftOut
from vm_webapp.writers.offline.builders.mix import Channel, channel_name, chosen_of, mix_of, suggested
from vm_webapp.writers.offline.context import Context
from vm_webapp.writers.offline.phrases import table
from vm_webapp.writers.offline.wording import day_names, joined

_LEFT_OUT = 3


def build_channels(context: Context) -> Channels:
    """Role, cadence, formats and budget share of every channel."""
    mix = mix_of(context)
    return Channels(
        **context.head,
        summary=_summary(context, mix),
        budget_note=_budget_note(context),
        channels=[_plan(context, channel) for channel in mix],
        left_out=_left_out(context),
    )


def _summary(context: Context, mix: list[Channel]) -> str:
    say = context.phrases.say
    named = [channel.name for channel in mix if channel.source != "suggested"]
    if not named:
        how = say("channels_none_named")
    elif context.reading.wishes.only:
        how = say("channels_only", a=joined(named, context.reading.language))
    elif len(named) == len(mix):
        how = say("channels_all_named")
    else:
        how = say("channels_some_added", a=joined(named, context.reading.language))
    if len(mix) == 1:
        return say("channels_single", a=mix[0].name, b=how)
    return say("channels_summary", a=mix[0].name, b=how)


def _budget_note(context: Context) -> str:
    budget = context.reading.amounts.budget
    return context.phrases.say("budget_stated", a=budget) if budget else context.phrases.say("budget_open")


def _plan(context: Context, channel: Channel) -> ChannelPlan:
    texts = channel.texts
    return ChannelPlan(
        key=channel.key,
        name=channel.name,
        source=channel.source,
        role=texts["roles"][role_of(context, channel.key)],
        why=texts["why"],
        pieces_per_month=channel.pieces_per_month,
        cadence=_cadence(context, channel),
        formats=[f"{item['name']}: {item['how']}" for item in texts["formats"]],
        budget_share=channel.budget_share,
        first_steps=texts["first_steps"],
        measure=texts["measure"],
        rule=texts["rule"],
    )


def role_of(context: Context, key: str) -> str:
    """Which of the channel's roles this plan needs: attract, convert or keep."""
    if context.objective["family"] == "keep":
        return "keep"
    return "convert" if key in context.family["convert"] else "attract"


def _cadence(context: Context, channel: Channel) -> str:
    days = joined(day_names(channel.texts["days"][:2], context.reading.language), context.reading.language)
    if not channel.pieces_per_month:
        return context.phrases.say("cadence_paid")
    if channel.pieces_per_month == 1:
        return context.phrases.say("cadence_piece", b=days)
    return context.phrases.say("cadence_pieces", a=str(channel.pieces_per_month), b=days)


def _left_out(context: Context) -> list[LeftOut]:
    say = context.phrases.say
    wishes = context.reading.wishes
    chosen = {key for key, _, _ in chosen_of(context)}
    ruled_out = [
        LeftOut(name=_named(context, key, words), because=say("left_excluded"))
        for key, words in wishes.excluded.items()
    ]
    if wishes.only:
        return ruled_out
    named = [channel for channel in context.reading.channels if channel.key not in chosen]
    left = [LeftOut(name=_named(context, channel.key, channel.words), because=say("left_weight")) for channel in named]
    others = [key for key in suggested(context) if key not in chosen and wishes.allows(key)]
    left += [LeftOut(name=channel_name(context, key), because=say("left_suggestion")) for key in others]
    return [*ruled_out, *left[:_LEFT_OUT]]


def _named(context: Context, key: str, words: str) -> str:
    return channel_name(context, key) if key in table("channels") else words
