"""The tree over the log and what was signed of it: recomputed from the events, compared with what is stored.

A leaf is compared with its event. The inner nodes are compared with those that are recomputed, a batch at a time; where
one differs, each is compared with its two children as they are stored, so what is named is the place itself and not
everything above it. A checkpoint is compared with the root of the events it covers, and its signature
with the keys that verify.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from vm_webapp.cli.checks.claims import Claim, position_of
from vm_webapp.cli.checks.events import Walked, fetch, has_table, value
from vm_webapp.cli.checks.report import Report
from vm_webapp.log_tree.store import is_whole
from vm_webapp.proof.tree import Frontier, leaf_hash, node_hash

_UNKNOWN: Final = bytes(32)
_BATCH: Final = 2_000
_LEAVES: Final = "SELECT position, sha256 FROM tree_nodes WHERE level = 0 AND position >= ? AND position < ?"
_INNER: Final = (
    "SELECT position, sha256 FROM tree_nodes WHERE level = ? AND position >= ? AND position < ? ORDER BY position"
)
_GOES_ON: Final = "SELECT 1 FROM tree_nodes WHERE level = 0 AND position >= ? LIMIT 1"
_BEYOND: Final = "SELECT count(*), min(position) FROM tree_nodes WHERE level = 0 AND position >= ?"


@dataclass(slots=True)
class Grown:
    """The tree as it is recomputed; `held` is the largest size whose claim held.

    `differs` is whether an inner node is not stored as it was recomputed.
    """

    frontier: Frontier = field(default_factory=Frontier)
    held: int = 0
    differs: bool = False


class TreeCheck:
    """Takes the events in their order, and compares."""

    def __init__(self, connection: Connection, claims: Sequence[Claim], grown: Grown, report: Report) -> None:
        self._connection = connection
        self._report = report
        self._grown = grown
        self._has_tree = has_table(connection, "tree_nodes")
        self._claims: dict[int, list[Claim]] = {}
        for claim in claims:
            if claim.checkpoint.size > grown.frontier.size:
                self._claims.setdefault(claim.checkpoint.size, []).append(claim)
        self._ended = not self._has_tree

    def take(self, batch: Sequence[Walked]) -> None:
        """Add events; one without a canonical form counts as another than any."""
        size = self._grown.frontier.size
        leaves = [_UNKNOWN if event.content is None else leaf_hash(event.content) for event in batch]
        self._compare(size, leaves, batch)
        made: dict[int, list[bytes]] = {}
        start = 0
        for claimed in sorted(claimed for claimed in self._claims if claimed <= size + len(batch)):
            self._grown.frontier.extend(leaves[start : claimed - size], made)
            start = claimed - size
            for claim in self._claims.pop(claimed):
                self._hold(claim)
        self._grown.frontier.extend(leaves[start:], made)
        self._compare_inner(size, made)

    def _compare_inner(self, before: int, made: Mapping[int, Sequence[bytes]]) -> None:
        """Whether the inner nodes that were made since the tree had that size are stored as they should be."""
        for level, nodes in made.items():
            if self._grown.differs or not self._has_tree:
                return
            start = before >> level
            found = fetch(self._connection, _INNER, (level, start, start + len(nodes)))
            self._grown.differs = found != list(zip(range(start, start + len(found)), nodes, strict=False))

    def end(self) -> None:
        """What is stored or signed beyond the log's end, and the nodes above the leaves."""
        size = self._grown.frontier.size
        for found in sorted(self._claims):
            for claim in self._claims[found]:
                text = f"{claim.name} covers {found} events, and the log has {size}: it was cut off, or is another log."
                self._report.problem(text)
        if not self._has_tree:
            return
        beyond, first = fetch(self._connection, _BEYOND, (size,))[0]
        if beyond:
            self._report.problem(f"The tree has {beyond} leaves more than the log has events: from leaf {first} on.")
        stored = int(value(self._connection, "SELECT count(*) FROM tree_nodes WHERE level = 0"))
        if self._grown.differs or not is_whole(self._connection, stored):
            _check_places(self._connection, self._report)
            _check_nodes(self._connection, stored, self._report)
        _check_reach(self._connection, size, stored, self._report)

    def _compare(self, start: int, leaves: Sequence[bytes], batch: Sequence[Walked]) -> None:
        """With the stored leaves; the tree follows the log, so it may end early, but not go on behind a gap."""
        if self._ended:
            return
        end = start + len(leaves)
        found: dict[int, bytes] = dict(fetch(self._connection, _LEAVES, (start, end)))
        self._ended = end - 1 not in found and not value(self._connection, _GOES_ON, (end,))
        last = max(found, default=-1) if self._ended else end - 1
        for index, leaf in enumerate(leaves, start=start):
            if found.get(index) == leaf:
                continue
            event = batch[index - start]
            if index in found and event.content is not None:
                text = f"{event.name} is not the one that was taken into the tree as leaf {index}."
                self._report.problem(text, position=event.position)
            elif index not in found and index < last:
                self._report.problem(f"The tree's leaf {index} is missing.", position=event.position)

    def _hold(self, claim: Claim) -> None:
        grown, size = self._grown, claim.checkpoint.size
        if claim.checkpoint.root == grown.frontier.root():
            grown.held = max(grown.held, size)
            if claim.is_witness:
                self._report.witnessed = size
            else:
                self._report.signed = size
            return
        # Whoever rewrites can sign anew, but for what a witness has seen: that alone tells where it is still the same.
        same = (self._report.witnessed or 0) if claim.is_witness else grown.held
        between = f"between the events {same + 1} and {size}" if 0 < same < size else f"within the first {size} events"
        self._report.problem(f"The log is not the one of {claim.name}: it was rewritten {between}.")


