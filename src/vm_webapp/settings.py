"""Settings: the only reader of the environment."""

from pathlib import Path

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What can be set from outside; each name in capitals is the environment variable."""

    model_config = SettingsConfigDict(extra="ignore", frozen=False)

    vm_workspace_root: Path = Field(default=Path("runtime/vm"), description="The folder of runs and own profiles.")
    vm_db_path: Path | None = Field(
        default=None, description="The database file; `workspace.sqlite3` in the workspace where it is not set."
    )
    vm_workers: int = Field(default=4, ge=1, le=64, description="How many runs are executed side by side.")
    vm_wait_seconds: float = Field(
        default=30.0, ge=0, le=300, description="How long the start of a run waits for it to settle, in seconds."
    )
    vm_allowed_hosts: str = Field(
        default="", description="Further host names that the server answers to, separated by commas."
    )
    vm_log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @model_validator(mode="after")
    def _place_the_database(self) -> "Settings":
        if self.vm_db_path is None:
            self.vm_db_path = self.vm_workspace_root / "workspace.sqlite3"
        return self

    @property
    def database_path(self) -> Path:
        """Where the database is."""
        return self.vm_db_path or self.vm_workspace_root / "workspace.sqlite3"
