"""The prompt of a stage: files with a version, filled with the work.

Three files make a prompt: `system.md`, `stage.md` and `kinds/<kind>.md`. The prompt's version is theirs, in that order
(such as 1.1.2), its digest that of their bytes. What people and programs wrote stands in <data> blocks; text in it that
would end a block, or that looks like a frame of a model's own, is made harmless.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from vm_webapp.writers import StageWork
from vm_webapp.writers.offline.request.reading import weeks_of
from vm_webapp.writers.offline.timing import first_monday

_FILES = ("system.md", "stage.md")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FRAME = re.compile(r"<(?=\s*[/|!?]?\s*(?:data\b|system\b|pyai:|\|))|<(?=\|)", re.IGNORECASE)
# The program sets these; a model that reads them would only repeat them.
_SET_BY_PROGRAM = ("kind", "written_by", "edited_text")
_FRONT = re.compile(r"\A---\nversion: (\d+)\n---\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What is sent first: the system's text and the user's, and which files they came from."""

    template: str
    version: str
    sha256: str
    system: str
    text: str

    @property
    def identity(self) -> dict[str, str]:
        """Template, version and digest."""
        return {"template": self.template, "version": self.version, "sha256": self.sha256}


def prompt_for(work: StageWork, *, schema: Mapping[str, Any] | None) -> Prompt:
    """The prompt of the stage; `schema` is shown in it where the model would not see it otherwise."""
    files = _files(work.stage.kind)
    guidance = _render(files[2], _guidance_facts(work))
    text = _render(files[1], {**_facts(work), "guidance": guidance, "schema": json.dumps(schema) if schema else ""})
    return Prompt(
        template=work.stage.kind,
        version=".".join(_version(file) for file in files),
        sha256=hashlib.sha256("".join(files).encode()).hexdigest(),
        system=_render(files[0], {}),
        text=re.sub(r"\n{3,}", "\n\n", text),
    )


def block(name: str, content: str) -> str:
    """The content as data: delimited, and unable to end its own block."""
    return f'<data name="{name}">\n{_harmless(content)}\n</data>'


def _harmless(text: str) -> str:
    """The text with frames that begin in it shown by another sign, a single quotation mark."""
    return _FRAME.sub("\u2039", text)


def kinds() -> list[str]:
    """The kinds of stages that there is a prompt for."""
    folder = resources.files(__package__).joinpath("prompts", "kinds")
    return sorted(file.name.removesuffix(".md") for file in folder.iterdir() if file.name.endswith(".md"))


def _facts(work: StageWork) -> dict[str, Any]:
    return {
        "today": work.dated_on.isoformat(),
        "weekday": _WEEKDAYS[work.dated_on.weekday()],
        "kind": work.stage.kind,
        "stage_title": _line(work.stage.title),
        "profile_title": _line(work.profile_title),
        "position": work.stage_position,
        "params": _json(dict(work.stage.params)) if work.stage.params else "",
        "request": work.request_text,
        "brand": _json(asdict(work.brand)),
        "project": _json({**asdict(work.project), "thread": work.thread_title, "mode": work.mode, "modes": work.modes}),
        "comments": _json([{"by": comment.by, "text": comment.text} for comment in work.comments]),
        "outputs": [_output(key, output) for key, output in work.outputs.items()],
        "recalled": [f"{document.title}\n\n{document.text}" for document in work.recalled],
        "previous": _output("", work.previous)["text"] if work.previous else "",
        "feedback": "\n".join(f"- {item}" for item in work.feedback),
    } | ({} if work.comments else {"comments": ""})


def _guidance_facts(work: StageWork) -> dict[str, Any]:
    return {
        "today": work.dated_on.isoformat(),
        "first_monday": first_monday(work.dated_on).isoformat(),
        "stage_keys": ", ".join(work.outputs) or "there are none",
        "weeks": weeks_of(work) if work.stage.kind == "calendar" else 0,
        "per_pillar": work.stage.params.get("per_pillar", 5),
    }


def _output(key: str, output: Mapping[str, Any]) -> dict[str, Any]:
    """An earlier output as the model reads it: a person's own text where there is one."""
    edited = output.get("edited_text")
    text = str(edited) if edited else _json({name: it for name, it in output.items() if name not in _SET_BY_PROGRAM})
    return {"key": key, "edited": bool(edited), "text": text}


def _json(value: object) -> str:
    """The value as JSON, without what says nothing."""
    if isinstance(value, dict):
        value = {name: item for name, item in value.items() if item not in ("", None, (), [], {})}
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _line(text: str) -> str:
    """A short text of a profile on one line, for outside of a block."""
    return _harmless(" ".join(text.split()))[:200]


@cache
def _files(kind: str) -> tuple[str, ...]:
    folder = resources.files(__package__).joinpath("prompts")
    paths = [folder.joinpath(name) for name in _FILES] + [folder.joinpath("kinds", f"{kind}.md")]
    return tuple(path.read_text(encoding="utf-8") for path in paths)


def _version(file: str) -> str:
    found = _FRONT.match(file)
    if found is None:
        msg = "a prompt file begins with its version"
        raise ValueError(msg)
    return found[1]


def _render(file: str, facts: Mapping[str, Any]) -> str:
    template = _environment().from_string(_FRONT.sub("", file))
    return template.render(facts).strip()


@cache
def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(  # a prompt is no HTML; blocks make data harmless
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    marked: Callable[[str, str], str] = block
    environment.globals["block"] = marked
    return environment
