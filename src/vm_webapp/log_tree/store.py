"""What is stored of the tree: complete subtrees, and what was signed; and the leaves, which are the log's events.

`tree_nodes` is derived. `signed_checkpoints` is not: its triggers forbid to change it, and one size has one note.
The checkpoint `log_tree` says up to which event there is a tree, `signed` how many notes there are; both are written in
the transaction of what they speak of.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from vm_webapp import event_store
from vm_webapp.db import execute, execute_many, first_value
from vm_webapp.models import utc_text
from vm_webapp.proof.canonical import canonical
from vm_webapp.proof.events import FIELDS, canonical_values
from vm_webapp.proof.tree import Node, ReadNode

FOLLOWER: Final = "log_tree"
SIGNED: Final = "signed"
_LEAVES: Final = f"SELECT global_position, {', '.join(FIELDS)} FROM events WHERE global_position > ? ORDER BY global_position LIMIT ?"  # noqa: E501, S608 - the fields are a constant
SIGNED_FIELDS: Final = ("number", "size", "note", "signed_at")
"""What the digest of a signed checkpoint's row covers."""
_NODE: Final = "SELECT sha256 FROM tree_nodes WHERE level = ? AND position = ?"
_NOTE: Final = "SELECT number, size, note, signed_at FROM signed_checkpoints"


@dataclass(frozen=True, slots=True)
class Leaf:
    """An event as the tree takes it: its position in the log, and its canonical form."""

    position: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed checkpoint; numbers count from 1 without a gap."""

    number: int
    size: int
    note: str
    signed_at: str


def leaves_after(connection: Connection, position: int, *, limit: int) -> list[Leaf]:
    """Up to `limit` leaves beyond a global position, in the log's order; Invalid for a row without a form."""
    rows = execute(connection, _LEAVES, (position, limit))
    return [Leaf(row[0], canonical_values(row[1:])) for row in rows]


def index_of(connection: Connection, position: int) -> int:
    """The leaf's index: the rank, from 0, of the event at that global position."""
    return int(first_value(connection, "SELECT count(*) FROM events WHERE global_position < ?", (position,)))


def tree_size(connection: Connection) -> int:
    """How many leaves the stored tree has."""
    found = first_value(connection, "SELECT max(position) FROM tree_nodes WHERE level = 0")
    return 0 if found is None else int(found) + 1


def reach(connection: Connection) -> int:
    """The global position up to which there is a tree."""
    return event_store.load_checkpoint(connection, FOLLOWER)


def node_reader(connection: Connection) -> ReadNode:
    """Reads the stored nodes; each one once."""
    known: dict[tuple[int, int], bytes] = {}

    def read(level: int, position: int) -> bytes:
        key = (level, position)
        if key not in known:
            found = first_value(connection, _NODE, key)
            if not isinstance(found, bytes):
                raise KeyError(f"the tree has no node {position} on level {level}")
            known[key] = found
        return known[key]

    return read


def is_whole(connection: Connection, size: int) -> bool:
    """Whether each level has as many nodes as a tree of that size has, and no more."""
    rows = execute(connection, "SELECT level, count(*), max(position) FROM tree_nodes GROUP BY level ORDER BY level")
    wanted = [(level, size >> level, (size >> level) - 1) for level in range(size.bit_length())]
    return rows.fetchall() == wanted


def save_nodes(connection: Connection, nodes: Iterable[Node], *, position: int) -> None:
    """Add nodes, and say up to which event they go."""
    rows = [(node.level, node.position, node.sha256) for node in nodes]
    execute_many(connection, "INSERT INTO tree_nodes (level, position, sha256) VALUES (?, ?, ?)", rows)
    event_store.save_checkpoint(connection, FOLLOWER, position)


def forget_nodes(connection: Connection) -> None:
    """Empty the tree; what was signed stays."""
    execute(connection, "DELETE FROM tree_nodes")
    event_store.save_checkpoint(connection, FOLLOWER, 0)


def find_signed(connection: Connection, *, size: int | None = None) -> Signed | None:
    """The checkpoint of that size, or the newest; None where there is none."""
    where = "" if size is None else " WHERE size = ?"
    values = () if size is None else (size,)
    row = execute(connection, f"{_NOTE}{where} ORDER BY size DESC LIMIT 1", values).fetchone()
    return Signed(*row) if row else None


def find_covering(connection: Connection, index: int) -> Signed | None:
    """The first signed checkpoint of a tree that has the leaf `index`; None where there is none yet."""
    row = execute(connection, f"{_NOTE} WHERE size > ? ORDER BY size LIMIT 1", (index,)).fetchone()
    return Signed(*row) if row else None


def save_signed(connection: Connection, note: str, *, size: int, now: datetime) -> Signed:
    """Add a signed checkpoint; the tables refuse a second one of a size."""
    number = int(first_value(connection, "SELECT max(number) FROM signed_checkpoints") or 0) + 1
    signed = Signed(number, size, note, utc_text(now))
    row = dict(zip(SIGNED_FIELDS, (number, size, note, signed.signed_at), strict=True))
    execute(
        connection,
        "INSERT INTO signed_checkpoints (number, size, note, signed_at, sha256) VALUES (?, ?, ?, ?, ?)",
        (*row.values(), signed_digest(row)),
    )
    event_store.save_checkpoint(connection, SIGNED, number)
    return signed


def signed_digest(row: Mapping[str, Any]) -> str:
    """The digest of a signed checkpoint's row: SHA-256 of the RFC 8785 form of SIGNED_FIELDS.

    The note has its signature; this finds what was changed beside it.
    """
    return hashlib.sha256(canonical({name: row[name] for name in SIGNED_FIELDS})).hexdigest()
