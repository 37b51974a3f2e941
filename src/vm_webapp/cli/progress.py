"""A bar for what is counted: on standard error, where a terminal reads it, gone when it is done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.screen import console


@contextmanager
def counting(call: Invocation, noun: str, total: int | None, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """Tell the yielded function how many are done; `total` is None where nobody knows how many there will be."""
    screen = console(call, stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=screen, transient=True, disable=not (shown and screen.is_terminal)) as bar:
        task = bar.add_task(noun, total=total)
        yield lambda done: bar.update(task, completed=done)
