"""The canonical form of an event and its digest.

The form is the RFC 8785 JSON object of the event's row as it is stored, with the names of FIELDS: each column's own
value, so that every byte of it counts. `payload` is therefore the column's text, as one JSON string: never parsed,
never upcast. `occurred_at` is its text as well. What is not part of it: `global_position`, which is the place in the
tree, and `sha256`, which is the digest itself.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from vm_webapp.errors import Invalid

FIELDS: Final = (
    "actor_id",
    "actor_type",
    "aggregate_id",
    "aggregate_type",
    "brand_id",
    "causation_id",
    "correlation_id",
    "event_id",
    "event_type",
    "occurred_at",
    "payload",
    "payload_version",
    "previous_sha256",
    "project_id",
    "run_id",
    "stream_id",
    "stream_version",
    "thread_id",
)
"""The fields of the canonical form, in the order in which they stand there (which RFC 8785 prescribes)."""

NUMBERS: Final = frozenset({"payload_version", "stream_version"})
"""Those that are whole numbers; all others are text, or null."""

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_TEXTS: Final = tuple(name for name in FIELDS if name not in NUMBERS)
_TEXT_TYPES: Final = frozenset({str, type(None)})
_LARGEST: Final = 2**53 - 1


def canonical_event(row: Mapping[str, Any]) -> bytes:
    """The canonical form of a row of the log; further names in the row are passed over.

    `previous_sha256` is the digest (hex) of the predecessor in the stream, None for the first event and for those of
    before the chain, and counts as None where the row has no such name. Raises Invalid where a value is not of the
    type that the log stores, KeyError where a field is missing.
    """
    form: dict[str, Any] = {name: row[name] if name != "previous_sha256" else row.get(name) for name in FIELDS}
    if not _TEXT_TYPES.issuperset([type(form[name]) for name in _TEXTS]):
        raise Invalid(f"The event has no canonical form: {_wrong(form)} is no text.")
    for name in NUMBERS:
        if type(form[name]) is not int or abs(form[name]) > _LARGEST:
            raise Invalid(f"The event has no canonical form: {name} is no whole number.")
    try:
        return _encode(form).encode()
    except UnicodeEncodeError as error:
        raise Invalid("The event has no canonical form: it holds half a character.") from error


def event_digest(row: Mapping[str, Any]) -> str:
    """SHA-256 of the row's canonical form, in lower-case hexadecimal; what `sha256` and the successor's
    `previous_sha256` hold. Errors as `canonical_event`.
    """  # noqa: D205 - one sentence that is two lines long
    return hashlib.sha256(canonical_event(row)).hexdigest()


def _wrong(form: Mapping[str, Any]) -> str:
    return next(name for name in _TEXTS if type(form[name]) not in _TEXT_TYPES)
