"""The command serve: the page and the API, until Ctrl+C."""

import sys
import webbrowser

import click

from vm_webapp.access.tokens import any_admin
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.failures import warn
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.loading import loading
from vm_webapp.cli.opening import settings_of
from vm_webapp.errors import NotReadable, WorkspaceInUse
from vm_webapp.host import Host, read_owner
from vm_webapp.settings import Settings
from vm_webapp.workspace import Workspace

_HOST = "127.0.0.1"
_PORT = 8766


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
    with loading(call):
        from vm_webapp.api.server import check_address  # noqa: PLC0415 - `run` needs no web framework
        from vm_webapp.api.server import serve as serve_app  # noqa: PLC0415 - likewise
        from vm_webapp.app import create_app  # noqa: PLC0415 - likewise

    settings = _without_chatter(settings_of(call), call)
    check_address(host, port, auth=settings.vm_auth)
    app = create_app(settings, llm=call.writer)

    def ready(url: str) -> None:
        click.echo(f"VM is at {url}\nPress Ctrl+C to stop.")
        _tell_of_nobody(call, settings, app.state.host)
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


def _tell_of_nobody(call: Invocation, settings: Settings, host: Host) -> None:
    """Say how to be let in where every request is asked for a token and no admin has one."""
    if settings.vm_auth == "off":
        return
    with host.database.read() as connection:
        known = any_admin(connection, host.commands.clock())
    if not known:
        make = call.spelled("token", "create", "NAME", "--role", "admin")
        warn(f"No admin has a token that is valid. Stop this server, then make one: {make}", call)


def _open(url: str) -> None:
    """Open the address in a browser, or say it where there is none."""
    if not webbrowser.open(url):
        click.echo(f"No browser was found; open this address: {url}")
