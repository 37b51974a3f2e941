"""W in its own process: `python workload.py engine|floor FOLDER RUNS... [--threads N] [--within SECONDS] [--mark]`.

Does W until each of the numbers is reached, in order, and prints as JSON how many were done and the peak of memory by
then; then everything is synced and closed. After `--within` seconds no more W are begun. With `--mark` its phases can
be told apart in a trace, with `--data-kib` the engine's W have files of that size.
"""

import argparse
import contextlib
import json
import os
import re
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from floor import Floor
from work_unit import check_completed, make_threads, open_workspace, run_to_the_end

Reach = Callable[[Callable[[int], None]], list[dict[str, int]]]
NO_FILE = 2**31 - 1
_BATCH = 500
_STATUS = Path("/proc/self/status")


def main(arguments: Sequence[str]) -> int:
    """Do the work and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("subject", choices=["engine", "floor"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("runs", type=int, nargs="+")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--data-kib", type=int, default=1)
    parser.add_argument("--within", type=float, default=600.0)
    parser.add_argument("--mark", action="store_true")
    options = parser.parse_args(arguments)
    until = time.monotonic() + options.within

    def reach(work: Callable[[int], None]) -> list[dict[str, int]]:
        return _reach(options.runs, work, until=until, marking=options.mark)

    if options.subject == "engine":
        found = _engine(options.folder, reach, threads=options.threads, data_kib=options.data_kib)
    else:
        found = _floor(options.folder, reach, threads=options.threads)
    print(json.dumps({"reached": found}))
    return 0


def peak_bytes() -> int:
    """The most memory that this process has had in RAM; what `ru_maxrss` says may be the parent's, from before exec."""
    if _STATUS.exists() and (found := re.search(r"VmHWM:\s*(\d+) kB", _STATUS.read_text("ascii"))):
        return int(found[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def mark() -> None:
    """Leave a mark in a trace of syncs: one of no file, which changes nothing."""
    with contextlib.suppress(OSError):
        os.fsync(NO_FILE)


def _engine(folder: Path, reach: Reach, *, threads: int, data_kib: int) -> list[dict[str, int]]:
    host = open_workspace(folder, data_kib=data_kib)
    try:
        ids = make_threads(host, threads)
        found = reach(lambda runs: run_to_the_end(host, ids, runs))
        check_completed(host, found[-1]["runs"])
    finally:
        host.close()
    return found


def _floor(folder: Path, reach: Reach, *, threads: int) -> list[dict[str, int]]:
    floor = Floor(folder)
    try:
        return reach(lambda runs: floor.run_to_the_end(runs, threads=threads))
    finally:
        floor.close()


def _reach(goals: Sequence[int], work: Callable[[int], None], *, until: float, marking: bool) -> list[dict[str, int]]:
    done, found = 0, []
    if marking:
        mark()
    for goal in goals:
        while done < goal and time.monotonic() < until:
            batch = min(_BATCH, goal - done)
            work(batch)
            done += batch
        found.append({"runs": done, "peak_bytes": peak_bytes()})
    if marking:
        mark()
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
