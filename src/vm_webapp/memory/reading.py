"""A published stage as the index takes it in: its texts, and what it was made from; only files whose digests hold."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from vm_webapp import artifacts
from vm_webapp.errors import VmError

_TEXTS: Final = frozenset({"text/markdown", "text/csv", "text/plain", "application/json"})
_LONGEST: Final = 500_000
_TITLE_LENGTH: Final = 300
_TROUBLE: Final = (VmError, OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text file of a stage; `text` is what a person would read of it, `sha256` the digest of its bytes."""

    path: str
    kind: str
    title: str
    language: str
    sha256: str
    text: str


@dataclass(slots=True, kw_only=True)
class StageTexts:
    """What could be read of a stage; `gap` says what could not, empty where nothing is missing."""

    documents: list[Document] = field(default_factory=list)
    sources: set[tuple[str, str]] = field(default_factory=set)
    gap: str = ""


def read_stage(folder: Path, manifest_sha256: str) -> StageTexts:
    """The stage's texts and sources; whatever the files hold, nothing is raised."""
    found = StageTexts()
    try:
        manifest = artifacts.read_manifest(folder, sha256=manifest_sha256)
        found.sources |= set(_made_with(manifest, {}))
        given = artifacts.read_json(folder, manifest["input"])
        found.sources |= set(_made_with(manifest, given))
        made = artifacts.read_json(folder, manifest["output"])
        items = [item for item in manifest["artifacts"] if item["media_type"] in _TEXTS]
    except _TROUBLE as error:
        found.gap = _reason(error)
        return found
    for item in items:
        try:
            found.documents.append(_document(folder, item, made))
        except _TROUBLE as error:
            found.gap = _reason(error)
    return found


def plain_text(content: bytes, media_type: str) -> str:
    """What a person would read of the file: of JSON the texts in it, of everything else all of it."""
    text = content.decode("utf-8", "replace")
    if media_type == "application/json":
        try:
            text = "\n".join(_texts_in(json.loads(text)))
        except (ValueError, RecursionError):
            return text[:_LONGEST]  # it says it is JSON; as it stands it can still be found
    return text[:_LONGEST]


def title_in(made: Mapping[str, Any], otherwise: str) -> str:
    """The title that the output says it has."""
    title = made.get("title")
    return (title if isinstance(title, str) and title.strip() else otherwise)[:_TITLE_LENGTH]


def _document(folder: Path, item: Mapping[str, Any], made: Mapping[str, Any]) -> Document:
    path = str(item["path"])
    language = made.get("language")
    return Document(
        path=path,
        kind=str(item["kind"]),
        title=title_in(made, Path(path).stem),
        language=language if isinstance(language, str) else "",
        sha256=str(item["sha256"]),
        text=plain_text(artifacts.read_listed(folder, item), item["media_type"]),
    )


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts_in(one)


def _made_with(manifest: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Kind and value of each source that the manifest and the input name."""
    sent = _mapping(given.get("sent"))
    for place in (manifest, given, sent):
        prompt = _mapping(place.get("prompt"))
        yield from _named("prompt_sha256", prompt.get("sha256"), prompt.get("digest"), place.get("prompt_sha256"))
        yield from _named("model", place.get("model"), _mapping(place.get("model")).get("name"))
    writer = manifest.get("writer")
    yield from _named("writer", writer)
    if isinstance(writer, str) and ":" in writer:
        yield from _named("model", writer, writer.partition(":")[2])
    for rule in _mappings(_mapping(manifest.get("rules")).get("checked")):
        yield from _named("rule_id", rule.get("rule_id"))
    for document in _mappings(given.get("recalled")):
        yield from _named("source_sha256", document.get("sha256"))
        yield from _named("source_run_id", document.get("run_id"))


def _named(kind: str, *values: object) -> Iterator[tuple[str, str]]:
    for value in values:
        if isinstance(value, str) and value:
            yield kind, value[:_TITLE_LENGTH]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:_TITLE_LENGTH]
