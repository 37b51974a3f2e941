"""The canonical form of an event and its digest.

The form is the RFC 8785 JSON object of the event's row as it is stored, with the names of FIELDS: each column's own
value, so that every byte of it counts. `payload` is therefore the column's text, as one JSON string: never parsed,
never upcast. `occurred_at` is its text as well. What is not part of it: `global_position`, which is the place in the
tree, and `sha256`, which is the digest itself.
"""

import hashlib
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
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

_FORM: Final = "{" + ",".join(f'"{name}":%s' for name in FIELDS) + "}"
_FIRST, _SECOND = (at for at, name in enumerate(FIELDS) if name in NUMBERS)
_LARGEST: Final = 2**53 - 1


def canonical_event(row: Mapping[str, Any]) -> bytes:
    """The canonical form of a row of the log; further names in the row are passed over.

    `previous_sha256` is the digest (hex) of the predecessor in the stream, None for the first event and for those of
    before the chain, and counts as None where the row has no such name. Raises Invalid where a value is not of the
    type that the log stores, KeyError where a field is missing.
    """
    return canonical_values([row[name] if name != "previous_sha256" else row.get(name) for name in FIELDS])


def canonical_values(values: Sequence[Any]) -> bytes:
    """The canonical form of the values of FIELDS, in their order; the hot path of `verify`. Invalid likewise."""
    told = [*values]
    for at in (_FIRST, _SECOND):
        if type(told[at]) is not int or abs(told[at]) > _LARGEST:
            raise Invalid(f"The event has no canonical form: {FIELDS[at]} is no whole number.")
        told[at] = None
    try:
        told = ["null" if one is None else encode_basestring(one) for one in told]
        told[_FIRST], told[_SECOND] = values[_FIRST], values[_SECOND]
        return (_FORM % tuple(told)).encode()
    except TypeError as error:
        raise Invalid(f"The event has no canonical form: {_no_text(values)} is no text.") from error
    except UnicodeEncodeError as error:
        raise Invalid("The event has no canonical form: it holds half a character.") from error


def event_digest(row: Mapping[str, Any]) -> str:
    """SHA-256 of the row's canonical form, in lower-case hexadecimal; what `sha256` and the successor's
    `previous_sha256` hold. Errors as `canonical_event`.
    """  # noqa: D205 - one sentence that is two lines long
    return hashlib.sha256(canonical_event(row)).hexdigest()


def _no_text(values: Sequence[Any]) -> str:
    return next(
        name
        for name, value in zip(FIELDS, values, strict=True)
        if name not in NUMBERS and not isinstance(value, str | None)
    )
