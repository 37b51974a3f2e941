"""Proof: what a verifier needs, and nothing else. Bytes in, bytes out: no clock, no file, no database, no network.

canonical   RFC 8785: one byte form for one JSON value
events      the canonical form of an event, and its digest
tree        RFC 9162: Merkle tree hash, inclusion and consistency
notes       C2SP signed notes and checkpoints, Ed25519
subjects    what a proof is about, as its file claims it and as its events have it
documents   a proof that is handed on, and its verification
"""
