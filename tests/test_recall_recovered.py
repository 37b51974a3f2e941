"""What search says of recovered runs: who approved them is not known."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from test_backup_recover import lose
from test_backup_whole import fill, settings_at
from vm_webapp.api import shapes
from vm_webapp.app import create_app
from vm_webapp.backups import recover
from vm_webapp.host import Host
from vm_webapp.workspace import Workspace

from api_client import running
from fixed_writer import FixedWriter


def found(root: Path) -> Mapping[str, Any]:
    """The first thing that search finds in the workspace."""
    with running(create_app(settings_at(root), llm=FixedWriter())) as api:
        api.app.state.host.recall.catch_up()
        answer = api.read("/api/v2/search?q=launch")
    shapes.ResultsShape.model_validate(answer, strict=True)
    first: Mapping[str, Any] = answer["results"][0]
    return first


def test_whether_a_recovered_run_was_approved_is_not_known(host: Host) -> None:
    """False while the log knows that nobody approved it, null once the log was recovered."""
    fill(host, 1)
    host.close()
    root = host.workspace.root
    assert found(root)["granted"] is False
    lose(root)
    recover(Workspace(root), root / "workspace.sqlite3")
    assert found(root)["granted"] is None
