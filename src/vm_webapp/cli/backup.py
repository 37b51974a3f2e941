"""The commands backup, restore and recover."""

from contextlib import closing
from pathlib import Path

import click

from vm_webapp.backups import Backup, Extent, Recovery, check_backup, make_backup, recover, restore_backup
from vm_webapp.cli import text
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.failures import warn
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import nothing_yet, reading, settings_of
from vm_webapp.cli.progress import counting
from vm_webapp.cli.screen import cell, console, show_json
from vm_webapp.host import own_workspace
from vm_webapp.workspace import Workspace

_SHOWN = 20


def backup(call: Invocation, *, target: str, with_keys: bool, as_json: bool) -> int:
    """Back the workspace up, also while a server works in it; exit code 1 where files are damaged."""
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            return Exit.WORKSPACE
        with counting(call, "files", None, shown=not as_json) as tell:
            done = make_backup(records.database, records.workspace, Path(target), with_keys=with_keys, progress=tell)
    if as_json:
        counts = {name: getattr(done, name) for name in ("position", "files", "copied", "bytes")}
        show_json({"target": target, **counts, "damaged": done.damaged})
    else:
        _print_backup(call, done, target)
    return Exit.FAILED if done.damaged else Exit.OK


def restore(call: Invocation, *, source: str, into: str | None, check: bool, as_json: bool) -> int:
    """Make a workspace of a backup; with `check` only say whether it holds, exit code 1 where it does not."""
    if check == (into is not None):
        raise click.UsageError("Name a new folder with --into, or say --check to write nothing.")
    if into is None:
        return _check(call, source, as_json=as_json)
    with counting(call, "files", None, shown=not as_json) as tell:
        done = restore_backup(Path(source), Path(into), progress=tell)
    if as_json:
        show_json({"into": into, **_facts(done)})
        return Exit.OK
    screen = console(call)
    screen.print(cell(f"Restored to {into}: {_extent(done)}."), soft_wrap=True)
    screen.print(cell(f"The backup was made {done.made_at}."), soft_wrap=True)
    _warn_of_gaps(call, done)
    return Exit.OK


def _check(call: Invocation, source: str, *, as_json: bool) -> int:
    with counting(call, "files", None, shown=not as_json) as tell:
        found = check_backup(Path(source), progress=tell)
    if as_json:
        show_json({"source": source, **_facts(found.extent), "problems": list(found.problems)})
        return Exit.FAILED if found.problems else Exit.OK
    for problem in found.problems[:_SHOWN]:
        warn(problem, call)
    if found.problems:
        count = text.counted(len(found.problems), "problem")
        warn(f"{source} does not hold: {count}. Nothing can be restored from it as it is.", call)
        return Exit.FAILED
    held = found.extent
    said = f"{_extent(held)}, {text.size(held.bytes)} in all, made {held.made_at}"
    console(call).print(cell(f"{source} holds: {said}."), soft_wrap=True)
    _warn_of_gaps(call, held)
    return Exit.OK


def _facts(found: Extent) -> dict[str, object]:
    names = ("position", "files", "bytes", "made_at", "damaged", "with_keys")
    return {**{name: getattr(found, name) for name in names}, "unlisted": list(found.unlisted)}


def _extent(found: Extent) -> str:
    return f"the log up to position {found.position}, {text.counted(found.files, 'file')}"


def _warn_of_gaps(call: Invocation, found: Extent) -> None:
    """What a workspace that is made of the backup lacks, and what is no part of it."""
    for place in found.unlisted[:_SHOWN]:
        warn(f"In its place, and no part of the backup: {place}. It is not restored.", call)
    if found.unlisted:
        count = text.counted(len(found.unlisted), "file")
        warn(f"{count} not listed: left by a backup that was cut off, or added. The next backup removes them.", call)
    if found.damaged:
        warn(f"Damaged already when it was made, and not in it: {text.counted(found.damaged, 'file')}.", call)
    if not found.with_keys:
        warn(
            "The backup holds no keys: a new one signs the log, and webhooks need new secrets (`webhooks rotate`).",
            call,
        )


def recover_workspace(call: Invocation, *, as_json: bool) -> int:
    """Make a database of what the run folders prove; exit code 1 where something does not hold."""
    settings = settings_of(call)
    workspace = Workspace(settings.vm_workspace_root)
    with closing(own_workspace(settings)):
        done = recover(workspace, settings.database_path)
    if as_json:
        counts = {name: getattr(done, name) for name in ("runs", "stages", "files", "moved_to")}
        show_json({**counts, "problems": done.problems, "unknown": list(done.unknown)})
    else:
        _print_recovery(call, done)
    return Exit.FAILED if done.problems else Exit.OK


def _print_backup(call: Invocation, done: Backup, target: str) -> None:
    counts = f"{text.counted(done.files, 'file')}, {done.copied:,} of them new, {text.size(done.bytes)} in all"
    console(call).print(
        cell(f"Backed up to {target}: the log up to position {done.position}, {counts}."), soft_wrap=True
    )
    for one in done.damaged[:_SHOWN]:
        warn(f"Not in the backup: {one['path']}: {one['problem']}.", call)


def _print_recovery(call: Invocation, done: Recovery) -> None:
    screen = console(call)
    counts = (
        f"{text.counted(done.runs, 'run')}, {text.counted(done.stages, 'stage')}, {text.counted(done.files, 'file')}"
    )
    screen.print(cell(f"Recovered {counts}."), soft_wrap=True)
    if done.moved_to:
        screen.print(cell(f"The damaged database is kept as {done.moved_to}."), soft_wrap=True)
    for problem in done.problems[:_SHOWN]:
        warn(problem, call)
    screen.print("Not recovered, since no run folder proves it:")
    for sentence in done.unknown:
        screen.print(cell(f"  {sentence}"), soft_wrap=True)
