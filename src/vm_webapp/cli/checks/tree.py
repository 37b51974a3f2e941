"""The tree over the log and what was signed of it: recomputed from the events, compared with what is stored.

A leaf is compared with its event, an inner node with its two children as they are stored, so what is named is the place
itself and not everything above it. A checkpoint is compared with the root of the events it covers, and its signature
with the keys that verify.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection

from vm_webapp.cli.checks.events import Walked, fetch, name_of
from vm_webapp.cli.checks.report import Report
from vm_webapp.db import execute, first_value
from vm_webapp.proof.notes import BadNote, Checkpoint, VerifierKey, open_checkpoint
from vm_webapp.proof.tree import Frontier, leaf_hash, node_hash

_UNKNOWN: Final = bytes(32)
_BATCH: Final = 2_000


@dataclass(frozen=True, slots=True)
class Claim:
    """A checkpoint whose signature holds, and how a message names it."""

    name: str
    checkpoint: Checkpoint
    is_witness: bool = False


@dataclass(slots=True)
class Grown:
    """The tree as it is recomputed; `held` is the largest size whose claim held, `broken` whether one did not."""

    frontier: Frontier = field(default_factory=Frontier)
    held: int = 0
    broken: bool = False


class TreeCheck:
    """Takes the events in their order, and compares."""

    def __init__(self, connection: Connection, claims: Sequence[Claim], grown: Grown, report: Report) -> None:
        self._connection = connection
        self._report = report
        self._grown = grown
        self._has_tree = has_table(connection, "tree_nodes")
        self._stored = _stored(connection, grown.frontier.size) if self._has_tree else iter(())
        self._claims: dict[int, list[Claim]] = {}
        for claim in claims:
            if claim.checkpoint.size > grown.frontier.size:
                self._claims.setdefault(claim.checkpoint.size, []).append(claim)
        self._ended = not self._has_tree
        self._missing = 0

    def take(self, event: Walked) -> None:
        """Add an event; one without a canonical form counts as another than any."""
        leaf = _UNKNOWN if event.content is None else leaf_hash(event.content)
        index = self._grown.frontier.size
        self._grown.frontier.add(leaf)
        self._compare(index, leaf, event)
        for claim in self._claims.pop(index + 1, ()):
            self._hold(claim)

    def end(self) -> None:
        """What is stored or signed beyond the log's end, and the nodes above the leaves."""
        size = self._grown.frontier.size
        for found in sorted(self._claims):
            for claim in self._claims[found]:
                text = f"{claim.name} covers {found} events, and the log has {size}: it was cut off, or is another log."
                self._report.problem(text)
        if not self._has_tree:
            return
        beyond = [position for position, _ in self._stored]
        if beyond:
            text = f"The tree has {len(beyond)} leaves more than the log has events: from leaf {beyond[0]} on."
            self._report.problem(text)
        stored = int(first_value(self._connection, "SELECT count(*) FROM tree_nodes WHERE level = 0"))
        _check_nodes(self._connection, stored, self._report)
        _check_reach(self._connection, size, stored, self._report)

    def _compare(self, index: int, leaf: bytes, event: Walked) -> None:
        """With the stored leaf; the tree follows the log, so it may end early, but not go on behind a gap."""
        if self._ended:
            return
        found = next(self._stored, None)
        if found is None:
            self._ended = True
        elif found[0] != index:
            self._report.problem(f"The tree's leaf {index} is missing.", position=event.position)
            self._stored = _chained(found, self._stored)
        elif event.content is not None and found[1] != leaf:
            text = f"{name_of(event.row)} is not the one that was taken into the tree as leaf {index}."
            self._report.problem(text, position=event.position)

    def _hold(self, claim: Claim) -> None:
        grown, size = self._grown, claim.checkpoint.size
        if claim.checkpoint.root == grown.frontier.root():
            grown.held = max(grown.held, size)
            if claim.is_witness:
                self._report.witnessed = size
            else:
                self._report.signed = size
            return
        between = f"between the events {grown.held + 1} and {size}" if grown.held else f"within the first {size} events"
        self._report.problem(f"The log is not the one of {claim.name}: it was rewritten {between}.")
        grown.broken = True


