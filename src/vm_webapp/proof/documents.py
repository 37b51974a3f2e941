"""A proof as a document: events in their canonical form, how each leads to the root, and the signed checkpoint.

    {"format": "vm-proof/1",
     "key":        the verifier key that the log's keeper names; whoever trusts nobody brings their own
     "checkpoint": the signed note (C2SP tlog-checkpoint)
     "subject":    what is proven: {"event_id"}, or {"stream_id", "events": how many from its first on}; left out where
                   the events are neither, and by earlier releases
     "events": [{"index": rank in the log from 0; in rising order
                 "sha256": digest of the canonical form,
                 "canonical": the canonical form itself (RFC 8785),
                 "path": the hashes of RFC 9162, 2.1.3, in hexadecimal, the leaf's neighbour first}]}

Nothing but the document and a key is needed to check it.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from vm_webapp.errors import Invalid
from vm_webapp.proof.events import FIELDS, canonical_event
from vm_webapp.proof.notes import BadKey, Checkpoint, VerifierKey, open_checkpoint, signer_of
from vm_webapp.proof.subjects import Subject, contradictions, subject_of
from vm_webapp.proof.tree import leaf_hash, verify_inclusion

FORMAT: Final = "vm-proof/1"
_LONGEST_PATH: Final = 64


class BadProof(Invalid):
    """The proof cannot be read: {problem}."""

    code = "bad_proof"
    remedy = "Get it again with `vm proof`, or from GET /api/v2/log/inclusion."


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenEvent:
    """An event, its place in the log, and the path from it to the root."""

    index: int
    content: bytes
    path: tuple[bytes, ...]

    @property
    def facts(self) -> Mapping[str, Any]:
        """The event's fields; BadProof where the content is no event."""
        try:
            found = json.loads(self.content)
        except (ValueError, RecursionError) as error:
            raise BadProof(problem=f"what it has at {self.index} is no event") from error
        if not isinstance(found, dict):
            raise BadProof(problem=f"what it has at {self.index} is no event")
        return found

    @property
    def is_event(self) -> bool:
        """Whether the content is the canonical form of an event, so that its facts have every field of one."""
        try:
            facts = self.facts
            return set(facts) == set(FIELDS) and canonical_event(facts) == self.content
        except Invalid:
            return False

    def is_under(self, checkpoint: Checkpoint) -> bool:
        """Whether it is the event at this place in the log that was signed."""
        leaf, size, root = leaf_hash(self.content), checkpoint.size, checkpoint.root
        return verify_inclusion(index=self.index, size=size, leaf=leaf, proof=self.path, root=root)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a document says; nothing of it is checked yet. `key` is empty where the document names none."""

    checkpoint: str
    key: str
    events: tuple[ProvenEvent, ...]
    subject: Subject | None = None


def document(events: Iterable[ProvenEvent], *, checkpoint: str, key: str) -> dict[str, Any]:
    """The document of a proof; its subject is what the events are."""
    events = list(events)
    subject = subject_of([event.facts for event in events]) if all(event.is_event for event in events) else None
    return {
        "format": FORMAT,
        "key": key,
        "checkpoint": checkpoint,
        **({"subject": subject.record()} if subject else {}),
        "events": [
            {
                "index": event.index,
                "sha256": hashlib.sha256(event.content).hexdigest(),
                "canonical": event.content.decode(),
                "path": [step.hex() for step in event.path],
            }
            for event in events
        ],
    }


def read_document(content: bytes | str) -> Proof:
    """The proof in a document; BadProof where it has not the form of one."""
    try:
        found = json.loads(content)
        if found["format"] != FORMAT:
            raise BadProof(problem=f"its format is not {FORMAT}")
        return Proof(
            checkpoint=_text(found["checkpoint"]),
            key=_text(found["key"]),
            events=tuple(_event(item) for item in found["events"]),
            subject=_subject(found["subject"]) if "subject" in found else None,
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadProof(problem="it is not JSON of the right form") from error


def verify_document(proof: Proof, keys: Sequence[VerifierKey] = ()) -> tuple[Checkpoint, list[str]]:
    """The checkpoint, and what does not hold, a sentence each.

    The checkpoint has to be signed by one of `keys`; without any, by the key that the document itself names, which
    then proves only that its parts belong together. Raises BadNote and BadKey where nothing can be said at all.
    """
    checkpoint = open_checkpoint(proof.checkpoint, _trusted(proof, keys))
    problems = [*_check_key(proof, signer(proof, keys)), *_check_order(proof)]
    for event in proof.events:
        if not event.is_under(checkpoint):
            problems.append(f"The event at {event.index} is not the one that was signed.")
        elif not event.is_event:
            problems.append(f"What was signed at {event.index} is not the canonical form of an event.")
    facts = [event.facts for event in proof.events if event.is_event]
    return checkpoint, [*problems, *contradictions(proof.subject, facts)]


def signer(proof: Proof, keys: Sequence[VerifierKey] = ()) -> VerifierKey:
    """The key that signed the checkpoint: one of `keys`, or without any that of the document; errors likewise."""
    return signer_of(proof.checkpoint, _trusted(proof, keys))


def proven(proof: Proof, checkpoint: Checkpoint) -> list[ProvenEvent]:
    """The events that were signed, each once, in the log's order."""
    found = {event.index: event for event in proof.events if event.is_event and event.is_under(checkpoint)}
    return [found[index] for index in sorted(found)]


def _trusted(proof: Proof, keys: Sequence[VerifierKey]) -> list[VerifierKey]:
    return list(keys) or [VerifierKey.parse(proof.key)]


def _check_key(proof: Proof, signed_by: VerifierKey) -> Iterator[str]:
    """That the key which the document names, if it names one, is the one that signed."""
    try:
        named = VerifierKey.parse(proof.key) if proof.key else signed_by
    except BadKey as error:
        yield f"What it names as its key is none: {error.facts['problem']}."
        return
    if named != signed_by:
        yield f"The key that it names, {named}, is not the one that signed it, {signed_by}."


def _check_order(proof: Proof) -> Iterator[str]:
    """That there are events, each once, in the order of the log."""
    if not proof.events:
        yield "It holds no event, so it proves nothing."
    indexes = [event.index for event in proof.events]
    for index, times in Counter(indexes).items():
        if times > 1:
            yield f"The event at {index} is in it {times} times."
    if any(one > other for one, other in pairwise(indexes)):
        yield "Its events do not stand in the order of the log."


def _subject(found: object) -> Subject:
    try:
        return Subject.parse(found)
    except Invalid as error:
        raise BadProof(problem="what it claims to prove has not the right form") from error


def _event(item: Mapping[str, Any]) -> ProvenEvent:
    content, path = _text(item["canonical"]).encode(), item["path"]
    if type(item["index"]) is not int or not isinstance(path, list) or len(path) > _LONGEST_PATH:
        raise BadProof(problem="an index or a path has not the right form")
    if item["sha256"] != hashlib.sha256(content).hexdigest():
        raise BadProof(problem=f"the digest at {item['index']} is not that of its event")
    return ProvenEvent(index=item["index"], content=content, path=tuple(bytes.fromhex(step) for step in path))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadProof(problem="a text is missing")
    return value
