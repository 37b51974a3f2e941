"""System calls that fail below the program, SQLite's own among them: it says so or goes on, and loses nothing."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from nursery import Nurseries, Nursery, folder, last_words

import crash_child

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and limits of resources")
_ENDS: Final = {0, 1}


def _can_inject() -> bool:
    if shutil.which("strace") is None:
        return False
    probe = ["strace", "-qq", "-e", "trace=none", "-e", "inject=fsync:error=EIO:when=1", "true"]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0


needs_strace = pytest.mark.skipif(not _can_inject(), reason="needs strace, and leave to trace")


@pytest.fixture(scope="module")
def nurseries() -> Iterator[Nurseries]:
    """Where the next starts happen."""
    made = Nurseries()
    yield made
    made.close()


@needs_strace
@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("the database", "pwrite64:error=EIO:when=5..6"),
        ("the database", "pwrite64:error=ENOSPC:when=9+11"),
        ("the database", "pwrite64:error=ENOSPC:when=25..40"),
        ("the database", "fsync,fdatasync:error=EIO:when=2"),
        ("the database", "fsync,fdatasync:error=EIO:when=3+2"),
        ("the files of a stage", "write:error=ENOSPC:when=1..2"),
        ("the files of a stage", "write:error=EIO:when=2+3"),
        ("the files of a stage", "rename:error=EIO:when=1+2"),
        ("the files of a stage", "openat:error=EMFILE:when=4+5"),
        ("the files of a stage", "fsync,fdatasync:error=EIO:when=3+2"),
    ],
)
def test_a_failing_system_call_loses_nothing(place: str, fault: str, nurseries: Nurseries, tmp_path: Path) -> None:
    """The life under faults ends by itself, well or with an error; the next one finds everything and finishes."""
    with folder() as base:
        crash_child.prepare(base / "workspace")
        job = {"root": str(base / "workspace"), "work": "one"}
        assert nurseries.run({**job, "work": "catalogue"})["code"] == 0
        paths = [argument for path in _PLACES[place] for argument in ("-P", str(base / "workspace" / path))]
        command = ["strace", "-f", "-qq", "-o", str(tmp_path / "trace"), *paths, "-e", f"inject={fault}"]
        nursery = Nursery(under=command)
        reply = nursery.run(job)
        nursery.close()
        found = last_words(nurseries.run({**job, "check": True}))
    assert "(INJECTED)" in (tmp_path / "trace").read_text(encoding="utf-8", errors="replace")
    assert reply["code"] in _ENDS
    assert not reply["hung"]
    assert found == []


@pytest.mark.parametrize("room", [0, 4_000, 20_000, 60_000, 150_000])
def test_a_disk_that_is_full_for_a_while_stops_nothing_for_ever(room: int, nurseries: Nurseries) -> None:
    """Commits fail until somebody makes room; the same process then finishes the run, and nothing was lost."""
    with folder() as base:
        crash_child.prepare(base / "workspace")
        job = {"root": str(base / "workspace"), "check": True}
        assert last_words(nurseries.run({**job, "work": "full", "room": room})) == []
        assert last_words(nurseries.run({**job, "work": "one"})) == []


_STAGE: Final = "runs/r-one/stages/02-left"
_FILES: Final = ("input.json", "output.json", "manifest.json", "artifacts/left.md", "artifacts/left-1.csv")
_PLACES: Final = {
    "the database": ["workspace.sqlite3", "workspace.sqlite3-wal"],
    "the files of a stage": [f"{_STAGE}/{name}{end}" for name in _FILES for end in ("", ".tmp")],
}