def stored_claims(connection: Connection, keys: Sequence[VerifierKey], report: Report) -> list[Claim]:
    """The stored checkpoints whose signature holds, by size; those that do not hold are named."""
    if not has_table(connection, "signed_checkpoints"):
        return []
    claims: list[Claim] = []
    rows = fetch(connection, "SELECT number, size, note, signed_at FROM signed_checkpoints ORDER BY number")
    report.checkpoints = len(rows)
    for due, row in enumerate(rows, start=1):
        claims += _claim(due, row, claims, keys=keys, report=report)
        if report.problems and row[0] != due:
            break
    counted = first_value(connection, "SELECT position FROM checkpoints WHERE name = 'signed'") or 0
    if counted != len(rows):
        report.problem(f"There are {len(rows)} signed checkpoints, and {counted} were signed.")
    return claims


def has_table(connection: Connection, name: str) -> bool:
    """Whether the database has the table; those of older releases lack the newer ones."""
    return bool(
        first_value(connection, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", (name,))
    )


def _claim(
    due: int, row: tuple[Any, ...], before: Sequence[Claim], *, keys: Sequence[VerifierKey], report: Report
) -> Iterator[Claim]:
    number, size, note, signed_at = row
    if number != due:
        report.problem(f"The signed checkpoint {due} is missing.")
        return
    try:
        checkpoint = open_checkpoint(str(note), keys)
    except BadNote as error:
        report.problem(f"The signed checkpoint {number} does not hold: {error.facts['problem']}.")
        return
    if checkpoint.size != size or (before and before[-1].checkpoint.size >= size):
        report.problem(
            f"The signed checkpoint {number} does not stand where it belongs: it is of {checkpoint.size} events."
        )
        return
    if not _is_time(signed_at):
        report.problem(f"The signed checkpoint {number} does not say when it was signed.")
    yield Claim(f"the checkpoint {number} (signed at {signed_at})", checkpoint)


def _is_time(text: object) -> bool:
    return isinstance(text, str) and len(text) == len("2026-01-01T00:00:00.000000Z") and text.endswith("Z")


def _stored(connection: Connection, start: int) -> Iterator[tuple[int, bytes]]:
    """The stored leaves from an index on, read in batches: a cursor that stays open would be in the way."""
    query = "SELECT position, sha256 FROM tree_nodes WHERE level = 0 AND position >= ? ORDER BY position LIMIT ?"
    while rows := execute(connection, query, (start, _BATCH)).fetchall():
        yield from rows
        start = rows[-1][0] + 1


def _chained(first: tuple[int, bytes], rest: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    yield first
    yield from rest


def _check_nodes(connection: Connection, leaves: int, report: Report) -> None:
    """Each inner node against its stored children; a level with too few or too many nodes is named."""
    level = 0
    below = _level(connection, level)
    while below or leaves >> level:
        level += 1
        found = _level(connection, level)
        wanted = leaves >> level
        for position in range(max(wanted, len(found))):
            _check_node(level, position, wanted, below=below, found=found, report=report)
        if not found and not wanted:
            break
        below = found
    for other, count in fetch(
        connection, "SELECT level, count(*) FROM tree_nodes WHERE level > ? GROUP BY level", (level,)
    ):
        report.problem(f"The tree has {count} nodes on level {other}, where there should be none.")


def _check_node(
    level: int, position: int, wanted: int, *, below: dict[int, bytes], found: dict[int, bytes], report: Report
) -> None:
    left, right, stored = below.get(2 * position), below.get(2 * position + 1), found.get(position)
    if position >= wanted or stored is None:
        if position < wanted:
            report.problem(f"The tree's node {position} on level {level} is missing.")
        elif stored is not None:
            report.problem(f"The tree's node {position} on level {level} should not be there.")
    elif left is not None and right is not None and node_hash(left, right) != stored:
        report.problem(f"The tree's node {position} on level {level} is not the hash of its children.")


def _level(connection: Connection, level: int) -> dict[int, bytes]:
    return dict(execute(connection, "SELECT position, sha256 FROM tree_nodes WHERE level = ?", (level,)).fetchall())


def _check_reach(connection: Connection, size: int, stored: int, report: Report) -> None:
    """That the follower's checkpoint is where the tree is."""
    reach = int(first_value(connection, "SELECT position FROM checkpoints WHERE name = 'log_tree'") or 0)
    covered = int(first_value(connection, "SELECT count(*) FROM events WHERE global_position <= ?", (reach,)))
    last = int(first_value(connection, "SELECT max(global_position) FROM events") or 0)
    if covered != stored or reach > last:
        report.problem(f"The tree has {stored} leaves, and its checkpoint says that it goes up to position {reach}.")
    elif stored < size:
        report.note(f"{size - stored} events are not in the tree yet; it follows within a second of a start.")
