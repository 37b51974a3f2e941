"""The command serve: the page and the API, until Ctrl+C."""

import errno
import socket
import webbrowser
from contextlib import closing
from ipaddress import ip_address

import click

from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import settings_of
from vm_webapp.errors import Invalid, NotReadable, WorkspaceInUse
from vm_webapp.host import open_host, read_owner
from vm_webapp.workspace import Workspace

_HOST = "127.0.0.1"
_PORT = 8766
_LOCALHOST = "localhost"


class NotLoopback(Invalid):
    """VM cannot listen on {host}: it has no login yet, so it serves this machine alone."""

    remedy = (
        "Leave --host out, or use 127.0.0.1. From elsewhere, a tunnel leads to it: ssh -L {port}:127.0.0.1:{port} ..."
    )


class PortInUse(NotReadable):
    """Something else listens on {host}:{port}."""

    remedy = "Stop it, or choose another port with --port; --port 0 takes a free one."


def serve(call: Invocation, *, host: str, port: int, open_page: bool) -> int:
    """Serve until Ctrl+C; a second server on the workspace is refused, or its page opened with --open."""
    try:
        return _serve(call, host=host, port=port, path="" if open_page else None)
    except WorkspaceInUse as error:
        owner = read_owner(Workspace(settings_of(call).vm_workspace_root))
        if not open_page or not owner.get("url"):
            raise
        click.echo(str(error))
        _open(f"{owner['url']}/")
        return Exit.OK


def show_page(call: Invocation, path: str, *, page_url: str | None) -> None:
    """Open that path of the page in the browser; where no page is served, serve one until Ctrl+C."""
    if page_url is not None:
        _open(f"{page_url}{path}")
    else:
        _serve(call, host=_HOST, port=_PORT, path=path)


def _serve(call: Invocation, *, host: str, port: int, path: str | None) -> int:
    """Serve; `path` is opened in the browser when the server is ready, None opens nothing."""
    from vm_webapp.api.server import serve as serve_app  # noqa: PLC0415 - `run` needs no web framework
    from vm_webapp.app import create_app  # noqa: PLC0415 - likewise

    _check_address(host, port)
    settings = settings_of(call)
    with closing(open_host(settings, llm=call.writer)) as owner:

        def ready(url: str) -> None:
            owner.announce(url)
            click.echo(f"VM is at {url}\nPress Ctrl+C to stop.")
            if path is not None:
                _open(f"{url}{path}")

        app = create_app(settings, llm=call.writer)
        serve_app(app, host=host, port=port, log_level=settings.vm_log_level, on_ready=ready)
    return Exit.OK


def _check_address(host: str, port: int) -> None:
    """Refuse addresses beyond this machine, and a port that is taken, before anything is opened."""
    if not _is_loopback(host):
        raise NotLoopback(host=host, port=port)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise NotReadable(path=f"{host}:{port}", problem="ports below 1024 need special rights") from error
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise NotReadable(path=f"{host}:{port}", problem=error.strerror or str(error)) from error
            raise PortInUse(host=host, port=port) from error


def _is_loopback(host: str) -> bool:
    if host == _LOCALHOST:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _open(url: str) -> None:
    """Open the address in a browser, or say it where there is none."""
    if not webbrowser.open(url):
        click.echo(f"No browser was found; open this address: {url}")
