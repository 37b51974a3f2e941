"""The peak of memory after few and after many W, and what a run leaves on the disk."""

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
        stored, (free, copies) = database.stat().st_size, _looked_up(database)
        files = [path.stat() for path in _files(folder / "runs")]
    return [
        Row(f"peak of memory after {few['runs']:,} W", [few["peak_bytes"] / _MIB], unit="MiB"),
        Row(f"peak of memory after {runs:,} W", [many["peak_bytes"] / _MIB], unit="MiB", note=left_out),
        Row("memory per further W", [(many["peak_bytes"] - few["peak_bytes"]) / (runs - few["runs"])], unit="bytes"),
        Row("database per run, after the checkpoint", [stored / runs / _KIB], unit="KiB"),
        Row("of these free, to be used again", [free / runs / _KIB], unit="KiB"),
        Row("stages whose files were not yet confirmed when it was closed", [copies]),
        Row("files per run", [len(files) / runs]),
        Row("bytes of the files per run", [sum(each.st_size for each in files) / runs / _KIB], unit="KiB"),
        Row("blocks of the files per run", [sum(each.st_blocks * 512 for each in files) / runs / _KIB], unit="KiB"),
    ]


def _looked_up(database: Path) -> tuple[int, int]:
    """Bytes of free pages, which mostly held copies of files; and commits whose files were not confirmed by the end."""
    with closing(sqlite3.connect(database)) as connection:
        pages, size, copies = (
            connection.execute(query).fetchone()[0]
            for query in ("PRAGMA freelist_count", "PRAGMA page_size", "SELECT count(*) FROM pending_files")
        )
    return pages * size, copies


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
