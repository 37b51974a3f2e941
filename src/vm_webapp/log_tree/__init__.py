"""The tree over the log: grown by a follower, kept in the database, signed; and the proofs that it gives (ADR 10).

keys       the key that signs, and the file of those that verify
store      nodes, signed checkpoints, leaves
follower   keeps the tree up with the log, and signs
proofs     inclusion and consistency, from what is stored
"""

from vm_webapp.log_tree.follower import LogState, TreeFollower

__all__ = ["LogState", "TreeFollower"]
