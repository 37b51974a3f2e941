"""Which texts of an event are sealed, and how a payload reads with its key and without (ADR 13).

Sealed is what people write freely, and what may quote it. Everything that policies, checks and copies of the workspace
need stays in the clear: ids, digests, plans, states, times.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from vm_webapp.events import ERASED, Payload
from vm_webapp.proof.seals import BadSeal, new_key, open_seal, seal

SEALED: Final = "$sealed"
"""The name under which the seal stands in a stored payload."""

PERSONAL: Final[Mapping[str, Mapping[str, Any]]] = {
    "ThreadCreated": {"title": ERASED},
    "ThreadRenamed": {"title": ERASED},
    "CommentAdded": {"text": ERASED},
    "TaskCreated": {"title": ERASED},
    "BestVersionMarked": {"reason": ERASED},
    "WorkflowRunRequested": {"request_text": ERASED},
    "WorkflowRunQueued": {"request_text": ERASED, "facts": {}, "changes": {}, "feedback": {}, "edits": {}},
    "WorkflowRunFailed": {"error_message": ERASED},
    "StageFailed": {"error_message": ERASED},
    "ApprovalGranted": {"comment": ERASED},
    "ApprovalRejected": {"reason": ERASED},
    "RunRecovered": {"said": {}},
}
"""The fields by event type, with what stands for each where its key is gone."""

BLANK: Final = b""
"""What stands in a key's place for an event of before texts had keys: what it says is shown no longer."""

_IMPORTED: Final = "WorkflowRunImported"
_PAST: Final = "past"


class Sealed(NamedTuple):
    """A payload as it is stored; `key` is None where nothing in it is sealed."""

    payload: Payload
    key: bytes | None


class Unsealed(NamedTuple):
    """A payload as it was written; `erased` where its texts are gone and placeholders stand for them."""

    payload: Payload
    erased: bool


def sealed(event_type: str, event_id: str, payload: Payload) -> Sealed:
    """The payload with its texts under a new key."""
    personal = personal_fields(event_type, payload)
    if not personal:
        return Sealed(payload, None)
    key = new_key()
    kept = _without(event_type, payload, personal)
    return Sealed({**kept, SEALED: seal(personal, event_id=event_id, event_type=event_type, key=key)}, key)


def unsealed(event_type: str, event_id: str, payload: Payload, key: bytes | None) -> Unsealed:
    """The stored payload as it was written; with placeholders where the key is gone, is not the one, or is BLANK."""
    if SEALED not in payload:
        return _blanked(event_type, payload) if key == BLANK else Unsealed(payload, erased=False)
    clear = {name: value for name, value in payload.items() if name != SEALED}
    if key is not None and not _said_twice(event_type, clear, payload[SEALED]):
        try:
            found = open_seal(payload[SEALED], event_id=event_id, event_type=event_type, key=key)
            return Unsealed(_with(event_type, clear, found), erased=False)
        except BadSeal:
            pass  # `verify` names it; nobody is kept from reading the rest
    return Unsealed(_with(event_type, clear, _placeholders(event_type, clear, payload[SEALED])), erased=True)


def personal_fields(event_type: str, payload: Payload) -> dict[str, Any]:
    """The texts of a payload as it was written, by field; none where they are empty."""
    if event_type == _IMPORTED:
        past = [_fields_of(said["event_type"], said["payload"]) for said in payload[_PAST]]
        return {_PAST: past} if any(past) else {}
    return _fields_of(event_type, payload)


def _blanked(event_type: str, payload: Payload) -> Unsealed:
    personal = personal_fields(event_type, payload)
    clear = _without(event_type, payload, personal)
    return Unsealed(_with(event_type, clear, _placeholders(event_type, clear, {"fields": list(personal)})), erased=True)


def _fields_of(event_type: str, payload: Payload) -> dict[str, Any]:
    return {name: payload[name] for name in PERSONAL.get(event_type, ()) if payload.get(name)}


def _without(event_type: str, payload: Payload, personal: Mapping[str, Any]) -> dict[str, Any]:
    if event_type != _IMPORTED:
        return {name: value for name, value in payload.items() if name not in personal}
    past = [_item(said, _left(said["payload"], texts)) for said, texts in _paired(payload, personal)]
    return {**payload, _PAST: past}


def _with(event_type: str, clear: Mapping[str, Any], personal: Mapping[str, Any]) -> dict[str, Any]:
    if event_type != _IMPORTED:
        return {**clear, **personal}
    return {**clear, _PAST: [_item(said, {**said["payload"], **texts}) for said, texts in _paired(clear, personal)]}


def _placeholders(event_type: str, clear: Mapping[str, Any], sealed_object: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    if event_type != _IMPORTED:
        defaults = PERSONAL.get(event_type, {})
        return {name: defaults.get(name, ERASED) for name in sealed_object["fields"]}
    past = [PERSONAL.get(said["event_type"], {}) for said in clear[_PAST]]
    kept = [said["payload"] for said in clear[_PAST]]
    return {_PAST: [_left(texts, there) for texts, there in zip(past, kept, strict=True)]}


def _said_twice(event_type: str, clear: Mapping[str, Any], sealed_object: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether a field stands in the clear beside its seal, which nobody writes who is not up to something."""
    return event_type != _IMPORTED and not set(sealed_object.get("fields", ())).isdisjoint(clear)


def _paired(payload: Payload, personal: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    yield from zip(payload[_PAST], personal[_PAST], strict=True)


def _item(said: Mapping[str, Any], payload: Mapping[str, Any]) -> dict[str, Any]:
    return {**said, "payload": payload}


def _left(values: Mapping[str, Any], without: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in without}
