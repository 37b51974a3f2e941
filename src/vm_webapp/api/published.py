"""A run's published stages and their bytes, read from disk and held against the digests in the log."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from vm_webapp import artifacts, repo
from vm_webapp.errors import IntegrityError, NotFound
from vm_webapp.host import Host
from vm_webapp.workspace import stage_folder

T = TypeVar("T")
Run = Mapping[str, Any]
Stage = Mapping[str, Any]


class Published:
    """What a run has published."""

    def __init__(self, host: Host, run_id: str, *, stage_key: str | None = None) -> None:
        """All that the run has published, or what one stage of it has; NotFound or Erased where that is not there."""
        self._host = host
        with host.database.read() as connection:
            self.run: Run = repo.get_kept_run(connection, run_id)
        self.stages: list[Stage] = [stage for stage in self.run["stages"].values() if stage["manifest_sha256"]]
        if stage_key is not None:
            self.stages = [stage for stage in self.stages if stage["stage_key"] == stage_key]
            if not self.stages:
                raise NotFound(kind="published stage of this run", id=stage_key)

    def manifest(self, stage: Stage) -> dict[str, Any]:
        """The stage's manifest; IntegrityError unless it is the one that the log names."""
        folder = self._folder(stage)
        return self._restoring(lambda: artifacts.read_manifest(folder, sha256=stage["manifest_sha256"]))

    def find(self, stage_key: str, name: str) -> tuple[Stage, Mapping[str, Any]]:
        """The stage and the item of a published file; NotFound where no stage has published one of that name."""
        path = f"{artifacts.ARTIFACTS}/{name}"
        for stage in self.stages:
            for item in stage["artifacts"] if stage["stage_key"] == stage_key else ():
                if item["path"] == path:
                    return stage, item
        raise NotFound(kind="published file", id=f"{stage_key}/{name}")

    def content(self, stage: Stage, item: Mapping[str, Any]) -> bytes:
        """The bytes of a listed file; IntegrityError unless its digest holds."""
        folder = self._folder(stage)
        return self._restoring(lambda: artifacts.read_listed(folder, item))

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Every published file by path relative to the run's folder, one in memory at a time."""
        for stage in self.stages:
            folder = stage_folder(stage["position"], stage["stage_key"])
            manifest = self.manifest(stage)
            yield f"{folder}/{artifacts.MANIFEST}", artifacts.to_json(manifest)
            for item in artifacts.listed(manifest):
                yield f"{folder}/{item['path']}", self.content(stage, item)

    def _folder(self, stage: Stage) -> Path:
        return self._host.workspace.stage_dir(self.run["run_id"], stage["position"], stage["stage_key"])

    def _restoring(self, read: Callable[[], T]) -> T:
        """What `read` gives; where the disk has lost it and the durable copy is still there, the disk gets it back."""
        try:
            return read()
        except IntegrityError:
            if not self._host.confirm_files():
                raise
            return read()
