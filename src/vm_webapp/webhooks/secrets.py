"""The secrets that sign messages: a file for each, readable by this user alone.

They are needed to sign, so their digest would not do; they stand in no event, no table, no log and no answer but the
one that makes them. Form: `whsec_` and the base64 of 32 random bytes, as the specification has it.
"""

import base64
import binascii
import secrets
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from vm_webapp import artifacts
from vm_webapp.domain.texts import check_id
from vm_webapp.webhooks.signing import Signing
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

    def keep(self, webhook_id: str, secret: str, *, secret_id: str | None = None) -> None:
        """Put the secret on the disk, before anything says that it is there; `secret_id` for one that came later."""
        artifacts.make_folder(self._folder)
        self._folder.chmod(0o700)
        artifacts.write_whole(self._path(webhook_id, secret_id), secret.encode(), mode=0o600)

    def keys(self, signing: Sequence[Signing]) -> list[bytes]:
        """The bytes that sign, of the newest first; none at all where the newest is lost."""
        found = [self._find(one) for one in signing]
        return [key for key in found if key is not None] if found and found[0] is not None else []

    def forget(self, webhook_id: str) -> None:
        """Remove the secrets; a webhook that is gone signs nothing."""
        for path in (self._path(webhook_id, None), *self._folder.glob(f"{webhook_id}.*{_ENDING}")):
            path.unlink(missing_ok=True)

    def drop(self, webhook_id: str, secret_id: str | None) -> None:
        """Remove one secret, whose time is over or which was never used."""
        self._path(webhook_id, secret_id).unlink(missing_ok=True)

    def sweep(self, kept: Collection[Signing]) -> None:
        """Remove what signs nothing: left by a crash, by a request that was refused, or for longer than it signs."""
        if not self._folder.is_dir():
            return
        names = {self._path(one.webhook_id, one.secret_id).name for one in kept}
        for path in self._folder.iterdir():
            if path.suffix in (_ENDING, ".tmp") and path.name not in names:
                path.unlink(missing_ok=True)

    def _find(self, one: Signing) -> bytes | None:
        try:
            return key_of(self._path(one.webhook_id, one.secret_id).read_text(encoding="ascii").strip())
        except (OSError, ValueError):
            return None

    def _path(self, webhook_id: str, secret_id: str | None) -> Path:
        later = "" if secret_id is None else f".{check_id(secret_id, 'secret_id')}"
        return self._folder / f"{check_id(webhook_id, 'webhook_id')}{later}{_ENDING}"
