"""The command lineage: what a run comes from, and what comes from it."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from vm_webapp import repo
from vm_webapp.cli import choose
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import nothing_yet, reading
from vm_webapp.cli.run_words import change_words, excerpt
from vm_webapp.cli.runs import choose_run
from vm_webapp.cli.screen import ago, cell, console, show_json, status
from vm_webapp.cli.text import counted
from vm_webapp.records import Record, run_row_record


def lineage(call: Invocation, *, run_id: str, as_json: bool) -> int:
    """Show the run among those that it was forked from and those that were forked from it."""
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            raise choose.no_such("run", run_id, [])
        with records.database.read() as connection:
            chosen = choose_run(connection, run_id)
            run = run_row_record(repo.get_run(connection, chosen))
            ancestors = [run_row_record(row) for row in repo.list_ancestors(connection, chosen)]
            descendants = [run_row_record(row) for row in repo.list_descendants(connection, chosen)]
    if as_json:
        show_json({"run_id": chosen, "ancestors": ancestors, "descendants": descendants})
    else:
        _print(console(call), run, ancestors, descendants)
    return Exit.OK


def _print(screen: Console, run: Record, ancestors: Sequence[Record], descendants: Sequence[Record]) -> None:
    every = [*ancestors[::-1], run, *descendants]
    short = choose.abbreviated(one["run_id"] for one in every)
    if not run["forked_from"]:
        screen.print(cell(_began(run) + _came_of_it(len(descendants))), soft_wrap=True)
    for depth, one in _placed(every):
        mark = Text("this run", style="bold") if one is run else Text("")
        lead = "  " * depth
        line = Text.assemble(lead, cell(short[one["run_id"]]), f"  version {one['number']}  ", status(one["status"]))
        screen.print(line.append("  ").append(ago(one["created_at"])).append("  ").append_text(mark), soft_wrap=True)
        for words in _said(one):
            screen.print(cell(f"{lead}  {words}", "dim"), soft_wrap=True)


def _began(run: Record) -> str:
    """What is known of where a run came from that was forked from none of this log's."""
    if not run["imported"]:
        return "It was forked from no other run. In this workspace "
    origin = run["imported"]["origin"]
    said = f"It was brought in; its bundle says what it was forked from in the log {origin} (data/log/lineage.json)."
    return f"{said} In this workspace "


def _came_of_it(count: int) -> str:
    """How many runs come from it, as the rest of a sentence."""
    if not count:
        return "no run was forked from it."
    return f"{counted(count, 'run')} {'comes' if count == 1 else 'come'} from it:"


def _placed(every: Sequence[Record]) -> Iterator[tuple[int, Record]]:
    """The runs as a tree, each behind the one that it was forked from, with its depth."""
    known = {one["run_id"] for one in every}
    waiting = [(0, one) for one in every if not one["forked_from"] or one["forked_from"]["run_id"] not in known]
    while waiting:
        depth, one = waiting.pop(0)
        yield depth, one
        children = [each for each in every if each["forked_from"] and each["forked_from"]["run_id"] == one["run_id"]]
        waiting = [*((depth + 1, child) for child in children), *waiting]


def _said(run: Record) -> list[str]:
    if not run["forked_from"]:
        return [excerpt(run["request_text"])]
    return [f"from {run['forked_from']['stage_key']}: {'; '.join(change_words(run))}"]
