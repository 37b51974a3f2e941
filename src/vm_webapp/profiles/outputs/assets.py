"""Assets: the campaign's pieces with copy drafts."""

from typing import Literal

from pydantic import Field

from vm_webapp.profiles.outputs.base import Deliverable, Part, Text


class Email(Part):
    """One e-mail of the sequence."""

    name: Text = Field(description="What the e-mail is for.")
    send: Text = Field(description="When it goes out, relative to the campaign's key date.")
    subject: Text = Field(description="The subject line.")
    preheader: Text = Field(description="The line that inboxes show after the subject.")
    body: list[Text] = Field(min_length=1, description="The body's paragraphs.")
    button: Text = Field(description="The button's text.")


class Post(Part):
    """One post."""

    purpose: Text = Field(description="What the post is for.")
    text: list[Text] = Field(min_length=1, description="The post's paragraphs, ready to edit.")
    visual: Text = Field(description="What is to be seen or heard.")
    characters: int = Field(ge=0, description="Length of the text, line breaks counted as one character each.")


class ChannelPosts(Part):
    """The posts of one channel."""

    channel: Text = Field(description="The channel's name.")
    limit: int = Field(ge=0, description="The longest text that the channel takes, or that is shown before it is cut.")
    posts: list[Post] = Field(min_length=1, description="Three posts.")


class PageSection(Part):
    """One section of the landing page."""

    name: Text = Field(description="The section's name.")
    draft: Text = Field(description="Copy to start from.")
    needs: Text = Field(description="What has to be supplied before it can go live.")


class AdText(Part):
    """One text of an advertisement."""

    part: Text = Field(description="Which part: headline, description, primary text.")
    text: Text = Field(description="The text.")
    characters: int = Field(ge=0, description="Its length.")
    limit: int = Field(ge=1, description="The longest length that the network takes.")


class AdVariant(Part):
    """One variant to test."""

    name: Text = Field(description="What this variant tests.")
    network: Text = Field(description="The network whose limits apply.")
    texts: list[AdText] = Field(min_length=1, description="The texts with their lengths.")


class AssetItem(Part):
    """One line of the production list."""

    name: Text = Field(description="The piece.")
    format: Text = Field(description="Format and size.")
    needs: Text = Field(description="What is needed to finish it.")


class Assets(Deliverable):
    """Everything to produce for the campaign, with first drafts."""

    kind: Literal["assets"] = "assets"
    how_to_use: Text = Field(description="How the drafts are meant, and what square brackets stand for.")
    production_list: list[AssetItem] = Field(min_length=1, description="All pieces to produce.")
    emails: list[Email] = Field(description="The e-mail sequence; empty where e-mail is no channel of the plan.")
    social: list[ChannelPosts] = Field(description="Posts by channel.")
    landing_page: list[PageSection] = Field(min_length=1, description="The landing page from top to bottom.")
    ads: list[AdVariant] = Field(
        description="Ad variants with character counts; empty where no channel of the plan is paid."
    )
    before_publishing: list[Text] = Field(min_length=1, description="The checklist before anything goes live.")
