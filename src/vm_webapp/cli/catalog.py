"""The commands brands, projects and threads: what there is, newest first."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection

from vm_webapp import repo
from vm_webapp.cli import choose
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import nothing_yet, reading
from vm_webapp.cli.screen import ago, cell, console, show_json, show_table
from vm_webapp.records import brand_record, project_record, thread_record

ALL = 100_000
Listed = Callable[[Connection], Sequence[Mapping[str, Any]]]


def brands(call: Invocation, *, as_json: bool) -> int:
    """List brands."""
    return _show(
        call,
        lambda connection: [brand_record(row) for row in repo.list_brands(connection, limit=ALL)],
        columns=("brand_id", "name", "audience"),
        as_json=as_json,
    )


def projects(call: Invocation, *, brand: str | None, as_json: bool) -> int:
    """List projects, of one brand where named."""
    return _show(
        call,
        partial(_projects, brand=brand),
        columns=("project_id", "name", "due_on", "objective"),
        as_json=as_json,
    )


def threads(call: Invocation, *, project: str | None, as_json: bool) -> int:
    """List threads, of one project where named."""
    return _show(
        call,
        partial(_threads, project=project),
        columns=("thread_id", "status", "title"),
        as_json=as_json,
    )


def _projects(connection: Connection, *, brand: str | None) -> list[dict[str, Any]]:
    brand_id = None
    if brand is not None:
        found = choose.choose_named("brand", brand, repo.list_brands(connection, limit=ALL), name="name")
        brand_id = found["brand_id"]
    return [project_record(row) for row in repo.list_projects(connection, brand_id=brand_id, limit=ALL)]


def _threads(connection: Connection, *, project: str | None) -> list[dict[str, Any]]:
    project_id = None
    if project is not None:
        found = choose.choose_named("project", project, repo.list_projects(connection, limit=ALL), name="name")
        project_id = found["project_id"]
    return [thread_record(row) for row in repo.list_threads(connection, project_id=project_id, limit=ALL)]


def _show(call: Invocation, listed: Listed, *, columns: Sequence[str], as_json: bool) -> int:
    """The list as a table or, under its plural, as JSON; the first column is the id."""
    key, *others = columns
    with reading(call) as records:
        found: Sequence[Mapping[str, Any]] = []
        if records:
            with records.database.read() as connection:
                found = listed(connection)
    if as_json:
        show_json({f"{key.removesuffix('_id')}s": found})
    elif not found:
        nothing_yet(call)
    else:
        _print_table(call, found, key=key, others=others)
    return Exit.OK


def _print_table(call: Invocation, found: Sequence[Mapping[str, Any]], *, key: str, others: Sequence[str]) -> None:
    short = choose.abbreviated(record[key] for record in found)
    header = ("id", "since", *(name.replace("_", " ") for name in others))
    rows = [
        [
            cell(short[record[key]]),
            cell(ago(record["created_at"])),
            *(cell("" if record[name] is None else record[name]) for name in others),
        ]
        for record in found
    ]
    show_table(console(call), header, rows)
