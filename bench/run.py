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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import latency
import throughput
from table import Row, as_markdown

Part = Callable[["Size"], Sequence[Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is done; `base` is the folder (and so the disk) on which it is done."""

    runs: int
    threads: int
    rounds: int
    samples: int
    base: Path | None


def main(arguments: Sequence[str]) -> int:
    """Measure what was asked for, print the table, keep the JSON where wanted."""
    options = _parser().parse_args(arguments)
    size = _size(options)
    names = options.only or list(PARTS)
    sections = []
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        title, part = PARTS[name]
        sections.append((title, list(part(size))))
    print(machine() + "\n")
    print(as_markdown(sections))
    if options.json:
        found = {title: [row.as_json() for row in rows] for title, rows in sections}
        options.json.write_text(json.dumps({"machine": machine(), "sections": found}, indent=2) + "\n", "utf-8")
    return 0


def machine() -> str:
    """What it was measured on, without names."""
    cores = os.cpu_count()
    python, sqlite = platform.python_version(), sqlite3.sqlite_version
    return f"{platform.system()} {platform.machine()}, {cores} cores, Python {python}, SQLite of the floor {sqlite}."


def _throughput(size: Size) -> Sequence[Row]:
    return throughput.measure(runs=size.runs, threads=size.threads, rounds=size.rounds, base=size.base)


def _latency(size: Size) -> Sequence[Row]:
    return latency.measure(samples=size.samples, base=size.base)


PARTS: dict[str, tuple[str, Part]] = {
    "throughput": ("Throughput and CPU", _throughput),
    "latency": ("Latency", _latency),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measures the program beside a floor of the standard library.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work: to see that it works")
    parser.add_argument("--json", type=Path, help="write every value to this file as well")
    parser.add_argument("--only", action="append", choices=list(PARTS), help="only this part; may be repeated")
    parser.add_argument("--base", type=Path, help="the folder on whose disk it is measured; else the temporary one")
    for name in ("runs", "threads", "rounds", "samples"):
        parser.add_argument(f"--{name}", type=int, help=argparse.SUPPRESS)
    return parser


def _size(options: argparse.Namespace) -> Size:
    usual = {"runs": 20, "threads": 4, "rounds": 1, "samples": 10} if options.quick else FULL
    chosen = {name: getattr(options, name) or value for name, value in usual.items()}
    return Size(**chosen, base=options.base)


FULL = {"runs": 200, "threads": 20, "rounds": 5, "samples": 60}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
