"""W per second and CPU per W: the engine beside the floor in one to four threads."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from floor import Floor
from rounds import Spent, Watch, fresh_folder, interleave, median_ratio
from table import Row
from work_unit import check_completed, make_threads, open_workspace, run_to_the_end

FLOOR_THREADS = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Sample:
    """What a round took until all runs were settled, and until the workspace was closed with every file synced."""

    settled: Spent
    closed: Spent


def measure(*, runs: int, threads: int, rounds: int, base: Path | None) -> list[Row]:
    """The rows of throughput and CPU."""
    parts: dict[str, Callable[[], Sample]] = {"engine": partial(engine_sample, runs=runs, threads=threads, base=base)}
    parts |= {f"floor {n}": partial(_floor_sample, runs=runs, threads=n, base=base) for n in FLOOR_THREADS}
    found = interleave(parts, rounds)
    rates = {name: [runs / sample.settled.seconds for sample in samples] for name, samples in found.items()}
    closed = [runs / sample.closed.seconds for sample in found["engine"]]
    best = max((f"floor {n}" for n in FLOOR_THREADS), key=lambda name: statistics.median(rates[name]))
    rows = [Row("W per second, settled", rates["engine"], unit="W/s")]
    rows += [
        Row(f"W per second, floor, {name.split()[1]} thread(s)", rates[name], unit="W/s")
        for name in rates
        if name != "engine"
    ]
    ratio = median_ratio(rates["engine"], rates[best])
    rows += [
        Row(f"engine / best floor ({best.split()[1]} threads)", [ratio], unit="x", target=">= 1", held=ratio >= 1),
        Row("engine / floor, 1 thread", [median_ratio(rates["engine"], rates["floor 1"])], unit="x"),
        Row("W per second with every file synced and the workspace closed", closed, unit="W/s"),
        Row("the same / best floor", [median_ratio(closed, rates[best])], unit="x"),
    ]
    return rows + _cpu_rows(found["engine"], found[best], runs)


def engine_sample(*, runs: int, threads: int, base: Path | None) -> Sample:
    """One round of the engine in a fresh workspace, warmed up by a W per thread."""
    with fresh_folder(base) as folder:
        host = open_workspace(folder)
        try:
            ids = make_threads(host, threads)
            run_to_the_end(host, ids, threads)
            watch = Watch()
            run_to_the_end(host, ids, runs)
            settled = watch.read()
            check_completed(host, runs + threads)
        finally:
            host.close()
        return Sample(settled, watch.read())


def _floor_sample(*, runs: int, threads: int, base: Path | None) -> Sample:
    with fresh_folder(base) as folder:
        floor = Floor(folder)
        floor.run_to_the_end(threads, threads=threads)
        watch = Watch()
        floor.run_to_the_end(runs, threads=threads)
        settled = watch.read()
        floor.close()
        return Sample(settled, watch.read())


def _cpu_rows(engine: list[Sample], floor: list[Sample], runs: int) -> list[Row]:
    settled = [sample.settled.cpu_seconds * 1000 / runs for sample in engine]
    closed = [sample.closed.cpu_seconds * 1000 / runs for sample in engine]
    below = [sample.settled.cpu_seconds * 1000 / runs for sample in floor]
    held = statistics.median(closed) < 16
    return [
        Row("CPU per W, settled", settled, unit="ms"),
        Row("CPU per W with every file synced and the workspace closed", closed, unit="ms", target="< 16", held=held),
        Row("CPU per W, floor", below, unit="ms"),
    ]
