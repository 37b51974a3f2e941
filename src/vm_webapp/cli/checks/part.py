"""A part of the log against what was signed: each event's way up the stored tree to the root of a checkpoint.

The log around the part is not read, so this takes the tree as it is stored; of one that is not the signed one the root
is another, whoever made it.
"""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from vm_webapp.cli.checks.claims import Claim
from vm_webapp.cli.checks.events import Walked, has_table
from vm_webapp.cli.checks.report import Report
from vm_webapp.log_tree.store import index_of, node_reader
from vm_webapp.proof.tree import ReadNode, inclusion_proof, leaf_hash, root_at, verify_inclusion


def check_part(connection: Connection, events: Sequence[Walked], claims: Sequence[Claim], report: Report) -> None:
    """Check that the events are those that were signed, under each of the claims; what is not signed yet is a note."""
    if not has_table(connection, "tree_nodes"):
        return
    read = node_reader(connection)
    held = [claim for claim in claims if _holds(claim, read, report)]
    signed = max((claim.checkpoint.size for claim in held), default=0)
    report.signed = max(report.signed, signed)
    above = 0
    for event in events:
        index = index_of(connection, event.position)
        if event.content is None or not _is_leaf(event, index, read, report):
            continue
        above += index >= signed
        for claim in held:
            _check_way(event, index, claim, read, report)
    if above:
        report.note(f"{above} of the events are under no signed checkpoint yet.")


def _holds(claim: Claim, read: ReadNode, report: Report) -> bool:
    """Whether the stored tree begins with what the claim says."""
    size = claim.checkpoint.size
    try:
        root = root_at(size, read)
    except KeyError as error:
        report.problem(f"The tree does not reach {claim.name}, of {size} events: {error.args[0]}.")
        return False
    if root != claim.checkpoint.root:
        report.problem(f"The log is not the one of {claim.name}: it was rewritten within the first {size} events.")
    return root == claim.checkpoint.root


def _is_leaf(event: Walked, index: int, read: ReadNode, report: Report) -> bool:
    """Whether the tree has the event for its leaf; it may not have come to the newest yet."""
    try:
        stored = read(0, index)
    except KeyError:
        report.note("The newest events are not in the tree yet.")
        return False
    if event.content is None or stored == leaf_hash(event.content):
        return True
    text = f"{event.name} is not the one that was taken into the tree as leaf {index}."
    report.problem(text, position=event.position)
    return False


def _check_way(event: Walked, index: int, claim: Claim, read: ReadNode, report: Report) -> None:
    """The event's inclusion in the tree that the claim speaks of (RFC 9162, 2.1.3)."""
    checkpoint = claim.checkpoint
    if index >= checkpoint.size or event.content is None:
        return
    try:
        way = inclusion_proof(index, checkpoint.size, read)
    except KeyError as error:
        report.problem(f"{event.name} cannot be led to {claim.name}: {error.args[0]}.", position=event.position)
        return
    leads = partial(verify_inclusion, index=index, size=checkpoint.size, root=checkpoint.root)
    if not leads(leaf=leaf_hash(event.content), proof=way):
        text = f"{event.name} is not among those that {claim.name} speaks of."
        report.problem(text, position=event.position)
