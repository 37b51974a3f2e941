"""Every path of a workspace is spelled here and nowhere else; ids are checked before they become part of one."""

from pathlib import Path

from vm_webapp.domain.texts import check_id


class Workspace:
    """The folder that holds a team's runs and its own profiles."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    @property
    def runs(self) -> Path:
        """The folder of all runs."""
        return self.root / "runs"

    @property
    def profiles(self) -> Path:
        """The folder of the team's own profiles."""
        return self.root / "profiles"

    @property
    def recall(self) -> Path:
        """The index over what was published; it can be thrown away."""
        return self.root / "recall.sqlite3"

    @property
    def keys(self) -> Path:
        """The folder of the keys that sign the log, and of those that verify it."""
        return self.root / "keys"

    @property
    def webhook_keys(self) -> Path:
        """The folder of the secrets that sign what webhooks are told."""
        return self.keys / "webhooks"

    @property
    def lock(self) -> Path:
        """The lock file of the process that owns the workspace."""
        return self.root / "workspace.lock"

    @property
    def owner(self) -> Path:
        """What the owning process says of itself."""
        return self.root / "owner.json"

    def run_dir(self, run_id: str) -> Path:
        """The folder of a run."""
        return self.runs / check_id(run_id, "run_id")

    def stage_dir(self, run_id: str, position: int, stage_key: str) -> Path:
        """The folder of a stage; `position` counts from 1."""
        return self.run_dir(run_id) / stage_folder(position, stage_key)


def stage_folder(position: int, stage_key: str) -> str:
    """The stage's folder below that of its run, with forward slashes."""
    return f"stages/{position:02d}-{check_id(stage_key, 'stage_key')}"
