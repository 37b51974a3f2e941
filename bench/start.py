"""From the start of the process to an answer: of a server on an empty and on a large workspace, and of `--help`."""

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

from child import environment, serving
from rounds import Watch, fresh_folder, interleave
from store import Store
from table import Row

_PROGRAM = (sys.executable, "-m", "vm_webapp")


def measure(*, store: Store, runs: int, starts: int, base: Path | None) -> list[Row]:
    """The rows of starts: each once to warm up, then in turns; an empty workspace is a new one every time."""
    store.grow(runs)
    store.release()
    parts: dict[str, Callable[[], float]] = {
        "start to health, empty workspace": partial(_empty, base),
        f"start to health, {runs:,} runs": partial(_health, store.root),
        "--help": _help,
    }
    interleave(parts, 1)
    return [Row(name, found, unit="s") for name, found in interleave(parts, starts).items()]


def _empty(base: Path | None) -> float:
    with fresh_folder(base) as folder:
        return _health(folder / "workspace")


def _health(workspace: Path) -> float:
    watch = Watch()
    with serving([*_PROGRAM, "serve", "--port", "0", "--workspace", str(workspace)]) as (host, port):
        connection = HTTPConnection(host, port)
        connection.request("GET", "/api/v1/health")
        status = connection.getresponse().status
        seconds = watch.read().seconds
        connection.close()
    if status != 200:
        msg = f"health answered {status}"
        raise RuntimeError(msg)
    return seconds


def _help() -> float:
    watch = Watch()
    subprocess.run([*_PROGRAM, "--help"], stdout=subprocess.DEVNULL, check=True, env=environment())
    return watch.read().seconds
