"""The disclosures in a bundle: one for each deliverable, of the shape of one, which says what manifest and log say."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from vm_webapp.artifacts import MANIFEST, digest
from vm_webapp.bundles.bundle import DISCLOSURE
from vm_webapp.disclosure.shape import BadDisclosure, read_disclosure
from vm_webapp.models import utc_text

Row = Mapping[str, Any]

_GRANTED: Final = "ApprovalGranted"
_ITEM: Final = ("path", "media_type", "sha256")


def check_disclosures(
    payload: Mapping[str, bytes], stages: Mapping[str, Row], proven: Mapping[str, Row]
) -> Iterator[str]:
    """What does not hold of the disclosures of these stages, by folder; `proven` are all events of the proof by id."""
    known: set[str] = set()
    for folder, manifest in stages.items():
        named = {"run_id": manifest["run_id"], "stage_key": manifest["stage_key"]}
        named["manifest_sha256"] = digest(payload[f"run/{folder}/{MANIFEST}"])
        for item in manifest["artifacts"]:
            place = f"{DISCLOSURE}/{folder.rpartition('/')[2]}/{item['path'].rpartition('/')[2]}"
            known |= {f"{place}.json", f"{place}.md"}
            if f"{place}.md" not in payload:
                yield f"data/{place}.md is missing."
            wanted = {**named, **{name: item.get(name) for name in _ITEM}}
            yield from _check(f"{place}.json", payload, wanted, proven)
    for path in sorted(payload.keys() - known):
        if path.startswith(f"{DISCLOSURE}/"):
            yield f"data/{path} speaks of no deliverable that the log says was published."


def _check(path: str, payload: Mapping[str, bytes], wanted: Row, proven: Mapping[str, Row]) -> Iterator[str]:
    if path not in payload:
        yield f"data/{path} is missing."
        return
    try:
        record = read_disclosure(payload[path])
    except BadDisclosure as error:
        yield f"data/{path} is no disclosure: {error.facts['problem']}."
        return
    for name, value in wanted.items():
        if record[name] != value:
            yield f"data/{path} speaks of another file than the one beside it: its {name} is another."
    rests_on = {one["event_id"]: proven.get(one["event_id"]) for one in record["evidence"]}
    if not all(_is_proven(one, rests_on[one["event_id"]]) for one in record["evidence"]):
        yield f"data/{path} rests on an event that is not proven."
        return
    if any(author["event_id"] not in rests_on for author in record["authors"]):
        yield f"data/{path} names an author by an event that it does not rest on."
    granted = [found for row in rests_on.values() if row and (found := _approval(row))]
    if any(approval not in granted for approval in record["approvals"] or ()):
        yield f"data/{path} names an approval that the log has not."


def _is_proven(said: Row, row: Row | None) -> bool:
    """Whether the event is the one that is meant; one of before there were digests is named without."""
    return row is not None and said["event_type"] == row["event_type"] and said["sha256"] in {None, row["sha256"]}


def _approval(row: Row) -> Row | None:
    """The approval that an event tells; None where it tells none."""
    if row["event_type"] != _GRANTED:
        return None
    try:
        said = {name: row["facts"][name] for name in ("run_id", "manifest_sha256", "waived")}
        return {"actor_id": row["actor_id"], "at": utc_text(datetime.fromisoformat(row["occurred_at"])), **said}
    except (KeyError, TypeError, ValueError):
        return None
