"""The channel mix: what was named, filled up from what suits the objective and the market."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from vm_webapp.profiles.outputs.channels import Channels
from vm_webapp.writers.offline.context import WRITER, Context
from vm_webapp.writers.offline.phrases import table
from vm_webapp.writers.offline.timing import share

LEAST, MOST = 3, 6
Source = Literal["request", "project", "suggested"]
Chosen = tuple[str, str, Source]
_STEP = 5  # budget shares are multiples of this; more precision would be invented
DAYS = (1, 3, 2, 4, 0, 5, 6)  # which day to take where nothing else speaks for one
_MONTHLY = 12  # pieces a month for the whole mix: what a small team keeps up


class Channel(NamedTuple):
    """One channel of the mix with its table in the request's language."""

    key: str
    name: str
    source: Source
    texts: Mapping[str, Any]
    budget_share: int
    pieces_per_month: int


def mix_of(context: Context) -> list[Channel]:
    """The channels, the one with the most weight first.

    Where an earlier stage has decided on channels, its decision holds, as far as this stage's own wishes allow.
    """
    decided = context.earlier(Channels)
    if decided is None:
        return _weighed(context, chosen_of(context))
    if decided.written_by != WRITER and not context.work.feedback:
        return _as_decided(context, decided)
    kept = [plan for plan in decided.channels if context.reading.wishes.allows(plan.key)]
    asked = [key for key in context.reading.wishes.asked if key not in {plan.key for plan in decided.channels}]
    if not kept or asked or len(kept) < len(decided.channels):
        more: list[Chosen] = [(key, key, "request") for key in asked]
        return _weighed(context, [*((plan.key, plan.name, plan.source) for plan in kept), *more] or chosen_of(context))
    return _as_decided(context, decided)


def chosen_of(context: Context) -> list[Chosen]:
    """Key, name and source: named channels first, suggestions up to LEAST, none where the request says `only`."""
    wishes = context.reading.wishes
    chosen: list[Chosen] = [(channel.key, channel.words, channel.source) for channel in wishes.named[:MOST]]
    if wishes.only and chosen:
        return chosen
    # Where all that suits is ruled out, any other channel will do before none.
    for key in [*suggested(context), *(() if chosen else table("channels"))]:
        enough = 1 if key not in suggested(context) else LEAST
        if len(chosen) < enough and key not in {known for known, _, _ in chosen} and wishes.allows(key):
            chosen.append((key, "", "suggested"))
    return chosen or [("other:open", context.phrases.say("channel_open"), "suggested")]


def permits(context: Context, *keys: str) -> bool:
    """Whether one of the channels is in the mix, or may be, where no stage has decided on a mix."""
    decided = context.earlier(Channels)
    if decided:
        return bool({channel.key for channel in mix_of(context)} & set(keys))
    return any(context.reading.wishes.allows(key) for key in keys)


def suggested(context: Context) -> list[str]:
    """Channels that suit the objective and the market, the best first."""
    market = "b2b" if context.reading.market == "b2b" else "b2c"
    found: list[str] = context.objective["suggest"][market]
    return found


def channel_name(context: Context, key: str) -> str:
    """The channel's name as people write it."""
    return str(_table(context, key, key)["name"])


def _as_decided(context: Context, decided: Channels) -> list[Channel]:
    return [
        Channel(
            plan.key,
            plan.name,
            plan.source,
            _table(context, plan.key, plan.name),
            plan.budget_share,
            plan.pieces_per_month,
        )
        for plan in decided.channels
    ]


def _weighed(context: Context, chosen: list[Chosen]) -> list[Channel]:
    tables = [_table(context, key, words) for key, words, _ in chosen]
    # What the request asks for weighs more than what is added.
    weights = [
        int(texts["weight"]) * (4 if source != "suggested" else 2)
        for texts, (_, _, source) in zip(tables, chosen, strict=True)
    ]
    shares = _shares(weights)
    pieces = _pieces([int(texts["pieces"]) for texts in tables])
    found = [
        Channel(key, str(texts["name"]), source, texts, budget, count)
        for (key, _, source), texts, budget, count in zip(chosen, tables, shares, pieces, strict=True)
    ]
    return sorted(found, key=lambda channel: -channel.budget_share)


def _shares(weights: list[int]) -> list[int]:
    """Per cent in steps that sum to 100, at least one step each."""
    steps = share(100 // _STEP - len(weights), weights)
    return [(count + 1) * _STEP for count in steps]


def _pieces(weights: list[int]) -> list[int]:
    unpaid = [weight for weight in weights if weight]
    counts = iter(share(max(_MONTHLY - len(unpaid), 0), unpaid))
    return [next(counts) + 1 if weight else 0 for weight in weights]


def _table(context: Context, key: str, name: str) -> Mapping[str, Any]:
    known = key in table("channels")
    found: Mapping[str, Any] = context.phrases.get(f"channels/{key if known else 'other'}", channel=name)
    closed = context.reading.wishes.closed
    # A channel whose own days are all closed takes the first that is open.
    days = [day for day in found["days"] if day not in closed] or [day for day in DAYS if day not in closed][:1]
    return {**found, "days": days}
