"""The bench: it runs from one command, and its table has every measure. How fast anything is, is not asserted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TINY = ("--runs", "4", "--threads", "2", "--rounds", "2", "--samples", "2")


def bench(*arguments: str) -> str:
    """What the bench prints."""
    command = [sys.executable, str(ROOT / "bench" / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=240).stdout


def test_the_bench_measures_the_engine_beside_the_floor(tmp_path: Path) -> None:
    """With tiny numbers every part runs; the JSON has each measure's values, the Markdown a row for each."""
    kept = tmp_path / "bench.json"
    printed = bench(*TINY, "--base", str(tmp_path), "--json", str(kept))
    sections = json.loads(kept.read_text())["sections"]
    names = [row["name"] for rows in sections.values() for row in rows]
    assert {"Throughput and CPU", "Latency"} <= set(sections)
    assert [name for name in names if f"| {name} |" not in printed] == []
    assert all(value > 0 for rows in sections.values() for row in rows for value in row["values"])


@pytest.mark.parametrize("part", ["throughput", "latency"])
def test_a_part_can_be_measured_alone(part: str, tmp_path: Path) -> None:
    """`--only` leaves the other parts out, and nothing stays behind on the disk."""
    printed = bench(*TINY, "--only", part, "--base", str(tmp_path))
    assert printed.count("### ") == 1
    assert list(tmp_path.iterdir()) == []
