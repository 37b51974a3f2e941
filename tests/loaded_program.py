"""The program as a process that starts at once: a process of loaded_child.py has loaded it, and forks for each start.

A start is what `python -m vm_webapp` does, but for the loading, which would be most of it. How the program is loaded is
what test_cli_child.py is about; its processes are started anew.
"""

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Final

import vm_webapp

import loaded_child

CAN_FORK: Final = sys.platform == "linux"
"""Elsewhere there are no sockets of packets, or no forks, and each start loads the program."""
AS_MODULE: Final = str(Path(vm_webapp.__file__).with_name("__main__.py"))
"""What the program finds in place of its name when it is called as a module."""
_PATIENCE_SECONDS: Final = 60


class Started:
    """A start of the program: what tests use of a `subprocess.Popen`, with the same names."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        held: bool = False,
        streams: Sequence[IO[bytes]],
    ) -> None:
        self.returncode: int | None = None
        job = {"words": [*words], "folder": str(folder), "environment": {**environment}, "held": held}
        ours, theirs = socket.socketpair()
        with theirs:
            passed = [*(stream.fileno() for stream in streams), theirs.fileno()]
            socket.send_fds(_loaded(), [json.dumps(job).encode()], passed)
        self._line = ours.makefile("r")
        ours.close()
        self.pid = int(self._line.readline())

    def poll(self) -> int | None:
        """The exit code, None while it runs; that of a signal is negative."""
        if self.returncode is None and select.select([self._line], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self) -> int:
        """Wait until it has ended."""
        if self.returncode is None:
            self.returncode = int(self._line.readline())
            self._line.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Power off."""
        self.send_signal(signal.SIGKILL)


def run(
    words: Sequence[str], *, folder: Path, environment: Mapping[str, str], given: bytes = b"", held: bool = False
) -> "subprocess.CompletedProcess[str]":
    """Start it, give it this on standard input, and wait for its end; killed when that takes a minute."""
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as errors:
        with os.fdopen(reading, "rb") as read_by_it:
            streams = (read_by_it, said, errors)
            started = Started(words, folder=folder, environment=environment, held=held, streams=streams)
        patience = threading.Timer(_PATIENCE_SECONDS, started.kill)
        patience.start()
        with contextlib.suppress(BrokenPipeError), os.fdopen(writing, "wb") as its_input:  # it need not read to the end
            its_input.write(given)
        code = started.wait()
        patience.cancel()
        texts = [(file.seek(0), file.read().decode())[1] for file in (said, errors)]
    return subprocess.CompletedProcess([*words], code, *texts)


@cache
def _loaded() -> socket.socket:
    """The desk of this process's loaded one, which ends with this process."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, loaded_child.__file__, str(theirs.fileno())]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with theirs:
        process = subprocess.Popen(command, env=environment, pass_fds=[theirs.fileno()], start_new_session=True)

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours
