"""Interleaved rounds, A B C, C B A, ... so that other load meets all alike; medians of ratios within a round."""

import gc
import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Spent:
    """What something took: wall-clock seconds, and CPU seconds of this process (user and system)."""

    seconds: float
    cpu_seconds: float


class Watch:
    """Reads wall clock and CPU time since it was made."""

    def __init__(self) -> None:
        self._cpu = cpu_seconds()
        self._at = time.perf_counter()

    def read(self) -> Spent:
        """What was spent so far."""
        return Spent(time.perf_counter() - self._at, cpu_seconds() - self._cpu)


def cpu_seconds() -> float:
    """User and system time of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def interleave(parts: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """Each part once per round; every second round goes backwards, so that no part is always the first."""
    found: dict[str, list[T]] = {name: [] for name in parts}
    for number in range(rounds):
        names = list(parts) if number % 2 == 0 else list(parts)[::-1]
        for name in names:
            found[name].append(parts[name]())
    return found


def median_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the ratios of values of the same round."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which `percent` of the values lie; nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(percent / 100 * (len(ordered) - 1)))]


@contextmanager
def fresh_folder(base: Path | None = None) -> Iterator[Path]:
    """A folder that is removed afterwards; the disk is quiet when it is handed out."""
    folder = Path(tempfile.mkdtemp(prefix="vm-bench-", dir=base))
    gc.collect()
    os.sync()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
