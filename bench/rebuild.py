"""The speed of `projections.rebuild`: all views emptied, the whole log read again, in one transaction."""

from rounds import Watch
from store import Store
from table import Row
from vm_webapp import event_store, projections


def measure(*, store: Store, runs: int) -> list[Row]:
    """The rows of a rebuild, and of the look at every start whether one is needed."""
    store.grow(runs)
    with store.database.read() as connection:
        events = event_store.last_position(connection)
    store.release()
    stored = store.path.stat().st_size
    watch = Watch()
    read = store.database.write(projections.rebuild)
    seconds = watch.read().seconds
    with store.database.read() as connection:
        watch = Watch()
        current = projections.is_current(connection)
        looked = watch.read().seconds
    if read != events or not current:
        msg = f"the rebuild read {read} of {events} events, or left the views behind"
        raise RuntimeError(msg)
    return [
        Row("events in the log", [events], note=f"{runs:,} runs"),
        Row("database per run, without copies of files", [stored / runs / 1024], unit="KiB"),
        Row("events per second", [events / seconds], unit="1/s"),
        Row("the whole rebuild", [seconds], unit="s"),
        Row("looking whether the views are current", [looked * 1000], unit="ms"),
    ]
