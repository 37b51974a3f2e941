"""What was kept elsewhere to hold the log against: a checkpoint, a proof or a bundle; of each its signed checkpoint."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from vm_webapp.bundles import verify_bundle
from vm_webapp.cli.checks.claims import Claim
from vm_webapp.cli.verify_file import read_file
from vm_webapp.errors import Invalid
from vm_webapp.proof.documents import read_document
from vm_webapp.proof.notes import BadNote, Checkpoint, VerifierKey, open_checkpoint, read_checkpoint

_ZIP: Final = b"PK\x03\x04"


class NoWitness(Invalid):
    """{path} cannot be held against the log: {problem}."""

    code = "no_witness"
    remedy = (
        "--against takes a signed checkpoint, a proof or a bundle of this log, as `checkpoint --save`, `proof --save`"
        " and `export` write them."
    )


def read_claims(paths: Iterable[Path], keys: Sequence[VerifierKey]) -> list[Claim]:
    """The checkpoints in the files; NoWitness for a file without one that one of the keys has signed."""
    return [Claim(f"the checkpoint in {path}", _open(path, keys), is_witness=True) for path in paths]


def _open(path: Path, keys: Sequence[VerifierKey]) -> Checkpoint:
    content = read_file(path)
    try:
        return open_checkpoint(_note(content, keys), keys)
    except Invalid as error:
        raise NoWitness(path=path, problem=error.facts.get("problem", str(error)).rstrip(".")) from error


def _note(content: bytes, keys: Sequence[VerifierKey]) -> str | bytes:
    """The signed note in a file, whatever the file is called; Invalid where there is none."""
    if content.startswith(_ZIP):
        bundle = verify_bundle(content, keys)
        if not bundle.checkpoint:
            raise Invalid(next(iter(bundle.problems)))
        return bundle.checkpoint
    try:
        read_checkpoint(content)
    except BadNote:
        if not content.lstrip().startswith(b"{"):
            raise
        return read_document(content).checkpoint
    return content
