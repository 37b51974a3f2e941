"""How often the disk is asked to make things durable, per W, as strace sees it in a child.

The child marks its phases by a sync that cannot be (see `workload.mark`): what is counted begins with the workspace
open, and ends once with all W settled, once with every file synced and the workspace closed.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from child import environment, script
from rounds import fresh_folder
from table import Row
from workload import NO_FILE

_CALL = re.compile(r"\b(?:fsync|fdatasync)\((-?\d+)")


@dataclass(frozen=True, slots=True)
class _Syncs:
    """Syncs per W: until all are settled, and until the workspace is closed."""

    settled: float
    closed: float


def measure(*, runs: int, threads: int, base: Path | None) -> list[Row]:
    """The rows of syncs, for the engine one after the other and side by side, and for the floor."""
    strace = shutil.which("strace")
    if strace is None:
        return [Row("syncs per W", [], note="not measured: no strace")]
    few = max(2, runs // 10)
    alone = _per_run(strace, "engine", runs=few, threads=1, base=base)
    together = _per_run(strace, "engine", runs=runs, threads=threads, base=base)
    floor = _per_run(strace, "floor", runs=few, threads=1, base=base)
    rows = []
    for how, found in (("one after the other", alone), (f"{runs} W in {threads} threads", together)):
        rows += [
            Row(f"syncs per W, settled, {how}", [found.settled]),
            Row(f"syncs per W with every file synced and the workspace closed, {how}", [found.closed]),
        ]
    return [
        *rows,
        Row("syncs per W, floor", [floor.closed]),
        Row(f"settled in {threads} threads / floor", [together.settled / floor.closed], unit="x"),
        Row(f"closed, {threads} threads / floor", [together.closed / floor.closed], unit="x"),
    ]


def _per_run(strace: str, subject: str, *, runs: int, threads: int, base: Path | None) -> _Syncs:
    with fresh_folder(base) as folder:
        calls = folder / "calls"
        traced = [strace, "-f", "-e", "trace=fsync,fdatasync", "-o", str(calls)]
        work = script("workload.py", subject, folder / "work", runs, "--threads", threads, "--mark")
        subprocess.run([*traced, *work], stdout=subprocess.DEVNULL, check=True, env=environment())
        descriptors = _CALL.findall(calls.read_text("utf-8"))
    opened, settled = (at for at, descriptor in enumerate(descriptors) if int(descriptor) == NO_FILE)
    return _Syncs((settled - opened - 1) / runs, (len(descriptors) - opened - 2) / runs)
