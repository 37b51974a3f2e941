"""Processes of the bench's own: their peaks, syncs and starts are theirs alone, not those of what measures them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
_SAID = "VM is at "
_STOP_SECONDS = 60.0


def script(name: str, *arguments: object) -> list[str]:
    """The command that runs a module of the bench in a process of its own."""
    return [sys.executable, str(HERE / name), *map(str, arguments)]


def answer_of(command: Sequence[str]) -> Mapping[str, Any]:
    """What the command prints, as JSON."""
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment())
    return cast("Mapping[str, Any]", json.loads(done.stdout))


@contextmanager
def serving(command: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Host and port of a server that says `VM is at URL`, from the moment it says so; it is stopped afterwards."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment())
    with process:
        try:
            url = urlsplit(_url_in(cast("IO[str]", process.stdout)))
            yield str(url.hostname), int(url.port or 80)
        finally:
            _stop(process)


def environment() -> dict[str, str]:
    """Ours without any setting of VM; and compiled modules are kept, as they are for whoever starts the program."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("VM_")}
    ours.pop("PYTHONDONTWRITEBYTECODE", None)
    return ours


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def _url_in(lines: IO[str]) -> str:
    for line in lines:
        if line.startswith(_SAID):
            return line.removeprefix(_SAID).strip()
    raise RuntimeError("the server ended before it served")
