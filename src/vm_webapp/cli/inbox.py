"""The command inbox: what waits for a person, across threads, each with the command that deals with it."""

from collections.abc import Sequence

from rich.console import Console

from vm_webapp import repo
from vm_webapp.cli import choose
from vm_webapp.cli.catalog import ALL
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import nothing_yet, reading
from vm_webapp.cli.run_words import until
from vm_webapp.cli.screen import ago, cell, console, show_json
from vm_webapp.orchestrator_v2 import task_of
from vm_webapp.records import Record, inbox_record

_NEVER = "9999"


def inbox(call: Invocation, *, brand: str | None, as_json: bool) -> int:
    """List what waits, the most urgent first: what expires soonest, then the oldest; JSON as HTTP, newest first."""
    with reading(call) as records:
        found: list[Record] = []
        if records:
            with records.database.read() as connection:
                brand_id = None
                if brand is not None:
                    brands = repo.list_brands(connection, limit=ALL)
                    brand_id = choose.choose_named("brand", brand, brands, name="name")["brand_id"]
                found = [inbox_record(row) for row in repo.list_inbox(connection, brand_id=brand_id, limit=ALL)]
    if as_json:
        show_json({"items": found})
    elif found:
        _print(call, console(call), found)
    elif records is None:
        nothing_yet(call)
    else:
        console(call, stderr=True).print("Nothing waits for you.")
    return Exit.OK


def _print(call: Invocation, screen: Console, found: Sequence[Record]) -> None:
    for item in sorted(found, key=lambda one: (one["expires_at"] or _NEVER, one["opened_at"])):
        what = "Approve: " if item["kind"] == "approval" else ""
        expires = f", {until(item['expires_at'])}" if item["expires_at"] else ""
        screen.print(cell(f"{what}{item['title']}", "bold"), soft_wrap=True)
        screen.print(cell(f"  {_place(item)}, {ago(item['opened_at'])}{expires}", "dim"), soft_wrap=True)
        for words in _commands(item):
            screen.print(cell(f"  {call.spelled(*words)}"), soft_wrap=True)


def _place(item: Record) -> str:
    version = f", version {item['run_number']}" if item["run_number"] else ""
    return f"{item['thread_title'] or item['thread_id']}{version}"


def _commands(item: Record) -> list[tuple[str, ...]]:
    """What deals with the item; a failed run's task is done by itself with the run's retry."""
    if item["kind"] == "approval":
        return [("approve", item["run_id"], item["stage_key"])]
    if item["run_id"] and item["item_id"] == task_of(item["run_id"]):
        return [("retry", item["run_id"]), ("done", item["item_id"])]
    return [("done", item["item_id"])]
