"""The latency of one W when nothing else is going on, beside the floor's."""

from pathlib import Path

from floor import Floor
from rounds import Watch, fresh_folder, interleave, median_ratio, percentile
from table import Row
from work_unit import make_threads, open_workspace, run_and_read


def measure(*, samples: int, base: Path | None) -> list[Row]:
    """The rows of latency: from the request to a run that is settled and can be read."""
    with fresh_folder(base) as folder:
        host = open_workspace(folder / "engine")
        floor = Floor(folder / "floor")
        try:
            (thread_id,) = make_threads(host, 1)

            def engine_once() -> float:
                watch = Watch()
                run_and_read(host, thread_id)
                return watch.read().seconds * 1000

            def floor_once() -> float:
                watch = Watch()
                floor.run_once()
                return watch.read().seconds * 1000

            parts = {"engine": engine_once, "floor": floor_once}
            interleave(parts, min(5, samples))
            found = interleave(parts, samples)
        finally:
            floor.close()
            host.close()
    engine, below = found["engine"], found["floor"]
    ratio = median_ratio(engine, below)
    return [
        Row("latency of one W, p50", [percentile(engine, 50)], unit="ms"),
        Row("latency of one W, p95", [percentile(engine, 95)], unit="ms"),
        Row("latency of one W, floor, p50", [percentile(below, 50)], unit="ms"),
        Row("latency of one W, floor, p95", [percentile(below, 95)], unit="ms"),
        Row("latency, engine / floor", [ratio], unit="x", target="<= 1.5", held=ratio <= 1.5),
    ]
