"""Deliverables as the files that people read: Markdown from templates, and a calendar's other formats.

Whatever made the output, the same object gives the same files; a language model's outputs are rendered here too. A
person's own text (`edited_text`) is the Markdown, as it is, and is what a plan shows of that stage. Every other value
is escaped on its way into a template (by `finalize`, so no template can forget it); what may pass as Markdown is
`Ready`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from vm_webapp.profiles.outputs import Deliverable
from vm_webapp.profiles.outputs.calendar import Calendar
from vm_webapp.profiles.outputs.plan import Plan
from vm_webapp.writers import DraftFile, StageWork
from vm_webapp.writers.offline.builders.takeaways import read_output
from vm_webapp.writers.offline.calendar_files import calendar_files
from vm_webapp.writers.offline.context import WRITER
from vm_webapp.writers.offline.markdown import Ready, escape
from vm_webapp.writers.offline.phrases import Phrases
from vm_webapp.writers.offline.request.text import one_line
from vm_webapp.writers.offline.wording import spoken_date

MARKDOWN = "text/markdown"
_EMBEDDED_LEVEL = 3
_DEEPEST_LEVEL = 6
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*)$")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")


def render(output: Deliverable, work: StageWork) -> tuple[DraftFile, ...]:
    """The output's files; their names begin with the stage's key."""
    kind = work.stage.kind
    page = _page(output, work) if output.edited_text is None else output.edited_text
    files = [DraftFile(name=f"{work.stage.key}.md", kind=kind, media_type=MARKDOWN, text=page)]
    if isinstance(output, Calendar):
        files += calendar_files(output, work, notice=notice(output))
    return tuple(files)


def notice(output: Deliverable) -> str:
    """Who wrote it, and what to do before use, in one plain sentence or two."""
    labels = _labels(output)
    if output.written_by == WRITER:
        return str(labels["notice_offline"])
    return str(labels["notice_other"]).format(writer=output.written_by)


def _revised(output: Deliverable, work: StageWork) -> str:
    """What of a revision's feedback a template can heed; it is not quoted, as it may name what a rule forbids."""
    if output.written_by != WRITER or not work.feedback:
        return ""
    return Phrases(_language(output), {}).say("revised")


def _page(output: Deliverable, work: StageWork) -> str:
    facts = [one_line(work.brand.name), one_line(work.project.name), spoken_date(work.dated_on, _language(output))]
    sections = []
    if isinstance(output, Plan):
        for section in output.sections:
            earlier = read_output(work.outputs.get(section.stage_key, {}))
            if earlier:
                body = _demoted(_body(earlier)) if earlier.edited_text is None else _embedded(earlier.edited_text)
                sections.append({"heading": section.heading, "takeaways": section.takeaways, "body": Ready(body)})
    text = _render(
        "page.md.j2",
        output,
        body=Ready(_body(output, sections=sections)),
        notice=notice(output),
        revised=_revised(output, work),
        facts=[fact for fact in facts if fact],
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _body(output: Deliverable, **more: Any) -> str:  # noqa: ANN401 - what a template needs besides its output
    kind = type(output).model_fields["kind"].default
    return _render(f"{kind}.md.j2", output, **more)


def _render(name: str, output: Deliverable, **more: Any) -> str:  # noqa: ANN401 - likewise
    language = _language(output)
    day: Callable[[date], str] = lambda value: spoken_date(value, language)  # noqa: E731 - a template's function
    return _environment().get_template(name).render(it=output, t=_labels(output), day=day, **more)


def _language(output: Deliverable) -> str:
    return "pt" if output.language.startswith("pt") else "en"


def _labels(output: Deliverable) -> dict[str, Any]:
    found: dict[str, Any] = Phrases(_language(output), {}).get("labels")
    return found


def _demoted(text: str) -> str:
    """The text with its headings one level lower; only templates write headings, values are escaped."""
    return re.sub(r"(?m)^(#+) ", r"#\1 ", text)


def _embedded(text: str) -> str:
    """A person's text below a heading of the second level: its highest headings become the third; code stays."""
    lines = text.splitlines()
    plain = list(_outside_of_code(lines))
    levels = [len(found[1]) for place in plain if (found := _HEADING.match(lines[place]))]
    deeper = _EMBEDDED_LEVEL - min(levels, default=_EMBEDDED_LEVEL)
    for place in plain:
        if deeper > 0 and (found := _HEADING.match(lines[place])):
            level = min(len(found[1]) + deeper, _DEEPEST_LEVEL)
            lines[place] = f"{'#' * level} {found[2]}"
    return "\n".join(lines)


def _outside_of_code(lines: Sequence[str]) -> Iterator[int]:
    """The places of the lines that are not within a fenced block of code."""
    fence = ""
    for place, line in enumerate(lines):
        found = _FENCE.match(line)
        if found and not fence:
            fence = found[1]
        elif found and found[1][0] == fence[0] and len(found[1]) >= len(fence):
            fence = ""
        elif not fence:
            yield place


@cache
def _environment() -> SandboxedEnvironment:
    folder = resources.files("vm_webapp.writers.offline").joinpath("templates")
    templates = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".j2")}
    environment = SandboxedEnvironment(  # escaping for Markdown happens in finalize, HTML's autoescape would spoil it
        loader=DictLoader(templates),
        undefined=StrictUndefined,
        finalize=escape,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["cell"] = _cell
    environment.filters["code"] = _code
    environment.filters["quote"] = _quote
    environment.filters["anchor"] = _anchor
    return environment


def _cell(values: str | Sequence[str]) -> Ready:
    """One or more texts in a table's cell, each on its own line."""
    items = [values] if isinstance(values, str) else list(values)
    return Ready("<br>".join(escape(item) for item in items))


def _code(text: str) -> Ready:
    """A text to copy, as code."""
    kept = re.sub(r"[`|<>]", " ", text)
    return Ready(f"`{one_line(kept) or '-'}`")


def _quote(text: str) -> Ready:
    """A text of several lines as a quotation."""
    lines = [escape(line) for line in text.strip().splitlines()]
    return Ready("\n".join(f"> {line}".rstrip() for line in lines))


def _anchor(heading: str) -> Ready:
    """The anchor that Markdown readers give to a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return Ready(kept.replace(" ", "-"))
