"""The bench: it runs from one command, and its table has every measure. How fast anything is, is not asserted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NUMBERS = {
    "runs": 4,
    "threads": 2,
    "rounds": 2,
    "samples": 2,
    "reads": 3,
    "checked": 3,
    "large-mib": 16,
    "starts": 1,
    "visits": 1,
    "rows": 90,
}
TINY = (
    *(word for name, number in NUMBERS.items() for word in (f"--{name}", str(number))),
    *("--stores", "30", "60", "--goals", "2", "4"),
)
SECTIONS = {
    "Throughput and CPU",
    "Latency",
    "Latency over HTTP",
    "Syncs of the disk",
    "The page",
    "Reads",
    "Rebuild of the views",
    "Verify",
    "Start",
    "Memory and disk",
    "Installed size of the core set",
}


def bench(*arguments: str) -> str:
    """What the bench prints."""
    command = [sys.executable, str(ROOT / "bench" / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=240).stdout


@pytest.mark.campaign
def test_the_bench_measures_every_part(tmp_path: Path) -> None:
    """With tiny numbers every part runs; JSON and Markdown have each measure, and nothing stays behind on the disk."""
    kept, disk = tmp_path / "bench.json", tmp_path / "disk"
    disk.mkdir()
    printed = bench(*TINY, "--base", str(disk), "--json", str(kept))
    sections = json.loads(kept.read_text())["sections"]
    rows = [row for rows in sections.values() for row in rows]
    assert set(sections) == SECTIONS
    assert [row["name"] for row in rows if f"| {row['name']} |" not in printed] == []
    assert [row["name"] for row in rows if not (row["values"] or row["note"])] == []
    assert [row["name"] for row in rows if min(row["values"], default=0) < 0] == []
    assert list(disk.iterdir()) == []


@pytest.mark.parametrize("part", ["throughput", "latency", "rebuild", "verify"])
def test_a_part_can_be_measured_alone(part: str, tmp_path: Path) -> None:
    """`--only` leaves the other parts out, and nothing stays behind on the disk."""
    printed = bench(*TINY, "--only", part, "--base", str(tmp_path))
    assert printed.count("### ") == 1
    assert list(tmp_path.iterdir()) == []


def test_without_strace_syncs_are_said_not_to_be_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without strace gets a row that says so."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "not measured: no strace" in bench(*TINY, "--only", "syncs", "--base", str(tmp_path))
