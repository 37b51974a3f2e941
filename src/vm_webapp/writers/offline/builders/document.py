"""A document of one's own: the profile's headings, filled with what is known."""

from vm_webapp.profiles.outputs.document import Document, Section
from vm_webapp.profiles.params import DocumentParams, SectionParams
from vm_webapp.writers.offline.builders.facts import facts_of
from vm_webapp.writers.offline.context import Context
from vm_webapp.writers.offline.request.text import one_line
from vm_webapp.writers.offline.request.words import find_words


def build_document(context: Context) -> Document:
    """Every section with the facts that its heading or guidance asks for, and what is still to be written."""
    params = DocumentParams.model_validate(dict(context.work.stage.params))
    return Document(
        **context.head,
        purpose=one_line(params.purpose) or context.phrases.say("doc_purpose"),
        sections=[_section(context, section, first=place == 0) for place, section in enumerate(params.sections)],
    )


def _section(context: Context, section: SectionParams, *, first: bool) -> Section:
    say = context.phrases.say
    guidance = one_line(section.guidance)
    write = say("doc_write", a=guidance) if guidance else say("doc_write_open")
    known = _known(context, f"{section.heading} {guidance}", everything=first)
    return Section(
        heading=one_line(section.heading) or "-", guidance=guidance, known=known, to_write=[write, say("doc_owner")]
    )


def _known(context: Context, wanted: str, *, everything: bool) -> list[str]:
    """Facts whose label the heading or guidance mentions; the first section gets them all, so that none is lost."""
    sources = {source: context.phrases.say(f"source_{source}") for source in ("request", "brand", "project")}
    return [
        context.phrases.say("doc_source", a=f"{label}: {text}", b=sources[source])
        for label, text, source in facts_of(context)
        if everything
        or any(find_words(wanted, [word]) for word in label.lower().split() if len(word) > 3 and word.isalpha())  # noqa: PLR2004 - short words say nothing
    ]
