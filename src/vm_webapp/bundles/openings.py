"""The keys in a bundle that open the texts of its events (ADR 13).

    {"format": "vm-openings/1", "keys": {event_id: the key in hexadecimal}}

The events of the proof hold their texts sealed, with each key's digest: no other key opens them, so what is opened is
what was recorded. Whoever has a bundle has its texts; who is to have the proof alone gets it without this file.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from vm_webapp.db import first_value
from vm_webapp.errors import Invalid

FORMAT: Final = "vm-openings/1"
_KEY: Final = "SELECT key FROM event_keys WHERE event_id = ?"


class BadOpenings(Invalid):
    """The keys of a bundle cannot be read: {problem}."""

    code = "bad_openings"


def read_keys(connection: Connection, event_ids: Iterable[str]) -> dict[str, bytes]:
    """The keys of those of the events that have one."""
    found = {event_id: first_value(connection, _KEY, (event_id,)) for event_id in event_ids}
    return {event_id: bytes(key) for event_id, key in found.items() if key is not None}


def document(keys: Mapping[str, bytes]) -> dict[str, Any]:
    """What stands in the bundle."""
    return {"format": FORMAT, "keys": {event_id: key.hex() for event_id, key in sorted(keys.items())}}


def parse(content: bytes) -> dict[str, bytes]:
    """The keys by event; BadOpenings for what is no such file. A bundle of before texts were sealed has none."""
    if not content:
        return {}
    try:
        said = json.loads(content)
        if said["format"] != FORMAT:
            raise BadOpenings(problem=f"their format is {str(said['format'])[:40]!r}, not {FORMAT!r}")
        return {str(event_id): bytes.fromhex(key) for event_id, key in said["keys"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadOpenings(problem="they have not the form of keys") from error
