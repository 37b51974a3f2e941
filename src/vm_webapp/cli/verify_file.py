"""The command verify on a file, a bundle or a proof: which key signed it, what it proves, what of it does not hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click

from vm_webapp.bundles import LONGEST_ZIP, fingerprint, verify_bundle
from vm_webapp.cli import text
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.screen import show_json
from vm_webapp.errors import Invalid, NotReadable
from vm_webapp.proof.documents import proven, read_document, signer, verify_document
from vm_webapp.proof.notes import VerifierKey
from vm_webapp.proof.subjects import Stream, streams_of

_TOLD: Final = ("event_id", "event_type", "stream_id", "stream_version", "run_id", "thread_id", "occurred_at")


class TooLarge(Invalid):
    """{path} has more than {most} MiB, and no bundle, proof or checkpoint of VM has."""

    code = "too_large"
    remedy = "Look whether it is the file that you mean; if so, get it again from whoever made it."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was found in a file; `facts` is what only its kind has, `told` the same in sentences."""

    origin: str
    size: int
    key: str
    fingerprint: str
    events: int
    problems: Sequence[str]
    said: str
    facts: Mapping[str, Any]
    told: Sequence[str] = field(default=())


def verify_file(path: Path, keys: Sequence[VerifierKey], *, as_json: bool) -> int:
    """Check a bundle or a proof: nothing else is needed, but for a key from whom one trusts."""
    content = read_file(path)
    found = _bundle(content, keys) if path.suffix.lower() == ".zip" else _proof(content, keys)
    if as_json:
        facts = {"origin": found.origin, "size": found.size, "events": found.events, "key": found.key}
        pinned = {"pinned": bool(keys), "problems": found.problems}
        show_json({"ok": not found.problems, **facts, **found.facts, **pinned})
    else:
        _say(found, pinned=bool(keys))
    return Exit.FAILED if found.problems else Exit.OK


def read_file(path: Path) -> bytes:
    """The bytes of a bundle, a proof or a checkpoint; NotReadable where it cannot be read, TooLarge for any larger."""
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_ZIP + 1)
    except OSError as error:
        raise NotReadable(path=path, problem=error.strerror or str(error)) from error
    if len(content) > LONGEST_ZIP:
        raise TooLarge(path=path, most=LONGEST_ZIP // 2**20)
    return content


def _bundle(content: bytes, keys: Sequence[VerifierKey]) -> _Found:
    bundle = verify_bundle(content, keys)
    files = f"{text.counted(bundle.files, 'file')}, {text.size(bundle.total_bytes)}"
    return _Found(
        origin=bundle.origin,
        size=bundle.size,
        key=bundle.key,
        fingerprint=bundle.fingerprint,
        events=bundle.proven,
        problems=bundle.problems,
        said=f"{files}, run {bundle.run_id}" if bundle.run_id else files,
        facts={"run_id": bundle.run_id},
    )


def _proof(content: bytes, keys: Sequence[VerifierKey]) -> _Found:
    proof = read_document(content)
    checkpoint, problems = verify_document(proof, keys)
    key = signer(proof, keys)
    events = [{"index": event.index, **_told(event.facts)} for event in proven(proof, checkpoint)]
    streams = streams_of(events)
    claim = f"It claims to prove {proof.subject}." if proof.subject else "It does not claim what it proves."
    return _Found(
        origin=checkpoint.origin,
        size=checkpoint.size,
        key=str(key),
        fingerprint=fingerprint(key),
        events=len(events),
        problems=problems,
        said="a proof",
        facts={
            "subject": proof.subject.record() if proof.subject else None,
            "streams": [
                {"stream_id": one.stream_id, "versions": one.versions, "whole": one.is_whole} for one in streams
            ],
            "proven": events,
        },
        told=[claim, *_sentences(streams, events)],
    )


def _told(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: facts[name] for name in _TOLD}


def _sentences(streams: Sequence[Stream], events: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What the events that were signed tell: of each stream how much of it is there, then each of them."""
    for stream in streams:
        whole = f"whole in it from version 1 to {stream.versions[-1]}"
        part = f"not whole in it: it has version {_ranges(stream.versions)}"
        yield f"Proven: {stream.stream_id} is {whole if stream.is_whole else part}; there may be later events."
    for one in events:
        where = f" of {one['stream_id']}" if len(streams) > 1 else ""
        yield f"  at {one['index']}: version {one['stream_version']}{where}, {one['event_type']}, {one['event_id']}"


def _ranges(numbers: Sequence[int]) -> str:
    """`3, 5 to 7`."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1][1:] = [number]
        else:
            found.append([number])
    return ", ".join(" to ".join(map(str, ends)) for ends in found)


def _say(found: _Found, *, pinned: bool) -> None:
    for problem in found.problems:
        click.echo(click.style(text.line(problem), fg="red"))
    if found.key and not pinned:
        note = f"Note: it was checked with the key that it brings along, {found.key}; --key names one you trust."
        click.echo(text.line(note))
    if found.key:
        click.echo(text.line(f"Signed by {found.origin}; its key has the fingerprint {found.fingerprint}."))
    for line in found.told:
        click.echo(text.line(line))
    verdict = text.counted(len(found.problems), "problem") if found.problems else "Everything holds"
    signed = f", {text.counted(found.events, 'event')} of the {found.size} that {found.origin} had signed"
    click.echo(text.line(f"{verdict}: checked {found.said}{signed if found.origin else ''}."))
