"""The commands fork, revise, edit and resume: ways to go on from a run."""

from pathlib import Path
from typing import Any, Final

import click

from vm_webapp import artifacts, repo
from vm_webapp.cli.choose import no_such
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import nothing_yet, reading
from vm_webapp.cli.runs import choose_run
from vm_webapp.cli.work.commands import see_through
from vm_webapp.cli.work.desk import Desk
from vm_webapp.cli.work.editor import kept, written
from vm_webapp.cli.work.request_text import LONGEST_EDIT, read_text
from vm_webapp.domain.texts import check_text
from vm_webapp.domain.thread_messages import OnBusy
from vm_webapp.records import run_record
from vm_webapp.run_requests import Change

_MARKDOWN: Final = "text/markdown"


def fork(
    call: Invocation,
    *,
    run_id: str,
    stage_key: str | None,
    request_text: str | None,
    mode: str | None,
    writer: str | None,
    budget_usd: str | None,
    on_busy: OnBusy,
    timeout: float | None,
    open_page: bool,
    as_json: bool,
) -> int:
    """Ask for a run that begins again at a stage, with something changed, and follow it."""
    chosen = _run_id(call, run_id)
    change = Change(request_text=request_text, mode=mode, writer=writer, budget_usd=budget_usd, on_busy=on_busy)
    return see_through(
        call,
        lambda at: at.fork(chosen, stage_key, change),
        timeout=timeout,
        open_page=open_page,
        as_json=as_json,
    )


def revise(
    call: Invocation,
    *,
    run_id: str,
    stage_key: str | None,
    feedback: str | None,
    timeout: float | None,
    open_page: bool,
    as_json: bool,
) -> int:
    """Ask for a run in which a stage is revised, and follow it."""
    chosen = _run_id(call, run_id)
    return see_through(
        call,
        lambda at: at.revise(chosen, stage_key, feedback),
        timeout=timeout,
        open_page=open_page,
        as_json=as_json,
    )


def edit(
    call: Invocation,
    *,
    run_id: str,
    stage_key: str,
    file: str | None,
    timeout: float | None,
    open_page: bool,
    as_json: bool,
) -> int:
    """Ask for a run in which a person's text stands in the stage's place, and follow it; nothing for the same text."""
    chosen, present = _present_text(call, run_id, stage_key)
    text = read_text(file) if file is not None else written(present)
    if text is None or text.strip() == (present or "").strip():
        click.echo("Nothing was changed, so nothing is done.", err=True)
        return Exit.OK
    with kept(call, text if file is None else "", "edit", chosen, stage_key, "--file") as take:
        check_text(text, "text", limit=LONGEST_EDIT)

        def ask(at: Desk) -> str:
            new = at.edit(chosen, stage_key, text)
            take()
            return new

        return see_through(call, ask, timeout=timeout, open_page=open_page, as_json=as_json)


def resume(call: Invocation, *, run_id: str, timeout: float | None, as_json: bool) -> int:
    """Let a run go on now, and follow it."""
    chosen = _run_id(call, run_id)

    def ask(at: Desk) -> str:
        at.resume(chosen)
        return chosen

    return see_through(call, ask, timeout=timeout, as_json=as_json)


def _run_id(call: Invocation, wanted: str) -> str:
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            raise no_such("run", wanted, [])
        with records.database.read() as connection:
            return choose_run(connection, wanted)


def _present_text(call: Invocation, wanted: str, stage_key: str) -> tuple[str, str | None]:
    """The run's id and the stage's Markdown as it was published; None where there is none."""
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            raise no_such("run", wanted, [])
        with records.database.read() as connection:
            run = run_record(repo.get_run(connection, choose_run(connection, wanted)))
        stages: dict[str, Any] = {stage["stage_key"]: stage for stage in run["stages"]}
        if stage_key not in stages:
            raise no_such("stage", stage_key, list(stages))
        stage = stages[stage_key]
        folder = records.workspace.stage_dir(run["run_id"], stage["position"], stage_key)
        return run["run_id"], _markdown(folder, stage["artifacts"])


def _markdown(folder: Path, items: list[dict[str, Any]]) -> str | None:
    item = next((item for item in items if item["media_type"] == _MARKDOWN), None)
    return None if item is None else artifacts.read_listed(folder, item).decode("utf-8", "replace")
