"""The peak of memory after few and after many W, and what a run leaves on the disk."""

import math
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from child import answer_of, script
from rounds import fresh_folder
from table import Row

_MIB = 1024 * 1024
_KIB = 1024


def measure(*, goals: tuple[int, int], threads: int, within: float, base: Path | None) -> list[Row]:
    """The rows of memory and of disk; W that cannot be done within that many seconds are left out, and it is said."""
    with fresh_folder(base) as folder:
        work = script("workload.py", "engine", folder, *goals, "--threads", threads, "--within", within)
        few, many = answer_of(work)["reached"]
        runs = many["runs"]
        left_out = "" if runs == goals[1] else f"{goals[1]:,} were not done within {within:.0f} s"
        database = folder / "workspace.sqlite3"
        stored, free = database.stat().st_size, _free_bytes(database)
        files = [path.stat() for path in _files(folder / "runs")]
    return [
        Row(f"peak of memory after {few['runs']:,} W", [few["peak_bytes"] / _MIB], unit="MiB"),
        Row(f"peak of memory after {runs:,} W", [many["peak_bytes"] / _MIB], unit="MiB", note=left_out),
        Row("memory per further W", [(many["peak_bytes"] - few["peak_bytes"]) / (runs - few["runs"])], unit="bytes"),
        Row("database per run, after the checkpoint", [stored / runs / _KIB], unit="KiB"),
        Row("of these free, to be used again", [free / runs / _KIB], unit="KiB"),
        Row("files per run", [len(files) / runs]),
        Row("bytes of the files per run", [sum(each.st_size for each in files) / runs / _KIB], unit="KiB"),
        Row("blocks of the files per run", [sum(each.st_blocks * 512 for each in files) / runs / _KIB], unit="KiB"),
    ]


def _free_bytes(database: Path) -> int:
    """Pages that once held the durable copies of files which are on the disk by now."""
    with closing(sqlite3.connect(database)) as connection:
        return math.prod(connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_size"))


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
