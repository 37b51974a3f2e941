"""The command show: a run, one of its stages, or a file of it."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from vm_webapp import artifacts, repo
from vm_webapp.cli import text
from vm_webapp.cli.choose import no_such
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import Records, nothing_yet, reading
from vm_webapp.cli.run_words import change_words, cost_words, gate_words, stages_waiting
from vm_webapp.cli.runs import choose_run
from vm_webapp.cli.screen import between, cell, clock, console, duration, show_json, show_table, status
from vm_webapp.errors import Invalid
from vm_webapp.records import Record, run_record

Stage = Mapping[str, Any]


def show(call: Invocation, *, run_id: str, stage_key: str | None, file_name: str | None, as_json: bool) -> int:
    """Show what of the run was asked for."""
    if file_name is not None and as_json:
        raise click.UsageError("--file prints the file itself, and no JSON; --stage with --json tells of its digest.")
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            raise no_such("run", run_id, [])
        with records.database.read() as connection:
            read = repo.get_kept_run if file_name is not None else repo.get_run
            run = run_record(read(connection, choose_run(connection, run_id)))
    stages = [_stage(run, stage_key)] if stage_key else list(run["stages"])
    if file_name is not None:
        _print_file(records, run, stages, file_name)
    elif as_json:
        show_json(stages[0] if stage_key else {**run, "folder": str(records.workspace.run_dir(run["run_id"]))})
    elif stage_key:
        _print_stage(call, records, run, stages[0])
    else:
        _print_run(call, records, run)
    return Exit.OK


def _stage(run: Record, key: str) -> Stage:
    keys = [stage["stage_key"] for stage in run["stages"]]
    if key not in keys:
        raise no_such("stage", key, keys)
    return next(stage for stage in run["stages"] if stage["stage_key"] == key)


def _print_file(records: Records, run: Record, stages: Sequence[Stage], name: str) -> None:
    """The file's bytes as they are; a terminal gets them without what it would obey. IntegrityError if they changed."""
    stage, item = _listed(stages, name)
    folder = records.workspace.stage_dir(run["run_id"], stage["position"], stage["stage_key"])
    content = artifacts.read_listed(folder, item)
    if sys.stdout.isatty():
        click.echo(text.block(content.decode("utf-8", "backslashreplace")), nl=not content.endswith(b"\n"))
    else:
        click.echo(content, nl=False)


def _listed(stages: Sequence[Stage], name: str) -> tuple[Stage, Mapping[str, Any]]:
    published = [(stage, item) for stage in stages for item in stage["artifacts"]]
    names = [Path(item["path"]).name for _, item in published]
    found = [pair for pair, plain in zip(published, names, strict=True) if plain == name]
    if not found:
        raise no_such("file", name, names)
    if len(found) > 1:
        some = ", ".join(stage["stage_key"] for stage, _ in found)
        raise Invalid(f"Several stages have a file {name!r}: {some}. Name one with --stage.")
    return found[0]


def _print_run(call: Invocation, records: Records, run: Record) -> None:
    screen = console(call)
    screen.print(cell(run["run_id"], "bold"), Text(f"version {run['number']}"), status(run["status"]))
    screen.print(cell(run["request_text"]))
    screen.print()
    for name, value in _facts(run):
        screen.print(Text.assemble((f"{name:<8} ", "dim"), value), soft_wrap=True)
    screen.print()
    show_table(screen, ("", "stage", "status", "time", "files", "title"), [_row(stage) for stage in run["stages"]])
    _print_gates(call, screen, run)
    if run["erased"]:
        return
    screen.print()
    screen.print(
        Text.assemble(("folder   ", "dim"), text.line(records.workspace.run_dir(run["run_id"]))), soft_wrap=True
    )


def _print_gates(call: Invocation, screen: Console, run: Record) -> None:
    """Who has decided on which stage, who is asked, and how to answer."""
    said = [(stage["stage_key"], words) for stage in run["stages"] for words in gate_words(stage)]
    if said:
        screen.print()
    for key, words in said:
        screen.print(cell(f"{key}: {words}"), soft_wrap=True)
    for stage in stages_waiting(run):
        screen.print(cell(call.spelled("approve", run["run_id"], stage["stage_key"])), soft_wrap=True)


def _row(stage: Stage) -> list[Text]:
    spent = duration(between(stage["started_at"], stage["finished_at"])) if stage["finished_at"] else ""
    files = str(len(stage["artifacts"]) or "")
    values = (cell(stage["stage_key"]), status(stage["status"]), cell(spent), cell(files), cell(stage["title"]))
    return [cell(stage["position"]), *values]


def _facts(run: Record) -> list[tuple[str, Text]]:
    facts = [
        ("mode", cell(f"{run['mode']}, version {run['profile']['version']}")),
        ("thread", cell(run["thread_id"])),
        ("asked", cell(f"{clock(datetime.fromisoformat(run['created_at']))} by {run['requested_by']}")),
    ]
    if run["settled_at"]:
        spent = duration(between(run["started_at"] or run["created_at"], run["settled_at"]))
        facts.append(("took", Text(spent)))
    if run["forked_from"]:
        facts.append(("goes on", cell(f"from {run['forked_from']['run_id']}, {run['forked_from']['stage_key']}")))
        facts += [("changed", cell(words)) for words in change_words(run)]
    facts.append(("writer", cell(run["writer"] or "the usual one")))
    limit = f", of a budget of {run['budget_usd']} USD" if run["budget_usd"] else ""
    facts.append(("cost", cell(f"{cost_words(run['usage'])}{limit}")))
    if run["erased"]:
        said = run["erased"]
        facts.append(("erased", cell(f"{said['at']} by {said['by']}: {said['reason']}")))
    if run["error"]:
        facts.append(("error", cell(f"{run['error']['message']} ({run['error']['code']})", "red")))
    return facts


def _print_stage(call: Invocation, records: Records, run: Record, stage: Stage) -> None:
    screen = console(call)
    screen.print(cell(stage["title"], "bold"), status(stage["status"]))
    for attempt in stage["attempts"]:
        spent = duration(between(attempt["started_at"], attempt["finished_at"]))
        screen.print(Text(f"attempt {attempt['attempt']}: {attempt['status']} after {spent}"))
        if attempt["error_code"]:
            screen.print(cell(f"  {attempt['error_message']} ({attempt['error_code']})", "red"))
    for words in gate_words(stage):
        screen.print(cell(words), soft_wrap=True)
    for item in stage["artifacts"]:
        screen.print(cell(f"{Path(item['path']).name}, {text.size(item['size'])}"))
        screen.print(Text(f"  sha256 {item['sha256']}", style="dim"), soft_wrap=True)
    if stage["manifest_sha256"]:
        screen.print(Text("manifest.json"))
        screen.print(Text(f"  sha256 {stage['manifest_sha256']}", style="dim"), soft_wrap=True)
    folder = records.workspace.stage_dir(run["run_id"], stage["position"], stage["stage_key"])
    screen.print(Text.assemble(("folder   ", "dim"), text.line(folder)), soft_wrap=True)
