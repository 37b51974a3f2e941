"""What the files of a bundle are called, and the one error for a bundle that cannot be believed."""

import hashlib
from typing import Final

from vm_webapp.errors import Invalid
from vm_webapp.proof.notes import VerifierKey

DATA: Final = "data"
METADATA: Final = "ro-crate-metadata.json"
README: Final = "README.md"
RUN: Final = "run/run.json"
PROFILE: Final = "run/profile.json"
STAGES: Final = "run/stages"
PROOF: Final = "log/proof.json"
CHECKPOINT: Final = "log/checkpoint.txt"
KEYS: Final = "log/key.txt"
OPENINGS: Final = "log/openings.json"
LINEAGE: Final = "log/lineage.json"
STATEMENT: Final = "statement.json"
DISCLOSURE: Final = "disclosure"
ORIGIN: Final = "bundle.zip"
"""The bundle that a run was brought in by, in the run's folder."""


class BadBundle(Invalid):
    """The bundle is refused: {problem}."""

    code = "bad_bundle"
    remedy = "Nothing was written. Get it again from whoever exported it; `verify` lists all that does not hold."


def fingerprint(key: VerifierKey) -> str:
    """What tells keys apart, to be compared by eye or read out: half of the SHA-256 of the 32 bytes, in fours."""
    digest = hashlib.sha256(key.public).hexdigest()
    return " ".join(digest[at : at + 4] for at in range(0, 32, 4))
