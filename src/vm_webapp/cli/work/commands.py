"""The commands run, retry and cancel."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import click

from vm_webapp.cli.choose import choose_id
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import settings_of
from vm_webapp.cli.screen import cell, console, show_json
from vm_webapp.cli.serve import show_page
from vm_webapp.cli.work.desk import Desk, Record
from vm_webapp.cli.work.display import display_on
from vm_webapp.cli.work.ending import Teller, exit_of, record_of
from vm_webapp.cli.work.follow import Ending, Interrupts, follow
from vm_webapp.cli.work.place import Wish, find_or_make
from vm_webapp.cli.work.reach import desk
from vm_webapp.cli.work.request_text import read_request
from vm_webapp.domain.thread_messages import OnBusy
from vm_webapp.run_requests import Choices
from vm_webapp.workspace import Workspace

_PATIENCE_SECONDS = 2.0
_CANCEL_SECONDS = 30.0

Ask = Callable[[Desk], str]


def run(
    call: Invocation,
    *,
    request: Sequence[str],
    file: Path | None,
    mode: str,
    brand: str | None,
    project: str | None,
    thread: str | None,
    objective: str | None,
    channels: Sequence[str],
    due: str | None,
    timeout: float | None,
    open_page: bool,
    as_json: bool,
    writer: str | None,
    budget_usd: str | None,
    on_busy: OnBusy,
) -> int:
    """Find or make the place, ask for a run there and follow it."""
    facts = {"objective": objective, "channels": list(channels) or None, "due_on": due}
    wish = Wish(
        request_text=read_request(call, request, file),
        mode=mode,
        brand=brand,
        project=project,
        thread=thread,
        facts={name: value for name, value in facts.items() if value is not None},
        choices=Choices(writer=writer or "", budget_usd=budget_usd, on_busy=on_busy),
    )

    def ask(at: Desk) -> str:
        place = find_or_make(at, wish)
        if not as_json:
            with suppress(OSError):  # who reads the output no more has the run all the same; its display says so
                console(call).print(cell(" / ".join(place.names), "bold"), soft_wrap=True)
        return at.request_run(place.thread["thread_id"], wish.request_text, wish.mode, wish.choices)

    return see_through(call, ask, timeout=timeout, open_page=open_page, as_json=as_json)


def retry(call: Invocation, *, run_id: str, timeout: float | None, open_page: bool, as_json: bool) -> int:
    """Ask for a run that goes on where another stopped, and follow it."""
    return see_through(
        call,
        lambda at: at.retry(choose_id("run", run_id, at.list_run_ids())),
        timeout=timeout,
        open_page=open_page,
        as_json=as_json,
    )


def cancel(call: Invocation, *, run_id: str, as_json: bool) -> int:
    """Ask a run to stop and wait until it has; 0 when it is canceled."""
    workspace = Workspace(settings_of(call).vm_workspace_root)
    interrupts = Interrupts()
    with desk(call, patience=_PATIENCE_SECONDS, resume=False) as at:
        chosen = choose_id("run", run_id, at.list_run_ids())
        at.cancel(chosen)
        with display_on(console(call), quiet=True) as display, interrupts.listening():
            _, settled = follow(at, chosen, display=display, interrupts=interrupts, timeout=_CANCEL_SECONDS)
        page_url = at.page_url
    if as_json:
        show_json(record_of(settled, workspace, page_url))
    else:
        click.echo(f"{chosen}: {settled['status'].replace('_', ' ')}")
    return Exit.OK if settled["status"] == "canceled" else Exit.FAILED


def see_through(call: Invocation, ask: Ask, *, timeout: float | None, open_page: bool = False, as_json: bool) -> int:
    """Ask for a run, follow it, tell its end and, where wanted, show it in the page."""
    workspace = Workspace(settings_of(call).vm_workspace_root)
    screen = console(call)
    interrupts = Interrupts()
    seen: tuple[Ending, Record, str | None] | None = None
    try:
        with desk(call, patience=timeout) as at:
            run_id = ask(at)
            with interrupts.listening(), display_on(screen, quiet=as_json) as display:
                ending, settled = follow(at, run_id, display=display, interrupts=interrupts, timeout=timeout)
            seen = ending, settled, at.page_url
    except KeyboardInterrupt:  # once the run is followed no more, this hastens the end and hides nothing
        if seen is None:
            raise
    ending, settled, page_url = seen
    with interrupts.listening():
        if as_json:
            show_json(record_of(settled, workspace, page_url))
        else:
            Teller(call, console(call, stderr=screen.quiet), page_url=page_url).tell(ending, settled, workspace)
    if open_page and ending in (Ending.SETTLED, Ending.WAITING):
        show_page(call, f"/#/runs/{settled['run_id']}", page_url=page_url)
    return exit_of(ending, settled)
