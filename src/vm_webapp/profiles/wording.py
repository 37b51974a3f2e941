"""What a failed check means in plain words, with the remedy; keyed by Pydantic's error types."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from vm_webapp.profiles.problem import Path, Problem, shown, suggestion
from vm_webapp.profiles.yaml_text import Document

_KIND_OF_VALUE = {
    "string_type": "a text (put quotes around it)",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list, such as [brief, audience]",
    "dict_type": "keys with values, such as {weeks: 13}",
    "model_type": "keys with values",
}
_FOUND = {
    bool: "true/false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "keys with values",
}
_RANGE = {
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must not be empty; write at least {min_length} character",
    "string_too_long": "is too long; {max_length} characters are allowed",
    "too_short": "must not be empty; write at least {min_length}",
    "too_long": "has too many items; {max_length} are allowed",
    "literal_error": "must be {expected}",
}


def shape_problems(
    error: ValidationError, *, document: Document, model: type[BaseModel], prefix: Path = ()
) -> list[Problem]:
    """Every failed check as a problem at its line; `prefix` is where in the file the model stands."""
    return [_problem(dict(found), document, model, prefix) for found in error.errors(include_url=False)]


def _problem(found: Mapping[str, Any], document: Document, model: type[BaseModel], prefix: Path) -> Problem:
    path = (*prefix, *found["loc"])
    if found["type"] == "missing":
        return Problem(document.value_mark(path[:-1]), path, f'"{path[-1]}" is missing; add it')
    if found["type"] == "extra_forbidden":
        return Problem(document.mark(path), path, _unknown_key(str(path[-1]), _keys_at(model, found["loc"])))
    return Problem(document.value_mark(path), path, _sentence(found))


def _sentence(found: Mapping[str, Any]) -> str:
    kind, value = found["type"], found.get("input")
    limits = {name: f"{limit:g}" if isinstance(limit, float) else limit for name, limit in found.get("ctx", {}).items()}
    if kind in _KIND_OF_VALUE:
        return f"expected {_KIND_OF_VALUE[kind]}, found {_FOUND.get(type(value), 'nothing')}"
    if kind == "string_pattern_mismatch":
        return f'"{shown(value)}" cannot be a key; use lower-case letters, digits and underscore, up to 40 characters'
    if kind in _RANGE:
        return f"{_RANGE[kind].format(**limits)}{_shown_value(value)}"
    return f"{found['msg']}"


def _shown_value(value: object) -> str:
    return f", found {shown(value)}" if isinstance(value, str | int | float) and shown(value).strip() else ""


def _unknown_key(key: str, known: Iterable[str]) -> str:
    names = list(known)
    return f'there is no key "{shown(key)}" here{suggestion(key, names) or "; remove it"}'


def _keys_at(model: type[BaseModel], loc: Path) -> list[str]:
    """The keys that the model knows at the place above `loc`; follows fields that hold models or lists of them."""
    for part in loc[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_of(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _model_of(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - annotations are of any type
    inner = (getattr(annotation, "__args__", None) or (annotation,))[0]
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None
