"""The published files of runs, for those who only read: from the disk, else from the durable copy if there is one."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from vm_webapp import artifacts, pending_files
from vm_webapp.errors import IntegrityError
from vm_webapp.workspace import Workspace


class RunFiles:
    """The files of one run, each held against the digest that is asked for."""

    def __init__(self, connection: Connection, workspace: Workspace, run_id: str) -> None:
        self._connection = connection
        self._folder = workspace.run_dir(run_id)
        self._run_id = run_id

    def read(self, path: str, *, sha256: str) -> bytes:
        """The bytes of a file by path relative to the run's folder; IntegrityError unless the digest holds."""
        try:
            content = (self._folder / path).read_bytes()
        except OSError:
            content = b""
        if artifacts.digest(content) == sha256:
            return content
        copy = pending_files.find_copy(self._connection, self._run_id, path)
        if copy is None or artifacts.digest(copy) != sha256:
            raise IntegrityError(path=self._folder / path, problem="its digest is not the one that was published")
        return copy

    def manifest(self, folder: str, *, sha256: str) -> dict[str, Any]:
        """The manifest of the stage in that folder; likewise."""
        found: dict[str, Any] = json.loads(self.read(f"{folder}/{artifacts.MANIFEST}", sha256=sha256))
        return found

    def listed(self, folder: str, item: Mapping[str, Any]) -> bytes:
        """The bytes of a file that a manifest lists; likewise."""
        return self.read(f"{folder}/{item['path']}", sha256=item["sha256"])
