"""Serving an app over HTTP from this process, until a signal says stop; live streams do not hold the end up."""

import contextlib
import errno
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from vm_webapp.api.guard import is_loopback
from vm_webapp.errors import Invalid, NotReadable

_GRACE_SECONDS: Final = 5
_LAST_PORT: Final = 65_535
_ANY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - names them, binds nothing


class AddressTaken(NotReadable):
    """{path} cannot be used: another program listens there."""

    code = "address_taken"
    remedy = "Stop the other program, or choose another port; port 0 takes any that is free."


class NotLoopback(Invalid):
    """VM does not listen on {host} without authentication: whoever reaches it could do anything."""

    code = "not_loopback"
    remedy = (
        "Make a token with `token create NAME --role admin` and set VM_AUTH=on, or leave --host out. "
        "From elsewhere, a tunnel leads to it as well: ssh -L {port}:127.0.0.1:{port} ..."
    )


class Server(uvicorn.Server):
    """A server that says when it is ready and wakes whoever waits before it stops."""

    def __init__(self, config: uvicorn.Config, *, on_start: Callable[[], None], on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start = on_start
        self._on_stop = on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams first: the server waits for open answers."""
        self._on_stop()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the port's
        """Stop in order; at a second Ctrl+C at once. The signal is not raised again: it was a request, and is done."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def serve(app: FastAPI, *, host: str, port: int, log_level: str, on_ready: Callable[[str], None]) -> None:
    """Serve until a signal; `on_ready` gets the URL, with the real port where 0 was asked for.

    Raises NotLoopback for an address that others reach where the app asks nobody for a token, AddressTaken when another
    program listens there, NotReadable when the address cannot be used otherwise.
    """
    check_address(host, port, auth=app.state.settings.vm_auth)
    with contextlib.closing(listen(host, port)) as listener:
        build_server(app, listener, host=host, log_level=log_level, on_ready=on_ready).run(sockets=[listener])


def check_address(host: str, port: int, *, auth: str) -> None:
    """NotLoopback for an address that others reach, unless authentication is on."""
    if auth != "on" and host != "localhost" and not is_loopback(host):
        raise NotLoopback(host=host, port=port)


def build_server(
    app: FastAPI, listener: socket.socket, *, host: str, log_level: str, on_ready: Callable[[str], None]
) -> Server:
    """The server for a listening socket; `run(sockets=[listener])` blocks."""
    url = url_of(host, listener)

    def start() -> None:
        app.state.host.announce(url)
        on_ready(url)

    def stop() -> None:
        app.state.watch.close()

    config = uvicorn.Config(
        app,
        log_config=None,
        log_level=log_level.lower(),
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return Server(config, on_start=start, on_stop=stop)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there."""
    place = f"{host}:{port}"
    if not 0 <= port <= _LAST_PORT:
        raise NotReadable(path=place, problem=f"ports are numbers from 0 to {_LAST_PORT}")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise NotReadable(path=place, problem="there is no such address") from error
    listener = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise AddressTaken(path=place) from error
        raise NotReadable(path=place, problem=error.strerror or str(error)) from error
    return listener


def url_of(host: str, listener: socket.socket) -> str:
    """The URL under which a browser on this machine finds the server."""
    name = _ANY_ADDRESS.get(host, host)
    port = listener.getsockname()[1]
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
