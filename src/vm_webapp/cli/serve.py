"""The command serve: the page and the API, until Ctrl+C."""

import sys
import webbrowser
from ipaddress import ip_address

import click

from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import settings_of
from vm_webapp.errors import Invalid, NotReadable, WorkspaceInUse
from vm_webapp.host import read_owner
from vm_webapp.settings import Settings
from vm_webapp.workspace import Workspace

_HOST = "127.0.0.1"
_PORT = 8766
_LOCALHOST = "localhost"


class NotLoopback(Invalid):
    """VM cannot listen on {host}: it has no login yet, so it serves this machine alone."""

    remedy = (
        "Leave --host out, or use 127.0.0.1. From elsewhere, a tunnel leads to it: ssh -L {port}:127.0.0.1:{port} ..."
    )


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

    if not _is_loopback(host):
        raise NotLoopback(host=host, port=port)
    settings = _without_chatter(settings_of(call), call)
    app = create_app(settings, llm=call.writer)

    def ready(url: str) -> None:
        click.echo(f"VM is at {url}\nPress Ctrl+C to stop.")
        if path is not None:
            _open(f"{url}{path}")

    try:
        serve_app(app, host=host, port=port, log_level=settings.vm_log_level, on_ready=ready)
    except NotReadable:
        app.state.host.close()  # it was never started, so nothing else closes it
        raise
    click.echo("Stopped.")
    return Exit.OK


def _without_chatter(settings: Settings, call: Invocation) -> Settings:
    """On a terminal only warnings are logged, unless --verbose or VM_LOG_LEVEL asks for more."""
    if call.verbose or "vm_log_level" in settings.model_fields_set or not sys.stderr.isatty():
        return settings
    return settings.model_copy(update={"vm_log_level": "WARNING"})


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
