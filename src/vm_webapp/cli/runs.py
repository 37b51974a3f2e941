"""The command runs: what was asked for and what became of it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, select

from vm_webapp import repo
from vm_webapp.cli import choose
from vm_webapp.cli.catalog import ALL
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import nothing_yet, reading
from vm_webapp.cli.screen import ago, cell, console, say_aside, show_json, show_table, status
from vm_webapp.models import RunView
from vm_webapp.records import Record, run_row_record

_PAGE = 200


def runs(call: Invocation, *, thread: str | None, status: str | None, limit: int, as_json: bool) -> int:
    """List runs, of one thread and one status where named."""
    with reading(call) as records:
        found: list[Record] = []
        if records:
            with records.database.read() as connection:
                thread_id = choose_thread(connection, thread)["thread_id"] if thread else None
                found = list(islice(_runs(connection, thread_id, status), limit + 1))
    if as_json:
        show_json({"runs": found[:limit]})
    elif found:
        _print_table(call, found[:limit])
        if len(found) > limit:
            say_aside(call, f"These are the newest {limit:,}; --limit shows more.")
    elif records is None:
        nothing_yet(call)
    else:
        say_aside(call, "No run is like that.")
    return Exit.OK


def choose_run(connection: Connection, wanted: str) -> str:
    """The id of the run that is meant; NoSuch and Ambiguous as `choose_id` has them."""
    if wanted in choose.LATEST:
        newest = repo.list_runs(connection, limit=1)
        return choose.choose_id("run", wanted, [run.run_id for run in newest])
    ids = connection.execute(select(RunView.run_id).order_by(RunView.requested_position.desc())).scalars().all()
    return choose.choose_id("run", wanted, ids)


def choose_thread(connection: Connection, wanted: str) -> Mapping[str, Any]:
    """The thread that is meant, by id or title."""
    return choose.choose_named("thread", wanted, repo.list_threads(connection, limit=ALL), name="title")


def _runs(connection: Connection, thread_id: str | None, wanted: str | None) -> Iterator[Record]:
    """Runs, newest first, page by page."""
    before: int | None = None
    while page := _page(connection, thread_id, wanted, before):
        for row in page:
            if wanted in (None, row.status):
                yield run_row_record(repo.as_mapping(row))
        before = page[-1].requested_position


def _page(connection: Connection, thread_id: str | None, wanted: str | None, before: int | None) -> Sequence[Any]:
    if thread_id is not None:
        return repo.list_runs_by_thread(connection, thread_id, limit=_PAGE, before=before)
    return repo.list_runs(connection, status=wanted, limit=_PAGE, before=before)


def _print_table(call: Invocation, found: Sequence[Record]) -> None:
    short = choose.abbreviated(run["run_id"] for run in found)
    rows = [
        [
            cell(short[run["run_id"]]),
            cell(ago(run["created_at"])),
            status(run["status"]),
            cell(f"{run['stages_done']}/{run['stages_total']}"),
            cell(run["number"]),
            cell(run["request_text"]),
        ]
        for run in found
    ]
    show_table(console(call), ("run", "since", "status", "stages", "version", "request"), rows)
