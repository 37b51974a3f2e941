"""The message of one campaign."""

from vm_webapp.profiles.outputs.message import Claim, Hook, KeyMessage, Message, Objection
from vm_webapp.writers.offline.builders.facts import listable
from vm_webapp.writers.offline.builders.mix import mix_of
from vm_webapp.writers.offline.context import Context
from vm_webapp.writers.offline.request.mentions import find_mentions


def build_message(context: Context) -> Message:
    """Messages, claims to prove, hooks and objections of the objective's family."""
    texts = context.phrases.get("message")[context.objective["family"]]
    reading, brand = context.reading, context.reading.brand
    voice = context.phrases.get("voice", a=brand.voice, tone=reading.tone)
    say = [voice["say_tone"]] if reading.tone else []
    say += [voice["say_brand"]] if brand.voice else []
    say += [context.phrases.get("voice", a=item)["say_do"] for item in brand.do]
    return Message(
        **context.head,
        proposition=texts["proposition"],
        call_to_action=context.objective["cta"],
        key_messages=[KeyMessage(**message) for message in texts["messages"]],
        claims=[Claim(**claim) for claim in texts["claims"]],
        hooks=[Hook(**{**hook, "fits": _fits(context, hook["fits"])}) for hook in texts["hooks"]],
        objections=[Objection(**objection) for objection in texts["objections"]],
        say=[*say, *voice["say"]],
        avoid=[
            *(context.phrases.get("voice", a=item)["avoid_dont"] for item in listable(brand)),
            *voice["avoid"],
        ],
    )


def _fits(context: Context, fits: str) -> str:
    """Where a hook fits, without the places that may not be used; the channels of the plan where none is left."""
    wishes = context.reading.wishes
    places = [
        place
        for place in fits.split(", ")
        if all(any(wishes.allows(key) for key in mention.keys) for mention in find_mentions(place))
    ]
    return ", ".join(places or [channel.name for channel in mix_of(context)][:2])
