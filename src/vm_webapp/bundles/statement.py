"""The statement over a bundle's files: in-toto Statement v1 with SLSA provenance v1, in a DSSE envelope.

https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md, https://slsa.dev/spec/v1.0/provenance and
https://github.com/secure-systems-lab/dsse/blob/master/protocol.md. The `buildType` and its parameters are those of
docs/bundles.md. Ed25519, with the key of the log: the bytes signed begin with `DSSEv1`, those of a checkpoint with the
log's origin, so that neither can pass for the other.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vm_webapp.artifacts import digest
from vm_webapp.errors import Invalid
from vm_webapp.proof.canonical import canonical
from vm_webapp.proof.notes import SigningKey, VerifierKey

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "https://slsa.dev/provenance/v1"
BUILD_TYPE: Final = "urn:vm-webapp:workflow-run:v1"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature in an envelope: the name of its key as it is spelled there, and its bytes."""

    key: str
    content: bytes


def make_statement(files: Mapping[str, bytes], predicate: Mapping[str, Any], key: SigningKey | None) -> bytes:
    """The envelope over the files, signed where there is a key."""
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": path, "digest": {"sha256": digest(files[path])}} for path in sorted(files)],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }
    payload = canonical(statement)
    signatures = []
    if key is not None:
        signature = key.sign_bytes(_to_sign(PAYLOAD_TYPE, payload))
        signatures.append({"keyid": str(key.verifier), "sig": base64.b64encode(signature).decode()})
    envelope = {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": signatures,
    }
    return canonical(envelope) + b"\n"


def check_statement(
    content: bytes, files: Mapping[str, bytes], keys: Sequence[VerifierKey]
) -> tuple[list[str], VerifierKey | None]:
    """What does not hold of an envelope over the files, and the key that signed it, None where none did."""
    try:
        envelope = json.loads(content)
        payload = base64.b64decode(envelope["payload"], validate=True)
        statement = json.loads(payload)
        signatures = [Signature(one["keyid"], base64.b64decode(one["sig"])) for one in envelope["signatures"]]
        said = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
        whole = canonical(envelope) + b"\n" == content
        kinds = (envelope["payloadType"], statement["_type"], statement["predicateType"])
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error, Invalid):
        return ["statement.json is no in-toto statement in a DSSE envelope."], None
    problems = [] if whole else ["statement.json is not written as a bundle's is."]
    if kinds != (PAYLOAD_TYPE, STATEMENT_TYPE, PREDICATE_TYPE):
        problems.append("statement.json is of another type than a bundle's.")
    problems += _compare(said, files)
    signer = _signer(signatures, _to_sign(str(kinds[0]), payload), keys)
    if signatures and signer is None:
        problems.append("statement.json is not signed by the key of this log, or its signature does not hold.")
    return problems, signer


def _compare(said: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[str]:
    for path in sorted(said.keys() | files.keys(), key=str):
        if path not in files:
            yield f"data/{path} is missing, though the statement names it."
        elif path not in said:
            yield f"data/{path} is not in the statement."
        elif digest(files[path]) != said[path]:
            yield f"data/{path} is not what the statement says: its SHA-256 is another."


def _signer(signatures: Sequence[Signature], signed: bytes, keys: Sequence[VerifierKey]) -> VerifierKey | None:
    return next((key for key in keys for one in signatures if key.holds(one.content, signed)), None)


def _to_sign(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
