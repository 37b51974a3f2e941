"""Measures the program and prints the table: `python bench/run.py [--quick] [--json FILE]`.

Engine and floor take turns in the same process, so that whatever else the machine does meets both; ratios are medians
of the rounds. Numbers of different machines, or of different hours, are not to be compared; ratios are.
"""

import argparse
import json
import os
import platform
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import installed
import latency
import memory
import over_http
import page
import reads
import rebuild
import start
import syncs
import throughput
import verify
from rounds import Watch, fresh_folder
from store import Store
from table import Row, as_markdown

Part = Callable[["Bench"], Sequence[Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is done; `base` is the folder (and so the disk) on which it is done."""

    runs: int
    threads: int
    rounds: int
    samples: int
    stores: tuple[int, ...]
    reads: int
    goals: tuple[int, int]
    checked: int
    large_mib: int
    starts: int
    visits: int
    rows: int
    base: Path | None


class Bench:
    """The size, and the one store that the parts about large stores share, filled when the first of them asks."""

    def __init__(self, size: Size, folder: Path) -> None:
        self.size = size
        self._folder = folder

    @cached_property
    def store(self) -> Store:
        """The store, as large as it was made so far."""
        return Store(self._folder / "store")

    def close(self) -> None:
        """Let the store go, if there is one."""
        if "store" in self.__dict__:
            self.store.release()


def main(arguments: Sequence[str]) -> int:
    """Measure what was asked for; each part is printed, and kept as JSON where wanted, as soon as it is measured."""
    options = _parser().parse_args(arguments)
    size = _size(options)
    names = options.only or list(PARTS)
    found = {}
    print(machine() + "\n")
    with _bench(size) as bench:
        for name in names:
            watch = Watch()
            print(f"measuring {name} ...", end=" ", file=sys.stderr, flush=True)
            title, part = PARTS[name]
            rows = list(part(bench))
            print(f"{watch.read().seconds:.0f} s", file=sys.stderr, flush=True)
            print(as_markdown([(title, rows)]), flush=True)
            found[title] = [row.as_json() for row in rows]
            if options.json:
                kept = {"machine": machine(), "sections": found}
                options.json.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
    return 0


def machine() -> str:
    """What it was measured on, without names."""
    cores = os.cpu_count()
    python, sqlite = platform.python_version(), sqlite3.sqlite_version
    return f"{platform.system()} {platform.machine()}, {cores} cores, Python {python}, SQLite of the floor {sqlite}."


@contextmanager
def _bench(size: Size) -> Iterator[Bench]:
    with fresh_folder(size.base) as folder:
        bench = Bench(size, folder)
        try:
            yield bench
        finally:
            bench.close()


def _throughput(bench: Bench) -> Sequence[Row]:
    size = bench.size
    return throughput.measure(runs=size.runs, threads=size.threads, rounds=size.rounds, base=size.base)


def _latency(bench: Bench) -> Sequence[Row]:
    return latency.measure(samples=bench.size.samples, base=bench.size.base)


def _http(bench: Bench) -> Sequence[Row]:
    return over_http.measure(samples=bench.size.samples, base=bench.size.base)


def _syncs(bench: Bench) -> Sequence[Row]:
    return syncs.measure(runs=bench.size.runs, threads=bench.size.threads, base=bench.size.base)


def _page(bench: Bench) -> Sequence[Row]:
    size = bench.size
    runs = min(size.stores, key=lambda runs: abs(runs - _PAGE_RUNS))
    return page.measure(store=bench.store, runs=runs, visits=size.visits, rows=size.rows)


def _reads(bench: Bench) -> Sequence[Row]:
    return reads.measure(store=bench.store, sizes=bench.size.stores, reads=bench.size.reads)


def _rebuild(bench: Bench) -> Sequence[Row]:
    return rebuild.measure(store=bench.store, runs=bench.size.stores[-1])


def _verify(bench: Bench) -> Sequence[Row]:
    size = bench.size
    return verify.measure(
        runs=size.checked, large_mib=size.large_mib, threads=size.threads, rounds=size.rounds, base=size.base
    )


def _start(bench: Bench) -> Sequence[Row]:
    size = bench.size
    return start.measure(store=bench.store, runs=size.stores[-1], starts=size.starts, base=size.base)


def _memory(bench: Bench) -> Sequence[Row]:
    size = bench.size
    return memory.measure(goals=size.goals, threads=size.threads, within=WITHIN_SECONDS, base=size.base)


def _size_of_core(_bench: Bench) -> Sequence[Row]:
    return installed.measure()


PARTS: dict[str, tuple[str, Part]] = {
    "throughput": ("Throughput and CPU", _throughput),
    "latency": ("Latency", _latency),
    "http": ("Latency over HTTP", _http),
    "syncs": ("Syncs of the disk", _syncs),
    "page": ("The page", _page),
    "reads": ("Reads", _reads),
    "rebuild": ("Rebuild of the views", _rebuild),
    "verify": ("Verify", _verify),
    "start": ("Start", _start),
    "memory": ("Memory and disk", _memory),
    "size": ("Installed size of the core set", _size_of_core),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measures the program beside a floor of the standard library.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work or less: to see that it works")
    parser.add_argument("--json", type=Path, help="write every value to this file as well")
    parser.add_argument("--only", action="append", choices=list(PARTS), help="only this part; may be repeated")
    parser.add_argument("--base", type=Path, help="the folder on whose disk it is measured; else the temporary one")
    for name in NUMBERS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--stores", type=int, nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--goals", type=int, nargs=2, help=argparse.SUPPRESS)
    return parser


def _size(options: argparse.Namespace) -> Size:
    usual = QUICK if options.quick else FULL
    numbers = {name: getattr(options, name) or getattr(usual, name) for name in NUMBERS}
    few, many = options.goals or usual.goals
    return Size(**numbers, stores=tuple(options.stores or usual.stores), goals=(few, many), base=options.base)


NUMBERS = ("runs", "threads", "rounds", "samples", "reads", "checked", "large_mib", "starts", "visits", "rows")
WITHIN_SECONDS = 300.0
_PAGE_RUNS = 10_000
FULL = Size(
    runs=200,
    threads=20,
    rounds=5,
    samples=60,
    stores=(1_000, 10_000, 100_000),
    reads=200,
    goals=(200, 10_000),
    checked=2_000,
    large_mib=1_024,
    starts=5,
    visits=20,
    rows=5_000,
    base=None,
)
QUICK = Size(
    runs=20,
    threads=4,
    rounds=1,
    samples=10,
    stores=(1_000, 5_000),
    reads=50,
    goals=(100, 500),
    checked=300,
    large_mib=128,
    starts=2,
    visits=3,
    rows=500,
    base=None,
)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
