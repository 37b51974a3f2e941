"""Every sealed text against its key, and what was erased: its key and its files have to be gone (ADR 13).

The chain and the tree hold over sealed texts whether they can be read or not; this is about the keys beside them.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pydantic_core
from sqlalchemy import Connection

from vm_webapp.cli.checks.events import fetch, has_table
from vm_webapp.cli.checks.logged import read_erased
from vm_webapp.cli.checks.report import Report
from vm_webapp.cli.text import counted
from vm_webapp.proof.seals import BadSeal, open_seal
from vm_webapp.sealing import SEALED

_BATCH: Final = 2_000
_HAS_SEAL: Final = f"""instr(events.payload, '"{SEALED}":') > 0"""
_SEALED: Final = f"SELECT global_position, events.event_id, event_type, payload, event_keys.key FROM events LEFT JOIN event_keys USING (event_id) WHERE {_HAS_SEAL} AND global_position > ? AND "  # noqa: E501, S608 - constants
_IN_ORDER: Final = f" ORDER BY global_position LIMIT {_BATCH}"
_NO_EVENT: Final = f"SELECT event_id, length(key) FROM event_keys WHERE NOT EXISTS (SELECT 1 FROM events WHERE events.event_id = event_keys.event_id AND {_HAS_SEAL})"  # noqa: E501, S608 - constants


def check_seals(connection: Connection, report: Report) -> None:
    """Check every sealed text of the log, and that no key is left of what was erased or never was."""
    if not has_table(connection, "event_keys"):
        return  # a log of before texts had keys
    check_seals_of(connection, "true", (), report)
    blank = read_erased(connection, "in_clear")
    for event_id, length in fetch(connection, _NO_EVENT):
        if length or event_id not in blank:
            report.problem(f"There is a key for the event {event_id}, and no text that it would open.")
        blank.discard(event_id)
    for event_id in sorted(blank):
        report.problem(f"The texts of the event {event_id} were to be shown no longer, and are.")


def check_seals_of(connection: Connection, where: str, values: tuple[Any, ...], report: Report) -> None:
    """Check every sealed text of the events that fit a condition on `events`."""
    if not has_table(connection, "event_keys"):
        return
    gone = 0
    for event_id, problem in _faults(connection, where, values):
        if problem:
            report.problem(f"The texts of the event {event_id} {problem}.")
        else:
            gone += 1
    if gone:
        report.note(
            f"The texts of {counted(gone, 'event')} were erased; that they were there, and what for, the log proves."
        )


def _faults(connection: Connection, where: str, values: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    """Each sealed event that cannot be read, or should not be, with what is wrong; empty where it was erased."""
    erased = read_erased(connection, "events")
    position = 0
    while rows := fetch(connection, f"{_SEALED}{where}{_IN_ORDER}", (position, *values)):
        for position, event_id, event_type, payload, key in rows:  # noqa: B007 - the last one is where it goes on
            if key is None:
                yield event_id, "" if event_id in erased else "cannot be read: their key is missing, and none erased it"
            elif event_id in erased:
                yield event_id, "were erased, and their key is still there"
            elif problem := _fault(payload, event_id, event_type, key):
                yield event_id, f"cannot be read: {problem}"


def _fault(payload: str, event_id: str, event_type: str, key: bytes) -> str:
    try:
        said: Mapping[str, Any] = pydantic_core.from_json(payload)
        open_seal(said[SEALED], event_id=event_id, event_type=event_type, key=key)
    except BadSeal as error:
        return str(error.facts["problem"])
    except (ValueError, KeyError, TypeError):
        return "the event is not as it was written"
    return ""
