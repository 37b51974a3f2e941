"""The commands comment and done."""

from typing import Final

import click

from vm_webapp import repo
from vm_webapp.cli import choose
from vm_webapp.cli.catalog import ALL
from vm_webapp.cli.choose import no_such
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import Records, nothing_yet, reading
from vm_webapp.cli.runs import choose_run
from vm_webapp.cli.screen import show_json
from vm_webapp.cli.tasks import choose_task
from vm_webapp.cli.text import line
from vm_webapp.cli.work.reach import desk
from vm_webapp.domain.texts import check_text, looks_like_id

_PATIENCE_SECONDS: Final = 2.0


def comment(call: Invocation, *, target: str, text: str, stage_key: str | None, as_json: bool) -> int:
    """Say something on a run, a stage of it, or in a thread."""
    check_text(text, "text")
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            raise no_such("run or thread", target, [])
        thread_id, run_id = subject_of(records, target, stage_key)
    with desk(call, patience=_PATIENCE_SECONDS, resume=False) as at:
        said = at.add_comment(thread_id, text, run_id=run_id, stage_key=stage_key)
    if as_json:
        show_json(said)
    else:
        click.echo(f"{said['comment_id']}: said in {thread_id}.")
    return Exit.OK


def done(call: Invocation, *, task_id: str, as_json: bool) -> int:
    """Tick a task off."""
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            raise no_such("task", task_id, [])
        chosen = choose_task(records, task_id)
    with desk(call, patience=_PATIENCE_SECONDS, resume=False) as at:
        task = at.complete_task(chosen)
    if as_json:
        show_json(task)
    else:
        click.echo(f"{task['task_id']}: done: {line(task['title'])}")
    return Exit.OK


def subject_of(
    records: Records, target: str, stage_key: str | None, *, kinds: str = "run or thread"
) -> tuple[str, str | None]:
    """The thread, and the run where one is meant: by `latest` or an id; a thread by its id or title."""
    with records.database.read() as connection:
        thread = None
        run_alone = target in choose.LATEST or looks_like_id("run", target) or stage_key is not None
        if not run_alone:
            threads = repo.list_threads(connection, limit=ALL)
            thread = choose.find_named("thread", target, threads, name="title", alone=True)
        if thread is not None:
            return str(thread["thread_id"]), None
        if looks_like_id("thread", target):
            raise no_such("thread", target, [row["thread_id"] for row in repo.list_threads(connection, limit=ALL)])
        with choose.also_meant("run" if run_alone else kinds):
            run_id = choose_run(connection, target)
        run = repo.get_run(connection, run_id)
    if stage_key is not None and stage_key not in run["stages"]:
        raise no_such("stage", stage_key, list(run["stages"]))
    return str(run["thread_id"]), str(run["run_id"])
