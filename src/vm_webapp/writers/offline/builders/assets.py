"""The campaign's pieces with copy drafts and character counts."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from vm_webapp.profiles.outputs.assets import (
    AdText,
    AdVariant,
    AssetItem,
    Assets,
    ChannelPosts,
    Email,
    PageSection,
    Post,
)
from vm_webapp.writers.offline.builders.mix import Channel, mix_of, permits
from vm_webapp.writers.offline.builders.positioning import recommended
from vm_webapp.writers.offline.context import Context
from vm_webapp.writers.offline.request.text import capitalised, shorten
from vm_webapp.writers.offline.timing import working_day
from vm_webapp.writers.offline.wording import spoken_date

_HEADLINE, _DESCRIPTION, _PRIMARY, _SOCIAL_HEADLINE = 30, 90, 125, 40
_PAID = ("search_ads", "social_ads")
_STYLES = ("visual", "video", "professional", "direct")


def build_assets(context: Context) -> Assets:
    """E-mails, posts for every channel that takes posts, the landing page and ads."""
    # A headline has room for thirty characters; the subject is cut to words that fit.
    short = capitalised(shorten(context.reading.subject.phrase, _HEADLINE))
    texts = context.phrases.get("assets", short=short, a=recommended(context)["headline"])
    social = [channel for channel in mix_of(context) if channel.texts["style"] in _STYLES and channel.key != "email"]
    family = context.objective["family"]
    return Assets(
        **context.head,
        how_to_use=texts["how"],
        production_list=_production_list(context, texts, social),
        emails=[_email(context, email) for email in texts["emails"][family]] if permits(context, "email") else [],
        social=[_posts(texts, channel, family) for channel in social],
        landing_page=[PageSection(**section) for section in texts["landing"][family]],
        ads=_ads(context, texts, family),
        before_publishing=[*texts["checklist"], *([texts["checklist_email"]] if permits(context, "email") else [])],
    )


def _email(context: Context, email: Mapping[str, Any]) -> Email:
    """The e-mail with the day on which it goes out, where there is a key date to count from."""
    day = context.reading.key_date
    send = email["send"]
    if day and "days" in email and day + timedelta(days=email["days"]) >= context.reading.today:
        on = working_day(day + timedelta(days=email["days"]), context.reading.wishes.closed)
        send = f"{send}: {spoken_date(on, context.reading.language)}"
    return Email(**{key: value for key, value in email.items() if key != "days"} | {"send": send})


def _production_list(context: Context, texts: Mapping[str, Any], social: list[Channel]) -> list[AssetItem]:
    posts = [
        AssetItem(
            name=context.phrases.get("assets", a=channel.name)["list_social"],
            format=channel.texts["formats"][0]["how"],
            needs=texts["list_needs"],
        )
        for channel in social
    ]
    needed = {"emails": permits(context, "email"), "page": True, "ads": permits(context, *_PAID)}
    return [*(AssetItem(**texts["list"][part]) for part, is_needed in needed.items() if is_needed), *posts]


def _posts(texts: Mapping[str, Any], channel: Channel, family: str) -> ChannelPosts:
    # Winning customers sounds different on every style of channel; the other families say one thing everywhere.
    posts = texts["posts"].get(family) or texts["posts"][channel.texts["style"]]
    drafts = zip(texts["purposes"], posts, strict=True)
    return ChannelPosts(
        channel=channel.name,
        limit=int(channel.texts["limit"]),
        posts=[
            Post(purpose=purpose, text=draft["text"], visual=draft["visual"], characters=len("\n".join(draft["text"])))
            for purpose, draft in drafts
        ],
    )


def _ads(context: Context, texts: Mapping[str, Any], family: str) -> list[AdVariant]:
    parts = texts["ad_parts"]
    found = []
    for ad in texts["ads"][family]:
        first, second, description = ad["search"]
        primary, headline = ad["social"]
        search = [
            _text(parts["headline"], first, _HEADLINE),
            _text(parts["headline"], second, _HEADLINE),
            _text(parts["description"], description, _DESCRIPTION),
        ]
        social = [_text(parts["primary"], primary, _PRIMARY), _text(parts["headline"], headline, _SOCIAL_HEADLINE)]
        if permits(context, "search_ads"):
            found.append(AdVariant(name=ad["name"], network=texts["search_network"], texts=search))
        if permits(context, "social_ads"):
            found.append(AdVariant(name=ad["name"], network=texts["social_network"], texts=social))
    return found


def _text(part: str, text: str, limit: int) -> AdText:
    return AdText(part=part, text=text, characters=len(text), limit=limit)
