"""What is read most, in stores of growing size: pages by keyset are meant to cost the same in all of them.

The store was just written, so the operating system has it in memory: what is measured is the program and SQLite.
"""

import random
from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from rounds import Watch, interleave, percentile
from store import Store
from table import Row
from vm_webapp import event_store, repo

Read = Callable[[Connection], object]
_PAGE = 50
_WARM_UPS = 10


def measure(*, store: Store, sizes: Sequence[int], reads: int) -> list[Row]:
    """The rows of reads: p50 and p95 at each size, then the largest beside the smallest."""
    rows: list[Row] = []
    medians: dict[str, list[float]] = {}
    for size in sizes:
        store.grow(size)
        for name, found in _sample(store, reads).items():
            medians.setdefault(name, []).append(percentile(found, 50))
            rows += [Row(f"{name}, {size:,} runs, p{at}", [percentile(found, at)], unit="ms") for at in (50, 95)]
    rows.sort(key=lambda row: list(medians).index(row.name.rsplit(", ", 2)[0]))
    ends = f"{sizes[-1]:,} / {sizes[0]:,} runs, p50"
    return rows + [Row(f"{name}, {ends}", [found[-1] / found[0]], unit="x") for name, found in medians.items()]


def _sample(store: Store, reads: int) -> dict[str, list[float]]:
    draw = random.Random(len(store.runs))  # noqa: S311 - it draws what to read
    parts = {name: _timed(store, choose) for name, choose in _choices(store, draw).items()}
    interleave(parts, min(_WARM_UPS, reads))
    return interleave(parts, reads)


def _timed(store: Store, choose: Callable[[], Read]) -> Callable[[], float]:
    def once() -> float:
        read = choose()
        watch = Watch()
        with store.database.read() as connection:
            found = read(connection)
        seconds = watch.read().seconds
        if not found:
            raise RuntimeError("there was nothing to read")
        return seconds * 1000

    return once


def _choices(store: Store, draw: random.Random) -> dict[str, Callable[[], Read]]:
    """What each read is to be of; chosen, and its cursor found, before the clock runs."""
    with store.database.read() as connection:
        last = event_store.last_position(connection)
    busy = store.threads[0]

    def thread() -> str:
        return draw.choice(store.threads[1:])

    return {
        "runs of a thread": lambda: _runs_of(thread()),
        "runs of the busiest thread": lambda: _runs_of(busy),
        "all runs": lambda: lambda at: repo.list_runs(at, limit=_PAGE),
        "all runs, deep page": lambda: _all_runs_before(draw.randint(last // 4, last // 2)),
        "timeline, page 1": lambda: _timeline(thread(), None),
        "timeline, deep page": lambda: _timeline(*_deep(store, thread())),
        "timeline of the busiest thread, page 1": lambda: _timeline(busy, None),
        "timeline of the busiest thread, deep page": lambda: _timeline(*_deep(store, busy)),
        "one run": lambda: _run(draw.choice(store.runs)),
    }


def _runs_of(thread_id: str) -> Read:
    return lambda at: repo.list_runs_by_thread(at, thread_id, limit=_PAGE)


def _all_runs_before(position: int) -> Read:
    return lambda at: repo.list_runs(at, limit=_PAGE, before=position)


def _timeline(thread_id: str, before: int | None) -> Read:
    return lambda at: repo.list_timeline_items_view(at, thread_id=thread_id, limit=_PAGE, before=before)


def _run(run_id: str) -> Read:
    return lambda at: repo.get_run(at, run_id)


def _deep(store: Store, thread_id: str) -> tuple[str, int]:
    """The thread, and the cursor of the last page that is full or nearly so."""
    query = "SELECT global_position FROM events WHERE thread_id = ? ORDER BY global_position LIMIT ?"
    with store.database.read() as connection:
        found = connection.exec_driver_sql(query, (thread_id, _PAGE + 1)).scalars().all()
    return thread_id, int(found[-1])
