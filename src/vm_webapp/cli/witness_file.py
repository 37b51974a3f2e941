"""What is kept elsewhere as a file: a new one, or one that goes on from what the file holds; nothing else is replaced.

A checkpoint that is written over may be the very one that proves that the log was rewritten.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from vm_webapp.artifacts import write_whole
from vm_webapp.bundles import LONGEST_ZIP
from vm_webapp.errors import Conflict, Invalid, NotReadable
from vm_webapp.log_tree import proofs
from vm_webapp.log_tree.store import Signed
from vm_webapp.proof.documents import read_document
from vm_webapp.proof.notes import BadNote, Checkpoint, VerifierKey, open_checkpoint, read_checkpoint
from vm_webapp.proof.tree import verify_consistency

_ANOTHER: Final = "Name another file."
_EVIDENCE: Final = (
    "Keep it: it may prove that the log was rewritten, cut off, or is not the one that you take it for."
    " `verify --against {path}` tells which; name another file for the new one."
)


class NotReplaced(Conflict):
    """{path} is there already and was left as it is: {problem}."""

    code = "not_replaced"
    remedy = "{way}"


NoteOf = Callable[[bytes], str | bytes]
"""Finds the signed note in what a file holds; Invalid where there is none."""


def note_alone(content: bytes) -> bytes:
    """The note of a file that holds nothing else."""
    read_checkpoint(content)
    return content


def note_of_proof(content: bytes) -> str:
    """The note of a proof."""
    return read_document(content).checkpoint


def check_place(
    path: Path, note_of: NoteOf, *, connection: Connection, signed: Signed, keys: Sequence[VerifierKey]
) -> None:
    """Raise NotReplaced unless the file is new, empty, or of its kind with the beginning of the log that was signed."""
    held = _held(path)
    if not held:
        return
    try:
        note = note_of(held)
    except Invalid as error:
        raise NotReplaced(path=path, problem="it is something else", way=_ANOTHER) from error
    if problem := _contradiction(note, connection, signed, keys):
        raise NotReplaced(path=path, problem=problem, way=_EVIDENCE.format(path=path))


def check_same(path: Path, content: str) -> None:
    """Raise NotReplaced where the file holds anything else."""
    if _held(path) not in (b"", content.encode()):
        raise NotReplaced(path=path, problem="it holds something else, or another key", way=_ANOTHER)


def write(path: Path, content: str) -> None:
    """Write the file whole or not at all; a pipe or a device takes it as it is. NotReadable where that fails."""
    try:
        if path.exists() and not path.is_file():
            path.write_text(content, encoding="utf-8", newline="\n")
        else:
            write_whole(path.resolve(), content.encode(), mode=0o666)
    except OSError as error:
        raise NotReadable(path=path, problem=error.strerror or str(error)) from error


def _held(path: Path) -> bytes:
    """What the file holds, as far as a witness reaches; nothing where it is not there, or is a pipe or a device."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(LONGEST_ZIP)
    except OSError as error:
        raise NotReadable(path=path, problem=error.strerror or str(error)) from error


def _contradiction(note: str | bytes, connection: Connection, signed: Signed, keys: Sequence[VerifierKey]) -> str:
    """Why the log that was signed is not known to go on from the note, as the rest of a sentence; empty where it is."""
    try:
        old = open_checkpoint(note, keys)
    except BadNote as error:
        return f"no key of this workspace verifies its checkpoint ({error.facts['problem']})"
    new = read_checkpoint(signed.note)
    if old.size > new.size:
        return f"its checkpoint covers {old.size} events, and the newest of this log {new.size}"
    if not _goes_on(connection, old, new):
        return f"its checkpoint is of another log, or this one was rewritten within the first {old.size} events"
    return ""


def _goes_on(connection: Connection, old: Checkpoint, new: Checkpoint) -> bool:
    _old, _new, path = proofs.consistency(connection, old=old.size, new=new.size)
    return verify_consistency(old=old.size, new=new.size, old_root=old.root, new_root=new.root, proof=path)
