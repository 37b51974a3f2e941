"""What somebody signed of a log: its own checkpoints, the one that is kept beside the database, those of witnesses.

A claim is a checkpoint whose signature holds under the keys that are trusted; whether the log is the one it speaks of
the tree tells (checks/tree).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from vm_webapp.cli.checks.events import fetch, has_table, value
from vm_webapp.cli.checks.report import Report
from vm_webapp.errors import Invalid
from vm_webapp.log_tree.store import SIGNED_FIELDS, signed_digest
from vm_webapp.proof.notes import BadNote, Checkpoint, VerifierKey, open_checkpoint, read_checkpoint, signers_of

_KEPT: Final = "The checkpoint in keys/log.checkpoint"
_ROWS: Final = f"SELECT sha256, {', '.join(SIGNED_FIELDS)} FROM signed_checkpoints ORDER BY number"  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Claim:
    """A checkpoint whose signature holds, how a message names it, and which of the keys have signed it."""

    name: str
    checkpoint: Checkpoint
    is_witness: bool = False
    signers: Sequence[VerifierKey] = ()


def stored_claims(connection: Connection, keys: Sequence[VerifierKey], report: Report) -> list[Claim]:
    """The stored checkpoints that hold as rows, by size; those that do not are named."""
    if not has_table(connection, "signed_checkpoints"):
        return []
    claims: list[Claim] = []
    rows = fetch(connection, _ROWS)
    report.checkpoints = len(rows)
    due = 1
    for sha256, *values in rows:
        row = dict(zip(SIGNED_FIELDS, values, strict=True))
        for missing in range(due, row["number"]):
            report.problem(f"The signed checkpoint {missing} is missing.")
        due = row["number"] + 1
        if claim := _claim(row, sha256, claims, keys, report):
            claims.append(claim)
    counted = position_of(connection, "signed", report)
    if counted != len(rows):
        report.problem(f"There are {len(rows)} signed checkpoints, and {counted} were signed.")
    return claims


def newest_claim(connection: Connection, keys: Sequence[VerifierKey], report: Report) -> list[Claim]:
    """The newest stored checkpoint alone, for a part of the log; none where it does not hold, which is named."""
    if not has_table(connection, "signed_checkpoints"):
        return []
    found = [
        _claim(dict(zip(SIGNED_FIELDS, values, strict=True)), sha256, [], keys, report)
        for sha256, *values in fetch(connection, f"{_ROWS} DESC LIMIT 1")
    ]
    return [claim for claim in found if claim is not None]


def kept_claims(note: bytes, keys: Sequence[VerifierKey], stored: Sequence[Claim], report: Report) -> list[Claim]:
    """What is kept beside the database, where it is none of those stored; one that does not hold is named."""
    try:
        checkpoint = open_checkpoint(note, keys)
    except BadNote as error:
        report.problem(f"{_KEPT} does not hold: {error.facts['problem']}.")
        return []
    if checkpoint in [claim.checkpoint for claim in stored]:
        return []
    if checkpoint.size > max((claim.checkpoint.size for claim in stored), default=0):
        report.note(f"{_KEPT}, of {checkpoint.size} events, is newer than any in the database.")
    return [Claim(_KEPT[0].lower() + _KEPT[1:], checkpoint, signers=signers_of(note, keys))]


def _claim(
    row: Mapping[str, Any], sha256: object, before: Sequence[Claim], keys: Sequence[VerifierKey], report: Report
) -> Claim | None:
    """The claim of a stored checkpoint; None where its row does not hold, which is named."""
    if problem := _wrong(row, sha256, before, keys):
        report.problem(f"The signed checkpoint {row['number']} does not hold: {problem}.")
        return None
    name = f"the checkpoint {row['number']} (signed at {row['signed_at']})"
    return Claim(name, read_checkpoint(row["note"]), signers=signers_of(row["note"], keys))


def _wrong(row: Mapping[str, Any], sha256: object, before: Sequence[Claim], keys: Sequence[VerifierKey]) -> str:
    """What does not hold of a stored checkpoint, as the rest of a sentence; empty where it holds."""
    try:
        checkpoint = open_checkpoint(row["note"], keys)
        digest = signed_digest(row)
    except BadNote as error:
        return str(error.facts["problem"])
    except (Invalid, TypeError) as error:
        return f"its row is not as it was written ({error})"
    if digest != sha256:
        return "its row is not as it was written: its digest does not hold"
    if checkpoint.size != row["size"] or (before and before[-1].checkpoint.size >= checkpoint.size):
        return f"it is of {checkpoint.size} events and does not stand where it belongs"
    return ""


def position_of(connection: Connection, name: str, report: Report) -> int:
    """How far a checkpoint of the program's own says that it is; 0 where it says nothing that can be."""
    found = value(connection, "SELECT position FROM checkpoints WHERE name = ?", (name,))
    if found is not None and type(found) is not int:
        report.problem(f"The checkpoint {name} says {found!r}, which is no position.")
    return found if type(found) is int else 0
