"""Deliverables to read in the browser: published through the program itself with dictated files, then served."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

from fastapi.testclient import TestClient

from vm_webapp.app import create_app
from vm_webapp.settings import Settings

from api_client import Api, add_profile
from dictated import GATED, PLAIN, DictatedWriter

TYPES: Final = {
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".ics": "text/calendar",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".bin": "application/octet-stream",
}


class Library:
    """A workspace to fill before its server starts; used in a `with`, at whose end the workspace is let go."""

    def __init__(self, root: Path) -> None:
        settings = Settings(vm_workspace_root=root, vm_db_path=root / "workspace.sqlite3")
        add_profile(settings, "plain", PLAIN)
        add_profile(settings, "gated", GATED)
        self.writer = DictatedWriter()
        self._client = TestClient(create_app(settings, llm=self.writer))
        self.api = Api(self._client)

    def __enter__(self) -> Self:
        self._client.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.__exit__(None, None, None)

    def thread(self, title: str = "Launch", *, name: str = "Aurora") -> str:
        """A new thread's id, in a brand and a project of that name."""
        brand = self.api.make("/api/v2/brands", {"name": name})["brand_id"]
        project = self.api.make("/api/v2/projects", {"brand_id": brand, "name": name})["project_id"]
        values = {"brand_id": brand, "project_id": project, "title": title}
        return str(self.api.make("/api/v2/threads", values)["thread_id"])

    def version(self, thread_id: str, files: Mapping[str, str], *, request: str = "Write it", **facts: Any) -> str:  # noqa: ANN401 - those of the writer
        """A run that published these files; its id."""
        self.writer.files = {name: (TYPES[Path(name).suffix], text) for name, text in files.items()}
        self.writer.prompt = facts.get("prompt")
        return str(self.api.run(thread_id, request, facts.get("mode", "plain"))["run_id"])
