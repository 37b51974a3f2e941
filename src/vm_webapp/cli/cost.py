"""The command cost: what models have cost, and what budgets leave."""

from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.text import Text
from sqlalchemy import Connection

from vm_webapp import repo
from vm_webapp.cli import choose
from vm_webapp.cli.catalog import ALL
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import nothing_yet, reading
from vm_webapp.cli.run_words import usd_words
from vm_webapp.cli.runs import choose_run, choose_thread
from vm_webapp.cli.screen import cell, console, show_json, show_table
from vm_webapp.records import Record, cost_record, run_cost_record

Named = tuple[str, Record]
"""What something is called, and its cost."""


def cost(
    call: Invocation, *, run_id: str | None, thread: str | None, project: str | None, brand: str | None, as_json: bool
) -> int:
    """Show the cost of a run, a thread, a project or a brand; of every brand where none is named."""
    if sum(one is not None for one in (run_id, thread, project, brand)) > 1:
        raise click.UsageError("Name one of them: a run, a thread, a project or a brand.")
    wanted = {"run": run_id, "thread": thread, "project": project, "brand": brand}
    scope, name = next(((scope, name) for scope, name in wanted.items() if name is not None), ("", ""))
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            if name:
                raise choose.no_such(scope, name, [])
            found: list[Named] = []
        else:
            with records.database.read() as connection:
                found = [_COSTS[scope](connection, name)] if scope else _brands(connection)
    if as_json:
        show_json(found[0][1] if scope else {"brands": [{**record, "name": name} for name, record in found]})
    elif scope:
        _print_one(console(call), *found[0])
    elif found:
        _print_many(console(call), found)
    return Exit.OK


def _run(connection: Connection, wanted: str) -> Named:
    run = repo.get_run(connection, choose_run(connection, wanted))
    return f"{run['run_id']}, version {run['number']}", run_cost_record(run)


def _thread(connection: Connection, wanted: str) -> Named:
    thread = choose_thread(connection, wanted)
    return thread["title"], _cost(connection, "thread", {**thread, "budget_usd": None})


def _project(connection: Connection, wanted: str) -> Named:
    project = choose.choose_named("project", wanted, repo.list_projects(connection, limit=ALL), name="name")
    return project["name"], _cost(connection, "project", project)


def _brand(connection: Connection, wanted: str) -> Named:
    brand = choose.choose_named("brand", wanted, repo.list_brands(connection, limit=ALL), name="name")
    return brand["name"], _cost(connection, "brand", brand)


_COSTS = {"run": _run, "thread": _thread, "project": _project, "brand": _brand}


def _brands(connection: Connection) -> list[Named]:
    return [(brand["name"], _cost(connection, "brand", brand)) for brand in repo.list_brands(connection, limit=ALL)]


def _cost(connection: Connection, scope: str, row: Mapping[str, Any]) -> Record:
    scope_id = row[f"{scope}_id"]
    return cost_record(scope, scope_id, repo.get_spending(connection, f"{scope}:{scope_id}"), row["budget_usd"])


def _print_one(screen: Console, name: str, record: Record) -> None:
    usage = record["usage"]
    screen.print(cell(name, "bold"), soft_wrap=True)
    facts = [
        ("cost", usd_words(usage)),
        ("requests", f"{usage['calls']:,}"),
        ("tokens", f"{usage['input_tokens']:,} in, {usage['output_tokens']:,} out"),
        ("budget", _usd(record["budget_usd"], "none")),
    ]
    if record["left_usd"] is not None:
        facts.append(("left", _usd(record["left_usd"], "")))
    for label, value in facts:
        screen.print(cell(f"{label:<9} ", "dim").append_text(cell(value)), soft_wrap=True)
    rows = [row for stage in record.get("stages", ()) for row in _stage_rows(stage)]
    if rows:
        screen.print()
        show_table(screen, ("stage", "attempt", "requests", "tokens in", "tokens out", "cost"), rows)


def _stage_rows(stage: Record) -> list[list[Text]]:
    return [_row(stage["stage_key"], attempt["attempt"], usage=attempt["usage"]) for attempt in stage["attempts"]]


def _print_many(screen: Console, found: Sequence[Named]) -> None:
    rows = [
        _row(name, _usd(record["budget_usd"], "none"), _usd(record["left_usd"], ""), usage=record["usage"])
        for name, record in found
    ]
    show_table(screen, ("brand", "budget", "left", "requests", "tokens in", "tokens out", "cost"), rows)


def _row(*first: object, usage: Record) -> list[Text]:
    counts = [f"{usage[name]:,}" for name in ("calls", "input_tokens", "output_tokens")]
    return [cell(value) for value in (*first, *counts, usd_words(usage))]


def _usd(amount: str | None, otherwise: str) -> str:
    return otherwise if amount is None else f"{amount} USD"
