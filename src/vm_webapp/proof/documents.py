"""A proof as a document: events in their canonical form, how each leads to the root, and the signed checkpoint.

    {"format": "vm-proof/1",
     "key":        the verifier key that the log's keeper names; whoever trusts nobody brings their own
     "checkpoint": the signed note (C2SP tlog-checkpoint)
     "events": [{"index": rank in the log from 0,
                 "sha256": digest of the canonical form,
                 "canonical": the canonical form itself (RFC 8785),
                 "path": the hashes of RFC 9162, 2.1.3, in hexadecimal, the leaf's neighbour first}]}

Nothing but the document and a key is needed to check it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vm_webapp.errors import Invalid
from vm_webapp.proof.notes import Checkpoint, VerifierKey, open_checkpoint
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
        except ValueError as error:
            raise BadProof(problem=f"what it has at {self.index} is no event") from error
        if not isinstance(found, dict):
            raise BadProof(problem=f"what it has at {self.index} is no event")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a document says; nothing of it is checked yet. `key` is empty where the document names none."""

    checkpoint: str
    key: str
    events: tuple[ProvenEvent, ...]


def document(events: Iterable[ProvenEvent], *, checkpoint: str, key: str) -> dict[str, Any]:
    """The document of a proof."""
    return {
        "format": FORMAT,
        "key": key,
        "checkpoint": checkpoint,
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
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadProof(problem="it is not JSON of the right form") from error


def verify_document(proof: Proof, keys: Sequence[VerifierKey] = ()) -> tuple[Checkpoint, list[str]]:
    """The checkpoint, and what does not hold, a sentence each.

    The checkpoint has to be signed by one of `keys`; without any, by the key that the document itself names, which
    then proves only that its parts belong together. Raises BadNote and BadKey where nothing can be said at all.
    """
    trusted = list(keys) or [VerifierKey.parse(proof.key)]
    checkpoint = open_checkpoint(proof.checkpoint, trusted)
    return checkpoint, [
        f"The event at {event.index} is not the one that was signed."
        for event in proof.events
        if not verify_inclusion(
            index=event.index,
            size=checkpoint.size,
            leaf=leaf_hash(event.content),
            proof=event.path,
            root=checkpoint.root,
        )
    ]


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
