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
from typing import Any, Final

from vm_webapp.artifacts import digest
from vm_webapp.errors import Invalid
from vm_webapp.proof.canonical import canonical
from vm_webapp.proof.notes import SigningKey, VerifierKey

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "https://slsa.dev/provenance/v1"
BUILD_TYPE: Final = "urn:vm-webapp:workflow-run:v1"


def make_statement(files: Mapping[str, bytes], predicate: Mapping[str, Any], key: SigningKey) -> bytes:
    """The signed envelope over the files."""
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": path, "digest": {"sha256": digest(files[path])}} for path in sorted(files)],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }
    payload = canonical(statement)
    return _envelope(PAYLOAD_TYPE, payload, [(str(key.verifier), key.sign_bytes(_to_sign(PAYLOAD_TYPE, payload)))])


def check_statement(content: bytes, files: Mapping[str, bytes], keys: Sequence[VerifierKey]) -> list[str]:
    """What does not hold of an envelope over the files, a sentence each; one of the keys has to have signed it.

    An envelope has nothing but type, payload and one signature, so that all that stands in it is signed, or signs.
    """
    try:
        envelope = json.loads(content)
        payload = base64.b64decode(envelope["payload"], validate=True)
        statement = json.loads(payload)
        signatures = [(one["keyid"], base64.b64decode(one["sig"], validate=True)) for one in envelope["signatures"]]
        subjects = [(one["name"], one["digest"]["sha256"]) for one in statement["subject"]]
        said = dict(subjects)
        kind = envelope["payloadType"]
        types = (kind, statement["_type"], statement["predicateType"])
        whole = _envelope(kind, payload, signatures) == content and canonical(statement) == payload
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error, Invalid):
        return ["statement.json is no in-toto statement in a DSSE envelope."]
    problems = [] if whole and len(said) == len(subjects) else ["statement.json is not written as a bundle's is."]
    if types != (PAYLOAD_TYPE, STATEMENT_TYPE, PREDICATE_TYPE):
        problems.append("statement.json is of another type than a bundle's.")
    problems += _compare(said, files)
    problems += _check_signatures(signatures, _to_sign(kind, payload), keys)
    return problems


def _check_signatures(
    signatures: Sequence[tuple[str, bytes]], signed: bytes, keys: Sequence[VerifierKey]
) -> Iterator[str]:
    if not signatures:
        yield "statement.json is not signed: nobody stands for run.json, the disclosures and what else it lists."
    elif len(signatures) > 1:
        yield "statement.json bears more than one signature."
    elif not any(str(key) == name and key.holds(made, signed) for key in keys for name, made in signatures):
        yield "statement.json is not signed by the key of this log, or its signature does not hold."


def _compare(said: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[str]:
    for path in sorted(said.keys() | files.keys(), key=str):
        if path not in files:
            yield f"data/{path} is missing, though the statement names it."
        elif path not in said:
            yield f"data/{path} is not in the statement."
        elif digest(files[path]) != said[path]:
            yield f"data/{path} is not what the statement says: its SHA-256 is another."


def _envelope(kind: str, payload: bytes, signatures: Sequence[tuple[str, bytes]]) -> bytes:
    """The envelope as it is written; a signature is the key as it is spelled, and the bytes."""
    envelope = {
        "payloadType": kind,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": name, "sig": base64.b64encode(made).decode()} for name, made in signatures],
    }
    return canonical(envelope) + b"\n"


def _to_sign(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
