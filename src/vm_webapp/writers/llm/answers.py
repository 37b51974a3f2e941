"""From a model's JSON object to the stage's output: the program's fields added, the type checked, the facts compared.

The model fills the stage's type without the fields that the program sets. Whatever it puts there is overwritten.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any, cast

from pydantic import ValidationError

from vm_webapp.profiles.outputs import OUTPUT_TYPES, Deliverable
from vm_webapp.profiles.outputs.calendar import Calendar
from vm_webapp.profiles.outputs.document import Document
from vm_webapp.profiles.outputs.kpis import Kpis
from vm_webapp.profiles.outputs.plan import Plan
from vm_webapp.profiles.outputs.topics import Topics
from vm_webapp.writers import StageWork
from vm_webapp.writers.offline.request.reading import weeks_of

# Fields that the program sets, by the title of the schema's part; None stands for the deliverable itself.
_SET_BY_PROGRAM: Mapping[str | None, tuple[str, ...]] = MappingProxyType(
    {
        None: ("kind", "written_by", "edited_text"),
        "Brief": ("request",),
        "Post": ("characters",),
        "AdText": ("characters",),
    }
)
_LONGEST_QUOTED_REQUEST = 4_000
_MOST_PROBLEMS = 20
# What no file for people holds: control characters but tab and new line, halves of surrogate pairs, and marks that
# turn the direction of a text against what is written.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")


class UnfitAnswer(ValueError):
    """The answer does not fit; its text tells the model what is wrong."""


def answer_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of what the model fills for a stage of that kind."""
    schema = deepcopy(OUTPUT_TYPES[kind].model_json_schema(mode="validation"))
    for part in (schema, *schema.get("$defs", {}).values()):
        names = _SET_BY_PROGRAM.get(part.get("title"), ())
        for name in (*names, *(_SET_BY_PROGRAM[None] if part is schema else ())):
            part["properties"].pop(name, None)
            if name in part.get("required", ()):
                part["required"].remove(name)
    return schema


def read_answer(answer: Mapping[str, Any], work: StageWork, *, written_by: str) -> Deliverable:
    """The stage's output; UnfitAnswer says all that is wrong with the answer."""
    whole = _completed(cast("dict[str, Any]", _clean(dict(answer))), work)
    whole |= {"kind": work.stage.kind, "written_by": written_by, "edited_text": None}
    try:
        # Through JSON, where dates are texts: the types are strict about what Python hands them.
        output = OUTPUT_TYPES[work.stage.kind].model_validate_json(json.dumps(whole))
    except ValidationError as error:
        raise UnfitAnswer(_told(_problems(error))) from error
    unmet = list(_unmet(output, work))
    if unmet:
        raise UnfitAnswer(_told(unmet))
    return output


def _completed(answer: dict[str, Any], work: StageWork) -> dict[str, Any]:
    """The answer with the fields that the program knows better."""
    if work.stage.kind == "brief":
        request = str(_clean(work.request_text)).strip()
        cut = request[:_LONGEST_QUOTED_REQUEST].rstrip() + " […]"
        return {**answer, "request": (request if len(request) <= _LONGEST_QUOTED_REQUEST else cut) or "-"}
    if work.stage.kind == "assets":
        _count(answer)
    return answer


def _count(value: object) -> None:
    """Set the length of every text that states it; whatever is not of the right shape is left to the check."""
    if isinstance(value, list):
        for item in value:
            _count(item)
    elif isinstance(value, dict):
        for item in list(value.values()):
            _count(item)
        text = value.get("text")
        if isinstance(text, str):
            value["characters"] = len(text)
        elif isinstance(text, list) and all(isinstance(line, str) for line in text):
            value["characters"] = len("\n".join(text))


def _clean(value: object) -> object:
    """The value with every text printable; a text of nothing but space is none."""
    if isinstance(value, str):
        text = _UNPRINTABLE.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n"))
        return "" if text.isspace() else text
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _clean(item) for name, item in value.items()}
    return value


def _problems(error: ValidationError) -> list[str]:
    return [f"{_place(found['loc'])}: {found['msg']}" for found in error.errors(include_url=False, include_input=False)]


def _place(loc: tuple[int | str, ...]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return text.lstrip(".") or "the object"


def _told(problems: list[str]) -> str:
    shown = problems[:_MOST_PROBLEMS]
    more = [f"... and {len(problems) - len(shown)} more of this sort"] if len(problems) > len(shown) else []
    return "\n".join(["The object does not fit:", *(f"- {problem}" for problem in (*shown, *more))])


def _unmet(output: Deliverable, work: StageWork) -> Iterator[str]:
    """What the type cannot know: the run's date, the stage's settings, the stages before it."""
    check = _CHECKS.get(type(output))
    if check is not None:
        yield from check(output, work)


def _check_calendar(output: Calendar, work: StageWork) -> Iterator[str]:
    weeks = weeks_of(work)
    if len(output.weeks) != weeks:
        yield f"weeks: there must be exactly {weeks}, there are {len(output.weeks)}"
    if output.starts_on < work.dated_on:
        yield f"starts_on: the calendar must not start before {work.dated_on.isoformat()}"
    last = output.weeks[-1]
    if (output.ends_on - last.starts_on).days != 6:  # noqa: PLR2004 - from Monday to Sunday
        yield f"ends_on: must be the Sunday of the last week, which starts on {last.starts_on.isoformat()}"
    ids = [entry.entry_id for week in output.weeks for entry in week.entries]
    if len(set(ids)) != len(ids):
        yield "weeks: every entry_id must be unique"
    if any(phase.first_week > phase.last_week or phase.last_week > len(output.weeks) for phase in output.phases):
        yield f"phases: first_week and last_week must lie within the {len(output.weeks)} weeks, in order"


def _check_plan(output: Plan, work: StageWork) -> Iterator[str]:
    found, expected = [section.stage_key for section in output.sections], list(work.outputs)
    if found != expected:
        yield f"sections: the stage_keys must be exactly, in this order: {', '.join(expected) or '(none)'}"
    if any(action.by < work.dated_on for action in output.first_actions):
        yield f"first_actions: no date may lie before {work.dated_on.isoformat()}"


def _check_document(output: Document, work: StageWork) -> Iterator[str]:
    expected = [str(section["heading"]) for section in work.stage.params.get("sections", ())]
    if [section.heading for section in output.sections] != expected:
        yield f"sections: the headings must be exactly, in this order: {'; '.join(expected)}"


def _check_kpis(output: Kpis, work: StageWork) -> Iterator[str]:
    del work
    if output.main not in [kpi.name for kpi in output.kpis]:
        yield "main: must be the name of one of the kpis, exactly"


def _check_topics(output: Topics, work: StageWork) -> Iterator[str]:
    del work
    ids = [topic.topic_id for topic in output.topics]
    if len(set(ids)) != len(ids):
        yield "topics: every topic_id must be unique"


_CHECKS: Mapping[type[Deliverable], Callable[[Any, StageWork], Iterator[str]]] = MappingProxyType(
    {
        Calendar: _check_calendar,
        Plan: _check_plan,
        Document: _check_document,
        Kpis: _check_kpis,
        Topics: _check_topics,
    }
)
