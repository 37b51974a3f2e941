"""The disclosure of each file of a stage, as JSON; its shape stands in docs/bundles.md."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from vm_webapp.disclosure.history import Author, Chain, History
from vm_webapp.disclosure.parts import Part, merged, split, unit_of
from vm_webapp.disclosure.wording import statement
from vm_webapp.events import RecordedEvent
from vm_webapp.models import utc_text
from vm_webapp.workspace import Workspace

Record = dict[str, Any]

FORMAT: Final = "vm-disclosure/1"
_SOURCES: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_EDITS: Final = f"{_SOURCES}humanEdits"


def disclose_run(connection: Connection, workspace: Workspace, run_id: str) -> list[Record]:
    """The disclosures of all that the run published, in plan order; errors as `disclose_stage`."""
    history = History(connection, workspace)
    return [record for key in history.published(run_id) for record in _of_stage(history, run_id, key)]


def disclose_stage(connection: Connection, workspace: Workspace, run_id: str, stage_key: str) -> list[Record]:
    """The disclosures of the stage's files.

    Raises NotFound where the run has not published such a stage, IntegrityError where a file is not what was published.
    """
    history = History(connection, workspace)
    history.published(run_id)
    return list(_of_stage(history, run_id, stage_key))


def _of_stage(history: History, run_id: str, stage_key: str) -> Iterator[Record]:
    chain = history.chain(run_id, stage_key)
    newest = chain.versions[0]
    authors = [version.author for version in reversed(chain.versions)]
    manifest_sha256 = chain.evidence[0].payload["manifest_sha256"]
    for item in newest.manifest["artifacts"]:
        parts = _parts(chain, item)
        record = {
            "format": FORMAT,
            "run_id": run_id,
            "stage_key": stage_key,
            "manifest_sha256": manifest_sha256,
            **{name: item[name] for name in ("path", "media_type", "sha256")},
            "language": str(newest.output.get("language") or "en"),
            "digital_source_type": _SOURCES + source_type(parts, is_edited=_is_edited(chain, item, parts)),
            "authors": [_author(at, author) for at, author in enumerate(authors, start=1)],
            "unit": unit_of(item["media_type"]),
            "parts": list(_ranges(parts)),
            "removed": _removed(chain, item, parts),
            "complete": chain.whole and not chain.recovered,
            "unknown": list(_unknown(chain)),
            "approvals": None if chain.grants is None else [_approval(event) for event in chain.grants],
            "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": list(_actions(chain, parts))}}],
            "evidence": [_evidence(event) for event in chain.evidence],
        }
        yield {**record, "statement": statement(record)}


def _unknown(chain: Chain) -> Iterator[str]:
    """What this log cannot tell of the file."""
    if not chain.whole:
        yield "origin"
    if chain.recovered:
        yield "history"
    if chain.grants is None:
        yield "approvals"


def source_type(parts: Sequence[Part], *, is_edited: bool) -> str:
    """The term of IPTC's vocabulary for a text of these parts."""
    sources = {part.source for part in parts}
    if sources <= {"person"}:
        return "digitalCreation"
    if "model" in sources:
        return "compositeWithTrainedAlgorithmicMedia" if is_edited else "trainedAlgorithmicMedia"
    return "humanEdits" if is_edited else "algorithmicMedia"


def _parts(chain: Chain, item: Mapping[str, Any]) -> list[Part]:
    """The file's parts, from its origin on through everybody who edited it."""
    unit = unit_of(item["media_type"])
    oldest_first = list(reversed(chain.versions))
    found: list[Part] = []
    for number, version in enumerate(oldest_first, start=1):
        texts = split(version.files.get(item["path"], b""), unit)
        if number == 1:
            source = version.author.kind
            unknown = source == "person" and not chain.whole
            first = Part("", "model" if unknown else source, (number,), edited=unknown)
            found = [Part(text, first.source, first.authors, first.edited) for text in texts]
        else:
            found = merged(found, texts, author=number)
    return found


def _is_edited(chain: Chain, item: Mapping[str, Any], parts: Sequence[Part]) -> bool:
    mixed = any(part.edited or part.source == "person" for part in parts)
    return mixed or bool(_removed(chain, item, parts))


def _removed(chain: Chain, item: Mapping[str, Any], parts: Sequence[Part]) -> int:
    """How many parts of the first text a person took out."""
    if len(chain.versions) == 1:
        return 0
    unit = unit_of(item["media_type"])
    first = split(chain.versions[-1].files.get(item["path"], b""), unit)
    return max(0, len(first) - sum(1 in part.authors for part in parts))


def _ranges(parts: Sequence[Part]) -> Iterator[Record]:
    """The parts as ranges of equal ones; they count from 1, and `to` is the last one."""
    begun: Record | None = None
    for number, part in enumerate(parts, start=1):
        said = {"source": part.source, "edited_by_person": part.edited, "authors": list(part.authors)}
        if begun is not None and all(begun[name] == value for name, value in said.items()):
            begun["to"] = number
            continue
        if begun is not None:
            yield begun
        begun = {"from": number, "to": number, **said}
    if begun is not None:
        yield begun


def _author(number: int, author: Author) -> Record:
    provider, _, model = author.name.partition(":")
    named = {"provider": provider, "model": model} if author.kind == "model" and model else {}
    prompt = {"prompt": dict(author.prompt)} if author.prompt else {}
    place = {"run_id": author.run_id, "event_id": author.event_id}
    return {"id": number, "kind": author.kind, "name": author.name, **named, "at": author.at, **place, **prompt}


def _approval(event: RecordedEvent) -> Record:
    return {
        "actor_id": event.actor_id,
        "at": utc_text(event.occurred_at),
        "run_id": event.payload["run_id"],
        "manifest_sha256": event.payload["manifest_sha256"],
        "waived": event.payload["waived"],
    }


def _actions(chain: Chain, parts: Sequence[Part]) -> Iterator[Record]:
    authors = [(number, version.author) for number, version in enumerate(reversed(chain.versions), start=1)]
    if chain.whole:
        (_, first), *authors = authors
        agent = {"softwareAgent": {"name": first.name}} if first.kind != "person" else {}
        born = _SOURCES + source_type([Part("", first.kind, (1,))], is_edited=False)
        yield {"action": "c2pa.created", "when": first.at, "digitalSourceType": born, **agent}
    for number, author in authors:
        touched = any(number in part.authors for part in parts)
        what = "a person edited it" if touched else "a person edited the stage, not this file"
        yield {"action": "c2pa.edited", "when": author.at, "digitalSourceType": _EDITS, "description": what}


def _evidence(event: RecordedEvent) -> Record:
    return {"event_id": event.event_id, "event_type": event.event_type, "sha256": event.sha256}
