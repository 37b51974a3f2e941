"""A workspace and a database have one owner at a time, and are free as soon as it is gone."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from test_faults_recovery import opened
from vm_webapp.errors import WorkspaceInUse
from vm_webapp.host import open_host
from vm_webapp.settings import Settings

import crash_child
from invariants import violations

_OWNER: Final = """
import sys
from pathlib import Path
from vm_webapp.host import open_host
from vm_webapp.settings import Settings
host = open_host(Settings(vm_workspace_root=Path(sys.argv[1])))
print("open", flush=True)
sys.stdin.read() or __import__("threading").Event().wait()
"""


def test_a_second_process_is_refused_and_the_next_starts_at_once(tmp_path: Path) -> None:
    """WorkspaceInUse names the owner; once that is killed by SIGKILL the place is free."""
    root = tmp_path / "workspace"
    crash_child.prepare(root)
    owner = subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(root)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        stdout=subprocess.PIPE,
    )
    assert owner.stdout is not None
    owner.stdout.readline()
    settings = Settings(vm_workspace_root=root)
    with pytest.raises(WorkspaceInUse, match=f"in use by process {owner.pid}"):
        open_host(settings)
    os.kill(owner.pid, signal.SIGKILL)
    owner.communicate()
    with opened(settings) as host:
        assert violations(host) == []


def test_a_database_shared_by_two_workspaces_has_one_owner(settings: Settings, tmp_path: Path) -> None:
    """Another folder with the same database is refused too, and gets free with the first."""
    elsewhere = Settings(vm_workspace_root=tmp_path / "other", vm_db_path=settings.database_path)
    with opened(settings), pytest.raises(WorkspaceInUse):
        open_host(elsewhere)
    with opened(elsewhere) as host:
        assert violations(host) == []


@pytest.mark.parametrize("name", ["what?", "50%25 off", "a#b&c=d"])
def test_the_database_lies_in_its_workspace_whatever_the_folder_is_called(tmp_path: Path, name: str) -> None:
    """A folder's name is no part of an address: nothing is kept beside the workspace, where another would share it."""
    settings = Settings(vm_workspace_root=tmp_path / name / "vm")
    with opened(settings) as host:
        assert violations(host) == []
    assert settings.database_path.is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]
