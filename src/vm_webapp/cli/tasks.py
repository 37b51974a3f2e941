"""The command tasks: what people are to do."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from vm_webapp import repo
from vm_webapp.cli import choose
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import Records, nothing_yet, reading
from vm_webapp.cli.runs import choose_thread
from vm_webapp.cli.screen import ago, cell, console, show_json, show_table
from vm_webapp.models import TaskView
from vm_webapp.records import Record, task_record


def tasks(call: Invocation, *, thread: str | None, every: bool, as_json: bool) -> int:
    """List open tasks, of one thread where named; completed ones, too, where every one is asked for."""
    with reading(call) as records:
        found: list[Record] = []
        if records:
            with records.database.read() as connection:
                found = _tasks(connection, thread, every=every)
    if as_json:
        show_json({"tasks": found})
    elif found:
        _print_table(call, found)
    elif records is None:
        nothing_yet(call)
    else:
        console(call, stderr=True).print("Nothing is to be done.")
    return Exit.OK


def choose_task(records: Records, wanted: str) -> str:
    """The id of the task that is meant, an open one where it is abbreviated; NoSuch and Ambiguous."""
    with records.database.read() as connection:
        ids = [task["task_id"] for task in _tasks(connection, None, every=True)]
        if wanted in ids:
            return wanted
        return choose.choose_id("task", wanted, [task["task_id"] for task in _tasks(connection, None, every=False)])


def _tasks(connection: Connection, thread: str | None, *, every: bool) -> list[Record]:
    query = select(TaskView.task_id).order_by(TaskView.created_position.desc())
    if thread is not None:
        query = query.where(TaskView.thread_id == choose_thread(connection, thread)["thread_id"])
    if not every:
        query = query.where(TaskView.status == "open")
    return [task_record(repo.get_task(connection, task_id)) for task_id in connection.execute(query).scalars()]


def _print_table(call: Invocation, found: Sequence[Record]) -> None:
    short = choose.abbreviated(task["task_id"] for task in found)
    rows = [
        [cell(short[task["task_id"]]), cell(ago(task["created_at"])), cell(task["status"]), cell(task["title"])]
        for task in found
    ]
    show_table(console(call), ("task", "since", "status", "title"), rows)
