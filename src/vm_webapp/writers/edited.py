"""A person's own output of a stage, as a draft like a writer's.

{"text": Markdown}     takes the place of the rendered document; the structured fields stay as they were
{"output": {...}}      takes the place of the structured fields; every file is rendered from them
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from vm_webapp.domain.texts import check_text
from vm_webapp.errors import Invalid
from vm_webapp.profiles.outputs import OUTPUT_TYPES, Deliverable
from vm_webapp.writers import DraftFile, StageDraft, StageWork

_PROGRAMS = ("kind", "written_by", "edited_text")


def edited_draft(work: StageWork, edit: Mapping[str, Any], *, original: Mapping[str, Any], by: str) -> StageDraft:
    """The stage's draft; `original` is the output that the edit began with, empty where there was none.

    Raises Invalid where the edit's output is not of the stage's type.
    """
    # Loaded with the first edit: templates and calendars are heavy.
    from vm_webapp.writers.offline.rendering import render  # noqa: PLC0415

    if "output" in edit:
        typed = check_output(work.stage.kind, edit["output"], by=by)
        return StageDraft(output=typed.model_dump(mode="json"), files=render(typed, work))
    written = {**original, "written_by": by, "edited_text": edit["text"]}
    found = _typed(work.stage.kind, written)
    if found is not None:
        return StageDraft(output=found.model_dump(mode="json"), files=render(found, work))
    name = f"{work.stage.key}.md"
    file = DraftFile(name=name, kind=work.stage.kind, media_type="text/markdown", text=edit["text"])
    return StageDraft(output=written, files=(file,))


def check_output(kind: str, output: Mapping[str, Any], *, by: str) -> Deliverable:
    """The output as the kind's type, written by that person; Invalid with the place of the first fault.

    InvalidText for a control character, which no text of a person's may hold.
    """
    model = OUTPUT_TYPES.get(kind)
    if model is None:
        raise Invalid(f"Nothing is known of the kind {kind!r}; edit its text instead.", pointer="/output")
    whole = {**{name: value for name, value in output.items() if name not in _PROGRAMS}, "written_by": by}
    try:
        typed = model.model_validate_json(json.dumps(whole))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        pointer = "".join(f"/{part}" for part in ("output", *first["loc"]))
        raise Invalid(f"The output does not fit a {kind} at {pointer}: {first['msg']}.", pointer=pointer) from error
    _check_texts(whole, "output")
    return typed


def _check_texts(value: object, place: str) -> None:
    if isinstance(value, str):
        check_text(value, place, limit=len(value), optional=True)
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        _check_texts(part, f"{place}/{name}")


def _typed(kind: str, output: Mapping[str, Any]) -> Deliverable | None:
    model = OUTPUT_TYPES.get(kind)
    try:
        return model.model_validate_json(json.dumps(output)) if model else None
    except ValidationError:
        return None
