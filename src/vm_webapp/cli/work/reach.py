"""Reaching a desk: the workspace itself where it is free, else the server that owns it, else one waits in line."""

import io
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr
from typing import Final, TextIO

from vm_webapp.cli.failures import keep_aside, warn
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import quietly, settings_of
from vm_webapp.cli.text import counted
from vm_webapp.cli.work.desk import Desk
from vm_webapp.cli.work.own_desk import OwnDesk
from vm_webapp.cli.work.served_desk import find_server
from vm_webapp.errors import BadSetting, WorkspaceInUse
from vm_webapp.host import open_host, read_owner
from vm_webapp.settings import Settings
from vm_webapp.workspace import Workspace
from vm_webapp.writers.llm.addresses import list_open_keys

_LOOK_AGAIN_SECONDS: Final = 0.2
_SAY_AFTER_SECONDS: Final = 1.0


class AtWork(WorkspaceInUse):
    """Process {pid} is at work in the workspace {path} and serves no page."""

    remedy = "Ctrl+C in that process cancels its run; or wait until it is done."


@contextmanager
def desk(call: Invocation, *, patience: float | None, resume: bool = True) -> Iterator[Desk]:
    """A desk of the workspace; closed at the end. AtWork when another process has it for `patience` seconds.

    Without `resume` other open runs stay as they are where the workspace itself is the desk.

    Errors that are logged meanwhile are kept aside, so that they do not run into the display; --verbose shows them.
    """
    settings = quietly(settings_of(call), call)
    held = io.StringIO()
    logs = sys.stderr if call.verbose else held
    try:
        with closing(_reach(call, settings, logs=logs, patience=patience, resume=resume)) as found:
            if isinstance(found, OwnDesk) and not call.verbose:  # else it is told already, in the log
                for problem in list_open_keys(settings):
                    warn(problem, call)
            yield found
    finally:
        _keep_aside(held.getvalue(), call)


def _reach(call: Invocation, settings: Settings, *, logs: TextIO, patience: float | None, resume: bool) -> Desk:
    begun = time.monotonic()
    told = False
    while True:
        try:
            with redirect_stderr(logs):  # the host's logs go where standard error is when it is opened
                return OwnDesk(open_host(settings, llm=call.writer, resume=resume))
        except WorkspaceInUse as error:
            owner = read_owner(Workspace(settings.vm_workspace_root))
            if served := find_server(owner, token=_secret(settings)):
                return served
            waited = time.monotonic() - begun
            if patience is not None and waited >= patience:
                raise AtWork(**error.facts) from error
            if not told and waited >= _SAY_AFTER_SECONDS:
                told = True
                warn(f"Process {owner.get('pid')} is at work in this workspace; waiting for it. Ctrl+C gives up.", call)
        time.sleep(_LOOK_AGAIN_SECONDS)


def _secret(settings: Settings) -> str | None:
    """The token to show, None for none; BadSetting for what no token can be, and what no header can carry."""
    secret = settings.vm_token.get_secret_value() if settings.vm_token else ""
    if not all("!" <= one <= "~" for one in secret):
        raise BadSetting(
            variable="The token in VM_TOKEN, or behind --token,",
            problem="is none: it holds a blank or a letter that no token has",
            advice="Set it to the text that `token create` showed, as it stood there.",
        )
    return secret or None


def _keep_aside(logged: str, call: Invocation) -> None:
    if logged:
        place = keep_aside(logged)
        where = f"the details are in {place}" if place else "--verbose shows the details"
        warn(f"{counted(len(logged.splitlines()), 'error')} came up meanwhile; {where}.", call)