def _check_places(connection: Connection, report: Report) -> None:
    """Nodes that stand nowhere: their level or their position is no number."""
    query = "SELECT level, position FROM tree_nodes WHERE typeof(level) <> 'integer' OR typeof(position) <> 'integer' OR level < 0 OR position < 0"  # noqa: E501 - one query
    for level, position in fetch(connection, query):
        report.problem(f"The tree has a node at {position!r} on level {level!r}, where none can be.")


def _check_nodes(connection: Connection, leaves: int, report: Report) -> None:
    """Each inner node against its stored children; one that is missing or should not be there is named."""
    highest = value(connection, "SELECT max(level) FROM tree_nodes WHERE typeof(level) = 'integer'")
    top = max(leaves.bit_length() - 1, highest or 0)
    for level in range(1, top + 1):
        due, wanted = 0, leaves >> level
        for position, stored, left, right in _parents(connection, level):
            _tell_missing(level, due, min(position, wanted), report)
            due = position + 1
            if position >= wanted:
                report.problem(f"The tree's node {position} on level {level} should not be there.")
            elif isinstance(left, bytes) and isinstance(right, bytes) and node_hash(left, right) != stored:
                report.problem(f"The tree's node {position} on level {level} is not the hash of its children.")
        _tell_missing(level, due, wanted, report)


def _tell_missing(level: int, first: int, end: int, report: Report) -> None:
    for position in range(first, end):
        report.problem(f"The tree's node {position} on level {level} is missing.")


def _parents(connection: Connection, level: int) -> Iterator[tuple[int, object, object, object]]:
    """The nodes of a level, each with its two stored children."""
    query = (
        "SELECT parent.position, parent.sha256, one.sha256, other.sha256 FROM tree_nodes AS parent"
        " LEFT JOIN tree_nodes AS one ON one.level = parent.level - 1 AND one.position = 2 * parent.position"
        " LEFT JOIN tree_nodes AS other ON other.level = parent.level - 1 AND other.position = 2 * parent.position + 1"
        " WHERE parent.level = ? AND parent.position >= ? AND typeof(parent.position) = 'integer'"
        " ORDER BY parent.position LIMIT ?"
    )
    start = 0
    while rows := fetch(connection, query, (level, start, _BATCH)):
        yield from rows
        start = rows[-1][0] + 1


def _check_reach(connection: Connection, size: int, stored: int, report: Report) -> None:
    """That the follower's checkpoint is where the tree is."""
    reach = position_of(connection, "log_tree", report)
    covered = int(value(connection, "SELECT count(*) FROM events WHERE global_position <= ?", (reach,)))
    last = int(value(connection, "SELECT max(global_position) FROM events") or 0)
    if covered != stored or reach > last:
        report.problem(f"The tree has {stored} leaves, and its checkpoint says that it goes up to position {reach}.")
    elif stored < size:
        report.note(f"{size - stored} events are not in the tree yet; it follows within a second of a start.")
