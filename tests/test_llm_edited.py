import json
from dataclasses import replace

from vm_webapp.profiles.outputs import Deliverable
from vm_webapp.writers import StageWork
from vm_webapp.writers.llm.answers import read_answer
from vm_webapp.writers.offline.rendering import render

from llm_works import works

EDITED = "# Our calendar\n\nBy hand.\n\n## Week one\n\n```sh\n# a comment\n```\n\n###### Deep\n\n<b>bold</b>"


def test_a_persons_text_is_the_document() -> None:
    """Where a person's text is set, the Markdown file is that text; other formats stay those of the calendar."""
    work, output = edited_calendar()
    files = {file.name: file.text for file in render(output, work)}
    usual = {file.name: file.text for file in render(output.model_copy(update={"edited_text": None}), work)}
    key = work.stage.key
    assert files[f"{key}.md"] == EDITED
    assert {name: text for name, text in files.items() if name.endswith((".csv", ".ics"))} == {
        name: text for name, text in usual.items() if name.endswith((".csv", ".ics"))
    }


def test_a_plan_shows_a_persons_text() -> None:
    """The assembled plan has the person's words in that section, below the section's heading, code untouched."""
    work, _ = works()["plan"]
    output = output_of("plan")
    shown_key = next(key for key, it in work.outputs.items() if it["kind"] == "calendar")
    outputs = {**work.outputs, shown_key: {**work.outputs[shown_key], "edited_text": EDITED}}
    changed = replace(work, outputs=outputs)
    page = render(output, changed)[0].text
    assert "### Our calendar\n\nBy hand.\n\n#### Week one\n\n```sh\n# a comment\n```\n\n###### Deep" in page


def test_a_text_that_begins_low_keeps_its_levels() -> None:
    """Headings that are already below the section's own stay as they are."""
    work, _ = works()["plan"]
    output = output_of("plan")
    key = next(iter(work.outputs))
    outputs = {**work.outputs, key: {**work.outputs[key], "edited_text": "#### Low\n\n##### Lower"}}
    changed = replace(work, outputs=outputs)
    assert "\n#### Low\n\n##### Lower\n" in render(output, changed)[0].text


def edited_calendar() -> tuple[StageWork, Deliverable]:
    work, _ = works()["calendar"]
    return work, output_of("calendar").model_copy(update={"edited_text": EDITED})


def output_of(kind: str) -> Deliverable:
    work, answer = works()[kind]
    return read_answer(json.loads(answer), work, written_by="openai:gpt-5.2")
