"""The keys of a log: the one that signs, and those that verify what was signed.

    <workspace>/keys/log.key     the key that signs, for its owner's eyes only (0600); made at the first start
    <workspace>/keys/log.vkeys   every key that has signed here, one a line; for everybody

The origin of the log, which is the key's name, follows from the key itself, so that no two logs share one, and no
other key is read under it. Crash argument: each file is written under a temporary name and renamed, so it is there
whole or not at all.
"""

import os
import secrets
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from vm_webapp.artifacts import sync_folders, write_whole
from vm_webapp.errors import BadSetting, WorkspaceError
from vm_webapp.proof.notes import BadKey, SigningKey, VerifierKey, own_name
from vm_webapp.settings import Settings
from vm_webapp.workspace import Workspace

_SEED_BYTES: Final = 32
_OTHERS: Final = 0o077


class KeyProblem(WorkspaceError):
    """The key {path} cannot be used: {problem}."""

    code = "log_key"
    remedy = "{advice}"


def signing_key(settings: Settings, workspace: Workspace) -> SigningKey:
    """The key that signs this log: that of VM_LOG_KEY, else the workspace's own, made where there is none.

    Raises BadSetting for a VM_LOG_KEY that is none, KeyProblem for a file that is none or that others can read, or
    that cannot be made.
    """
    _sweep(workspace)
    if settings.vm_log_key is not None:
        key = _of_setting(settings.vm_log_key.get_secret_value())
    else:
        key = _of_file(key_path(workspace))
    _publish(key.verifier, verifiers_path(workspace))
    return key


def check_setting(settings: Settings) -> None:
    """Raise BadSetting for a VM_LOG_KEY that is none."""
    if settings.vm_log_key is not None:
        _of_setting(settings.vm_log_key.get_secret_value())


def verifier_keys(workspace: Workspace) -> list[VerifierKey]:
    """Every key that has signed this log, the newest last; none where nothing was signed.

    Raises KeyProblem for a file that cannot be read.
    """
    path = verifiers_path(workspace)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [VerifierKey.parse(line) for line in lines]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise unreadable(path, error) from error
    except (BadKey, UnicodeError) as error:
        problem = error.facts["problem"] if isinstance(error, BadKey) else "it is no text"
        raise KeyProblem(path=path, problem=problem, advice="Put back the copy that was published.") from error


def key_path(workspace: Workspace) -> Path:
    """The file of the key that signs."""
    return workspace.keys / "log.key"


def verifiers_path(workspace: Workspace) -> Path:
    """The file of the keys that verify."""
    return workspace.keys / "log.vkeys"


def _sweep(workspace: Workspace) -> None:
    """Remove what writes that were cut off left; a power cut may bring both names back."""
    try:
        for path in workspace.keys.glob("log.*.tmp"):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise unreadable(workspace.keys, error) from error


def _of_setting(text: str) -> SigningKey:
    try:
        return SigningKey.parse(text)
    except BadKey as error:
        raise BadSetting(
            variable="VM_LOG_KEY",
            problem=f"cannot be used: {error.facts['problem']}",
            advice="It is spelled as keys/log.key is; leave it out and a key is made.",
        ) from error


def _of_file(path: Path) -> SigningKey:
    try:
        if not path.exists():
            _make(path)
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & _OTHERS:
            raise KeyProblem(
                path=path,
                problem="others than its owner can read it",
                advice=f"If nobody has: chmod 600 {path}. If somebody may have, remove it, and a new one is made.",
            )
        return SigningKey.parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise unreadable(path, error) from error
    except (BadKey, UnicodeError) as error:
        problem = error.facts["problem"] if isinstance(error, BadKey) else "it is no text"
        raise KeyProblem(
            path=path, problem=problem, advice="Put back its copy, or remove it and a new one is made."
        ) from error


def _make(path: Path) -> None:
    """A new key; its name is told by its public half."""
    seed = secrets.token_bytes(_SEED_BYTES)
    name = own_name(SigningKey("new", seed).verifier.public)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_beside(path, SigningKey(name, seed).spelled() + "\n", mode=0o600)


def _publish(key: VerifierKey, path: Path) -> None:
    """Add the key to those that verify, as the newest, where it is not yet."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        if not lines or lines[-1] != str(key):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            known = [line for line in lines if line != str(key)]
            write_beside(path, "".join(f"{line}\n" for line in [*known, str(key)]), mode=0o644)
    except OSError as error:
        raise unreadable(path, error) from error
    except UnicodeError as error:
        raise KeyProblem(path=path, problem="it is no text", advice="Put back the copy that was published.") from error


def write_beside(path: Path, text: str, *, mode: int) -> None:
    """Write a file of the folder `keys`, which may be new, whole or not at all; OSError where that fails."""
    write_whole(path, text.encode(), mode=mode)
    sync_folders([str(path.parent.parent)])


def set_aside(path: Path) -> None:
    """Move a file of the folder `keys` aside, where it is: the log that it belongs to has ended."""
    if path.exists():
        path.rename(path.with_name(f"{path.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"))


def unreadable(path: Path, error: OSError) -> KeyProblem:
    """What a file of the folder `keys` says that can be neither read nor written."""
    return KeyProblem(path=path, problem=error.strerror or str(error), advice="See to the folder's rights.")
