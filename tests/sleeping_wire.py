"""A wire to a server that can fall asleep: connections stay open, and nothing comes through any more.

It is what a page meets after its laptop slept, or behind a router that forgot: no error, no end, only silence.
"""

import contextlib
import socket
import threading
from typing import Self


class SleepingWire:
    """Listens on a port of its own and passes on what comes, until it is put to sleep; used in a `with`."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._generation = 0
        self._asleep = False
        self._target = 0

    def to(self, port: int) -> None:
        """Where the wire leads."""
        self._target = port
        threading.Thread(target=self._accept, daemon=True).start()

    def sleep(self) -> None:
        """From now on nothing comes through, also on connections that are made meanwhile; none of them is closed."""
        with self._lock:
            self._asleep = True
            self._generation += 1

    def wake(self) -> None:
        """New connections work again; those that were there stay silent for ever."""
        with self._lock:
            self._asleep = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                near.close()
                return
            with self._lock:
                self._open += [near, far]
                generation = -1 if self._asleep else self._generation
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(source, sink, generation), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, generation: int) -> None:
        """Carry bytes one way; a connection of an earlier generation swallows them, and tells neither side."""
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if generation == self._generation:
                    sink.sendall(data)
            if generation == self._generation:
                sink.shutdown(socket.SHUT_WR)
