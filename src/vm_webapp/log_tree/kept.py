"""The newest signed checkpoint beside the database, so that who can change that alone cannot take back what was signed.

    <workspace>/keys/log.checkpoint   a signed note (https://c2sp.org/tlog-checkpoint), as `vm checkpoint` shows it

It is written before the row in the database, so after a crash it may be ahead of that by one note, never behind what
people were shown. Crash argument: it is written under a temporary name and renamed, so it is there whole or not at all.
"""

from pathlib import Path

from vm_webapp.log_tree.keys import unreadable, write_beside
from vm_webapp.workspace import Workspace


def kept_path(workspace: Workspace) -> Path:
    """The file of the newest signed checkpoint."""
    return workspace.keys / "log.checkpoint"


def keep(workspace: Workspace, note: str) -> None:
    """Keep the note in place of the one before; KeyProblem where the disk does not take it."""
    path = kept_path(workspace)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_beside(path, note, mode=0o644)
    except OSError as error:
        raise unreadable(path, error) from error


def read_kept(workspace: Workspace) -> bytes | None:
    """The note, whatever it is worth; None where none is kept. KeyProblem for a file that cannot be read."""
    path = kept_path(workspace)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(path, error) from error
