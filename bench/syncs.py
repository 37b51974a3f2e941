"""How often the disk is asked to make things durable, per W: the difference between more and fewer W, under strace.

What is counted ends with the workspace closed, every file synced: nothing is put off beyond the count.
"""

import shutil
import subprocess
from collections import Counter
from pathlib import Path

from child import environment, script
from rounds import fresh_folder
from table import Row

_CALLS = ("fsync", "fdatasync")
_BEFORE = 4


def measure(*, runs: int, threads: int, base: Path | None) -> list[Row]:
    """The rows of syncs, for the engine one after the other and side by side, and for the floor."""
    strace = shutil.which("strace")
    if strace is None:
        return [Row("syncs per W", [], note="not measured: no strace")]
    few = max(2, runs // 10)
    engine = f"engine, {threads} threads"
    found = {
        "engine, one after the other": _per_run(strace, "engine", runs=few, threads=1, base=base),
        engine: _per_run(strace, "engine", runs=runs, threads=threads, base=base),
        "floor": _per_run(strace, "floor", runs=few, threads=1, base=base),
    }
    rows = [Row(f"syncs per W, {name}", [sum(each.values())], note=_told(each)) for name, each in found.items()]
    ratio = sum(found[engine].values()) / sum(found["floor"].values())
    return [*rows, Row("syncs per W, engine / floor", [ratio], unit="x")]


def _per_run(strace: str, subject: str, *, runs: int, threads: int, base: Path | None) -> dict[str, float]:
    warm = _BEFORE * threads
    below, above = (_count(strace, subject, runs=n, threads=threads, base=base) for n in (warm, warm + runs))
    return {call: (above[call] - below[call]) / runs for call in _CALLS}


def _count(strace: str, subject: str, *, runs: int, threads: int, base: Path | None) -> Counter[str]:
    with fresh_folder(base) as folder:
        table = folder / "calls"
        traced = [strace, "-f", "-c", "-e", f"trace={','.join(_CALLS)}", "-o", str(table)]
        work = script("workload.py", subject, folder / "work", runs, "--threads", threads)
        subprocess.run([*traced, *work], stdout=subprocess.DEVNULL, check=True, env=environment())
        return _counted(table.read_text("utf-8"))


def _counted(table: str) -> Counter[str]:
    """The fourth column of strace's table is the number of calls, the last one the call's name."""
    lines = [line.split() for line in table.splitlines()]
    return Counter({line[-1]: int(line[3]) for line in lines if line and line[-1] in _CALLS})


def _told(found: dict[str, float]) -> str:
    return ", ".join(f"{call} {value:.1f}" for call, value in found.items() if value)
