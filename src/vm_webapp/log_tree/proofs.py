"""Proofs from what is stored, as documents that are checked without the workspace (proof/documents)."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection

from vm_webapp.db import execute, first_value
from vm_webapp.errors import Conflict, NotFound, WorkspaceError
from vm_webapp.log_tree import store
from vm_webapp.proof.documents import ProvenEvent, document
from vm_webapp.proof.events import FIELDS, canonical_event
from vm_webapp.proof.notes import BadNote, VerifierKey, read_checkpoint, signer_of
from vm_webapp.proof.tree import consistency_proof, inclusion_proof, leaf_hash, root_at, verify_inclusion

_COLUMNS: Final = ", ".join(("global_position", *FIELDS))


class NotSignedYet(Conflict):
    """{subject} is not under a signed checkpoint{of}."""

    code = "not_signed_yet"
    remedy = "Checkpoints follow the log within a second; ask again, or name a later checkpoint."


class BrokenTree(WorkspaceError):
    """The stored tree does not give the root that was signed."""

    code = "broken_tree"
    remedy = "It is made anew; ask again. If that does not help, `verify` names what does not hold."


def find_event(connection: Connection, event_id: str) -> dict[str, Any]:
    """The row of the log of that event, as far as its canonical form and position; NotFound where there is none."""
    rows = _rows(connection, "event_id = ?", event_id)
    if not rows:
        raise NotFound(kind="event", id=event_id)
    return rows[0]


def list_run_events(connection: Connection, run_id: str) -> list[dict[str, Any]]:
    """The rows of the log that stand on a run's stream, oldest first; NotFound where there are none."""
    rows = _rows(connection, "stream_id = ?", f"run:{run_id}")
    if not rows:
        raise NotFound(kind="run", id=run_id)
    return rows


def get_signed(connection: Connection, size: int | None = None) -> store.Signed:
    """The signed checkpoint of that size, or the newest; NotFound where there is none."""
    signed = store.find_signed(connection, size=size)
    if signed is None:
        raise NotFound(kind="signed checkpoint", id="of now" if size is None else str(size))
    return signed


def inclusion(
    connection: Connection, rows: Sequence[dict[str, Any]], *, signed: store.Signed, keys: Sequence[VerifierKey]
) -> dict[str, Any]:
    """The document that proves the events under the checkpoint.

    Raises NotSignedYet where one of them is newer, BrokenTree where the stored tree does not give the signed root.
    """
    checkpoint, read = read_checkpoint(signed.note), store.node_reader(connection)
    first, steps = _indexes(connection, rows)
    events = []
    for row, step in zip(rows, steps, strict=True):
        index, content = first + step, canonical_event(row)
        if index >= checkpoint.size:
            raise NotSignedYet(subject=f"The event {row['event_id']}", of=f" of {checkpoint.size} events")
        try:
            path = inclusion_proof(index, checkpoint.size, read)
        except KeyError as error:
            raise BrokenTree from error
        leaf = leaf_hash(content)
        if not verify_inclusion(index=index, size=checkpoint.size, leaf=leaf, proof=path, root=checkpoint.root):
            raise BrokenTree
        events.append(ProvenEvent(index=index, content=content, path=tuple(path)))
    return document(events, checkpoint=signed.note, key=key_of(keys, signed.note))


def consistency(connection: Connection, *, old: int, new: int) -> tuple[bytes, bytes, list[bytes]]:
    """The roots at both sizes, and the hashes that show that the newer tree begins with the older one.

    Raises NotSignedYet where the tree is not as large, BrokenTree where a node is missing.
    """
    if new > store.tree_size(connection):
        raise NotSignedYet(subject=f"Event {new}", of="")
    read = store.node_reader(connection)
    try:
        return root_at(old, read), root_at(new, read), consistency_proof(old, new, read)
    except KeyError as error:
        raise BrokenTree from error


def _rows(connection: Connection, where: str, value: str) -> list[dict[str, Any]]:
    query = f"SELECT {_COLUMNS} FROM events WHERE {where} ORDER BY global_position"  # noqa: S608 - constants
    names = ("global_position", *FIELDS)
    return [dict(zip(names, row, strict=True)) for row in execute(connection, query, (value,))]


def _indexes(connection: Connection, rows: Sequence[dict[str, Any]]) -> tuple[int, list[int]]:
    """The index of the first row, and how far each of them stands behind it, whatever positions were left out."""
    start, end = rows[0]["global_position"], rows[-1]["global_position"]
    between = "SELECT count(*) FROM events WHERE global_position >= ? AND global_position < ?"
    positions = [row["global_position"] for row in rows]
    if first_value(connection, between, (start, end)) == end - start:
        steps = [position - start for position in positions]
    else:
        steps = [int(first_value(connection, between, (start, position))) for position in positions]
    return store.index_of(connection, start), steps


def key_of(keys: Sequence[VerifierKey], note: str) -> str:
    """The key that signed the checkpoint, as it is spelled; empty where none of these did."""
    try:
        return str(signer_of(note, keys))
    except BadNote:
        return ""
