"""Loading the program without looking for garbage.

Python looks for cycles again and again while modules are loaded, and through all that is left at the end. The one makes
none, the other goes with the process; together they take as long as all else that a short command does.
"""

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager

from vm_webapp.cli.invocation import Invocation


def begin_process() -> None:
    """Put the search off until something is `loaded`; at the end there is none. For a process that is ours alone."""
    gc.disable()
    atexit.register(gc.freeze)


@contextmanager
def loading(call: Invocation) -> Iterator[None]:
    """Look for no cycles meanwhile; what a process of its own has loaded is never looked through again."""
    with unsearched():
        yield
    if call.alone:
        gc.freeze()
        gc.enable()


@contextmanager
def unsearched() -> Iterator[None]:
    """Look for no cycles meanwhile, for work that makes next to none."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()
