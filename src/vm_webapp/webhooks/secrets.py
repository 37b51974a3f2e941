"""The secrets that sign messages: one file for each webhook, readable by this user alone.

They are needed to sign, so their digest would not do; they stand in no event, no table, no log and no answer but the
one that makes them. Form: `whsec_` and the base64 of 32 random bytes, as the specification has it.
"""

import base64
import binascii
import os
import secrets
from pathlib import Path
from typing import Final

from vm_webapp import artifacts
from vm_webapp.domain.texts import check_id
from vm_webapp.workspace import Workspace

_PREFIX: Final = "whsec_"
_BYTES: Final = 32
_ENDING: Final = ".secret"


def new_secret() -> str:
    """A new secret."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """The bytes that sign; ValueError for what is no secret."""
    if not secret.startswith(_PREFIX):
        raise ValueError
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError from error


class WebhookSecrets:
    """The files of a workspace's secrets."""

    def __init__(self, workspace: Workspace) -> None:
        self._folder = workspace.webhook_keys

    def keep(self, webhook_id: str, secret: str) -> None:
        """Put the secret on the disk, before anything says that the webhook is there."""
        artifacts.make_folder(self._folder)
        self._folder.chmod(0o700)
        path = self._path(webhook_id)
        temporary = path.with_name(f"{path.name}.tmp")
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, secret.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(path)
        artifacts.sync_folders([str(self._folder)])

    def find(self, webhook_id: str) -> bytes | None:
        """The bytes that sign; None where they are lost."""
        try:
            return key_of(self._path(webhook_id).read_text(encoding="ascii").strip())
        except (OSError, ValueError):
            return None

    def forget(self, webhook_id: str) -> None:
        """Remove the secret; a webhook that is gone signs nothing."""
        self._path(webhook_id).unlink(missing_ok=True)

    def sweep(self, known: set[str]) -> None:
        """Remove what belongs to no webhook: left by a crash, or by a request that was refused."""
        if not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            if path.suffix in (_ENDING, ".tmp") and path.name.partition(".")[0] not in known:
                path.unlink(missing_ok=True)

    def _path(self, webhook_id: str) -> Path:
        return self._folder / f"{check_id(webhook_id, 'webhook_id')}{_ENDING}"
