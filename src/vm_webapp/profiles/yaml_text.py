"""YAML text -> plain values, with the line and column of every key and value.

Only what a profile needs is read: one document of mappings, lists, texts, numbers, true/false and null. Anchors,
aliases and tags are refused, which also rules out documents that expand without end. Dates stay text, and so do
`yes`, `no` and `on`, as in YAML 1.2. The events are read by hand instead of composed, because a composer resolves
aliases and forgets duplicate keys.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from vm_webapp.profiles.problem import Mark, Path, Problem, Unreadable

MAX_DEPTH = 12
_INT = re.compile(r"[-+]?[0-9]{1,15}")
_FLOAT = re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(slots=True)
class Document:
    """The values of a file; `values` and `keys` say where each stands, by its path from the top."""

    data: Any = None
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)

    def mark(self, path: Path) -> Mark:
        """Where the key of that path stands, or the value, or what is nearest around it."""
        for end in range(len(path), -1, -1):
            found = self.keys.get(path[:end]) or self.values.get(path[:end])
            if found:
                return found
        return Mark(1, 1)

    def value_mark(self, path: Path) -> Mark:
        """Where the value of that path stands, or what is nearest around it."""
        return self.values.get(path) or self.mark(path)


def read_yaml(text: str) -> Document:
    """The document in the text; raises Unreadable where it does not read."""
    document = Document()
    try:
        events = iter(yaml.parse(text, Loader=yaml.SafeLoader))
        _read_document(events, document)
    except yaml.MarkedYAMLError as error:
        raise Unreadable(Problem(_mark(error.problem_mark or error.context_mark), (), _syntax(error))) from error
    except yaml.reader.ReaderError as error:
        # The reader counts characters from the start of the text and knows no line.
        before = text[: error.position]
        mark = Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise Unreadable(Problem(mark, (), "there is an invisible control character; delete it")) from error
    except (ValueError, OverflowError) as error:
        # The scanner makes a character of any \U, and a number of any version, and names no place where it cannot.
        text = 'this is not valid YAML: an escape such as "\\U00110000" or a %YAML version has too large a number'
        raise Unreadable(Problem(Mark(1, 1), (), f"{text}; write the character itself")) from error
    return document


def _read_document(events: Iterator[yaml.Event], document: Document) -> None:
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            document.data = _value(next(events), events, document, ())
            break
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            raise _refused(
                event, (), "there is a second document here; keep one profile to a file and remove the `---`"
            )


def _value(event: yaml.Event, events: Iterator[yaml.Event], document: Document, path: Path) -> Any:  # noqa: ANN401 - YAML values
    _refuse_tricks(event, path)
    document.values[path] = _mark(event.start_mark)
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event)
    if isinstance(event, yaml.MappingStartEvent):
        return _mapping(events, document, path)
    return _sequence(events, document, path)


def _mapping(events: Iterator[yaml.Event], document: Document, path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        if not isinstance(event, yaml.ScalarEvent):
            raise _refused(event, path, "a key must be a plain word")
        _refuse_tricks(event, path)
        here = (*path, event.value)
        if event.value in found:
            first = document.keys[here].line
            raise _refused(event, here, f"this key is here twice (first on line {first}); keep one of them")
        document.keys[here] = _mark(event.start_mark)
        found[event.value] = _value(next(events), events, document, here)
    return found


def _sequence(events: Iterator[yaml.Event], document: Document, path: Path) -> list[Any]:
    found: list[Any] = []
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            break
        found.append(_value(event, events, document, (*path, len(found))))
    return found


def _refuse_tricks(event: yaml.Event, path: Path) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise _refused(
            event, path, "anchors (&) and aliases (*) are not read; write the value out, or put it in quotes"
        )
    if getattr(event, "tag", None):
        raise _refused(event, path, "tags (!) are not read; write a plain value, or put it in quotes")
    if len(path) > MAX_DEPTH:
        raise _refused(event, path, f"this is nested deeper than {MAX_DEPTH} levels; flatten it")


def _scalar(event: yaml.ScalarEvent) -> str | int | float | bool | None:
    text = event.value
    if not event.implicit[0]:  # quoted, or a block of text
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _refused(event: yaml.Event, path: Path, problem: str) -> Unreadable:
    return Unreadable(Problem(_mark(event.start_mark), path, problem))


def _mark(mark: Any) -> Mark:  # noqa: ANN401 - PyYAML's two kinds of marks share no type
    return Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)


def _syntax(error: yaml.MarkedYAMLError) -> str:
    if "\\t" in str(error.problem):
        return "a tab stands where YAML wants spaces; indent with spaces"
    known = " ".join(part for part in (error.context, error.problem) if part)
    return f"this is not valid YAML: {known}; check indentation, colons and quotes around this line"
