"""`verify` of a whole workspace beside the floor: `python verify.py FOLDER ROUNDS` measures one that is there.

The floor reads the same files one after the other, from a list that it is given, each whole, and hashes each with
hashlib; then the canonical forms of all events, which it has in memory, in pieces of 1 MiB. It looks for nothing,
compares nothing and opens no database. Both take turns in a process of their own, with the files in the page cache.
"""

import hashlib
import json
import resource
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from child import answer_of, script
from rounds import Watch, fresh_folder, interleave, median_ratio
from table import Row
from vm_webapp.cli.checks.worker import hired
from vm_webapp.cli.opening import Records
from vm_webapp.cli.verify import verify_all
from vm_webapp.db import build_engine, database_of
from vm_webapp.proof.events import FIELDS, canonical_values
from vm_webapp.workspace import Workspace
from work_unit import STAGES

_MIB = 1 << 20
_AIM = 0.5
_LARGE_KIB = 4_096
_LARGE_PER_RUN = len(STAGES) * _LARGE_KIB // 1_024


def measure(*, runs: int, large_mib: int, threads: int, rounds: int, base: Path | None) -> list[Row]:
    """The rows of a check of so many W; then of W whose files are large, so many MiB in all."""
    few = max(1, large_mib // _LARGE_PER_RUN)
    with fresh_folder(base) as folder:
        small = _rows("small files", folder, runs, 1, threads=threads, rounds=rounds)
    with fresh_folder(base) as folder:
        return [*small, *_rows("large files", folder, few, _LARGE_KIB, threads=min(threads, few), rounds=rounds)]


def _rows(what: str, folder: Path, runs: int, data_kib: int, *, threads: int, rounds: int) -> list[Row]:
    answer_of(script("workload.py", "engine", folder, runs, "--threads", threads, "--data-kib", data_kib))
    found = answer_of(script("verify.py", folder, rounds))
    ratio = median_ratio(found["floor"], found["verify"])
    note = f"{found['events']:,} events and {found['files']:,} files of {runs:,} runs"
    return [
        Row(f"{what}: bytes that are hashed", [found["bytes"] / _MIB], unit="MiB", note=note),
        Row(f"{what}: the whole check", found["verify"], unit="s"),
        Row(f"{what}: CPU time of the check, all processes", found["verify_cpu"], unit="s"),
        Row(f"{what}: floor, files and events hashed one after the other", found["floor"], unit="s"),
        Row(f"{what}: CPU time of the floor", found["floor_cpu"], unit="s"),
        Row(f"{what}: speed, verify / floor, median of rounds", [ratio], target="at or above 0.5", held=ratio >= _AIM),
    ]


def main(arguments: Sequence[str]) -> int:
    """Measure the workspace in a folder, and print what was found as JSON."""
    root, rounds = Path(arguments[0]), int(arguments[1])
    paths = [str(path) for path in (root / "runs").rglob("*") if path.is_file()]
    events = list(_events(root / "workspace.sqlite3"))
    content = b"".join(events)
    sizes = [_hash_files(paths)]

    def floor() -> tuple[float, float]:
        watch = Watch()
        _hash_files(paths)
        hashed = hashlib.sha256()
        for at in range(0, len(content), _MIB):
            hashed.update(content[at : at + _MIB])
        spent = watch.read()
        return spent.seconds, spent.cpu_seconds

    found = interleave({"verify": lambda: _verify(root), "floor": floor}, rounds)
    said = {name: [seconds for seconds, _ in values] for name, values in found.items()}
    said |= {f"{name}_cpu": [cpu for _, cpu in values] for name, values in found.items()}
    counts = {"files": len(paths), "events": len(events), "bytes": sizes[0] + len(content)}
    sys.stdout.write(json.dumps({**said, **counts}) + "\n")
    return 0


def _verify(root: Path) -> tuple[float, float]:
    path = root / "workspace.sqlite3"
    watch, before = Watch(), _helpers_cpu()
    with hired(root, path) as workers:
        database = database_of(build_engine(path))
        report = verify_all(Records(Workspace(root), database), workers=workers)
        database.close()
    spent, helped = watch.read(), _helpers_cpu() - before
    if report.problems:
        msg = f"something does not hold: {report.problems[0].text}"
        raise RuntimeError(msg)
    return spent.seconds, spent.cpu_seconds + helped


def _helpers_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _hash_files(paths: Sequence[str]) -> int:
    total = 0
    for path in paths:
        with open(path, "rb") as file:  # noqa: PTH123 - the floor takes the shortest way
            content = file.read()
        hashlib.sha256(content).digest()
        total += len(content)
    return total


def _events(path: Path) -> list[bytes]:
    query = f"SELECT {', '.join(FIELDS)} FROM events ORDER BY global_position"  # noqa: S608 - constants
    with closing(sqlite3.connect(path)) as connection:
        return [canonical_values(row) for row in connection.execute(query)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
