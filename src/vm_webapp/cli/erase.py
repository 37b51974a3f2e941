"""The command erase: what people wrote, and what was made of it, gone for good."""

import sys
from collections.abc import Iterator
from typing import Final

import click

from vm_webapp import repo
from vm_webapp.cli.choose import no_such
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import Records, nothing_yet, reading
from vm_webapp.cli.screen import show_json
from vm_webapp.cli.work.reach import desk
from vm_webapp.cli.work.talk import subject_of
from vm_webapp.domain.erasures import NothingToErase, RunsAtWork
from vm_webapp.domain.texts import check_text
from vm_webapp.erasures import requests
from vm_webapp.errors import Invalid
from vm_webapp.memory import MemoryIndex
from vm_webapp.records import Record

_PATIENCE_SECONDS: Final = 60.0
_COMMENT: Final = "cmt-"
_WHY: Final = {
    "forked_from_it": "was forked from it",
    "reminded_of_it": "was written with passages of it at hand",
    "asked_for_after_it": "was asked for after it was said, and may have been told",
    "made_of_its_rejection": "was made of the reason it was rejected for",
}


def erase(call: Invocation, *, target: str, reason: str | None, dry_run: bool, yes: bool, as_json: bool) -> int:
    """Show what an erasure takes, ask, and erase."""
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            raise no_such("run, thread or comment", target, [])
        subject = _subject(records, target)
        with records.database.read() as connection:
            found = requests.preview(connection, MemoryIndex(records.workspace.root), subject)
    if dry_run:
        return _show(found, as_json=as_json)
    _refuse(found)
    why = check_text(reason or "", "--reason")
    if not yes:
        _ask(found, as_json=as_json)
    with desk(call, patience=_PATIENCE_SECONDS, resume=False) as at:
        named = {f"{subject.scope}_id": subject.subject_id} if subject.scope != "thread" else {}
        erased = at.erase(subject.thread_id, reason=why, **named)
    if as_json:
        show_json({**erased, "elsewhere": found["elsewhere"]})
        return Exit.OK
    click.echo(f"{erased['erasure_id']}: erased {_sum(erased)}.")
    if not erased["swept"]:
        click.echo("The texts cannot be read any more; files and copies are still being removed.", err=True)
    for line in _left(found):
        click.echo(line, err=True)
    return Exit.OK


def _subject(records: Records, target: str) -> requests.Subject:
    """A comment by its id, a run or a thread as everywhere."""
    if target.startswith(_COMMENT):
        with records.database.read() as connection:
            comment = repo.get_comment(connection, target)
        return requests.subject_of(comment["thread_id"], comment_id=target)
    thread_id, run_id = subject_of(records, target, None, kinds="run, thread or comment")
    return requests.subject_of(thread_id, run_id=run_id)


def _refuse(found: requests.Record) -> None:
    """What would be refused is refused before anybody is asked."""
    if found["unsettled"]:
        raise RunsAtWork(count=len(found["unsettled"]), run_id=found["unsettled"][0])
    if not any(found[name] for name in ("texts", "runs", "comments", "tasks")):
        raise NothingToErase(scope=found["scope"])


def _show(found: requests.Record, *, as_json: bool) -> int:
    if as_json:
        show_json(dict(found))
        return Exit.OK
    click.echo(f"The {found['scope']} {found['subject_id']}: would erase {_sum(found)}. Nothing was changed.")
    for line in _left(found):
        click.echo(line)
    return Exit.OK


def _ask(found: requests.Record, *, as_json: bool) -> None:
    if as_json or not sys.stdin.isatty():
        raise Invalid("Nobody can be asked here; say --yes to erase, or --dry-run to see what would be erased.")
    for line in _left(found):
        click.echo(line, err=True)
    click.echo("It cannot be undone. Backups made before hold it still: see docs/erasure.md.", err=True)
    click.confirm(f"Erase {_sum(found)} of the {found['scope']} {found['subject_id']}?", abort=True, err=True)


def _sum(found: Record | requests.Record) -> str:
    parts = [_count(found["texts"], "text"), _count(len(found["runs"]), "run with its files", "runs with their files")]
    return " and ".join(part for part in parts if part) or "what is shown of it"


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}" if number else ""


def _left(found: requests.Record) -> Iterator[str]:
    for place in found["elsewhere"]:
        yield f"Not reached: the {place['kind']} {place['id']}, which {_WHY[place['why']]}."
    if found["in_clear"]:
        number = _count(len(found["in_clear"]), "text")
        yield f"Not reached: {number} in the log from before texts had keys; nothing shows them any more."
