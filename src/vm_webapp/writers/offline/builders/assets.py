"""The campaign's pieces with copy drafts and character counts."""

from collections.abc import Mapping
from typing import Any

from vm_webapp.profiles.outputs.assets import AdText, AdVariant, AssetItem, Assets, ChannelPosts, Email, PageSection, Post
from vm_webapp.writers.offline.builders.mix import Channel, mix_of
from vm_webapp.writers.offline.builders.positioning import recommended
from vm_webapp.writers.offline.context import Context
from vm_webapp.writers.offline.request.text import capitalised, shorten

_HEADLINE, _DESCRIPTION, _PRIMARY, _SOCIAL_HEADLINE = 30, 90, 125, 40
_STYLES = ("visual", "video", "professional", "direct")


def build_assets(context: Context) -> Assets:
    """E-mails, posts for every channel that takes posts, the landing page and ads."""
    # A headline has room for thirty characters; the subject is cut to words that fit.
    short = capitalised(shorten(context.reading.subject.phrase, _HEADLINE))
    texts = context.phrases.get("assets", short=short, a=recommended(context)["headline"])
    social = [channel for channel in mix_of(context) if channel.texts["style"] in _STYLES and channel.key != "email"]
    return Assets(
        **context.head,
        how_to_use=texts["how"],
        production_list=_production_list(context, texts, social),
        emails=[Email(**email) for email in texts["emails"][context.objective["family"]]],
        social=[_posts(texts, channel) for channel in social],
        landing_page=[PageSection(**section) for section in texts["landing"]],
        ads=_ads(texts),
        before_publishing=texts["checklist"],
    )


def _production_list(context: Context, texts: Mapping[str, Any], social: list[Channel]) -> list[AssetItem]:
    posts = [
        AssetItem(
            name=context.phrases.get("assets", a=channel.name)["list_social"],
            format=channel.texts["formats"][0]["how"],
            needs=texts["list_needs"],
        )
        for channel in social
    ]
    return [*(AssetItem(**item) for item in texts["list"]), *posts]


def _posts(texts: Mapping[str, Any], channel: Channel) -> ChannelPosts:
    drafts = zip(texts["purposes"], texts["posts"][channel.texts["style"]], strict=True)
    return ChannelPosts(
        channel=channel.name,
        limit=int(channel.texts["limit"]),
        posts=[
            Post(purpose=purpose, text=draft["text"], visual=draft["visual"], characters=len("\n".join(draft["text"])))
            for purpose, draft in drafts
        ],
    )


def _ads(texts: Mapping[str, Any]) -> list[AdVariant]:
    parts = texts["ad_parts"]
    found = []
    for ad in texts["ads"]:
        first, second, description = ad["search"]
        primary, headline = ad["social"]
        search = [
            _text(parts["headline"], first, _HEADLINE),
            _text(parts["headline"], second, _HEADLINE),
            _text(parts["description"], description, _DESCRIPTION),
        ]
        social = [_text(parts["primary"], primary, _PRIMARY), _text(parts["headline"], headline, _SOCIAL_HEADLINE)]
        found.append(AdVariant(name=ad["name"], network=texts["search_network"], texts=search))
        found.append(AdVariant(name=ad["name"], network=texts["social_network"], texts=social))
    return found


def _text(part: str, text: str, limit: int) -> AdText:
    return AdText(part=part, text=text, characters=len(text), limit=limit)
